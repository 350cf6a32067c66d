"""What own drops cost on a usual day, so that an order is not decided on as if it were alone on the road."""

from sqlalchemy import select

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.operations.corridor import usual_drops
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.fulfil.learnt import learnt_from_routes
from doorstep.operations.roads import usual_travel
from doorstep.storage import Connection
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.retailers import reference_version
from doorstep.storage.schema.orders import orders

DAY_S, HOUR_S = 86_400, 3_600
MOST_ORDERS, FEWEST_ORDERS = 4_000, 50


def usual_density(connection: Connection, tenant_id: str, *, now: int) -> DropDensity | None:
    """Return the own drops of the day that ends now, or None if that day had too few orders to tell.

    They are priced by what the routes of the last days teach, where these have enough stops.

    Worked out once an hour for each version of the reference tables.
    """
    key = ("usual_drops", tenant_id, reference_version(connection, tenant_id), now // HOUR_S)
    return connection.memo(key, lambda: _density(connection, tenant_id, now))


def _density(connection: Connection, tenant_id: str, now: int) -> DropDensity | None:
    latest = (
        select(orders.c.order_id, orders.c.placed_at)
        .where(orders.c.tenant_id == tenant_id)
        .order_by(orders.c.order_id.desc())
        .limit(MOST_ORDERS)
    )
    recent = [row.order_id for row in connection.execute(latest).all() if now - DAY_S < row.placed_at <= now]
    if len(recent) < FEWEST_ORDERS:
        return None
    retailer, _ = without_unknown(live_retailer(connection, tenant_id, recent))
    if retailer.orders.height < FEWEST_ORDERS:
        return None
    learnt = learnt_from_routes(connection, tenant_id, retailer, now=now)
    return usual_drops(retailer, travel=usual_travel(connection, tenant_id, retailer.tables()))._replace(learnt=learnt)
