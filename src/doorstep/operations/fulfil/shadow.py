"""Shadow mode: what other policies would make of orders as they stand, or of those of a period; nothing is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.operations.corridor.shadow import ShadowCase
from doorstep.operations.fulfil.deciding import WAITING, case_of
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.fulfil.late import usual_punctuality
from doorstep.operations.fulfil.parts import holdings_of
from doorstep.operations.fulfil.refused import usual_acceptance
from doorstep.operations.fulfil.reoptimising import HOLDING, unreleased
from doorstep.operations.fulfil.usual import usual_density
from doorstep.operations.intake.expected import awaits_receipt
from doorstep.operations.roads import usual_travel
from doorstep.storage import Connection, ledger
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import orders

MOST_ORDERS = 500
"""Orders that are looked at together."""
NEVER_ASKED = ("draft", "cancelled")
_COLUMNS = (orders.c.order_id, orders.c.state, orders.c.version, orders.c.window_end_at)

Units = Mapping[str, Counter[tuple[str, str]]]
"""Units by product and site, by order."""


def load_open(connection: Connection, tenant_id: str, *, now: int, due_before: int | None = None) -> ShadowCase:
    """Return the orders of which nothing is picked yet, those that look for sites included, as they stand.

    Their stock is what is free now and what they hold. Orders that wait for a receipt are left out, and those whose
    promise has ended.

    Parameters
    ----------
    due_before
        Only those whose promise ends before [epoch s].

    Raises
    ------
    InputError
        If there are too many.
    """
    mine = (orders.c.tenant_id == tenant_id) & (orders.c.window_end_at > now)
    mine &= (orders.c.state.in_(WAITING) & ~awaits_receipt()) | unreleased()
    if due_before is not None:
        mine &= orders.c.window_end_at < due_before
    rows = _bounded(connection, mine, hint="Maybe only those due before some moment: due_before.")
    case = case_of(connection, tenant_id, rows, now=now)
    return _case(
        case.retailer,
        rows,
        _units(connection, case.orders, ledger.HELD),
        ShadowCase(
            retailer=case.retailer, allocations=pl.DataFrame(schema=HOLDING), decided=(), now=now,
            density=case.density, acceptance=case.acceptance, punctuality=case.punctuality, scarcity=case.scarcity,
            travel=case.travel,
        ),
    )  # fmt: skip


def load_period(connection: Connection, tenant_id: str, *, start_at: int, end_at: int, now: int) -> ShadowCase:
    """Return the orders placed from one moment [epoch s] until before another, as they were then.

    Their stock is what is free now, and what they hold or have taken: what came since counts as if it had been there,
    what other orders took is gone. Drafts and cancelled orders are left out.

    Raises
    ------
    InputError
        If there are too many.
    """
    mine = (orders.c.tenant_id == tenant_id) & orders.c.state.not_in(NEVER_ASKED)
    mine &= (orders.c.placed_at >= start_at) & (orders.c.placed_at < end_at)
    rows = _bounded(connection, mine, hint="Maybe a shorter period.")
    ids = [row.order_id for row in rows]
    taken = _units(connection, ids, ledger.CLAIMED)
    held = _units(connection, ids, ledger.HELD)
    retailer, _ = without_unknown(_with_stock(live_retailer(connection, tenant_id, ids), taken))
    units = {order_id: taken.get(order_id, Counter()) + held.get(order_id, Counter()) for order_id in ids}
    density = usual_density(connection, tenant_id, now=now) if ids else None
    acceptance = usual_acceptance(connection, tenant_id, now=now) if ids else None
    punctuality = usual_punctuality(connection, tenant_id, now=now) if ids else None
    case = ShadowCase(
        retailer=retailer, allocations=pl.DataFrame(schema=HOLDING), decided=(),
        density=density, acceptance=acceptance, punctuality=punctuality,
        travel=usual_travel(connection, tenant_id, retailer.tables()),
    )  # fmt: skip
    return _case(retailer, rows, units, case)


def _bounded(connection: Connection, mine: "sa.ColumnElement[bool]", *, hint: str) -> "Sequence[sa.Row[Any]]":
    found = connection.execute(select(func.count()).select_from(orders).where(mine)).scalar_one()
    if found > MOST_ORDERS:
        raise InputError(f"{found:,} orders are more than can be looked at together, {MOST_ORDERS:,}.", hint=hint)
    return connection.execute(select(*_COLUMNS).where(mine).order_by(orders.c.order_id)).all()


def _units(connection: Connection, order_ids: "Sequence[str] | Mapping[str, object]", state: str) -> Units:
    """Return the units that orders hold or have taken, by order."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for order_id, holdings in holdings_of(connection, order_ids, state).items():
        units = found.setdefault(order_id, Counter())
        for holding in holdings:
            if holding.place.kind == STOCK:
                units[holding.place.item, holding.place.site_id] += holding.quantity
    return found


def _with_stock(retailer: Retailer, taken: Units) -> Retailer:
    """Return the retailer with the units back on the shelves, as far as it still has the sites and the products."""
    rows = [(site, product, units) for held in taken.values() for (product, site), units in held.items()]
    back = pl.DataFrame(rows, schema={"site_id": pl.String, "product_id": pl.String, "on_hand": pl.Int64}, orient="row")
    back = back.join(retailer.sites, on="site_id", how="semi").join(retailer.products, on="product_id", how="semi")
    back = back.with_columns(safety_stock=pl.lit(0, dtype=pl.Int64))
    stock = pl.concat([retailer.stock, back.select(retailer.stock.columns)]).group_by("site_id", "product_id")
    summed = stock.agg(pl.col("on_hand").sum(), pl.col("safety_stock").sum())
    return replace(retailer, stock=summed.sort("site_id", "product_id").select(retailer.stock.columns))


def _case(retailer: Retailer, rows: "Sequence[sa.Row[Any]]", units: Units, case: ShadowCase) -> ShadowCase:
    """Return the case with what was decided on each order: where all its units come from, or that nobody serves it."""
    wanted: dict[str, Counter[str]] = {}
    for order_id, product, quantity in retailer.order_lines.select("order_id", "product_id", "quantity").iter_rows():
        wanted.setdefault(order_id, Counter())[product] += quantity
    sites = set(retailer.sites["site_id"].to_list())
    allocations: list[tuple[str, str, str, int]] = []
    decided: list[str] = []
    for row in rows:
        mine = units.get(row.order_id, Counter())
        have: Counter[str] = Counter()
        for (product, _), quantity in mine.items():
            have[product] += quantity
        if row.order_id not in wanted or row.state == "placed":
            continue  # what it holds is only kept for it
        if have == wanted[row.order_id] and all(site in sites for _, site in mine):
            allocations += [(row.order_id, product, site, n) for (product, site), n in sorted(mine.items())]
            decided.append(row.order_id)
        elif row.state == "backordered" and not have:
            decided.append(row.order_id)
    return replace(case, allocations=pl.DataFrame(allocations, schema=HOLDING, orient="row"), decided=decided)
