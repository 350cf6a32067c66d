"""From prices to a complete draft: sites, shipment, routes and carriers, and second chances for orders left without."""

from dataclasses import replace

import numpy as np

from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.foundation import Interrupt, Progress
from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.allocate import choose_again, choose_sites
from doorstep.operations.corridor.deliver import Draft, Search, deliver
from doorstep.operations.corridor.ship import Shipment, form_shipment
from doorstep.operations.corridor.strategy import Strategy
from doorstep.operations.corridor.world import World
from doorstep.order_routing.plan import NO_CAPACITY


def draft_plan(
    world: World, strategy: Strategy, own: OwnDropPrice, search: Search, progress: Progress, interrupt: Interrupt
) -> Draft:
    """Return a strategy's draft.

    Orders that found neither room on vans nor with carriers are, after a second try with vans, offered once to sites
    that carriers serve.
    """
    choice = choose_sites(world, strategy, own, progress, interrupt, together=True)
    draft = bring(world, strategy, form_shipment(world, strategy, choice, own), search, progress, interrupt)
    crowded = _crowded(draft)
    if not crowded.size or strategy.fleet == "none":
        return draft
    again = choose_again(world, strategy, own, choice, crowded)
    kept = replace(search, iterations=0)
    repaired = deliver(
        world, strategy, form_shipment(world, strategy, again, own), kept, progress, interrupt, start=draft
    )
    return min(draft, repaired, key=lambda found: found.objective_minor(world))


def bring(
    world: World, strategy: Strategy, shipment: Shipment, search: Search, progress: Progress, interrupt: Interrupt
) -> Draft:
    """Return the routes and carriers of a shipment.

    Orders that found neither room on vans nor with carriers are offered to vans once more, now that their carriers are
    known to be full.
    """
    draft = deliver(world, strategy, shipment, search, progress, interrupt)
    crowded = _crowded(draft)
    if strategy.fleet != "joint" or not crowded.size:
        return draft
    offered = deliver(world, strategy, shipment, search, progress, interrupt, start=draft, stranded=crowded)
    return min(draft, offered, key=lambda found: found.objective_minor(world))


def _crowded(draft: Draft) -> Ints:
    """Return the orders that failed for want of room."""
    return np.array(sorted(o for o, reason in draft.failed.items() if reason == NO_CAPACITY), dtype=np.int64)
