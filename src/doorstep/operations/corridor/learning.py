"""A draft whose prices of own drops are learnt from the routes of a rule."""

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.foundation import Interrupt, Progress
from doorstep.operations.corridor.deliver import Draft, Search
from doorstep.operations.corridor.drafts import draft_plan
from doorstep.operations.corridor.learn_drops import drafted_drops
from doorstep.operations.corridor.own_price import scarce_drop_price
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World


def learnt_draft(
    world: World, density: DropDensity, teacher: Draft, search: Search, progress: Progress, interrupt: Interrupt
) -> Draft:
    """Return the least-cost draft whose own drops are priced by what they cost on the routes of another draft.

    Where these are too few to learn from, own drops are priced by ``density``.
    """
    learnt = drafted_drops(world, teacher).learn()
    priced = scarce_drop_price(world, density._replace(learnt=learnt), progress, interrupt)
    return draft_plan(world, DOORSTEP, priced, search, progress, interrupt)
