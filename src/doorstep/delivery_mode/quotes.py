"""What every carrier asks for every drop."""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.clocks import courier_arrivals, parcel_arrivals
from doorstep.delivery_mode.drones import Wishes, earliest
from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.delivery_mode.tariff import (
    IMPOSSIBLE,
    NO_MODE,
    NOWHERE,
    POSSIBLE,
    WINDOW,
    billable_g,
    card_prices,
    transits_of,
    zones_of,
)
from doorstep.foundation.arrays import Bools, Ints


class Drops(NamedTuple):
    """N drops with their parcels: (N,) arrays, parcels sorted by drop, ``parcel_start`` (N + 1,).

    ``site`` and ``ready_at`` say where and from when it can leave; ``requirements`` of order and goods as bits.
    """

    order: Ints
    site: Ints
    ready_at: Ints
    metres: Ints
    out_s: Ints
    requirements: Ints
    parcel_start: Ints
    parcel_g: Ints
    parcel_ml: Ints
    parcel_mm: Ints


class Quotes(NamedTuple):
    """Answers of C carriers for N drops, all (N, C).

    ``price_minor`` (``IMPOSSIBLE`` if none), ``arrive_at`` at the latest, ``why`` not: 0 possible,
    1 the window cannot be met, 2 the carrier does not take it, or the number of a reason of drones in their ``CODES``.
    """

    price_minor: Ints
    arrive_at: Ints
    why: Ints

    def with_risk(self, failure_minor: Ints) -> Ints:
        """Return price plus expected failure cost, (N, C)."""
        return np.where(self.price_minor < IMPOSSIBLE, self.price_minor + failure_minor, IMPOSSIBLE)


def quote_drops(problem: ModeProblem, drops: Drops) -> Quotes:
    """Return every carrier's price and arrival for every drop that keeps its promise, the cheapest transit of each.

    A parcel carrier asks for each parcel, a courier once for the drop by its total weight.
    """
    shape = (drops.order.size, problem.cards.lead_s.size)
    price = np.full(shape, IMPOSSIBLE, dtype=np.int64)
    arrive = np.full(shape, -1, dtype=np.int64)
    why = np.full(shape, NO_MODE, dtype=np.int64)
    for carrier in range(shape[1] if shape[0] else 0):
        takes, zone = _takes(problem, drops, carrier)
        flown = earliest(problem.drones, carrier, wishes_of(problem, drops)) if problem.drones.are_of(carrier) else None
        for transit in transits_of(problem.cards, carrier):
            asked = np.where(takes, _prices(problem, drops, carrier, transit, zone), IMPOSSIBLE)
            at, in_time = (
                _arrivals(problem, drops, carrier, transit) if flown is None else (flown[0], flown[1] == POSSIBLE)
            )
            better = in_time & (asked < price[:, carrier])
            price[better, carrier] = asked[better]
            arrive[better, carrier] = at[better]
            reason = np.where(asked >= IMPOSSIBLE, NO_MODE, np.where(in_time, POSSIBLE, WINDOW))
            why[:, carrier] = np.minimum(why[:, carrier], reason)
        if flown is not None:
            willing = _willing(problem, drops, carrier, zone)
            told = willing & (price[:, carrier] >= IMPOSSIBLE) & (flown[1] > POSSIBLE)
            why[told, carrier] = flown[1][told]
    return Quotes(price_minor=price, arrive_at=arrive, why=why)


def _takes(problem: ModeProblem, drops: Drops, carrier: int) -> tuple[Bools, Ints]:
    """Return whether a carrier accepts each drop at all, and the drop's zone."""
    cards = problem.cards
    zone = zones_of(cards, carrier, drops.site, problem.doors.postal[drops.order])
    side = np.maximum.reduceat(drops.parcel_mm, drops.parcel_start[:-1])
    weight = drops.parcel_g
    heaviest = (np.add if cards.on_demand[carrier] else np.maximum).reduceat(weight, drops.parcel_start[:-1])
    takes = _willing(problem, drops, carrier, zone)
    takes &= (side <= cards.max_side_mm[carrier]) & (heaviest <= cards.max_weight_g[carrier])
    return takes, zone


def _willing(problem: ModeProblem, drops: Drops, carrier: int, zone: Ints) -> Bools:
    """Return whether a carrier comes to each drop's site and zone, and keeps its requirements."""
    cards = problem.cards
    comes = cards.serves[carrier, drops.site] & (zone != NOWHERE) & (problem.doors.collected[drops.order] == 0)
    return np.asarray(comes & ((drops.requirements & ~cards.skills[carrier]) == 0))


def wishes_of(problem: ModeProblem, drops: Drops) -> Wishes:
    """Return drops as drones see them."""
    doors, order, first = problem.doors, drops.order, drops.parcel_start[:-1]
    return Wishes(
        site=drops.site,
        lat=doors.lat[order],
        lon=doors.lon[order],
        landing=doors.landing[order],
        road_m=drops.metres,
        weight_g=np.add.reduceat(drops.parcel_g, first),
        side_mm=np.maximum.reduceat(drops.parcel_mm, first),
        ready_at=drops.ready_at,
        start_at=doors.start_at[order],
        end_at=doors.end_at[order],
    )


def _prices(problem: ModeProblem, drops: Drops, carrier: int, transit: int, zone: Ints) -> Ints:
    """Return a carrier's price of each drop at one transit time, ``IMPOSSIBLE`` where its card has no row."""
    cards, first = problem.cards, drops.parcel_start[:-1]
    if cards.on_demand[carrier]:
        whole, volume = np.add.reduceat(drops.parcel_g, first), np.add.reduceat(drops.parcel_ml, first)
        side = np.maximum.reduceat(drops.parcel_mm, first)
        weight = billable_g(cards, carrier, whole, volume)
        return card_prices(cards, carrier, transit, zone, drops.metres, weight, whole, side, drops.requirements)
    drop = np.repeat(np.arange(drops.order.size), np.diff(drops.parcel_start))
    weight = billable_g(cards, carrier, drops.parcel_g, drops.parcel_ml)
    each = card_prices(
        cards,
        carrier,
        transit,
        zone[drop],
        drops.metres[drop],
        weight,
        drops.parcel_g,
        drops.parcel_mm,
        drops.requirements[drop],
    )
    return np.minimum(np.add.reduceat(each, first), IMPOSSIBLE)


def _arrivals(problem: ModeProblem, drops: Drops, carrier: int, transit: int) -> tuple[Ints, Bools]:
    """Return when the carrier arrives at the latest, and whether that keeps the window."""
    doors, cards = problem.doors, problem.cards
    start, end = doors.start_at[drops.order], doors.end_at[drops.order]
    if cards.on_demand[carrier]:
        at = courier_arrivals(cards, carrier, drops.site, drops.ready_at, drops.out_s, start)
        return np.where(at < NEVER, at, -1), at <= end
    begin, until = parcel_arrivals(cards, carrier, transit, drops.site, drops.ready_at)
    in_time = (until <= end) & (doors.early[drops.order] | (begin >= start))
    return np.where(until < NEVER, until, -1), in_time
