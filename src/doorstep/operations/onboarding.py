"""A retailer folder brought into the system of record, or brought up to date."""

from dataclasses import dataclass

import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.new_order import NewLine, NewOrder, TakenOrder
from doorstep.operations.caller import Caller
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.operations.stock import count_stock
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.retailers import save_reference
from doorstep.storage.schema.ledger import STOCK

ORDERS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import stored: rows by table, orders accepted, and why others were not, by their id in the folder."""

    rows: dict[str, int]
    orders: int
    refused: dict[str, str]


def import_retailer(connection: Connection, caller: Caller, retailer: Retailer, *, now: int) -> Imported:
    """Replace the tenant's reference tables, set its stock to the folder's, and take the orders not taken before.

    Stock is a count: what is on hand becomes what the folder says, and positions that it does not name stay. Orders
    keep their id as ``external_id``, so that importing twice takes them once.
    """
    save_reference(connection, caller.tenant_id, retailer)
    _count_stock(connection, caller, retailer.stock, now)
    refused: dict[str, str] = {}
    orders = _orders(retailer)
    for low in range(0, len(orders), ORDERS_AT_ONCE):
        piece = orders[low : low + ORDERS_AT_ONCE]
        answers = take_orders(connection, [Intake(caller=caller, order=order, now=now) for order in piece])
        for order, answer in zip(piece, answers, strict=True):
            if not isinstance(answer, TakenOrder):
                refused[order.external_id or ""] = answer.message
    rows = {name: table.height for name, table in retailer.tables().items() if table.height}
    return Imported(rows=rows, orders=len(orders) - len(refused), refused=refused)


def _count_stock(connection: Connection, caller: Caller, stock: pl.DataFrame, now: int) -> None:
    counted = {
        Place(STOCK, site, product): units
        for site, product, units in stock.select("site_id", "product_id", "on_hand").iter_rows()
    }
    found = ledger.open_positions(connection, caller.tenant_id, dict.fromkeys(counted, 0), now=now)
    deltas = {place: units - found[place].on_hand for place, units in counted.items()}
    simple = {place: delta for place, delta in deltas.items() if delta and found[place].free + delta >= 0}
    ledger.change_on_hand(connection, caller.tenant_id, simple, "adjust", "import", now=now)
    ledger.refresh_statistics(connection)
    for place in sorted(set(deltas) - set(simple)):
        if deltas[place]:  # fewer than orders hold: those are sent elsewhere
            count_stock(connection, caller, site_id=place.site_id, product_id=place.item, counted=counted[place],
                        reason="import", now=now)  # fmt: skip


def _orders(retailer: Retailer) -> list[NewOrder]:
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
            window=None if row["window_start_at"] is None else (row["window_start_at"], row["window_end_at"]),
            lines=tuple(lines.get(row["order_id"], ())),
            if_short="backorder",
        )
        for row in retailer.orders.sort("placed_at", "order_id").iter_rows(named=True)
    ]
