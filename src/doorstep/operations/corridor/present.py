"""What is known at the moment of a live decision, and the world as it looks from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from doorstep.delivery_mode.clocks import lanes_between
from doorstep.delivery_mode.drones import Wishes
from doorstep.delivery_mode.hangar import Away, FlownTrip, away_for
from doorstep.delivery_mode.problem import LaneLoad
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.operations.corridor.world import World, handed_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Parcels and their weight that a departure [epoch s] of a lane takes."""

    from_site_id: str
    to_site_id: str
    departs_at: int
    parcels: int
    weight_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The moment ``now`` [epoch s], and when packages are ready that are packed or being packed.

    ``ready_at`` maps order and picking site to a moment [epoch s], for packages that are packed any one up to now. The
    others are prepared as the sites' clocks say, from now on where that would have begun before. ``flown`` are trips of
    drones that were booked before, ``lane_load`` what departures of lanes were given before.
    """

    now: int
    ready_at: Mapping[tuple[str, str], int] = field(default_factory=dict)
    flown: Sequence[FlownTrip] = ()
    lane_load: Sequence[Booked] = ()


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
        flown=_flown(world, present),
        modes=world.modes._replace(
            fleet=fleet._replace(shift_starts_at=shift), lane_load=_lane_load(world, present.lane_load)
        ),
    )


def _lane_load(world: World, loads: Sequence[Booked]) -> tuple[LaneLoad, ...]:
    """Return what was given to departures by row of the lane; lanes that are gone are left out."""
    sites = {name: row for row, name in enumerate(world.tables["sites"]["site_id"].to_list())}
    ends = [np.array([sites[name] for name in names], dtype=np.int64)
            for names in ([load.from_site_id for load in loads], [load.to_site_id for load in loads])]  # fmt: skip
    rows = lanes_between(world.modes.fleet, *ends).tolist()
    return tuple(
        LaneLoad(row, load.departs_at, load.parcels, load.weight_g)
        for row, load in zip(rows, loads, strict=True)
        if row >= 0
    )


def _flown(world: World, present: Present) -> tuple[tuple[int, Away], ...]:
    """Return the booked trips as the row of their drones and the time away."""
    carriers, sites = (
        {name: row for row, name in enumerate(world.tables[table][f"{table[:-1]}_id"].to_list())}
        for table in ("carriers", "sites")
    )
    found: list[tuple[int, Away]] = []
    for trip in present.flown:
        site, door = np.array([sites[trip.site_id]]), Places(lat=np.array([trip.lat]), lon=np.array([trip.lon]))
        road_m, _ = world.travel.between(world.sites.take(site), door)
        nothing, at = np.zeros(1, np.int64), np.array([trip.arrive_at])
        wish = Wishes(site, door.lat, door.lon, np.ones(1, np.bool_), road_m, nothing, nothing, nothing, at, at)
        found += away_for(world.modes.drones, carriers[trip.carrier_id], wish)
    return tuple(found)


def _known(world: World, present: Present) -> tuple[Ints, Ints]:
    """Return the packages whose readiness is known as keys of order and site, ascending, and the moments."""
    order_of = {order: row for row, order in enumerate(world.tables["orders"]["order_id"].to_list())}
    site_of = {site: row for row, site in enumerate(world.tables["sites"]["site_id"].to_list())}
    found = sorted(
        (order_of[order] * len(site_of) + site_of[site], max(at, present.now))
        for (order, site), at in present.ready_at.items()
        if order in order_of and site in site_of
    )
    key, ready_at = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return key, handed_from(world.preparation, world.calendar, ready_at, key % max(len(site_of), 1))
