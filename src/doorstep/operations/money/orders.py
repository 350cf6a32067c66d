"""What stands in the books of an order: what was paid for it, what of that was earned, and what was given back."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.operations.fulfil.parts import holdings_of
from doorstep.operations.money.accounts import Account, Standing, owing, together
from doorstep.operations.money.reading import rows_of
from doorstep.storage import Connection, ledger
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.money import refunds
from doorstep.storage.schema.orders import order_lines, orders, returns

EARNED = ("completed", "return_open", "returned")
ENDED = (*EARNED, "cancelled")
PAID = "settled"


class Line(NamedTuple):
    """A line of an order at the price of the moment at which it was ordered."""

    line_no: int
    quantity: int
    price_minor: int
    margin_minor: int


def order_standings(connection: Connection, tenant_id: str, order_ids: Collection[str]) -> dict[str, Standing]:
    """Return what should stand in the books of orders.

    What a shopper has paid is owed to them until the order has ended. Then its fee and the goods that arrived are
    earned. Refunds come first out of what is owed for goods that never came; what goes beyond that is a cost.
    """
    rows = [row for row in rows_of(connection, orders, orders.c.order_id, order_ids) if row.tenant_id == tenant_id]
    lines = lines_of(connection, order_ids)
    back = refunded_minor(connection, order_ids)
    ended = [row.order_id for row in rows if row.state in EARNED]
    arrived = _arrived(connection, ended)
    restocked = _restocked(connection, ended)
    return {
        row.order_id: _standing(
            row, lines[row.order_id], back[row.order_id], arrived[row.order_id], restocked[row.order_id]
        )
        for row in rows
    }


def paid_minor(order: "sa.Row[Any]", lines: Collection[Line]) -> int:
    """Return what was paid for an order: its fee and its goods, nothing while the payment is pending."""
    return order.fee_minor + sum(n.price_minor * n.quantity for n in lines) if order.payment == PAID else 0


def lines_of(connection: Connection, order_ids: Collection[str]) -> dict[str, list[Line]]:
    """Return the lines of orders."""
    found: dict[str, list[Line]] = defaultdict(list)
    for row in rows_of(connection, order_lines, order_lines.c.order_id, order_ids):
        found[row.order_id].append(Line(*(getattr(row, name) for name in Line._fields)))
    return found


def refunded_minor(connection: Connection, order_ids: Collection[str]) -> Counter[str]:
    """Return what was given back for each order."""
    found = Counter[str]()
    for row in rows_of(connection, refunds, refunds.c.order_id, order_ids):
        found[row.order_id] += row.amount_minor
    return found


def left_to_refund(connection: Connection, order_id: str) -> int:
    """Return what of an order's payment has not been given back."""
    order = connection.execute(select(orders).where(orders.c.order_id == order_id)).one()
    query = select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(refunds.c.order_id == order_id)
    paid = paid_minor(order, lines_of(connection, [order_id])[order_id])
    return paid - int(connection.execute(query).scalar_one())


def _standing(
    order: "sa.Row[Any]", lines: Collection[Line], back: int, arrived: Mapping[int, int], restocked: Mapping[int, int]
) -> Standing:
    earned = order.state in EARNED
    goods = sum(line.price_minor * arrived.get(line.line_no, 0) for line in lines)
    cost = sum(
        (line.price_minor - line.margin_minor) * (arrived.get(line.line_no, 0) - restocked.get(line.line_no, 0))
        for line in lines
    )
    paid, fee = paid_minor(order, lines), order.fee_minor if earned else 0
    owed = paid - fee - goods - back
    beyond = max(0, -owed) if order.state in ENDED else 0

    def of(account: str, party_id: str = "") -> Account:
        return Account(account, party_id, order.order_id)

    shopper = of("shopper", order.order_id)
    return together(
        [
            owing(paid - back, bears=of("payment"), owed=shopper),
            owing(fee, bears=shopper, owed=of("delivery_fee")),
            owing(goods, bears=shopper, owed=of("goods")),
            owing(cost, bears=of("goods_cost"), owed=of("stock")),
            owing(beyond, bears=of("refund"), owed=shopper),
        ]
    )


def _arrived(connection: Connection, order_ids: Collection[str]) -> dict[str, Counter[int]]:
    """Return the units by order and line that went out and stayed out."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for order_id, held in holdings_of(connection, order_ids, ledger.CLAIMED).items():
        for holding in held:
            if holding.place.kind == STOCK:
                found[order_id][holding.line_no] += holding.quantity
    return found


def _restocked(connection: Connection, order_ids: Collection[str]) -> dict[str, Counter[int]]:
    """Return the units by order and line that came back and can be sold again."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows_of(connection, returns, returns.c.order_id, order_ids):
        for line in json.loads(row.lines) if row.state == "closed" else ():
            if line.get("restockable"):
                found[row.order_id][line["line_no"]] += line["quantity"]
    return found
