"""Orders that have to be brought: read in a moment, solved for as long as it takes outside any transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlalchemy import select

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.delivery_mode.hangar import FlownTrip
from doorstep.domain import DayPlan, Retailer
from doorstep.domain.lifecycles.route import BOOKED, OUT
from doorstep.foundation import Interrupt
from doorstep.geography import TravelTimes
from doorstep.operations.bring.flown import flown_trips
from doorstep.operations.bring.lane_load import lane_load
from doorstep.operations.bring.standing import Standing, standing_routes
from doorstep.operations.corridor import plan_deliveries
from doorstep.operations.corridor.present import Booked
from doorstep.operations.dispatching.limits import load_limits
from doorstep.operations.fulfil.hand_over import GOING
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.fulfil.parts import DROPPED, LEFT, PACKED, Parts, ShipmentNow, holdings_of, parts_of, pieces
from doorstep.operations.fulfil.usual import usual_density
from doorstep.operations.roads import travel_now
from doorstep.storage import Connection
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.schema.dispatching import vehicle_outages
from doorstep.storage.schema.fulfilment import deliveries, routes, shipments
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import orders
from doorstep.vehicle_routing import Solver

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Bundle:
    """What of an order is to be brought: shipments by picking site, and their units by site and product.

    Two bundles that are equal need the same deliveries.
    """

    shipments: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Bundles by order, and everything that planning their deliveries asks for.

    ``standing`` are routes by site that have not left and might take some of them, none of whose stops may be moved by
    more than ``shift_s``.
    """

    tenant_id: str
    now: int
    retailer: Retailer
    bundles: Mapping[str, Bundle]
    ready_at: Mapping[tuple[str, str], int]
    busy: tuple[tuple[str, int], ...]
    flown: tuple[FlownTrip, ...]
    lane_load: tuple[Booked, ...]
    density: DropDensity | None
    travel: TravelTimes
    standing: Mapping[str, tuple[Standing, ...]]
    shift_s: int

    def allocations(self) -> pl.DataFrame:
        """Return the units of all bundles as a plan has them."""
        rows = [
            (order, product, site, quantity)
            for order, bundle in self.bundles.items()
            for site, product, quantity in bundle.units
        ]
        names = {"order_id": pl.String, "product_id": pl.String, "site_id": pl.String, "quantity": pl.Int64}
        return pl.DataFrame(rows, schema=names, orient="row")


def load_problem(
    connection: Connection,
    tenant_id: str,
    *,
    now: int,
    site_id: str | None = None,
    order_ids: Sequence[str] | None = None,
) -> Problem:
    """Return what has to be brought: packages being prepared or at the dock that no delivery has been planned for.

    Parameters
    ----------
    site_id
        Only orders of which this site prepares a part; None: all.
    order_ids
        Only these orders; None: all.
    """
    wanted = _candidates(connection, tenant_id, site_id, order_ids)
    bundles = bundles_of(connection, wanted)
    retailer, unknown = without_unknown(live_retailer(connection, tenant_id, sorted(bundles)))
    retailer = _with_carriers_left(connection, tenant_id, retailer, now)
    for order_id in unknown:
        del bundles[order_id]
    parts = parts_of(connection, bundles)
    return Problem(
        tenant_id=tenant_id,
        now=now,
        retailer=retailer,
        bundles=bundles,
        ready_at={
            (s.order_id, s.site_id): s.ready_at
            for order_id in bundles
            for s in parts[order_id].shipments
            if s.state in PACKED and s.ready_at is not None and _waits(parts[order_id], s)
        },
        busy=_busy(connection, tenant_id, retailer, now),
        flown=flown_trips(connection, tenant_id, retailer.tables(), now=now),
        lane_load=lane_load(connection, tenant_id, now=now),
        density=usual_density(connection, tenant_id, now=now) if bundles else None,
        travel=travel_now(connection, tenant_id, retailer.tables(), now=now, sets_out_at=_usual_start(retailer)),
        standing=_standing(connection, tenant_id, retailer, bundles, now),
        shift_s=load_limits(connection, tenant_id).shift_s,
    )


ITERATIONS_AN_ORDER = 500
"""Iterations beyond which a plan of few orders gets no better."""


def solve(
    problem: Problem, *, iterations: int, seed: int, solver: Solver | None = None, interrupt: Interrupt | None = None
) -> DayPlan:
    """Return the checked plan of a problem; it reads and writes nothing, so it may take its time.

    Few orders need no more than ``ITERATIONS_AN_ORDER`` each.

    Raises
    ------
    InputError, InternalError
        As ``plan_deliveries`` does.
    """
    return plan_deliveries(
        problem.retailer,
        problem.allocations(),
        now=problem.now,
        iterations=min(iterations, ITERATIONS_AN_ORDER * max(1, len(problem.bundles))),
        seed=seed,
        ready_at=problem.ready_at,
        busy=problem.busy,
        flown=problem.flown,
        lane_load=problem.lane_load,
        density=problem.density,
        travel=problem.travel,
        solver=solver,
        interrupt=interrupt,
    )


def bundles_of(connection: Connection, order_ids: Sequence[str]) -> dict[str, Bundle]:
    """Return what of orders is still to be brought; orders of which nothing is are left out."""
    parts, held = parts_of(connection, order_ids), holdings_of(connection, order_ids)
    found = {}
    for order_id in sorted(set(order_ids)):
        waiting = {s.site_id: s.shipment_id for s in parts[order_id].shipments if _waits(parts[order_id], s)}
        units: Counter[tuple[str, str]] = Counter()
        for holding in held.get(order_id, ()):
            if holding.place.kind == STOCK and holding.place.site_id in waiting:
                units[holding.place.site_id, holding.place.item] += holding.quantity
        sites = {site for site, _ in units}
        if sites:
            found[order_id] = Bundle(
                tuple((site, shipment) for site, shipment in sorted(waiting.items()) if site in sites),
                tuple((*key, quantity) for key, quantity in sorted(units.items())),
            )
    return found


def vehicles_taken(connection: Connection, tenant_id: str, now: int) -> Counter[str]:
    """Return how many vehicles of each kind are out, kept for a route that is to come, or out of service."""
    query = select(routes.c.vehicle_id, routes.c.state, routes.c.ends_at).where(
        routes.c.tenant_id == tenant_id, routes.c.state.in_((*OUT, *BOOKED))
    )
    taken = Counter[str]()
    for row in connection.execute(query).all():
        if row.state in OUT or row.ends_at > now:
            taken[row.vehicle_id] += 1
    broken = (vehicle_outages.c.tenant_id == tenant_id) & (vehicle_outages.c.until_at > now)
    taken.update(connection.execute(select(vehicle_outages.c.vehicle_id).where(broken)).scalars())
    return taken


def _standing(
    connection: Connection, tenant_id: str, retailer: Retailer, bundles: Mapping[str, Bundle], now: int
) -> dict[str, tuple[Standing, ...]]:
    """Return the routes that have not left of the sites that bundles may leave from."""
    picking = {site for bundle in bundles.values() for site, _ in bundle.shipments}
    lanes = retailer.lanes.filter(pl.col("from_site_id").is_in(sorted(picking)))
    query = select(routes.c.site_id).where(
        routes.c.tenant_id == tenant_id, routes.c.state.in_(BOOKED), routes.c.ends_at > now
    )
    sites = set(connection.execute(query).scalars()) & {*picking, *lanes["to_site_id"]}
    return {site: standing_routes(connection, tenant_id, site, now=now) for site in sorted(sites)}


def _waits(parts: Parts, shipment: ShipmentNow) -> bool:
    """Return whether a shipment is here and no delivery is to bring it."""
    return shipment.state not in LEFT and shipment.delivery_id not in parts.deliveries


def _usual_start(retailer: Retailer) -> int:
    """Return when the window of the order in the middle begins [epoch s], 0 if no order has one."""
    middle = retailer.orders["window_start_at"].median()
    return 0 if middle is None else int(middle)  # type: ignore[arg-type]


def _candidates(
    connection: Connection, tenant_id: str, site_id: str | None, order_ids: Sequence[str] | None
) -> list[str]:
    query = (
        select(orders.c.order_id)
        .join(shipments, shipments.c.order_id == orders.c.order_id)
        .where(
            orders.c.tenant_id == tenant_id,
            orders.c.state.in_(GOING),
            shipments.c.state.not_in(("cancelled", *LEFT)),
        )
    )
    if site_id is not None:
        query = query.where(shipments.c.site_id == site_id)
    if order_ids is None:
        return sorted(set(connection.execute(query).scalars()))
    asked = pieces(sorted(set(order_ids)))
    return sorted(
        {o for piece in asked for o in connection.execute(query.where(orders.c.order_id.in_(piece))).scalars()}
    )


def _with_carriers_left(connection: Connection, tenant_id: str, retailer: Retailer, now: int) -> Retailer:
    """Return the retailer with the limits of its carriers less what they were given in the last day."""
    query = select(deliveries.c.carrier_id, deliveries.c.parcels).where(
        deliveries.c.tenant_id == tenant_id,
        deliveries.c.created_at > now - DAY_S,
        deliveries.c.carrier_id != "",
        deliveries.c.state.not_in(DROPPED),
    )
    given = pl.DataFrame(
        [tuple(row) for row in connection.execute(query).all()],
        schema={"carrier_id": pl.String, "parcels": pl.Int64},
        orient="row",
    )
    totals = given.group_by("carrier_id").agg(drops=pl.len().cast(pl.Int64), parcels=pl.col("parcels").sum())
    units = pl.when(pl.col("kind").cast(pl.String) == "on_demand").then("drops").otherwise("parcels").fill_null(0)
    carriers = retailer.carriers.join(totals, on="carrier_id", how="left", maintain_order="left")
    left = carriers.with_columns(daily_limit=(pl.col("daily_limit") - units).clip(lower_bound=0))
    return replace(retailer, carriers=left.drop("drops", "parcels"))


def _busy(connection: Connection, tenant_id: str, retailer: Retailer, now: int) -> tuple[tuple[str, int], ...]:
    known = dict(retailer.vehicles.select("vehicle_id", "count").iter_rows())
    taken = vehicles_taken(connection, tenant_id, now)
    return tuple((vehicle, min(n, known[vehicle])) for vehicle, n in sorted(taken.items()) if vehicle in known)
