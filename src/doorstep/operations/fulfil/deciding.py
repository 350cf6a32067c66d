"""Orders that look for their sites: what has to be known, and the decision on it, which changes nothing yet."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import select

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.domain import Retailer
from doorstep.foundation.arrays import Floats
from doorstep.geography import TravelTimes
from doorstep.operations.corridor import decide_sites
from doorstep.operations.corridor.scarcity import ScarcityPrices
from doorstep.operations.fulfil.fit import OrderedLine
from doorstep.operations.fulfil.foreseen import scarcity_prices
from doorstep.operations.fulfil.known import NOT_IN_CATALOGUE, without_unknown
from doorstep.operations.fulfil.late import usual_punctuality
from doorstep.operations.fulfil.parts import holdings_of, pieces
from doorstep.operations.fulfil.refused import usual_acceptance
from doorstep.operations.fulfil.usual import usual_density
from doorstep.operations.intake.expected import awaits_receipt
from doorstep.operations.roads import usual_travel
from doorstep.storage import Connection, ledger
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.schema.ledger import FREE, STOCK, positions, reservations
from doorstep.storage.schema.orders import order_lines, orders

WAITING = ("placed", "backordered")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order that looks for its sites; ``lines`` are what is still to be served, ``until`` ends its promise."""

    order_id: str
    state: str
    version: int
    until: int
    lines: tuple[OrderedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """Orders with the retailer that can serve them, and what they are brought by.

    ``unknown`` ones point to what it no longer has.
    """

    orders: Mapping[str, OpenOrder]
    retailer: Retailer
    travel: TravelTimes
    unknown: Collection[str]
    density: DropDensity | None
    acceptance: Floats | None
    now: int
    scarcity: ScarcityPrices | None = None
    punctuality: Floats | None = None

    def only(self, order_ids: Collection[str], *, full: Collection[str]) -> "OpenCase":
        """Return the case of some of its orders, with sites whose pickers have no time left."""
        table, limit = self.retailer.sites, pl.col("pick_lines_per_day")
        sites = table.with_columns(pl.when(pl.col("site_id").is_in(list(full))).then(0).otherwise(limit).alias(
            "pick_lines_per_day"))  # fmt: skip
        ids = pl.DataFrame({"order_id": list(order_ids)}, schema={"order_id": pl.String})
        shop = replace(
            self.retailer,
            sites=sites,
            orders=self.retailer.orders.join(ids, on="order_id", how="semi", maintain_order="left"),
            order_lines=self.retailer.order_lines.join(ids, on="order_id", how="semi", maintain_order="left"),
        )
        mine = {order_id: self.orders[order_id] for order_id in order_ids}
        return replace(self, orders=mine, retailer=shop, unknown=[o for o in mine if o in self.unknown])


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Where an order's units should come from, by product and site, or why from nowhere; with what was weighed."""

    wanted: Mapping[tuple[str, str], int]
    reason: str
    alternatives: Sequence[Mapping[str, object]]


def load_case(
    connection: Connection, tenant_id: str, order_ids: Sequence[str] | None, *, now: int, limit: int
) -> OpenCase:
    """Return the orders that look for sites, of those given or of all.

    Those that wait for a receipt have their sites already, and are left aside until it has come. Of all, placed ones
    come first and the oldest before the others; backordered ones fill up what is left, as far as stock for them has
    come and their promise can still be kept.
    """
    return case_of(connection, tenant_id, _waiting(connection, tenant_id, order_ids, limit, now), now=now)


def case_of(connection: Connection, tenant_id: str, rows: "Sequence[sa.Row[Any]]", *, now: int) -> OpenCase:
    """Return the case of orders, rows with ``order_id``, ``state``, ``version`` and ``window_end_at``."""
    ids = [row.order_id for row in rows]
    lines = _open_lines(connection, ids, _gone(connection, ids))
    found = {
        row.order_id: OpenOrder(
            order_id=row.order_id,
            state=row.state,
            version=row.version,
            until=row.window_end_at,
            lines=tuple(lines.get(row.order_id, ())),
        )
        for row in rows
    }
    retailer, unknown = without_unknown(_with_open_lines(live_retailer(connection, tenant_id, ids), found))
    density = usual_density(connection, tenant_id, now=now) if ids else None
    scarcity = scarcity_prices(connection, tenant_id, now=now) if ids else None
    acceptance = usual_acceptance(connection, tenant_id, now=now) if ids else None
    punctuality = usual_punctuality(connection, tenant_id, now=now) if ids else None
    return OpenCase(
        orders=found, retailer=retailer, travel=usual_travel(connection, tenant_id, retailer.tables()), unknown=unknown,
        density=density, acceptance=acceptance, now=now, scarcity=scarcity, punctuality=punctuality,
    )  # fmt: skip


def decide(case: OpenCase) -> dict[str, Choice]:
    """Return the choice for every order; nothing is looked up, nothing changes."""
    choices = {
        order_id: Choice(wanted={}, reason=NOT_IN_CATALOGUE if order_id in case.unknown else "", alternatives=())
        for order_id in case.orders
    }
    if not case.retailer.orders.height:
        return choices
    decision = decide_sites(
        case.retailer, now=case.now, density=case.density, acceptance=case.acceptance, punctuality=case.punctuality,
        travel=case.travel, scarcity=case.scarcity,
    )  # fmt: skip
    wanted: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for order_id, product_id, site_id, quantity in decision.allocations.iter_rows():
        wanted[order_id][product_id, site_id] = quantity
    weighed: dict[str, list[Mapping[str, object]]] = defaultdict(list)
    for row in decision.decisions.select(
        "order_id", "option", "site_id", "cost_minor", "price_minor", "chosen", "why"
    ).to_dicts():
        weighed[row.pop("order_id")].append(row)
    reasons = dict(decision.unserved.iter_rows())
    return choices | {
        order_id: Choice(
            wanted=wanted[order_id], reason=reasons.get(order_id, ""), alternatives=tuple(weighed[order_id])
        )
        for order_id in case.retailer.orders["order_id"].to_list()
    }


def _waiting(
    connection: Connection, tenant_id: str, order_ids: Sequence[str] | None, limit: int, now: int
) -> "list[sa.Row[Any]]":
    columns = (orders.c.order_id, orders.c.state, orders.c.version, orders.c.window_end_at)
    mine = (orders.c.tenant_id == tenant_id) & ~awaits_receipt()
    query = select(*columns).where(mine).order_by(orders.c.order_id)
    if order_ids is not None:
        looking = query.where(orders.c.state.in_(WAITING))
        wanted = sorted(set(order_ids))
        return [r for piece in pieces(wanted) for r in connection.execute(looking.where(orders.c.order_id.in_(piece)))]
    placed = connection.execute(query.where(orders.c.state == "placed").limit(limit)).all()
    late = query.where(orders.c.state == "backordered", orders.c.window_end_at > now, ~_lacks_stock())
    late = late.limit(limit - len(placed))
    return [*placed, *(connection.execute(late).all() if len(placed) < limit else [])]


def _lacks_stock() -> "sa.ColumnElement[bool]":
    """Return the condition that all sites together have too little for what is left of some line of an order."""
    free = (
        select(sa.func.coalesce(sa.func.sum(FREE), 0))
        .where(
            positions.c.tenant_id == orders.c.tenant_id,
            positions.c.kind == STOCK,
            positions.c.item == order_lines.c.product_id,
        )
        .correlate(orders, order_lines)
        .scalar_subquery()
    )
    gone = (
        select(sa.func.coalesce(sa.func.sum(reservations.c.quantity), 0))
        .where(
            reservations.c.holder_id == order_lines.c.order_id,
            reservations.c.line_no == order_lines.c.line_no,
            reservations.c.state == ledger.CLAIMED,
        )
        .correlate(order_lines)
        .scalar_subquery()
    )
    short = select(order_lines.c.line_no).where(order_lines.c.order_id == orders.c.order_id)
    return short.where(order_lines.c.quantity - gone > free).correlate(orders).exists()


def _gone(connection: Connection, ids: Sequence[str]) -> dict[str, Counter[int]]:
    """Return the units of orders by line that have gone out to the shopper, from whatever sites."""
    gone: dict[str, Counter[int]] = defaultdict(Counter)
    for order_id, claimed in holdings_of(connection, ids, ledger.CLAIMED).items():
        for holding in claimed:
            if holding.place.kind == STOCK:
                gone[order_id][holding.line_no] += holding.quantity
    return gone


def _open_lines(
    connection: Connection, ids: Sequence[str], gone: Mapping[str, Mapping[int, int]]
) -> dict[str, list[OrderedLine]]:
    """Return the lines of orders less what has already gone out to the shopper."""
    columns = (order_lines.c.order_id, order_lines.c.line_no, order_lines.c.product_id, order_lines.c.quantity)
    query = select(*columns).order_by(order_lines.c.order_id, order_lines.c.line_no)
    found: dict[str, list[OrderedLine]] = defaultdict(list)
    for piece in pieces(ids):
        for row in connection.execute(query.where(order_lines.c.order_id.in_(piece))).all():
            left = row.quantity - gone.get(row.order_id, {}).get(row.line_no, 0)
            if left > 0:
                found[row.order_id].append(OrderedLine(row.line_no, row.product_id, left))
    return found


def _with_open_lines(retailer: Retailer, found: Mapping[str, OpenOrder]) -> Retailer:
    """Return the retailer with what is still to be served; orders of which everything has gone out are left out."""
    rows = [(order.order_id, *line) for order in found.values() for line in order.lines]
    lines = pl.DataFrame(rows, schema=retailer.order_lines.schema, orient="row")
    orders_left = retailer.orders.join(lines, on="order_id", how="semi", maintain_order="left")
    return replace(retailer, orders=orders_left, order_lines=lines)
