"""What orders left, by whatever they are grouped by: contribution margins from the books."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.operations.money.accounts import RESULT
from doorstep.storage import Connection
from doorstep.storage.schema.money import money_entries

_of = money_entries.c
GROUPS: "dict[str, sa.Column[str] | sa.Column[int]]" = {
    "order": _of.order_id, "day": _of.day, "zone": _of.zone, "mode": _of.mode, "carrier": _of.carrier_id
}  # fmt: skip
"""What margins may be grouped by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Local days from the first to the last [days since 1970-01-01]; None: from the beginning, to the end."""

    first_day: int | None = None
    last_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What a group earned and cost by account of the result; costs are negative, so their sum is the margin."""

    key: str | int
    orders: int
    amounts: Mapping[str, int]

    @property
    def margin_minor(self) -> int:
        """What is left."""
        return sum(self.amounts.values())


def margins(
    connection: Connection,
    tenant_id: str,
    by: str,
    span: Span,
    *,
    after: str | int | None = None,
    limit: int | None = None,
) -> list[Margin]:
    """Return margins by group, in the order of their keys.

    Parameters
    ----------
    after
        The key of the last group seen.
    """
    key = GROUPS[by]
    mine = (_of.tenant_id == tenant_id) & _of.account.in_(RESULT)
    for condition, day in ((_of.day.__ge__, span.first_day), (_of.day.__le__, span.last_day)):
        mine = mine & condition(day) if day is not None else mine
    if after is not None:
        mine = mine & (key > after)
    keys = select(key).where(mine).distinct().order_by(key)
    wanted = mine & key.in_(keys.limit(limit)) if limit is not None else mine
    counted = select(key.label("key"), func.count(sa.distinct(_of.order_id)).label("orders"))
    orders = {
        row.key: row.orders for row in connection.execute(counted.where(wanted, _of.order_id != "").group_by(key))
    }
    amounts: dict[str | int, Counter[str]] = defaultdict(Counter)
    summed = select(key.label("key"), _of.account, func.sum(_of.amount_minor).label("minor"))
    for row in connection.execute(summed.where(wanted).group_by(key, _of.account).order_by(key)):
        amounts[row.key][row.account] = int(row.minor)
    return [Margin(key=name, orders=orders.get(name, 0), amounts=found) for name, found in amounts.items()]
