"""Links for shoppers, given out by the people of the shop, who may look at the page themselves."""

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Query
from sqlalchemy import select
from starlette.responses import Response

from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.said import go
from doorstep.console.shell.start import FACES, Face, frame
from doorstep.foundation import DoorstepError, NotFoundError
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.operations.shoppers.links import PATH, issue_link
from doorstep.storage import Connection
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

HERE, NAME, MOST = "/shoppers", "Shopper pages", 40
FACES.append(Face(path=HERE, needs="deliveries:write", name=NAME, does="See what a shopper sees, or give them a link"))
router = console_router(HERE, "deliveries:write")
At = Annotated[Look, Depends(look)]


@router.get("")
async def show_links(at: At, code: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Show the deliveries of which a link may be given, those whose vans are out first."""
    rows = await at.read(lambda c: _deliveries(c, at.tenant_id, code.strip().upper()))
    names = {"title": NAME, "rows": [row for row in rows if at.sees(row.site_id)][:MOST], "code": code}
    return page(at.request, "shopper/links.html", names | await frame(at, NAME))


@router.post("/{delivery_id}")
async def give_link(delivery_id: str, at: At) -> Response:
    """Make a link, and open the page that it leads to."""

    def issue(connection: Connection) -> str:
        mine = (deliveries.c.delivery_id == delivery_id) & (deliveries.c.tenant_id == at.tenant_id)
        site_id = connection.execute(select(deliveries.c.site_id).where(mine)).scalar_one_or_none()
        if site_id is None or not at.sees(site_id):
            raise NotFoundError("there is no such delivery at your sites.")
        return issue_link(connection, at.caller, delivery_id, now=at.now)[0]

    try:
        token = await at.write(issue)
    except DoorstepError as fault:
        return go(at.request, HERE, refused=str(fault))
    return go(at.request, f"{PATH}{token}", done="This link is new: its address may be sent to the shopper.")


def _deliveries(connection: Connection, tenant_id: str, code: str) -> "list[sa.Row[Any]]":
    of = deliveries.c
    query = (
        select(of.delivery_id, of.site_id, of.state, of.kind, orders.c.code)
        .join(orders, orders.c.order_id == of.order_id)
        .outerjoin(etas, etas.c.delivery_id == of.delivery_id)
        .where(of.tenant_id == tenant_id, of.state.not_in(DROPPED))
    )
    if code:
        query = query.where(orders.c.code == code)
    out = sa.case((etas.c.delivery_id.is_not(None), 0), else_=1)
    return list(connection.execute(query.order_by(out, of.created_at.desc(), of.delivery_id).limit(10 * MOST)).all())
