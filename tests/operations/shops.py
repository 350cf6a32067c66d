"""Small shops in a database: stores with stock, ready to take orders."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.storage import Connection, Database, ledger
from doorstep.storage.ledger import Place, Position
from doorstep.storage.retailers import save_reference
from doorstep.storage.schema.ledger import STOCK
from tests.databases import CALLER, NOW
from tests.small import CHICAGO, TABLES, retailer, table

TWO_SITES = table(
    "site_id kind lat lon time_zone pick_lines_per_day",
    ("S1", "store", 41.0, -87.0, CHICAGO, None),
    ("S2", "store", 41.3, -87.0, CHICAGO, None),
)
DOOR = NewOrder(service_level_id="next_day", lat=41.01, lon=-87.0, lines=(NewLine(product_id="A", quantity=1),))


def ordering(*lines: tuple[str, int], **changes: object) -> NewOrder:
    """Return an order to the door near S1 for products and quantities."""
    asked = tuple(NewLine(product_id=product, quantity=quantity) for product, quantity in lines)
    return replace(DOOR, lines=asked, **changes)  # type: ignore[arg-type]


def open_shop(
    database: Database,
    stock: Mapping[tuple[str, str], int],
    *,
    tenant_id: str = CALLER.tenant_id,
    **tables: pl.DataFrame,
) -> None:
    """Store two sites, S1 near the door and S2 farther off, and put units of products on their shelves."""
    shop = retailer(**{"sites": TWO_SITES, "stock": TABLES["stock"].clear(), **tables})
    with database.writing() as connection:
        save_reference(connection, tenant_id, shop)
        deltas = {Place(STOCK, site, product): units for (site, product), units in stock.items()}
        ledger.change_on_hand(connection, tenant_id, deltas, "receive", "opening", now=NOW)


def shelf(connection: Connection, site_id: str, product_id: str) -> Position:
    """Return how a product stands at a site."""
    place = Place(STOCK, site_id, product_id)
    return ledger.find(connection, CALLER.tenant_id, [place])[place]
