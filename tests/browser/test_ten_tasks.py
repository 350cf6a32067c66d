"""Tasks that people do, from the start page to the sentence that says it is done, on staged days."""

from pathlib import Path
from typing import Any

import pytest

from doorstep.console.shell.files import is_built
from tests.browser.staged import staged
from tests.browser.ten_tasks import STAGED, Task, begun

pytestmark = pytest.mark.skipif(not is_built(), reason="the elements of the pages are not built: npm was not reached.")
MOST_STEPS = {
    "mend_what_is_late": 2, "reassign_a_stop": 4, "receive_at_the_kerb": 5, "deliver_offline": 4,
    "reschedule_as_a_shopper": 3,
}  # fmt: skip


@pytest.mark.parametrize("task", STAGED, ids=lambda task: task.__name__)
def test_a_task_is_done_by_what_pages_say_in_as_few_steps_as_the_docs_say(
    task: Task, chromium: Any, sqlite_template: Path, tmp_path: Path
):
    with staged(sqlite_template, tmp_path, STAGED[task]) as served, begun(chromium, served) as at:
        task(at)
        assert len(at.taken) == MOST_STEPS[task.__name__]
