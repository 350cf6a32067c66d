"""Staged days: tasks from the start page to the sentence that says it is done, and pages looked over by axe."""

from pathlib import Path
from typing import Any

import pytest

from doorstep.console.shell.files import is_built
from tests.browser.axe import violations
from tests.browser.staged import PAGES, staged
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


@pytest.mark.parametrize("name", ["pin", "photo", "compare"])
def test_axe_finds_nothing_to_mend_on_pages_that_need_a_staged_day(
    name: str, chromium: Any, sqlite_template: Path, tmp_path: Path
):
    day, path, click = PAGES[name]
    with staged(sqlite_template, tmp_path, day) as served, begun(chromium, served) as at:
        at.page.goto(served.address + (path or served.told))
        if click:
            at.page.get_by_text(click, exact=True).first.click()
        at.page.locator("h1").first.wait_for()
        if name == "compare":
            at.page.locator("ds-map .map-place").nth(1).wait_for()
        assert violations(at.page) == []
