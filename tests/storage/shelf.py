"""Two tenants, their orders and their stock, for tests of queries."""

from sqlalchemy import insert

from doorstep.storage import Connection, Database
from doorstep.storage.ledger import Place, Want, open_positions, reserve
from doorstep.storage.schema.orders import order_lines, orders
from tests.databases import add_tenant
from tests.small import at

TENANT, OTHER = "ten_1", "ten_2"
WINDOW = (at("10:00"), at("11:59:59"))


def add_tenants(database: Database) -> None:
    """Store two tenants without anything."""
    for tenant in (TENANT, OTHER):
        add_tenant(database, tenant)


def add_order(
    connection: Connection, order_id: str, *lines: tuple[str, int], tenant: str = TENANT, **columns: object
) -> None:
    """Add an order for so many units of some products."""
    row = {
        "order_id": order_id, "tenant_id": tenant, "code": order_id, "state": "placed", "placed_at": at("09:00"),
        "lat": 41.01, "lon": -87.0, "postal_code": "60601", "service_level_id": "same_day", "pickup_site_id": "",
        "requirements": "", "window_start_at": WINDOW[0], "window_end_at": WINDOW[1], "payment": "paid",
        "if_short": "ship", "fingerprint": "", "landing_site": False,
    }  # fmt: skip
    connection.execute(insert(orders).values(**row | columns))
    for number, (product, quantity) in enumerate(lines, 1):
        line = {"line_no": number, "product_id": product, "quantity": quantity}
        connection.execute(insert(order_lines).values(order_id=order_id, tenant_id=tenant, **line))


def put(connection: Connection, *shelves: tuple[str, str, int], tenant: str = TENANT) -> None:
    """Put so many units of products on the shelves of sites."""
    places = {Place("stock", site, product): units for site, product, units in shelves}
    open_positions(connection, tenant, places, now=at("08:00"))


def hold(connection: Connection, order_id: str, *units: tuple[str, str, int], tenant: str = TENANT) -> None:
    """Reserve units of products at sites for the lines of an order."""
    places = {Place("stock", site, product): 0 for site, product, _ in units}
    found = open_positions(connection, tenant, places, now=at("08:00"))
    wants = [
        Want(order_id, number, found[Place("stock", site, product)].position_id, quantity)
        for number, (site, product, quantity) in enumerate(units, 1)
    ]
    assert reserve(connection, tenant, wants, now=at("09:00"))
