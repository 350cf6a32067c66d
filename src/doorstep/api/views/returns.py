"""Returns as they stand."""

import json

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.returns import Return, ReturnLine
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.orders import returns


def find_return(connection: Connection, tenant_id: str, return_id: str) -> Return:
    """Return a return.

    Raises
    ------
    NotFoundError
        If the tenant has no such return.
    """
    mine = (returns.c.return_id == return_id) & (returns.c.tenant_id == tenant_id)
    row = connection.execute(select(returns).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"return {return_id} does not exist.")
    return _shown(row)


def list_returns(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    before: str = "",
    state: str | None = None,
    order_id: str | None = None,
) -> list[Return]:
    """Return returns, the newest first; ``before`` is the id of the last one seen."""
    query = select(returns).where(returns.c.tenant_id == tenant_id)
    wanted = {returns.c.state: state, returns.c.order_id: order_id}
    query = matching(query, wanted)
    if before:
        query = query.where(returns.c.return_id < before)
    return [_shown(row) for row in connection.execute(query.order_by(returns.c.return_id.desc()).limit(limit))]


def _shown(row: "sa.Row[tuple[object, ...]]") -> Return:
    return Return(
        id=row.return_id,
        order_id=row.order_id,
        state=row.state,
        version=row.version,
        lines=[
            ReturnLine(line_no=line["line_no"], quantity=line["quantity"], restockable=line.get("restockable"))
            for line in json.loads(row.lines)
        ],
        reason=row.reason,
        method=row.method,
        site_id=row.site_id or None,
        created_at=row.created_at,
    )
