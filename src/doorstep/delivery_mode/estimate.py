"""What a drop from each candidate site would cost, before routes exist: the price list that order routing works with.

Own vans are priced by a continuous approximation of the drop (see ``density_price``), carriers by their rate cards,
lanes by their parcel cost. A drop's price depends on its weight class; class k holds drops of up to ``class_g[k]``
billable grams in ``parcels[k]`` parcels.
"""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.clocks import (
    courier_arrivals,
    lane_minor,
    lanes_between,
    own_days,
    parcel_arrivals,
    ready_by_lane,
    vehicle_can,
)
from doorstep.delivery_mode.door_prices import DoorPrices
from doorstep.delivery_mode.drones import Wishes, earliest
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.delivery_mode.rate_card import NO_LIMIT
from doorstep.delivery_mode.tariff import (
    IMPOSSIBLE,
    NO_MODE,
    NOWHERE,
    POSSIBLE,
    WINDOW,
    card_prices,
    half_up,
    transits_of,
    zones_of,
)
from doorstep.foundation.arrays import Ints

MOST_BREAKS = 5
DEFAULT_TOP_G = 20_000
DEFAULT_DIM_ML_PER_KG = 5_000


class Reach(NamedTuple):
    """Sites seen from O orders, all (O, C): ``site``, -1 for none, ``metres``, seconds ``out_s`` and ``home_s``."""

    site: Ints
    metres: Ints
    out_s: Ints
    home_s: Ints


class OwnDropPrice(NamedTuple):
    """Estimated cost of an own drop: ``base_minor`` (S, D) by site and day plus ``per_km_minor`` (S,) of distance.

    The base may hold the price of scarcity: what a place on a full day's routes is worth to the drops that want it.
    At sites whose routes have taught what drops cost, ``doors`` adds that, and base and slope hold nothing else.
    """

    base_minor: Ints
    per_km_minor: Ints
    doors: DoorPrices | None = None

    def of(self, site: Ints, metres: Ints, day: Ints, door: Ints) -> Ints:
        """Return the price of drops from sites over road distances on days, to doors given by their rows."""
        price = self.base_minor[site, day] + half_up(metres * self.per_km_minor[site], 1000)
        return price if self.doors is None else price + self.doors.of(site, metres, door)

    def take(self, rows: Ints) -> "OwnDropPrice":
        """Return the prices of some doors."""
        return self if self.doors is None else self._replace(doors=self.doors.take(rows))


class WeightClasses(NamedTuple):
    """Upper bounds ``class_g`` (K,) of billable weight, ``parcels`` (K,) and their weight ``parcel_g`` (K,)."""

    class_g: Ints
    parcels: Ints
    parcel_g: Ints
    dim_ml_per_kg: int


class DropPrices(NamedTuple):
    """Least price (O, C, K) of a drop from each candidate, ``IMPOSSIBLE`` where none, and ``why`` not (O, C)."""

    price: Ints
    why: Ints


class _Pairs(NamedTuple):
    """M pairs of order and site, flat; ``row`` is the order's row in ``Doors``."""

    row: Ints
    site: Ints
    metres: Ints
    out_s: Ints
    home_s: Ints
    ready_at: Ints


def weight_classes(problem: ModeProblem) -> WeightClasses:
    """Return classes at the weight breaks of the rate cards, thinned to a few, then doubled for several parcels.

    What drones carry at most is a break too: their carriers bring nothing else.
    """
    cards = problem.cards
    breaks = np.unique(cards.rate_max_g[cards.rate_max_g < NO_LIMIT])
    if not breaks.size:
        breaks = np.array([DEFAULT_TOP_G], dtype=np.int64)
    if breaks.size > MOST_BREAKS:
        breaks = breaks[np.linspace(0, breaks.size - 1, MOST_BREAKS).round().astype(int)]
    carried = cards.max_weight_g[problem.drones.carrier]
    breaks = np.union1d(breaks, carried[carried < breaks[-1]])
    top = int(breaks[-1])
    several = np.array([2, 4, 8], dtype=np.int64)
    dims = cards.dim_ml_per_kg[cards.dim_ml_per_kg > 0]
    return WeightClasses(
        class_g=np.concatenate([breaks, several * top]),
        parcels=np.concatenate([np.ones(breaks.size, np.int64), several]),
        parcel_g=np.concatenate([breaks, np.full(several.size, top)]),
        dim_ml_per_kg=int(dims.min()) if dims.size else DEFAULT_DIM_ML_PER_KG,
    )


def estimate_drop_prices(
    problem: ModeProblem,
    candidates: Reach,
    stations: Reach,
    ready_at: Ints,
    own: OwnDropPrice,
    classes: WeightClasses,
    *,
    use_lanes_to_door: int = 1,
) -> DropPrices:
    """Return the least price of a drop from every candidate site to every order that keeps the promise.

    Parameters
    ----------
    candidates : Reach (O, C)
        Sites that may pick the order.
    stations : Reach (O, N)
        Sites near the door whose vans could bring it after a lane.
    ready_at : (O, C)
        When the order would be ready at each candidate [epoch s].
    own
        Estimated own drop price by site.
    use_lanes_to_door
        1 to consider lanes for orders that go to the door; 0 as simple rules do.
    """
    shape = candidates.site.shape
    price = np.full((*shape, classes.class_g.size), IMPOSSIBLE, dtype=np.int64)
    why = np.full(shape, NO_MODE, dtype=np.int64)
    at_door = (candidates.site >= 0) & (problem.doors.collected == 0)[:, None]
    for mask, fill in ((at_door, _fill_door), ((candidates.site >= 0) & ~at_door, _fill_collected)):
        row, column = np.nonzero(mask)
        pairs = _Pairs(row, *(array[row, column] for array in (*candidates, ready_at)))
        if row.size:
            found = np.full((row.size, classes.class_g.size), IMPOSSIBLE, dtype=np.int64)
            reason = np.full(row.size, NO_MODE, dtype=np.int64)
            fill(problem, pairs, stations, own, classes, found, reason, use_lanes_to_door)
            price[row, column], why[row, column] = found, reason
    return DropPrices(price=price, why=why)


def _fill_collected(
    problem: ModeProblem,
    pairs: _Pairs,
    stations: Reach,  # noqa: ARG001 - the same call as for doors
    own: OwnDropPrice,  # noqa: ARG001
    classes: WeightClasses,
    price: Ints,
    why: Ints,
    lanes: int,  # noqa: ARG001
) -> None:
    """Fill price and reason of orders that are collected: staging there, and the lane to it from other sites."""
    fleet, doors = problem.fleet, problem.doors
    there = doors.pickup_site[pairs.row]
    here = pairs.site == there
    lane = lanes_between(fleet, pairs.site, there)
    kept = (doors.requirements[pairs.row] & ~fleet.skills[there]) == 0
    possible = (here | ((lane >= 0) & kept)) & doors.fits[pairs.row]
    some_lane = np.maximum(lane, 0)
    by_lane = ready_by_lane(fleet, some_lane, pairs.ready_at) if fleet.lane_to.size else pairs.ready_at
    in_time = np.where(here, pairs.ready_at, by_lane) <= doors.end_at[pairs.row]
    haul = lane_minor(fleet, np.where(here, -1, lane)[:, None], classes.parcels, classes.parcels * classes.parcel_g)
    cost = fleet.staging_minor[there][:, None] + haul
    price[:] = np.where((possible & in_time)[:, None], cost, IMPOSSIBLE)
    why[:] = np.where(possible, np.where(in_time, POSSIBLE, WINDOW), NO_MODE)


def _fill_door(
    problem: ModeProblem,
    pairs: _Pairs,
    stations: Reach,
    own: OwnDropPrice,
    classes: WeightClasses,
    price: Ints,
    why: Ints,
    lanes: int,
) -> None:
    """Fill price and reason of orders that go to the door: own vans, carriers, lanes to stations with vans."""
    nothing = np.zeros((pairs.row.size, 1), dtype=np.int64)
    _lower_by_own(problem, pairs, own, nothing, np.arange(pairs.row.size), price, why)
    _lower_by_carriers(problem, pairs, classes, price, why)
    if not lanes:
        return
    fleet, doors = problem.fleet, problem.doors
    for n in range(stations.site.shape[1]):
        station = stations.site[pairs.row, n]
        lane = lanes_between(fleet, pairs.site, station)
        usable = (lane >= 0) & (station != pairs.site)
        usable &= (doors.requirements[pairs.row] & ~fleet.skills[np.maximum(station, 0)]) == 0
        rows = np.flatnonzero(usable)
        if rows.size:
            order, taken = pairs.row[rows], lane[rows]
            there = ready_by_lane(fleet, taken, pairs.ready_at[rows])
            hop = _Pairs(
                row=order,
                site=station[rows],
                metres=stations.metres[order, n],
                out_s=stations.out_s[order, n],
                home_s=stations.home_s[order, n],
                ready_at=there,
            )
            haul = lane_minor(fleet, taken[:, None], classes.parcels, classes.parcels * classes.parcel_g)
            _lower_by_own(problem, hop, own, haul, rows, price, why)


def _lower_by_own(
    problem: ModeProblem,
    pairs: _Pairs,
    own: OwnDropPrice,
    haul: Ints,
    rows: Ints,
    price: Ints,
    why: Ints,
) -> None:
    """Lower ``price`` at ``rows`` to own drops from the pairs' sites, reached at the price of ``haul`` (M, K)."""
    fleet, doors = problem.fleet, problem.doors
    needs = doors.requirements[pairs.row]
    days = own_days(
        fleet,
        pairs.site,
        pairs.ready_at,
        pairs.out_s,
        pairs.home_s,
        doors.service_s[pairs.row],
        doors.open_at[pairs.row],
        doors.end_at[pairs.row],
        needs,
        problem.midnight_at,
    )
    day = days.cheapest(own.base_minor, pairs.site)
    drop = own.of(pairs.site, pairs.metres, day, pairs.row) + problem.own_failure_minor
    cost = np.where((day >= 0)[:, None], drop[:, None] + haul, IMPOSSIBLE)
    price[rows] = np.minimum(price[rows], cost)
    able = vehicle_can(fleet, pairs.site, needs)
    why[rows] = np.minimum(why[rows], np.where(day >= 0, POSSIBLE, np.where(able, WINDOW, NO_MODE)))


def _lower_by_carriers(problem: ModeProblem, pairs: _Pairs, classes: WeightClasses, price: Ints, why: Ints) -> None:
    """Lower ``price`` to what carriers ask from the pairs' sites, failure risk included."""
    cards, doors = problem.cards, problem.doors
    needs = doors.requirements[pairs.row]
    for carrier in range(cards.lead_s.size):
        zone = zones_of(cards, carrier, pairs.site, doors.postal[pairs.row])
        takes = cards.serves[carrier, pairs.site] & (zone != NOWHERE) & ((needs & ~cards.skills[carrier]) == 0)
        rows = np.flatnonzero(takes)
        some = _Pairs(*(column[rows] for column in pairs))
        for transit in transits_of(cards, carrier) if rows.size else []:
            reason = _why_not(problem, carrier, transit, some)
            why[rows] = np.minimum(why[rows], np.minimum(reason, NO_MODE))
            kept = np.flatnonzero(reason == POSSIBLE)
            here = rows[kept]
            for k in range(classes.class_g.size):
                cost = _class_price(problem, carrier, transit, classes, k, zone[here], some.metres[kept], needs[here])
                price[here, k] = np.minimum(price[here, k], cost)


def _why_not(problem: ModeProblem, carrier: int, transit: int, pairs: _Pairs) -> Ints:
    """Return why a carrier that takes each pair's drop at a transit time does not bring it, 0 if it does (M,)."""
    doors, row = problem.doors, pairs.row
    start, end = doors.start_at[row], doors.end_at[row]
    if problem.drones.are_of(carrier):
        nothing = np.zeros_like(row)  # what it weighs is asked where prices are by weight
        place = (doors.lat[row], doors.lon[row], doors.landing[row])
        return earliest(
            problem.drones,
            carrier,
            Wishes(pairs.site, *place, pairs.metres, nothing, nothing, pairs.ready_at, start, end),
        )[1]
    if problem.cards.on_demand[carrier]:
        in_time = courier_arrivals(problem.cards, carrier, pairs.site, pairs.ready_at, pairs.out_s, start) <= end
    else:
        begin, until = parcel_arrivals(problem.cards, carrier, transit, pairs.site, pairs.ready_at)
        in_time = (until <= end) & (doors.early[row] | (begin >= start))
    return np.where(in_time, POSSIBLE, WINDOW)


def _class_price(
    problem: ModeProblem,
    carrier: int,
    transit: int,
    classes: WeightClasses,
    k: int,
    zone: Ints,
    metres: Ints,
    needs: Ints,
) -> Ints:
    cards = problem.cards
    courier = bool(cards.on_demand[carrier])
    weight = int(classes.parcel_g[k] * (classes.parcels[k] if courier else 1))
    if weight > cards.max_weight_g[carrier]:
        return np.full(metres.shape, IMPOSSIBLE, dtype=np.int64)
    weights = np.full(metres.shape, weight, dtype=np.int64)
    each = card_prices(cards, carrier, transit, zone, metres, weights, weights, np.zeros_like(metres), needs)
    times = 1 if courier else int(classes.parcels[k])
    return np.where(each < IMPOSSIBLE, each * times + problem.carrier_failure_minor[carrier], IMPOSSIBLE)
