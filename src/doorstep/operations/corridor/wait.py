"""Which orders had better wait for the next plan, because what is likely to come makes their routes denser."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.delivery_mode.hangar import FlownTrip
from doorstep.dispatch import Consensus, Future, cannot_wait, choose_now
from doorstep.domain import Retailer
from doorstep.foundation import AnyOf, Interrupt, Iterations, Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import Places, TravelTimes
from doorstep.operations.corridor.deliver import joint_prizes, site_day_problem
from doorstep.operations.corridor.live import to_be_brought
from doorstep.operations.corridor.present import Booked, Present
from doorstep.operations.corridor.ship import Shipment
from doorstep.operations.corridor.world import World
from doorstep.vehicle_routing import SisrSolver, Stops
from doorstep.vehicle_routing.roads import TableRoads

RULE = Consensus(shared=True, scenarios=8, rounds=2)
SLACK_S = 600
"""Who could leave only so much after the next plan does not wait."""
AHEAD_S, HOUR_S, DAY_S = 4 * 3_600, 3_600, 86_400
SURE = 0.5
"""Who is brought by an own van in fewer of the scenarios does not wait for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """F doors that a site's own vans could bring in the last ``days`` days, arrays (F,); ``load`` (F, 3).

    ``known_at`` is when each was ordered; times are epoch s, ``needs`` words as orders have them.
    """

    days: int
    known_at: Ints
    lat: Floats
    lon: Floats
    start_at: Ints
    end_at: Ints
    release_at: Ints
    service_s: Ints
    load: Ints
    needs: Sequence[str]


def who_waits(
    retailer: Retailer,
    allocations: pl.DataFrame,
    lately: Lately,
    *,
    site_id: str,
    now: int,
    next_at: int,
    iterations: int,
    seed: int,
    ready_at: Mapping[tuple[str, str], int] | None = None,
    busy: Collection[tuple[str, int]] = (),
    flown: Sequence[FlownTrip] = (),
    lane_load: Sequence[Booked] = (),
    density: DropDensity | None = None,
    travel: TravelTimes | None = None,
    interrupt: Interrupt | None = None,
) -> dict[str, float]:
    """Return the orders that wait until the plan of ``next_at``, with the share of scenarios in which they left before.

    Who waits could be brought by an own van that leaves after that, even alone, and is by one in most scenarios. Each
    scenario goes on as some of the last days did, hour by hour. Other arguments as ``plan_deliveries``.
    """
    present = Present(now=now, ready_at=ready_at or {}, flown=flown, lane_load=lane_load)
    _, world, shipment = to_be_brought(retailer, allocations, present, busy=busy, density=density, travel=travel)
    site = world.tables["sites"]["site_id"].to_list().index(site_id)
    day = int(world.calendar.day_of(np.array([site]), np.array([now]))[0])
    drops = np.flatnonzero((shipment.drops.site == site) & (shipment.own_day == day))
    if drops.size < 1:
        return {}
    problem, _ = site_day_problem(world, shipment, site, day, drops)
    outside = shipment.option_minor.min(axis=1, initial=1 << 40)
    prizes = joint_prizes(world, shipment, drops, outside)
    must = cannot_wait(problem, next_at + SLACK_S)
    if must.all() or not len(problem.vehicles):
        return {}
    found = choose_now(
        problem.with_prizes(prizes), must, next_at, _futures(world, shipment, site, drops, lately, now, prizes),
        solver=SisrSolver(threads=1), patience=_patience(iterations, interrupt or Interrupt()),
        rng=np.random.default_rng(seed), consensus=RULE,
    )  # fmt: skip
    waits = [stop for stop in found.wait.tolist() if found.served_share[stop] >= SURE]
    ids = world.tables["orders"]["order_id"]
    return {str(ids[int(shipment.drops.order[drops[stop]])]): float(found.now_share[stop]) for stop in waits}


def _patience(iterations: int, interrupt: Interrupt) -> Callable[[float], Stop]:
    return lambda share: AnyOf((Iterations(limit=max(1, round(iterations * share))), interrupt))


def _futures(
    world: World, shipment: Shipment, site: int, drops: Ints, lately: Lately, now: int, prizes: Ints
) -> Callable[[np.random.Generator], Future]:
    """Return what draws the next hours: each as it was on one of the last days, at prizes as of those who are known."""
    orders = shipment.drops.order[drops]
    lat = [world.sites.lat[[site]], world.doors.lat[orders]]
    lon = [world.sites.lon[[site]], world.doors.lon[orders]]
    needs = world.vocabulary.bits(pl.Series(list(lately.needs), dtype=pl.String))
    prize = int(np.median(prizes))

    def drawn(rng: np.random.Generator) -> Future:
        rows, shift = _next_hours(lately, now, rng)
        places = Places(lat=np.concatenate([*lat, lately.lat[rows]]), lon=np.concatenate([*lon, lately.lon[rows]]))
        metres, seconds = world.travel.matrix(places)
        stops = Stops(
            start_at=lately.start_at[rows] + shift,
            end_at=lately.end_at[rows] + shift,
            release_at=np.maximum(lately.release_at[rows] + shift, lately.known_at[rows] + shift),
            service_s=lately.service_s[rows],
            load=lately.load[rows],
            prize_minor=np.full(rows.size, prize),
            requirements=needs[rows],
        )
        return Future(stops=stops, roads=TableRoads(metres=metres, seconds=seconds))

    return drawn


def _next_hours(lately: Lately, now: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return doors that may come in the next hours and by how much later than they did [s]."""
    rows, shifts = [], []
    for from_at in range(now, now + AHEAD_S, HOUR_S):
        back_s = DAY_S * int(rng.integers(1, lately.days + 1))
        here = np.flatnonzero((lately.known_at > from_at - back_s) & (lately.known_at <= from_at + HOUR_S - back_s))
        rows.append(here)
        shifts.append(np.full(here.size, back_s))
    return np.concatenate(rows), np.concatenate(shifts)
