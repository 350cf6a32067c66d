"""An order that nobody has placed, decided on as if it were placed now."""

from collections.abc import Mapping, Sequence

import polars as pl
from sqlalchemy import select

from doorstep.domain import Retailer
from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.operations.corridor.live import SiteDecision, decide_sites
from doorstep.operations.fulfil.late import usual_punctuality
from doorstep.operations.fulfil.refused import usual_acceptance
from doorstep.operations.fulfil.usual import usual_density
from doorstep.operations.roads import usual_travel
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.ledger import FREE, STOCK, positions

TRIED = "tried"
Free = tuple[str, str, int]
"""Site, product and free units."""


def free_units(connection: Connection, tenant_id: str, lines: Sequence[NewLine]) -> list[Free]:
    """Return where products of some lines are free, and how many units."""
    free = select(positions.c.site_id, positions.c.item, FREE).where(
        positions.c.tenant_id == tenant_id,
        positions.c.kind == STOCK,
        positions.c.item.in_({line.product_id for line in lines}),
        FREE > 0,
    )
    rows = connection.execute(free.order_by(positions.c.position_id))
    return [(site, product, units) for site, product, units in map(tuple, rows)]


def try_order(
    connection: Connection, tenant_id: str, order: NewOrder, free: Sequence[Free], *, now: int
) -> SiteDecision:
    """Return which sites would serve an order alone, and why; its own window replaces that of its service level."""
    start_at, end_at = order.window or (None, None)
    row = {
        "order_id": TRIED,
        "placed_at": now,
        "lat": order.lat,
        "lon": order.lon,
        "postal_code": order.postal_code,
        "service_level_id": order.service_level_id,
        "pickup_site_id": order.pickup_site_id,
        "requirements": order.requirements,
        "service_s": order.service_s,
        "landing_site": order.landing_site,
        "window_start_at": start_at,
        "window_end_at": end_at,
    }
    lines = [
        {"order_id": TRIED, "line_no": number, "product_id": line.product_id, "quantity": line.quantity}
        for number, line in enumerate(order.lines, 1)
    ]
    stock = [
        {"site_id": site, "product_id": product, "on_hand": units, "safety_stock": 0} for site, product, units in free
    ]
    tables = load_reference(connection, tenant_id)
    framed = {name: _framed(name, rows) for name, rows in (("orders", [row]), ("order_lines", lines))}
    known = _framed("stock", stock).join(tables["sites"].select("site_id"), on="site_id", how="semi")
    density = usual_density(connection, tenant_id, now=now)
    acceptance = usual_acceptance(connection, tenant_id, now=now)
    punctuality = usual_punctuality(connection, tenant_id, now=now)
    shop = Retailer(**tables, **framed, stock=known)
    travel = usual_travel(connection, tenant_id, tables)
    return decide_sites(shop, now=now, density=density, acceptance=acceptance, punctuality=punctuality, travel=travel)


def _framed(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    kinds = RETAILER_TABLES[name].schema.columns()
    return pl.DataFrame(rows, schema={column: kind.dtype for column, kind in kinds.items()})
