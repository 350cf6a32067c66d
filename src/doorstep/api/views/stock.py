"""Stock as it stands."""

from sqlalchemy import select

from doorstep.api.models.stock import StockPosition
from doorstep.api.views.matching import matching
from doorstep.storage import Connection
from doorstep.storage.ledger import Position
from doorstep.storage.schema.ledger import STOCK, positions


def list_stock(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    after: int = 0,
    site_id: str | None = None,
    product_id: str | None = None,
) -> list[tuple[int, StockPosition]]:
    """Return positions of stock with their numbers, in the order in which they were opened."""
    query = select(positions).where(
        positions.c.tenant_id == tenant_id, positions.c.kind == STOCK, positions.c.position_id > after
    )
    wanted = {positions.c.site_id: site_id, positions.c.item: product_id}
    query = matching(query, wanted)
    rows = connection.execute(query.order_by(positions.c.position_id).limit(limit)).mappings()
    return [
        (row["position_id"], show_position(row["site_id"], row["item"], Position(*(row[n] for n in Position._fields))))
        for row in rows
    ]


def show_position(site_id: str, product_id: str, position: Position) -> StockPosition:
    """Return a position as callers see it."""
    return StockPosition(
        site_id=site_id,
        product_id=product_id,
        on_hand=position.on_hand,
        reserved=position.reserved,
        safety_stock=position.safety,
        available=position.free,
    )
