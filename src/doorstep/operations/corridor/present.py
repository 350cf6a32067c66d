"""What is known at the moment of a live decision, and the world as it looks from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The moment ``now`` [epoch s], and when packages are ready that are packed or being packed.

    ``ready_at`` maps order and picking site to a moment [epoch s], for packages that are packed any one up to now. The
    others are prepared as the sites' clocks say, from now on where that would have begun before.
    """

    now: int
    ready_at: Mapping[tuple[str, str], int] = field(default_factory=dict)


def at_present(world: World, present: Present) -> World:
    """Return the world from now on: nothing is ready, collected or loaded before."""
    key, ready_at = _known(world, present)
    fleet = world.modes.fleet
    shift = np.maximum(fleet.shift_starts_at, present.now)
    return replace(
        world,
        now=present.now,
        known_key=key,
        known_at=ready_at,
        modes=world.modes._replace(fleet=fleet._replace(shift_starts_at=shift)),
    )


def _known(world: World, present: Present) -> tuple[Ints, Ints]:
    """Return the packages whose readiness is known as keys of order and site, ascending, and the moments."""
    order_of = {order: row for row, order in enumerate(world.tables["orders"]["order_id"].to_list())}
    site_of = {site: row for row, site in enumerate(world.tables["sites"]["site_id"].to_list())}
    found = sorted(
        (order_of[order] * len(site_of) + site_of[site], max(at, present.now))
        for (order, site), at in present.ready_at.items()
        if order in order_of and site in site_of
    )
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
