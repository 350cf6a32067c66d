"""The corridor in live operation: the same rooms for a few orders at a time, first their sites, later their deliveries.

Between the two, time passes: stock is reserved, packages are packed, vans leave. So deliveries are planned for
allocations that are fixed, and from a present before which nothing can happen any more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.delivery_mode.clocks import vehicle_can
from doorstep.delivery_mode.density_price import DropDensity
from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.delivery_mode.hangar import FlownTrip
from doorstep.domain import DayPlan, Retailer
from doorstep.domain.tables import PLAN_TABLES
from doorstep.foundation import InputError, InternalError, Interrupt, Progress, Silent
from doorstep.foundation.arrays import Floats, Ints, index_of, ints
from doorstep.geography import TravelTimes
from doorstep.operations.corridor.allocate import SiteChoice, choose_sites
from doorstep.operations.corridor.assemble import allocation_table, assemble
from doorstep.operations.corridor.decisions import site_decisions
from doorstep.operations.corridor.deliver import Draft, Search
from doorstep.operations.corridor.drafts import bring
from doorstep.operations.corridor.own_price import drop_density, own_drop_price, own_drop_table, scarce_drop_price
from doorstep.operations.corridor.present import Booked, Present, at_present
from doorstep.operations.corridor.scarcity import ScarcityPrices
from doorstep.operations.corridor.ship import Shipment, form_shipment
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.verify import verify_live
from doorstep.operations.corridor.world import World, build_world
from doorstep.order_routing.plan import NO_MODE, REASONS, WINDOW
from doorstep.vehicle_routing import SisrSolver, Solver
from doorstep.vehicle_routing.several_starts import SeveralStarts

MOST_FAULTS_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDecision:
    """Sites of some orders: ``allocations`` and ``decisions`` as in a plan, ``unserved`` (order_id, reason).

    ``own_drops`` (order_id, site_id, own_minor) is what an own van is expected to cost for each package to a door, null
    where the site has none; the risk of failure is left aside.
    """

    allocations: pl.DataFrame
    unserved: pl.DataFrame
    decisions: pl.DataFrame
    own_drops: pl.DataFrame


def usual_drops(retailer: Retailer, *, travel: TravelTimes | None = None) -> DropDensity:
    """Return what own drops cost and how many vans can make on a day with these orders, for decisions on a few orders.

    Of the retailer only the sites, vehicles, policy and orders count; the sites must be in the same rows.
    """
    return drop_density(build_world(_touched(retailer), travel))


def decide_sites(
    retailer: Retailer,
    *,
    now: int = 0,
    density: DropDensity | None = None,
    acceptance: Floats | None = None,
    punctuality: Floats | None = None,
    travel: TravelTimes | None = None,
    scarcity: ScarcityPrices | None = None,
) -> SiteDecision:
    """Return the site or sites of every order at least estimated cost, oldest order first; nothing is routed.

    Parameters
    ----------
    now
        When the sites hear of the orders [epoch s]; by default when each was placed.
    density
        Own drops of a usual day, see ``usual_drops``; by default estimated as if these orders were all of their day.
    acceptance : (S, 24)
        Probability that each site serves what it is asked for, by local hour; by default all of them always do.
    punctuality : (S, 24)
        Probability that what each site is asked for comes in time, alike.
    travel
        Travel times; by default the great-circle estimate of the retailer's policy.
    scarcity
        What stock and pickers are worth to orders to come, see ``foresee``; it refuses nobody.
    """
    record = {"acceptance": acceptance, "punctuality": punctuality}
    world, own = live_world(retailer, now=now, density=density, travel=travel, **record)
    worth = None if scarcity is None else scarcity.in_world(world)
    choice = choose_sites(world, DOORSTEP, own, Silent(), Interrupt(), together=True, scarcity=worth)
    lost = np.flatnonzero(choice.status)
    return SiteDecision(
        allocations=allocation_table(world, choice, choice.status),
        unserved=pl.DataFrame(
            {
                "order_id": world.tables["orders"]["order_id"].gather(lost.tolist()),
                "reason": pl.Series([REASONS[status] for status in choice.status[lost]], dtype=pl.String),
            }
        ),
        decisions=site_decisions(world, choice),
        own_drops=own_drop_table(world, choice, own),
    )


def live_world(
    retailer: Retailer,
    *,
    now: int,
    density: DropDensity | None,
    acceptance: Floats | None,
    punctuality: Floats | None,
    travel: TravelTimes | None,
) -> tuple[World, OwnDropPrice]:
    """Return the world in which sites are decided now, and what own drops cost in it; arguments as ``decide_sites``."""
    world = build_world(_touched(retailer), travel, until=now)
    usual = drop_density(world) if density is None else density
    asked_at = np.maximum(world.placed_at, now)
    world = replace(at_present(world, Present(now=now)), asked_at=asked_at, acceptance=acceptance,
                    punctuality=punctuality)  # fmt: skip
    return world, scarce_drop_price(world, usual, Silent(), Interrupt())


def plan_deliveries(
    retailer: Retailer,
    allocations: pl.DataFrame,
    *,
    now: int,
    iterations: int,
    seed: int,
    ready_at: Mapping[tuple[str, str], int] | None = None,
    busy: Collection[tuple[str, int]] = (),
    flown: Sequence[FlownTrip] = (),
    lane_load: Sequence[Booked] = (),
    density: DropDensity | None = None,
    solver: Solver | None = None,
    travel: TravelTimes | None = None,
    progress: Progress | None = None,
    interrupt: Interrupt | None = None,
) -> DayPlan:
    """Return the checked plan of bringing what is allocated: parcels, modes and routes, from ``now`` on.

    Orders without allocations are left out. An order that nobody can bring whole any more stays in the outcomes as
    unserved, with its reason.

    Parameters
    ----------
    allocations
        Units by ``order_id``, ``product_id`` and ``site_id``, as decided before; their stock is taken for granted.
    now
        The present [epoch s]: nothing is picked, loaded or handed over before.
    iterations, seed
        Patience of the routing engine for each site and day, and its seed: the same give the same plan.
    ready_at
        When packages are ready [epoch s], by order and picking site, for those packed or being packed. The others are
        prepared as the sites' clocks say, from now on where that would have begun before.
    busy
        Vehicles that are out, as their id and how many of them: they are left out of the fleet.
    flown, lane_load
        Trips of drones that were booked, and what departures of lanes were given, before.
    density
        As in ``decide_sites``.

    Raises
    ------
    InputError
        If an allocation names what does not exist, or ``iterations`` is below 1.
    InternalError
        If the checkers find a fault in the plan.
    """
    if iterations < 1:
        raise InputError(f"iterations {iterations} must be at least 1.")
    present = Present(now=now, ready_at=ready_at or {}, flown=flown, lane_load=lane_load)
    shop, world, shipment = to_be_brought(retailer, allocations, present, busy=busy, density=density, travel=travel)
    search = Search(solver=solver or SeveralStarts(solver=SisrSolver()), iterations=iterations, seed=seed)
    draft = bring(world, DOORSTEP, shipment, search, progress or Silent(), interrupt or Interrupt())
    _add_late_reasons(world, draft)
    plan = assemble(world, draft, explain=("mode",))
    faults = verify_live(shop, plan, world.travel, present)
    if faults:
        told = " ".join(faults[:MOST_FAULTS_TOLD])
        raise InternalError(f"the plan breaks {len(faults)} rules: {told}")
    return plan


def to_be_brought(
    retailer: Retailer,
    allocations: pl.DataFrame,
    present: Present,
    *,
    busy: Collection[tuple[str, int]] = (),
    density: DropDensity | None = None,
    travel: TravelTimes | None = None,
) -> tuple[Retailer, World, Shipment]:
    """Return what is allocated as the retailer, the world and the drops of it; arguments as ``plan_deliveries``."""
    granted = sound_allocations(allocations)
    shop = _with_fleet_at_home(_allocated(retailer, granted), busy)
    world = build_world(shop, travel, until=present.now)
    own = own_drop_price(world, drop_density(world) if density is None else density)
    world = at_present(world, present)
    return shop, world, form_shipment(world, DOORSTEP, fixed_choice(world, granted), own)


def _touched(retailer: Retailer) -> Retailer:
    """Return the retailer with those products only that its orders want: the rest costs time and changes nothing."""
    products = retailer.products.join(retailer.order_lines, on="product_id", how="semi", maintain_order="left")
    stock = retailer.stock.join(products, on="product_id", how="semi", maintain_order="left")
    return replace(retailer, products=products, stock=stock)


def sound_allocations(allocations: pl.DataFrame) -> pl.DataFrame:
    """Return the allocations typed, each order, product and site once."""
    schema = PLAN_TABLES["allocations"]
    names = list(schema.columns())
    try:
        once = allocations.group_by(names[:-1], maintain_order=True).agg(pl.col("quantity").sum())
        return schema.validate(once.select(names), cast=True)
    except Exception as fault:  # dataframely and polars raise several kinds here
        raise InputError(f"allocations: {fault}") from fault


def _allocated(retailer: Retailer, allocations: pl.DataFrame) -> Retailer:
    """Return the retailer with the orders that have allocations; what is allocated is their lines, and its stock."""
    lines = allocations.group_by("order_id", "product_id", maintain_order=True).agg(pl.col("quantity").sum())
    numbered = lines.with_columns(line_no=pl.int_range(1, pl.len() + 1).over("order_id").cast(pl.Int64))
    index_of(lines["order_id"], retailer.orders["order_id"], what="allocated order_id")
    stock = allocations.group_by("site_id", "product_id", maintain_order=True).agg(on_hand=pl.col("quantity").sum())
    return _touched(
        replace(
            retailer,
            orders=retailer.orders.join(lines, on="order_id", how="semi", maintain_order="left"),
            order_lines=numbered.select("order_id", "line_no", "product_id", "quantity"),
            stock=stock.with_columns(safety_stock=pl.lit(0, dtype=pl.Int64)),
        )
    )


def _with_fleet_at_home(retailer: Retailer, busy: Collection[tuple[str, int]]) -> Retailer:
    """Return the retailer without the vehicles that are out."""
    out = pl.DataFrame(list(busy), schema={"vehicle_id": pl.String, "out": pl.Int64}, orient="row")
    out = out.group_by("vehicle_id").agg(pl.col("out").sum())
    index_of(out["vehicle_id"], retailer.vehicles["vehicle_id"], what="busy vehicle_id")
    left = retailer.vehicles.join(out, on="vehicle_id", how="left", maintain_order="left")
    left = left.with_columns(count=pl.col("count") - pl.col("out").fill_null(0)).filter(pl.col("count") > 0)
    return replace(retailer, vehicles=left.drop("out"))


def fixed_choice(world: World, allocations: pl.DataFrame) -> SiteChoice:
    """Return the allocations as if they had just been chosen, nothing else having been weighed."""
    tables = world.tables
    order = index_of(allocations["order_id"], tables["orders"]["order_id"], what="allocated order_id")
    product = index_of(allocations["product_id"], tables["products"]["product_id"], what="allocated product_id")
    site = index_of(allocations["site_id"], tables["sites"]["site_id"], what="allocated site_id")
    by = np.lexsort((product, site, order))
    none = np.full((world.orders, 1), -1, dtype=np.int64)
    return SiteChoice(
        status=np.zeros(world.orders, dtype=np.int64),
        order=order[by],
        product=product[by],
        site=site[by],
        quantity=ints(allocations["quantity"])[by],
        candidates=none,
        single_minor=none,
        lines_here=np.zeros_like(none),
        foregone_minor=np.zeros_like(none),
        stock=world.stock,
        capacity=world.capacity,
    )


def _add_late_reasons(world: World, draft: Draft) -> None:
    """Add the collected orders that come too late or cannot come, and say so where own vans come too late.

    Sites were chosen so that neither could happen; time that has passed since makes it possible.
    """
    ship, doors = draft.shipment, world.modes.doors
    drops = ship.drops
    astray = ship.collected & (drops.site != doors.pickup_site[drops.order])
    late = ship.collected & (drops.ready_at > doors.end_at[drops.order])
    for reason, rows in ((WINDOW, late), (NO_MODE, astray)):
        draft.failed |= dict.fromkeys(drops.order[rows].tolist(), reason)
    draft.failed |= dict.fromkeys(drops.order[_unkept(world, draft)].tolist(), NO_MODE)
    able = vehicle_can(world.modes.fleet, drops.site, drops.requirements) & (ship.own_day < 0) & ~ship.collected
    for order in drops.order[able].tolist():
        if draft.failed.get(order) == NO_MODE:
            draft.failed[order] = WINDOW


def _unkept(world: World, draft: Draft) -> Ints:
    """Return the collected drops whose parcels need, after a lane, what their place cannot keep."""
    ship = draft.shipment
    drop = ship.drop_of_parcel
    hauled = ship.ways.lane[ship.parcels.package] >= 0
    lacking = ship.parcels.requirements & ~world.modes.fleet.skills[ship.drops.site[drop]]
    return np.unique(drop[hauled & (lacking != 0) & ship.collected[drop]])
