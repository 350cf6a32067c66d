"""What shoppers said of a delivery, as the people of the shop read it."""

from sqlalchemy import func, select

from doorstep.api.models.shoppers import Remark, Remarks
from doorstep.foundation import NotFoundError
from doorstep.operations.shoppers.remarks import remarks_of
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.shoppers import delivery_links


def list_remarks(connection: Connection, tenant_id: str, delivery_id: str, *, now: int) -> Remarks:
    """Return what was said of a delivery, and how many links lead to it.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    """
    mine = (deliveries.c.delivery_id == delivery_id) & (deliveries.c.tenant_id == tenant_id)
    if connection.execute(select(deliveries.c.delivery_id).where(mine)).first() is None:
        raise NotFoundError(f"delivery {delivery_id} does not exist.")
    good = (delivery_links.c.delivery_id == delivery_id) & (delivery_links.c.expires_at > now)
    return Remarks(
        links=connection.execute(select(func.count()).where(good)).scalar_one(),
        items=[
            Remark(kind=row.kind, stars=row.stars, reason=row.reason, text=row.text, at=row.at)
            for row in remarks_of(connection, tenant_id, delivery_id)
        ],
    )
