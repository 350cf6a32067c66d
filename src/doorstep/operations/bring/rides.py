"""Orders of a plan that had better ride along on a route that was planned before and has not left."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

import polars as pl

from doorstep.domain import DayPlan
from doorstep.domain.requirements import words_of
from doorstep.foundation import Interrupt
from doorstep.operations.bring.cutting import PlannedRoute, planned_routes
from doorstep.operations.bring.problem import Problem, solve
from doorstep.operations.bring.standing import Door, Standing
from doorstep.operations.bring.timing import Timer, Visit
from doorstep.vehicle_routing.quotes import Offer

OWN = "own_fleet"
ITERATIONS_A_DOOR = 20
_BESIDE = ("line_haul_minor", "failure_risk_minor")
_TABLES = ("deliveries", "parcels", "allocations", "decisions", "order_outcomes")
"""Tables of a plan with rows about single orders that storing it reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rides:
    """A plan some of whose orders ride along on routes that stand: the route of each, and the routes' versions.

    Their deliveries in ``plan`` name that route; if they are stops of a route of the plan as well, they leave it.
    """

    plan: DayPlan
    route_of: Mapping[str, str]
    versions: Mapping[str, int]


class _Rider(NamedTuple):
    """An order that might ride along, from its site; ``own_minor`` is what it costs beside the driving.

    ``instead_minor`` is what all of it costs as the plan has it, None where nobody brings it.
    """

    order_id: str
    site_id: str
    door: Door
    own_minor: int
    instead_minor: int | None


class _Place(NamedTuple):
    day: int
    offer: Offer
    route_id: str
    version: int
    asked: Standing


class _Ride(NamedTuple):
    rider: _Rider
    route_id: str
    version: int
    cost_minor: int
    arrive_at: int


def ride_along(problem: Problem, plan: DayPlan, *, seed: int = 1, interrupt: Interrupt | None = None) -> Rides:
    """Return the plan with those orders on standing routes that are cheaper there, or that nobody else brings.

    A new route is saved whole if its doors add less to standing ones than it costs; then single doors leave it, or
    their carrier, where that is cheaper, the greatest gain first. Nobody's stop is moved by more than
    ``problem.shift_s``, and every window of the standing routes is kept. An order that comes in several deliveries, or
    waits for a van at another site, stays as it is planned. It reads and writes nothing.
    """
    if not problem.standing:
        return Rides(plan=plan, route_of={}, versions={})
    stop = interrupt or Interrupt()
    board = _Board({site: [day.without_more_vans() for day in days] for site, days in problem.standing.items()},
                   problem.shift_s)  # fmt: skip
    by_van = _as_by_own_van(problem, plan, seed=seed, interrupt=stop)
    routes = planned_routes(plan)
    board = _without_whole_routes(problem, plan, routes, board, stop)
    _by_gain(board, _outside(problem, plan, by_van), stop)
    for route in routes:
        while _by_gain(board, _single(problem, plan, route, board), stop, most=1):
            pass  # what leaving another out saves has changed
    return _with_rides(plan, by_van, board.rides)


@dataclass(slots=True)
class _Board:
    """Standing routes by site, a plan for each day, and who rides along on them by now."""

    days: dict[str, list[Standing]]
    shift_s: int
    rides: dict[str, _Ride] = field(default_factory=dict)
    told: dict[tuple[str, int], dict[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep when each stop was to be served."""
        for site_id, days in self.days.items():
            for number, day in enumerate(days):
                self.told.setdefault((site_id, number), _served_at(day))

    def copy(self) -> "_Board":
        """Return a board to try something on."""
        return _Board({site: list(days) for site, days in self.days.items()}, self.shift_s, dict(self.rides), self.told)

    def place(self, rider: _Rider) -> _Place | None:
        """Return the cheapest place for a rider, None if there is none that keeps all windows and moves nobody far."""
        found = []
        for number, day in enumerate(self.days.get(rider.site_id, ())):
            if day.from_at > rider.door.end_at or day.to_at < rider.door.start_at:
                continue
            asked = day.with_door(rider.door)
            (offer,) = asked.live.quote(len(asked.live.problem.stops) - 1)
            if isinstance(offer, Offer) and offer.route is not None and self._moves_little(rider, number, offer):
                found.append(_Place(number, offer, day.route_ids[offer.route], day.versions[offer.route], asked))
        return min(found, key=lambda place: place.offer.cost_minor, default=None)

    def take(self, rider: _Rider, place: _Place) -> None:
        """Let a rider have a place."""
        after = place.asked.with_offer(place.offer)
        self.days[rider.site_id][place.day] = after
        self.rides[rider.order_id] = _Ride(
            rider, place.route_id, place.version, place.offer.cost_minor, _served_at(after)[place.offer.stop]
        )

    def _moves_little(self, rider: _Rider, day: int, offer: Offer) -> bool:
        told, becomes = self.told[rider.site_id, day], offer.becomes
        served = zip(becomes.stops, chain(*becomes.service_at), strict=True)
        return all(abs(at - told.get(stop, at)) <= self.shift_s for stop, at in served)


def _served_at(day: Standing) -> dict[int, int]:
    return {
        stop: at
        for route in day.live.plan.routes
        for stop, at in zip(route.stops, chain(*route.service_at), strict=True)
    }


def _gain(rider: _Rider, place: _Place) -> float:
    """Return by how much a place is cheaper than what the plan has; infinite where it has nothing."""
    if rider.instead_minor is None:
        return float("inf")
    return rider.instead_minor - rider.own_minor - place.offer.cost_minor


def _by_gain(board: _Board, riders: Iterable[_Rider], interrupt: Interrupt, *, most: int | None = None) -> int:
    """Let riders, or the first ``most``, take places that are cheaper for them, the greatest gain first; count them."""
    taken = 0
    first = [(rider, board.place(rider)) for rider in riders if rider.order_id not in board.rides]
    found = [(rider, place) for rider, place in first if place is not None and _gain(rider, place) > 0]
    for rider, _ in sorted(found, key=lambda each: (-_gain(*each), each[1].offer.cost_minor, each[0].order_id)):
        if interrupt() or taken == most:
            break
        place = board.place(rider)  # the places of before may be gone
        if place is not None and _gain(rider, place) > 0:
            board.take(rider, place)
            taken += 1
    return taken


def _without_whole_routes(
    problem: Problem, plan: DayPlan, routes: Sequence[PlannedRoute], board: _Board, interrupt: Interrupt
) -> _Board:
    """Return the board with all doors of new routes on it that cost more than their doors add to standing ones."""
    cost_minor = dict(plan.routes.select("route_id", "cost_minor").iter_rows())
    for route in routes:
        riders = list(_riders(problem, plan, [(visit, None) for trip in route.trips for visit in trip]))
        if len(riders) < sum(map(len, route.trips)) or interrupt():
            continue
        tried, added = board.copy(), 0
        for rider in riders:
            place = tried.place(rider)
            added += place.offer.cost_minor if place else cost_minor[route.route_id]
            if place is None or added >= cost_minor[route.route_id]:
                break
            tried.take(rider, place)
        else:
            board = tried
    return board


def _single(problem: Problem, plan: DayPlan, route: PlannedRoute, board: _Board) -> Iterator[_Rider]:
    """Yield the doors of a new route that are left on it, with what it saves to leave each out."""
    if route.site_id not in board.days:
        return
    timer = Timer(problem.retailer.tables(), problem.travel)

    def costs(without: Iterable[str]) -> int | None:
        trips = route.without(set(without))
        if not trips:
            return 0
        timed = timer.timed(route.site_id, route.vehicle_id, trips, day_at=route.starts_at, now=problem.now)
        return None if timed is None else timed.cost_minor

    whole, saved = costs(board.rides), []
    for visit in (visit for trip in route.without(board.rides) for visit in trip):
        rest = costs([*board.rides, route.order_of[visit.delivery_id]])
        if whole is not None and rest is not None:
            saved.append((visit, whole - rest))
    yield from _riders(problem, plan, saved)


def _outside(problem: Problem, plan: DayPlan, by_van: DayPlan | None) -> Iterator[_Rider]:
    """Yield the orders that carriers or nobody would bring."""
    if by_van is None:
        return
    parts = ("line_haul_minor", "carrier_fee_minor", "failure_risk_minor")
    rows = plan.deliveries.select("order_id", pl.sum_horizontal(parts).alias("minor"))
    instead = dict(rows.group_by("order_id").agg(pl.col("minor").sum()).iter_rows())
    visits = [visit for route in planned_routes(by_van) for trip in route.trips for visit in trip]
    for rider in _riders(problem, by_van, [(visit, None) for visit in visits]):
        yield rider._replace(instead_minor=instead.get(rider.order_id))


def _riders(problem: Problem, plan: DayPlan, doors: Iterable[tuple[Visit, int | None]]) -> Iterator[_Rider]:
    """Yield those of some own deliveries of a plan that are all of their order, with what leaving them out saves."""
    rows = {row["delivery_id"]: row for row in plan.deliveries.iter_rows(named=True)}
    alone = Counter(row["order_id"] for row in rows.values())
    orders = {row["order_id"]: row for row in problem.retailer.orders.iter_rows(named=True)}
    levels = dict(problem.retailer.service_levels.select("service_level_id", "requirements").iter_rows())
    needs: dict[str, set[str]] = {}
    for name, words in plan.parcels.select("delivery_id", "requirements").iter_rows():
        needs.setdefault(name, set()).update(words_of(words))
    for visit, saved_minor in doors:
        row = rows[visit.delivery_id]
        if alone[row["order_id"]] > 1:
            continue
        order, beside = orders[row["order_id"]], sum(row[part] for part in _BESIDE)
        wanted = {*words_of(order["requirements"]), *words_of(levels.get(order["service_level_id"], ""))}
        yield _Rider(
            order_id=row["order_id"],
            site_id=row["dispatch_site_id"],
            door=Door(
                visit.lat, visit.lon, visit.start_at, visit.end_at, visit.release_at, visit.service_s,
                row["weight_g"], row["volume_ml"], row["parcels"],
                ";".join(sorted(wanted | needs.get(visit.delivery_id, set()))),
            ),
            own_minor=beside,
            instead_minor=None if saved_minor is None else saved_minor + beside,
        )  # fmt: skip


def _as_by_own_van(problem: Problem, plan: DayPlan, *, seed: int, interrupt: Interrupt) -> DayPlan | None:
    """Return the orders that carriers or nobody would bring as if there were own vans enough and no carriers."""
    others = set(plan.deliveries.filter(pl.col("carrier_id") == "")["order_id"])
    bundles = {order_id: bundle for order_id, bundle in problem.bundles.items() if order_id not in others}
    if not bundles:
        return None
    shop = problem.retailer
    more = replace(
        shop,
        vehicles=shop.vehicles.with_columns(count=pl.col("count") + len(bundles)),
        carriers=shop.carriers.with_columns(daily_limit=pl.lit(0, dtype=pl.Int64)),
    )
    asked = replace(problem, bundles=bundles, retailer=more, busy=())
    found = solve(asked, iterations=ITERATIONS_A_DOOR * len(bundles), seed=seed, interrupt=interrupt)
    rename = pl.format("ride-{}", pl.col("delivery_id")).alias("delivery_id")  # the plan has its own of that name
    return replace(
        found,
        deliveries=found.deliveries.filter(pl.col("mode").cast(pl.String) == OWN).with_columns(rename),
        parcels=found.parcels.with_columns(rename),
        stops=found.stops.with_columns(
            delivery_id=pl.when(pl.col("kind").cast(pl.String) == "delivery").then(rename).otherwise("delivery_id")
        ),
    )


def _with_rides(plan: DayPlan, by_van: DayPlan | None, rides: Mapping[str, _Ride]) -> Rides:
    """Return the plan with its riders on their routes."""
    names = list(rides)
    tables = {name: getattr(plan, name) for name in _TABLES}
    if by_van is not None:
        fresh = by_van.deliveries.filter(pl.col("order_id").is_in(names))["order_id"].to_list()
        for name in ("deliveries", "parcels", "allocations", "order_outcomes"):
            kept = tables[name].filter(~pl.col("order_id").is_in(fresh))
            tables[name] = pl.concat([kept, getattr(by_van, name).filter(pl.col("order_id").is_in(fresh))])
    riding = pl.DataFrame(
        [(name, ride.route_id, ride.arrive_at) for name, ride in rides.items()],
        schema={"order_id": pl.String, "to_route": pl.String, "to_at": pl.Int64},
        orient="row",
    )
    tables["deliveries"] = (
        tables["deliveries"]
        .join(riding, on="order_id", how="left", maintain_order="left")
        .with_columns(route_id=pl.coalesce("to_route", "route_id"), arrive_at=pl.coalesce("to_at", "arrive_at"))
        .drop("to_route", "to_at")
    )
    tables["decisions"] = _told(plan.decisions, tables["deliveries"], rides)
    return Rides(
        plan=replace(plan, **tables),
        route_of={name: ride.route_id for name, ride in rides.items()},
        versions={ride.route_id: ride.version for ride in rides.values()},
    )


def _told(decisions: pl.DataFrame, deliveries: pl.DataFrame, rides: Mapping[str, _Ride]) -> pl.DataFrame:
    """Return the decisions with what was weighed for each rider, and why it rides along."""
    name_of = dict(deliveries.select("order_id", "delivery_id").iter_rows())
    asked = pl.col("order_id").is_in(list(rides)) & (pl.col("question").cast(pl.String) == "mode")
    before = decisions.filter(asked).with_columns(
        delivery_id=pl.col("order_id").replace_strict(name_of, default="", return_dtype=pl.String),
        chosen=pl.lit(False),
        why=pl.when("chosen").then(pl.lit("The best without the routes that stand.")).otherwise("why"),
    )
    rows = [
        {
            "order_id": order_id,
            "question": "mode",
            "delivery_id": name_of[order_id],
            "option": "own fleet, on a route that stands",
            "site_id": ride.rider.site_id,
            "mode": OWN,
            "carrier_id": "",
            "cost_minor": ride.cost_minor + ride.rider.own_minor,
            "price_minor": None,
            "chosen": True,
            "code": "",
            "why": _why(ride),
        }
        for order_id, ride in rides.items()
    ]
    taken = pl.DataFrame(rows, schema=decisions.schema, strict=False)
    return pl.concat([decisions.filter(~asked), before, taken])


def _why(ride: _Ride) -> str:
    """Return in words why a rider rides along."""
    if ride.rider.instead_minor is None:
        return f"Route {ride.route_id} has not left and has a place for it; nobody else could bring it."
    return f"Route {ride.route_id} has not left; a place on it costs less than what else could bring it."
