"""A retailer folder brought into the system of record, or brought up to date.

It comes in steps, so that others can write between them: the reference tables at once, stock and orders by the piece.
Each step may be done again, and so may the whole: stock is a count, and orders keep their id as ``external_id``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import polars as pl
import sqlalchemy as sa

from doorstep.domain import Retailer
from doorstep.domain.new_order import NewLine, NewOrder, TakenOrder
from doorstep.foundation import ConflictError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.network import live_network
from doorstep.operations.intake.take import take_orders
from doorstep.operations.planning.sales import by_days, check_sales, give_sales, rows_of
from doorstep.operations.receipts import NewReceipt, bring_up_to_date
from doorstep.operations.stock import count_stock
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.retailers import save_reference
from doorstep.storage.schema.ledger import STOCK

T = TypeVar("T")
COUNTS_AT_ONCE, ORDERS_AT_ONCE, RECEIPTS_AT_ONCE, SALES_AT_ONCE = 1_000, 128, 500, 5_000
"""Rows of a step: others wait for about a tenth of a second."""


class Counted(NamedTuple):
    """Units of a product at a site, and how many of them are never promised."""

    on_hand: int
    safety_stock: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import stored: rows by table, orders accepted, and what it could not store.

    ``refused`` says why orders were not accepted, by their id in the folder; ``uncounted`` why stock could not be
    brought to what the folder says, by site and product, or by receipt.
    """

    rows: dict[str, int] = field(default_factory=dict)
    orders: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    uncounted: dict[str, str] = field(default_factory=dict)

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(
            rows=self.rows | other.rows,
            orders=self.orders + other.orders,
            refused=self.refused | other.refused,
            uncounted=self.uncounted | other.uncounted,
        )


Step = Callable[[Connection], Imported]


def import_steps(caller: Caller, retailer: Retailer, sales: pl.DataFrame | None = None, *, now: int) -> list[Step]:
    """Return what is to be done to store a retailer, each to be done in a transaction, in order.

    They replace the tenant's reference tables, set its stock and safety stock to the folder's, and take the orders not
    taken before. Positions and receipts that the folder does not name stay as they are, as do receipts that have come.
    Days of ``sales`` (a table of that name) replace those on record.

    Raises
    ------
    InputError
        If sales are of zones that are no sites, or of days that have not ended.
    """
    sold = rows_of(sales) if sales is not None else []
    check_sales(sold, retailer.tables(), now=now)
    counts = {
        Place(STOCK, site, product): Counted(*units)
        for site, product, *units in retailer.stock.select("site_id", "product_id", *Counted._fields)
        .sort(pl.all())
        .iter_rows()
    }
    return [
        lambda connection: _save(connection, caller, retailer, sold=len(sold)),
        *(_counting(caller, dict(piece), now) for piece in _pieces(list(counts.items()), COUNTS_AT_ONCE)),
        *(_giving(caller, piece, now) for piece in by_days(sold, SALES_AT_ONCE)),
        *(_expecting(caller, piece, now) for piece in _pieces(retailer.receipts.rows(named=True), RECEIPTS_AT_ONCE)),
        _refresh,
        *(_taking(caller, piece, now) for piece in _pieces(orders_of(retailer), ORDERS_AT_ONCE)),
    ]


def import_retailer(connection: Connection, caller: Caller, retailer: Retailer, *, now: int) -> Imported:
    """Store a retailer in one transaction: for a tenant that nobody else waits for."""
    done = Imported()
    for step in import_steps(caller, retailer, now=now):
        done += step(connection)
    return done


def get_ready(connection: Connection, caller: Caller) -> None:
    """Build what accepting orders needs of new reference tables, before the one who writes has to."""
    live_network(connection, caller.tenant_id)


def _pieces(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[low : low + size] for low in range(0, len(rows), size))


def _save(connection: Connection, caller: Caller, retailer: Retailer, *, sold: int) -> Imported:
    save_reference(connection, caller.tenant_id, retailer)
    rows = {name: table.height for name, table in retailer.tables().items()} | {"sales": sold}
    return Imported(rows={name: count for name, count in rows.items() if count})


def _refresh(connection: Connection) -> Imported:
    """Tell PostgreSQL's planner how many positions there are, after many have been added at once."""
    if connection.dialect == "postgresql":
        connection.execute(sa.text("ANALYZE positions"))
    return Imported()


def _counting(caller: Caller, counts: Mapping[Place, Counted], now: int) -> Step:
    """Return the step that sets what is on hand to what was counted, and what of it is never promised."""

    def count(connection: Connection) -> Imported:
        found = ledger.locked(connection, caller.tenant_id, counts, now=now)  # else two counts at once would add up
        deltas = {place: counted.on_hand - found[place].on_hand for place, counted in counts.items()}
        simple = {place: delta for place, delta in deltas.items() if delta and found[place].spare + delta >= 0}
        ledger.change_on_hand(connection, caller.tenant_id, simple, "adjust", "import", now=now)
        uncounted = {}
        for place in sorted(place for place, delta in deltas.items() if delta and place not in simple):
            try:  # fewer than orders hold: those are sent elsewhere
                with connection.savepoint():
                    count_stock(connection, caller, site_id=place.site_id, product_id=place.item,
                                counted=counts[place].on_hand, reason="import", now=now)  # fmt: skip
            except ConflictError as fault:
                uncounted[f"{place.site_id}/{place.item}"] = fault.message
        safety = {place: counted.safety_stock for place, counted in counts.items()}
        ledger.keep_back(connection, caller.tenant_id, safety, "import", now=now)
        return Imported(uncounted=uncounted)

    return count


def _giving(caller: Caller, rows: Sequence[Mapping[str, object]], now: int) -> Step:
    """Return the step that puts some days of sales on record."""

    def give(connection: Connection) -> Imported:
        give_sales(connection, caller, rows, now=now)
        return Imported()

    return give


def _expecting(caller: Caller, rows: Sequence[Mapping[str, Any]], now: int) -> Step:
    """Return the step that expects what is on its way."""

    def expect(connection: Connection) -> Imported:
        uncounted = {}
        for row in rows:
            new = NewReceipt(external_id=row["receipt_id"], **{name: row[name] for name in row if name != "receipt_id"})
            if why := bring_up_to_date(connection, caller, new, now=now):
                uncounted[row["receipt_id"]] = why
        return Imported(uncounted=uncounted)

    return expect


def _taking(caller: Caller, orders: Sequence[NewOrder], now: int) -> Step:
    """Return the step that takes some orders."""

    def take(connection: Connection) -> Imported:
        answers = take_orders(connection, [Intake(caller=caller, order=order, now=now) for order in orders])
        refused = {
            order.external_id or "": answer.message
            for order, answer in zip(orders, answers, strict=True)
            if not isinstance(answer, TakenOrder)
        }
        return Imported(orders=len(orders) - len(refused), refused=refused)

    return take


def orders_of(retailer: Retailer) -> list[NewOrder]:
    """Return the orders of a folder as a shop sends them, the first placed first; what lacks waits."""
    lines: dict[str, list[NewLine]] = {}
    for row in retailer.order_lines.sort("order_id", "line_no").iter_rows(named=True):
        lines.setdefault(row["order_id"], []).append(NewLine(product_id=row["product_id"], quantity=row["quantity"]))
    return [
        NewOrder(
            external_id=row["order_id"],
            service_level_id=row["service_level_id"],
            lat=row["lat"],
            lon=row["lon"],
            postal_code=row["postal_code"],
            pickup_site_id=row["pickup_site_id"],
            requirements=row["requirements"],
            service_s=row["service_s"],
            landing_site=row["landing_site"],
            window=None if row["window_start_at"] is None else (row["window_start_at"], row["window_end_at"]),
            lines=tuple(lines.get(row["order_id"], ())),
            if_short="backorder",
        )
        for row in retailer.orders.sort("placed_at", "order_id").iter_rows(named=True)
    ]
