"""Finding an order, a delivery or a route by what people have in hand."""

from sqlalchemy import func, select

from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, routes
from doorstep.storage.schema.orders import orders


def find_anything(connection: Connection, tenant_id: str, asked: str) -> str:
    """Return the path of the page of what is called so: an id, a code, or the retailer's own name; empty if nothing."""
    if not asked:
        return ""
    of = orders.c
    named = (of.order_id == asked) | (of.external_id == asked) | (of.code == func.upper(asked))
    order = connection.execute(select(of.order_id).where(of.tenant_id == tenant_id, named)).scalars().first()
    delivery = select(deliveries.c.order_id).where(
        deliveries.c.tenant_id == tenant_id, deliveries.c.delivery_id == asked
    )
    order = order or connection.execute(delivery).scalars().first()
    if order:
        return f"/dispatch/orders/{order}"
    route = select(routes.c.route_id).where(routes.c.tenant_id == tenant_id, routes.c.route_id == asked)
    found = connection.execute(route).scalars().first()
    return f"/dispatch/routes/{found}" if found else ""
