"""Goods that come back: found, looked at, and received."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.responses import Response

from doorstep.api.models.returns import Return
from doorstep.api.views.returns import find_return
from doorstep.console import words
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.said import go
from doorstep.console.store.face import Here, Looking, Site, refusal, router, show
from doorstep.console.store.labels import read_code
from doorstep.console.store.shelves import Product, products
from doorstep.domain.sscc import is_sscc
from doorstep.foundation import DoorstepError, InputError, NotFoundError
from doorstep.operations.returns import (
    ARRIVED,
    OPEN,
    Inspected,
    ReturnLine,
    left_to_return,
    receive_return,
    request_return,
)
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import parcels
from doorstep.storage.schema.orders import order_lines, orders, returns

MOST = 50
REASONS = {
    "unwanted": "Not wanted", "damaged": "Damaged", "wrong_item": "Wrong product", "too_late": "Came too late",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an order or a return."""

    line_no: int
    product: Product
    quantity: int


@router.get("/{site_id}/returns")
async def show_returns(site: Here, at: Looking, q: str = "") -> Response:
    """Show the returns that are open here, or those of what was searched for."""

    def read(connection: Connection) -> tuple[str, list[tuple[Return, str]]]:
        order_id = _find_order(connection, at.tenant_id, q) if q else ""
        return order_id, _open(connection, at.tenant_id, site, order_id) if order_id or not q else []

    order_id, found = await at.read(read)
    return await show(at, "returns.html", "Returns", site, q=q, order_id=order_id, found=found)


@router.get("/{site_id}/returns/of/{order_id}")
async def show_order(site: Here, order_id: str, at: Looking) -> Response:
    """Show what of an order can come back."""

    def read(connection: Connection) -> tuple[str, Sequence[Line], Mapping[int, int], str]:
        code, lines = _lines_of(connection, at.tenant_id, order_id)
        left = left_to_return(connection, at.tenant_id, order_id)
        state = connection.execute(select(orders.c.state).where(orders.c.order_id == order_id)).scalar_one()
        return code, lines, left, _why_not(code, str(state)) if not left else ""

    code, lines, left, why_not = await at.read(read)
    return await show(at, "return_order.html", f"Order {code}", site, order_id=order_id, lines=lines, left=left,
                      why_not=why_not, reasons=REASONS, asked=at.request.query_params)  # fmt: skip


@router.post("/{site_id}/returns/of/{order_id}")
async def begin_return(site: Here, order_id: str, at: Looking) -> Response:
    """Begin a return of what somebody has brought."""
    form = await form_of(at.request)
    entered = {name: value for name, value in form.items() if name.startswith("units-") or name == "reason"}
    reason = form.get("reason", "")

    def act(connection: Connection) -> str:
        _, lines = _lines_of(connection, at.tenant_id, order_id)
        wanted = [
            ReturnLine(line_no=line.line_no, quantity=units)
            for line in lines if (units := _number(form, f"units-{line.line_no}"))
        ]  # fmt: skip
        if not wanted:
            raise InputError("nothing was chosen.", hint="Maybe say how many of what came back.")
        return request_return(
            connection, at.caller, order_id, wanted, now=at.now, reason=reason if reason in REASONS else "unwanted",
            method="store", site_id=site.site_id,
        )  # fmt: skip

    try:
        return_id = await at.write(act)
    except DoorstepError as error:
        return go(at.request, f"{site.path}/returns/of/{order_id}?{urlencode(entered)}", refused=refusal(error))
    return go(at.request, f"{site.path}/returns/{return_id}")


@router.get("/{site_id}/returns/{return_id}")
async def show_return(site: Here, return_id: str, at: Looking) -> Response:
    """Show a return, to be received with what the inspection finds."""

    def read(connection: Connection) -> tuple[Return, str, list[Line]]:
        found = _mine(connection, at.tenant_id, site, return_id)
        code, lines = _lines_of(connection, at.tenant_id, found.order_id)
        wanted = {line.line_no: line.quantity for line in found.lines}
        mine = [Line(line_no=line.line_no, product=line.product, quantity=wanted[line.line_no])
                for line in lines if line.line_no in wanted]  # fmt: skip
        return found, code, mine

    found, code, lines = await at.read(read)
    return await show(at, "return.html", f"Return of {code}", site, back=found, lines=lines,
                      is_open=found.state in OPEN, asked=at.request.query_params)  # fmt: skip


@router.post("/{site_id}/returns/{return_id}")
async def receive(site: Here, return_id: str, at: Looking) -> Response:
    """Receive a return: what is good goes back on the shelf, what is not does not."""
    form = await form_of(at.request)
    entered = {name: value for name, value in form.items() if name.startswith(("good-", "bad-"))}

    def act(connection: Connection) -> int | None:
        found = _mine(connection, at.tenant_id, site, return_id)
        if found.state == "closed":
            return None
        inspected = [
            Inspected(line_no=line.line_no, quantity=units, restockable=name == "good")
            for line in found.lines for name in ("good", "bad") if (units := _number(form, f"{name}-{line.line_no}"))
        ]  # fmt: skip
        if not inspected:
            raise InputError("nothing was counted.", hint="Maybe it did not come: then leave it open.")
        return receive_return(connection, at.caller, return_id, now=at.now, inspected=inspected).restocked

    try:
        units = await at.write(act)
    except DoorstepError as error:
        return go(at.request, f"{site.path}/returns/{return_id}?{urlencode(entered)}", refused=refusal(error))
    if units is None:
        return go(at.request, f"{site.path}/returns", refused="It was received already; nothing was changed.")
    return go(at.request, f"{site.path}/returns", done=f"Received. {words.many(units, 'unit')} back on the shelf.")


def _why_not(code: str, state: str) -> str:
    """Return why nothing of an order can come back."""
    if state == "cancelled":
        return f"Order {code} was cancelled: the shopper has nothing of it."
    if state in (*ARRIVED, "returned"):
        return f"All that arrived of order {code} has come back, or is in a return already."
    return f"Order {code} has not arrived yet ({words.plain(state)}): only what the shopper has can come back."


def _number(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "") or "0"
    if not (text.isdecimal() and len(text) < 7):
        raise InputError(f"{text!r} must be a number of units.")
    return int(text)


def _mine(connection: Connection, tenant_id: str, site: Site, return_id: str) -> Return:
    found = find_return(connection, tenant_id, return_id)
    if found.site_id not in (None, site.site_id):
        raise NotFoundError(f"return {return_id} goes to another site.")
    return found


def _open(connection: Connection, tenant_id: str, site: Site, order_id: str) -> list[tuple[Return, str]]:
    """Return open returns with the codes of their orders: those of an order, or all that come to a site."""
    named = returns.join(orders, orders.c.order_id == returns.c.order_id)
    query = select(returns.c.return_id, orders.c.code).select_from(named).where(
        returns.c.tenant_id == tenant_id, returns.c.state.in_(OPEN), returns.c.site_id.in_((site.site_id, ""))
    )  # fmt: skip
    query = query.where(returns.c.order_id == order_id) if order_id else query
    rows = connection.execute(query.order_by(returns.c.return_id.desc()).limit(MOST)).all()
    return [(find_return(connection, tenant_id, row.return_id), row.code) for row in rows]


def _find_order(connection: Connection, tenant_id: str, q: str) -> str:
    """Return the order that a label, a code, or the name of an order or a return stands for, empty if none."""
    mine, text = orders.c.tenant_id == tenant_id, q.strip()
    back = select(returns.c.order_id).where(returns.c.tenant_id == tenant_id, returns.c.return_id == text)
    named = select(orders.c.order_id).where(mine, (orders.c.order_id == text) | (orders.c.external_id == text))
    try:
        code = read_code(text)
    except InputError:
        code = ""
    by_label = select(parcels.c.order_id).where(parcels.c.tenant_id == tenant_id, parcels.c.sscc == code)
    arrived = mine & orders.c.state.in_(ARRIVED)
    by_code = select(orders.c.order_id).where(arrived, orders.c.code == code).order_by(orders.c.order_id.desc())
    for query in (back, named, by_label if is_sscc(code) else by_code):
        found = connection.execute(query.limit(1)).scalar()
        if found is not None:
            return str(found)
    return ""


def _lines_of(connection: Connection, tenant_id: str, order_id: str) -> tuple[str, Sequence[Line]]:
    """Return the code of an order and its lines."""
    mine = (orders.c.order_id == order_id) & (orders.c.tenant_id == tenant_id)
    code = connection.execute(select(orders.c.code).where(mine)).scalar()
    if code is None:
        raise NotFoundError(f"order {order_id} does not exist.")
    of = order_lines.c
    query = select(of.line_no, of.product_id, of.quantity).where(of.order_id == order_id).order_by(of.line_no)
    rows = connection.execute(query).all()
    known = products(connection, tenant_id, {row.product_id for row in rows})
    return str(code), [Line(line_no=r.line_no, product=known[r.product_id], quantity=r.quantity) for r in rows]
