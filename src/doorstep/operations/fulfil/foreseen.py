"""What stock and pickers are worth to the orders that are likely to come: worked out apart, read by every decision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import polars as pl
import sqlalchemy as sa
from sqlalchemy import select

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.domain import Retailer
from doorstep.foundation import Interrupt
from doorstep.geography import TravelTimes
from doorstep.operations.corridor.scarcity import PICK_PRICE, UNIT_PRICE, ScarcityPrices, foresee
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.fulfil.parts import pieces
from doorstep.operations.fulfil.usual import usual_density
from doorstep.operations.planning.kept_tables import kept_tables
from doorstep.operations.planning.stock_prices import PRICES
from doorstep.operations.roads import usual_travel
from doorstep.storage import Connection, jobs, ledger
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.schema.ledger import FREE, PICK, STOCK, positions, reservations
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.planning import plan_tables, stock_plans

FORESEE = "foresee_orders"
"""The periodic job whose result the prices are."""
REFRESHED_S, OLDEST_S = 1_800, 7_200
OLDEST_PLAN_S = 2 * 86_400
"""How long counts what a plan of the stock says that it is worth."""
AHEAD_S = 86_400
"""How long what is free has to last until more is expected."""
BACK_S = 7 * 86_400
MOST_ORDERS, FEWEST_ORDERS = 2_000, 20
NO_DEMAND = ("draft", "cancelled", "placed")
"""Orders of these states tell nothing of those to come; one that is decided on must not compete with its own like."""
STOCK_ROW = {"site_id": pl.String, "product_id": pl.String, "on_hand": pl.Int64}
BOOKED_ROW = {"site_id": pl.String, "at": pl.Int64, "lines": pl.Int64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """The latest orders with what is free of their products, what pickers have booked, and how many are expected.

    ``travel`` is what they are brought by.
    """

    retailer: Retailer
    travel: TravelTimes
    booked: pl.DataFrame
    density: DropDensity | None
    expected: float


def load_lately(connection: Connection, tenant_id: str, *, now: int) -> Lately | None:
    """Return the latest orders of the last seven days, or None if too few came to tell what comes.

    As many are expected as came a day; at most as many as are looked at.
    """
    latest = (
        select(orders.c.order_id, orders.c.placed_at)
        .where(orders.c.tenant_id == tenant_id, orders.c.state.not_in(NO_DEMAND))
        .order_by(orders.c.order_id.desc())
        .limit(MOST_ORDERS)
    )
    recent = {r.order_id: r.placed_at for r in connection.execute(latest) if now - BACK_S < r.placed_at <= now}
    if len(recent) < FEWEST_ORDERS:
        return None
    retailer, _ = without_unknown(live_retailer(connection, tenant_id, list(recent)))
    if retailer.orders.height < FEWEST_ORDERS:
        return None
    products = retailer.order_lines["product_id"].unique().sort().to_list()
    free = _free(connection, tenant_id, products)
    free = free.join(retailer.sites, on="site_id", how="semi").with_columns(safety_stock=pl.lit(0, pl.Int64))
    took_s = max(now - min(recent.values()), AHEAD_S)
    return Lately(
        retailer=replace(retailer, stock=free.sort("site_id", "product_id")),
        travel=usual_travel(connection, tenant_id, retailer.tables()),
        booked=_booked(connection, tenant_id, now),
        density=usual_density(connection, tenant_id, now=now),
        expected=len(recent) * AHEAD_S / took_s,
    )


def foresee_orders(lately: Lately | None, *, now: int, interrupt: Interrupt | None = None) -> dict[str, object]:
    """Return what is scarce for the orders of the coming day, as ``foreseen_prices`` reads it; looks nothing up."""
    if lately is None:
        return {}
    found = foresee(
        lately.retailer, lately.booked, now=now, expected=lately.expected, density=lately.density,
        travel=lately.travel, interrupt=interrupt,
    )  # fmt: skip
    return {"at": now, "units": list(found.units.rows()), "picks": list(found.picks.rows())}


def scarcity_prices(connection: Connection, tenant_id: str, *, now: int) -> ScarcityPrices | None:
    """Return what was foreseen last and what the stock plan found, together; None if there is nothing of late."""
    foreseen = foreseen_prices(connection, tenant_id, now=now)
    planned = planned_prices(connection, tenant_id, now=now)
    if planned is None:
        return foreseen
    if foreseen is None:
        return ScarcityPrices(units=planned, picks=pl.DataFrame(schema=PICK_PRICE))
    return foreseen.averaged(planned)


def planned_prices(connection: Connection, tenant_id: str, *, now: int) -> pl.DataFrame | None:
    """Return what units are worth by the last stock plan, rows of ``stock_prices``, None if it is days old."""
    mine = (stock_plans.c.tenant_id == tenant_id) & (stock_plans.c.ended_at > now - OLDEST_PLAN_S)
    query = select(stock_plans.c.plan_id).join(plan_tables, plan_tables.c.plan_id == stock_plans.c.plan_id)
    query = query.where(mine, plan_tables.c.name == PRICES).order_by(stock_plans.c.plan_id.desc()).limit(1)
    plan_id = connection.execute(query).scalar()
    if plan_id is None:
        return None

    def build() -> pl.DataFrame:
        return pl.DataFrame(kept_tables(connection, tenant_id, plan_id, [PRICES])[PRICES], schema=UNIT_PRICE)

    return connection.memo(("planned_prices", tenant_id, plan_id), build)


def foreseen_prices(connection: Connection, tenant_id: str, *, now: int) -> ScarcityPrices | None:
    """Return what the periodic job found last, or None if it found nothing of late."""
    found = jobs.last_result(connection, tenant_id, FORESEE)
    if now - int(str(found.get("at", now - OLDEST_S))) >= OLDEST_S:
        return None
    units, picks = (cast("list[list[object]]", found[name]) for name in ("units", "picks"))
    return ScarcityPrices(
        units=pl.DataFrame(units, schema=UNIT_PRICE, orient="row"),
        picks=pl.DataFrame(picks, schema=PICK_PRICE, orient="row"),
    )


def _free(connection: Connection, tenant_id: str, products: Sequence[str]) -> pl.DataFrame:
    """Return the units of products that nobody has reserved, or only orders that still look for their sites."""
    mine = (positions.c.tenant_id == tenant_id) & (positions.c.kind == STOCK)
    free = select(positions.c.site_id, positions.c.item, FREE).where(mine)
    waiting = (
        select(positions.c.site_id, positions.c.item, reservations.c.quantity)
        .join(reservations, reservations.c.position_id == positions.c.position_id)
        .join(orders, orders.c.order_id == reservations.c.holder_id)
        .where(mine, reservations.c.state == ledger.HELD)
        .where(orders.c.tenant_id == tenant_id, orders.c.state == "placed")
    )
    rows = [
        tuple(row)
        for query in (free, waiting)
        for piece in pieces(products)
        for row in connection.execute(query.where(positions.c.item.in_(piece)))
    ]
    units = pl.DataFrame(rows, schema=STOCK_ROW, orient="row")
    return units.group_by("site_id", "product_id").agg(pl.col("on_hand").sum()).filter(pl.col("on_hand") > 0)


def _booked(connection: Connection, tenant_id: str, now: int) -> pl.DataFrame:
    """Return the lines that are booked with pickers from now on, by the hour."""
    hour = sa.cast(positions.c.item, sa.BigInteger)
    query = select(positions.c.site_id, hour, positions.c.reserved).where(
        positions.c.tenant_id == tenant_id, positions.c.kind == PICK, positions.c.reserved > 0
    )
    rows = [tuple(row) for row in connection.execute(query)]
    return pl.DataFrame(rows, schema=BOOKED_ROW, orient="row").filter(pl.col("at") > now - REFRESHED_S)
