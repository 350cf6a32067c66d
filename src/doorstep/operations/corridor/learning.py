"""A draft whose prices of own drops are learnt from routes: first those of a rule, then its own."""

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.foundation import Interrupt, Progress
from doorstep.operations.corridor.deliver import Draft, Search
from doorstep.operations.corridor.drafts import draft_plan
from doorstep.operations.corridor.learn_drops import drafted_drops
from doorstep.operations.corridor.own_price import scarce_drop_price
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World

PASSES = 2
LARGE_DAY = 15_000
"""Orders above which one pass has to do and the engine's default patience shrinks: a large day must end in time."""


def learnt_draft(
    world: World, density: DropDensity, teacher: Draft, search: Search, progress: Progress, interrupt: Interrupt
) -> Draft:
    """Return the least-cost draft of two passes, each priced by what drops cost on routes that exist by then.

    The first pass learns from the routes of ``teacher``, the second from those of the first. Where routes are too few
    to learn from, own drops are priced by ``density``, and a second pass that would learn nothing is left out.
    """
    drafts: list[Draft] = []
    for _ in range(PASSES if world.orders <= LARGE_DAY else 1):
        learnt = drafted_drops(world, drafts[-1] if drafts else teacher).learn()
        if drafts and (learnt is None or interrupt()):
            break
        priced = scarce_drop_price(world, density._replace(learnt=learnt), progress, interrupt)
        drafts.append(draft_plan(world, DOORSTEP, priced, search, progress, interrupt))
    return min(drafts, key=lambda draft: draft.objective_minor(world))
