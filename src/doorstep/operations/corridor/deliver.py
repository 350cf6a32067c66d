"""Own routes and third parties together: one prize-collecting routing problem for each site and day."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from doorstep.delivery_mode import settle_carriers
from doorstep.delivery_mode.clocks import OwnDays
from doorstep.delivery_mode.drones import Wishes
from doorstep.delivery_mode.hangar import Hangar
from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.quotes import wishes_of
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation import AnyOf, Interrupt, Iterations, Progress
from doorstep.foundation.arrays import Ints, ints, ints_or
from doorstep.geography import Places
from doorstep.operations.corridor.ship import Shipment
from doorstep.operations.corridor.strategy import Strategy
from doorstep.operations.corridor.world import World
from doorstep.order_routing.plan import NO_CAPACITY, NO_MODE, WINDOW
from doorstep.order_routing.problem import UNLIMITED
from doorstep.vehicle_routing import (
    RoutePlan,
    RoutingProblem,
    Solver,
    Stops,
    VehicleTypes,
    schedule_route,
)

NEAREST_FIRST_MINOR = 10_000
"""Prize of the farthest stop under the rule that fills vans nearest first; the nearest one's is half as much again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDay:
    """The routing problem of one site on one day and its routes.

    ``drops`` (M,) of the shipment and their ``orders`` (M,), ``vehicle_rows`` (V,) of the vehicles table.
    """

    site: int
    day: int
    drops: Ints
    orders: Ints
    vehicle_rows: Ints
    problem: RoutingProblem
    plan: RoutePlan


@dataclass(slots=True, kw_only=True)
class Draft:
    """A complete plan in arrays.

    ``carrier`` (N,) is the column of the shipment's options, -1 for none; ``failed`` orders have their reason;
    ``flown_at`` is when drones arrive, by drop [epoch s]: they may have to wait for one to be free.
    """

    strategy: Strategy
    shipment: Shipment
    site_days: list[SiteDay]
    carrier: Ints
    failed: dict[int, int]
    flown_at: dict[int, int] = field(default_factory=dict)

    def unserved(self) -> Ints:
        """Return the orders that are not served."""
        return np.union1d(np.flatnonzero(self.shipment.choice.status != 0), np.array(list(self.failed), dtype=np.int64))

    def objective_minor(self, world: World) -> int:
        """Return all costs plus what unserved orders count."""
        return self.cost_minor(world) + int(world.unserved_minor[self.unserved()].sum())

    def is_no_worse_than(self, other: "Draft", world: World) -> bool:
        """Return whether it serves at least as many orders, at no higher cost by served order."""
        served, others = (world.orders - draft.unserved().size for draft in (self, other))
        return served >= others and self.cost_minor(world) * others <= other.cost_minor(world) * served

    def cost_minor(self, world: World) -> int:
        """Return the cost of all served orders."""
        ship = self.shipment
        gone = np.isin(ship.drops.order, list(self.failed))
        total = int(ship.package_pick_minor[~np.isin(ship.packages.order, list(self.failed))].sum())
        total += int(ship.parcels.carton_minor[~gone[ship.drop_of_parcel]].sum())
        total += int(ship.haul_minor[~gone].sum())
        total += int(world.modes.fleet.staging_minor[ship.drops.site[ship.collected & ~gone]].sum())
        out = np.flatnonzero(self.carrier >= 0)
        total += int(ship.option_minor[out, self.carrier[out]].sum())
        for here in self.site_days:
            total += here.plan.cost_minor(here.problem)
            total += len(here.plan.served()) * world.modes.own_failure_minor
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Engine and patience: iterations for each site and day, and the seed."""

    solver: Solver
    iterations: int
    seed: int


def deliver(
    world: World,
    strategy: Strategy,
    shipment: Shipment,
    search: Search,
    progress: Progress,
    interrupt: Interrupt,
    start: Draft | None = None,
    stranded: Ints | None = None,
) -> Draft:
    """Return routes of the own fleet and carriers for the rest.

    Parameters
    ----------
    start
        A draft whose routes each site and day starts from and never gets worse than; drops it does not share with this
        shipment are left out of them. With no iterations its routes are kept as they are.
    stranded
        Orders whose carriers are full: their prize is what an unserved order counts, and only the sites and days that
        could bring them are searched.
    """
    outside = (
        shipment.option_minor.min(axis=1)
        if shipment.option_minor.shape[1]
        else np.full(shipment.collected.size, IMPOSSIBLE)
    )
    lost = np.isin(shipment.drops.order, stranded) if stranded is not None else np.zeros(outside.size, dtype=np.bool_)
    outside = np.where(lost, IMPOSSIBLE, outside)
    known = _known_routes(start, shipment) if start else {}
    waiting = _by_site_and_day(shipment.drops.site, shipment.own_day, np.flatnonzero(shipment.own_day >= 0))
    progress.stage(f"{strategy.name}: routes", len(waiting))
    site_days = []
    while waiting:
        day, site = min(waiting)
        drops = waiting.pop((day, site))
        problem, rows = site_day_problem(world, shipment, site, day, drops)
        prizes = joint_prizes(world, shipment, drops, outside)
        solved = problem.with_prizes(_nearest_first(problem) if strategy.fleet == "nearest_first" else prizes)
        plan = _renumbered(problem, known.get((site, day), ()), drops)
        wanted = stranded is None or bool(lost[drops].any())
        if search.iterations and wanted and not interrupt():
            stop = AnyOf((Iterations(limit=search.iterations), interrupt))
            plan = search.solver.solve(solved, stop, seed=search.seed, start=plan if plan.routes else None)
        site_days.append(
            SiteDay(
                site=site,
                day=day,
                drops=drops,
                orders=shipment.drops.order[drops],
                vehicle_rows=rows,
                problem=problem.with_prizes(prizes),
                plan=plan,
            )
        )
        _roll_over(shipment, drops, plan, site, day, waiting)
        progress.advance()
    return _settled(world, Draft(strategy=strategy, shipment=shipment, site_days=site_days,
                                 carrier=np.full(shipment.collected.size, -1), failed={}))  # fmt: skip


def _known_routes(start: Draft, shipment: Shipment) -> dict[tuple[int, int], tuple[tuple[int, list[list[int]]], ...]]:
    """Return vehicle and trips, in drops of ``shipment``, of every route of a draft, by site and day."""
    number = {
        key: n for n, key in enumerate(zip(shipment.drops.order.tolist(), shipment.drops.site.tolist(), strict=True))
    }
    orders = start.shipment.drops.order
    routes = {}
    for here in start.site_days:
        drop = [number.get((int(orders[d]), here.site), -1) for d in here.drops]
        routes[here.site, here.day] = tuple(
            (route.vehicle, [[drop[stop] for stop in trip if drop[stop] >= 0] for trip in route.trips])
            for route in here.plan.routes
        )
    return routes


def _renumbered(problem: RoutingProblem, routes: tuple[tuple[int, list[list[int]]], ...], drops: Ints) -> RoutePlan:
    """Return routes given in drops as a plan of the problem's stops; what cannot be scheduled is left out."""
    stop = {int(drop): n for n, drop in enumerate(drops)}
    found = [
        schedule_route(problem, vehicle, [[stop[d] for d in trip if d in stop] for trip in trips])
        for vehicle, trips in routes
    ]
    return RoutePlan(routes=tuple(route for route in found if route is not None))


def _by_site_and_day(site: Ints, day: Ints, rows: Ints) -> dict[tuple[int, int], Ints]:
    """Return rows by day and site."""
    unique, inverse = np.unique(np.column_stack([day[rows], site[rows]]), axis=0, return_inverse=True)
    return {(int(key[0]), int(key[1])): rows[inverse == number] for number, key in enumerate(unique)}


def _roll_over(
    shipment: Shipment, drops: Ints, plan: RoutePlan, site: int, day: int, waiting: dict[tuple[int, int], Ints]
) -> None:
    """Add the drops that a day's vehicles left behind to the next day on which they could be brought."""
    left = np.delete(drops, sorted(plan.served()))
    days = OwnDays(shipment.own_days.first[left], shipment.own_days.feasible[left])
    later = days.after(np.full(left.size, day))
    for key, rows in _by_site_and_day(np.full(left.size, site), later, np.flatnonzero(later >= 0)).items():
        waiting[key] = np.sort(np.concatenate([waiting.get(key, np.empty(0, np.int64)), left[rows]]))


def site_day_problem(world: World, shipment: Shipment, site: int, day: int, drops: Ints) -> tuple[RoutingProblem, Ints]:
    """Return the routing problem of a site, a day and some drops, without prizes, and the rows of its vehicles."""
    fleet, doors, orders = world.modes.fleet, world.modes.doors, shipment.drops.order[drops]
    here = np.arange(fleet.vehicle_start[site], fleet.vehicle_start[site + 1])
    here = here[fleet.shift_starts_at[here, day] < fleet.shift_ends_at[here, day]]  # some shifts may be over by now
    rows = fleet.vehicle_row[here]
    table = world.tables["vehicles"][rows.tolist()]
    limits = [ints_or(table[name], UNLIMITED) for name in ("max_weight_g", "max_volume_ml", "max_parcels")]
    loads = [shipment.weight_g, shipment.volume_ml, np.diff(shipment.drops.parcel_start)]
    vehicles = VehicleTypes(
        count=ints(table["count"]),
        capacity=np.column_stack(limits),
        skills=fleet.vehicle_skills[here],
        shift_start_at=fleet.shift_starts_at[here, day],
        shift_end_at=fleet.shift_ends_at[here, day],
        max_distance_m=ints_or(table["max_distance_m"], UNLIMITED),
        max_reloads=ints(table["max_reloads"]),
        fixed_minor=ints(table["fixed_cost_minor"]),
        per_km_minor=ints(table["cost_per_km_minor"]),
        per_hour_minor=ints(table["cost_per_hour_minor"]),
    )
    stops = Stops(
        start_at=doors.open_at[orders],
        end_at=doors.end_at[orders],
        release_at=shipment.drops.ready_at[drops],
        service_s=doors.service_s[orders],
        load=np.column_stack([load[drops] for load in loads]),
        prize_minor=np.zeros(drops.size, dtype=np.int64),
        requirements=shipment.drops.requirements[drops],
    )
    places = Places(
        lat=np.append(world.sites.lat[site], world.doors.lat[orders]),
        lon=np.append(world.sites.lon[site], world.doors.lon[orders]),
    )
    metres, seconds = world.travel.matrix(places)
    problem = RoutingProblem.around_one_site(
        stops=stops,
        vehicles=vehicles,
        metres=metres.astype(np.int32),  # half the memory; a day's drive is far below two million kilometres
        seconds=seconds.astype(np.int32),
        loading_s=int(fleet.loading_s[site]),
    )
    return problem, rows


def joint_prizes(world: World, shipment: Shipment, drops: Ints, outside: Ints) -> Ints:
    """Return what each drop costs outside, net of own risk; what an unserved order counts where nobody comes."""
    alternative = np.minimum(outside[drops], world.unserved_minor[shipment.drops.order[drops]])
    prizes: Ints = np.maximum(alternative - world.modes.own_failure_minor, 0)
    return prizes


def _nearest_first(problem: RoutingProblem) -> Ints:
    doors = np.arange(1, len(problem.roads))
    metres, _ = problem.roads.along(0, np.zeros_like(doors), doors)
    rank = np.argsort(np.argsort(metres, kind="stable"), kind="stable")
    prizes: Ints = NEAREST_FIRST_MINOR + NEAREST_FIRST_MINOR * (rank.size - 1 - rank) // (2 * max(1, rank.size))
    return prizes


def _settled(world: World, draft: Draft) -> Draft:
    """Return the draft with carriers for all that is not on a route, and orders failed that nobody can bring whole."""
    ship = draft.shipment
    own = np.zeros(ship.collected.size, dtype=np.bool_)
    for here in draft.site_days:
        own[here.drops[list(here.plan.served())]] = True
    rest = np.flatnonzero(~own & ~ship.collected)
    count = np.diff(ship.drops.parcel_start)
    on_demand = np.concatenate([world.modes.cards.on_demand] * 2) == 1
    units = np.where(on_demand, 1, count[rest][:, None])
    arrive = ship.options.arrive_at[rest]
    site = np.broadcast_to(ship.drops.site[rest][:, None], arrive.shape)
    day = world.calendar.day_of(site, np.maximum(arrive, 0))
    limit = world.modes.cards.daily_limit
    book = _drone_booking(world, draft, rest) if world.modes.drones.carrier.size else None
    chosen = settle_carriers(*_folded(ship.option_minor[rest], units, day), limit, book)
    columns = _unfolded(ship.option_minor[rest], chosen)
    draft.carrier[rest] = columns
    for n in rest[columns < 0].tolist():
        possible = ship.own_day[n] >= 0 or bool((ship.option_minor[n] < IMPOSSIBLE).any())
        missed = bool((ship.options.why[n] == 1).any())
        draft.failed[int(ship.drops.order[n])] = NO_CAPACITY if possible else WINDOW if missed else NO_MODE
    for order in ship.packages.order[ship.ways.left_behind].tolist():
        draft.failed[order] = NO_CAPACITY
    return _without_failed(draft) if draft.failed else draft


def _drone_booking(world: World, draft: Draft, rest: Ints) -> Callable[[int, int], bool]:
    """Return what books drones for the drops ``rest`` (M,) and notes their arrival; other carriers can always come."""
    ship, drones, out = draft.shipment, world.modes.drones, Hangar(world.modes.drones, world.flown)
    here = wishes_of(world.modes, ship.drops)
    columns = [_unfolded(ship.option_minor[rest], np.full(rest.size, c)) for c in range(world.modes.cards.lead_s.size)]

    def book(row: int, carrier: int) -> bool:
        if not drones.are_of(carrier):
            return True
        drop = rest[[row]]
        wish = here.take(drop)
        if columns[carrier][row] >= len(columns):
            wish = _from_origin(ship, drop, wish)
        arrive_at = out.book(carrier, wish)
        draft.flown_at[int(drop[0])] = arrive_at
        return bool(arrive_at < NEVER)

    return book


def _from_origin(ship: Shipment, drop: Ints, wish: Wishes) -> Wishes:
    """Return a drop (1,) as it leaves its picking site, without a lane."""
    package = np.flatnonzero(ship.drop_of_package == drop[0])[:1]
    return wish._replace(
        site=ship.packages.site[package], road_m=ship.packages.metres[package], ready_at=ship.packages.ready_at[package]
    )


def _folded(cost: Ints, units: Ints, day: Ints) -> tuple[Ints, Ints, Ints]:
    """Return cost, units and day by carrier (N, C): the cheaper of its two options."""
    half = cost.shape[1] // 2
    second = cost[:, half:] < cost[:, :half]
    cheaper = np.where(second, cost[:, half:], cost[:, :half])
    days = np.where(second, day[:, half:], day[:, :half])
    return cheaper, units[:, :half], days


def _unfolded(cost: Ints, carrier: Ints) -> Ints:
    """Return the option column of each chosen carrier."""
    half = cost.shape[1] // 2
    row = np.arange(carrier.size)
    if not half:
        return carrier
    second = cost[row, half + np.maximum(carrier, 0)] < cost[row, np.maximum(carrier, 0)]
    return np.where(carrier < 0, -1, carrier + np.where(second, half, 0))


def _without_failed(draft: Draft) -> Draft:
    """Return the draft without any part of failed orders: their stops leave the routes, their carriers stay home."""
    gone = np.isin(draft.shipment.drops.order, list(draft.failed))
    draft.carrier[gone] = -1
    for number, here in enumerate(draft.site_days):
        lost = set(np.flatnonzero(gone[here.drops]).tolist())
        if not lost & here.plan.served():
            continue
        routes = []
        for route in here.plan.routes:
            trips = [[stop for stop in trip if stop not in lost] for trip in route.trips]
            shorter = schedule_route(here.problem, route.vehicle, trips)
            routes += [shorter] if shorter else []
        draft.site_days[number] = replace(here, plan=RoutePlan(routes=tuple(routes)))
    return draft
