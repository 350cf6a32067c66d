"""``doorstep explain OUT ORDER_ID``: one order's story in words."""

import shutil
from pathlib import Path

from doorstep.connectors.plan_folder import read_plan
from doorstep.console.story import order_story

WIDEST = 100
NARROWEST = 40


def explain(out: Path, order_id: str) -> int:
    """Tell one order's story: what was ordered, who picks it, who brings it, what it costs, and why.

    Parameters
    ----------
    out
        Folder that ``doorstep plan`` wrote.
    order_id
        Order of that plan.

    Returns
    -------
    int
        Exit code 0.

    Raises
    ------
    NotFoundError
        If ``out`` is no plan folder or the plan has no such order; the message names similar ones.
    InputError
        If a table of the folder is missing or broken.
    """
    retailer, plan, _ = read_plan(out)
    width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))
    print(order_story(retailer, plan, order_id).text(width), end="")
    return 0
