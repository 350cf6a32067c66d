"""A shop whose orders a carrier brings, each to another end, and books to look into."""

from collections import Counter
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from doorstep.operations.bring import ReportedEvent, plan_routes, record_event
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.carriers import calls_due, calls_off_due, store_booking, store_called_off, take_facts
from doorstep.operations.money import keep_books
from doorstep.ports import CarrierFact
from doorstep.storage import Connection, Database
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.money import money_entries
from tests.couriers import Courier
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import VANS, open_stage, ready
from tests.small import table

CALL_AT = NOW + 86_400 - 5_400
"""When couriers are called, who come an hour before the window opens."""
DAY = 20_516
"""The next day, when orders are brought [days since 1970-01-01]."""
ENDS = ("delivered", "returned", "cancelled", "attempted", "abandoned", "by_phone")
"""What becomes of the orders, by their place."""
_TOLD = {
    "delivered": (("assign", None), ("pick_up", None), ("deliver", 950)),
    "returned": (("assign", None), ("pick_up", None), ("start_return", None), ("take_back", 1_350)),
    "attempted": (("assign", None), ("pick_up", None), ("attempt", None)),
    "abandoned": (("assign", None), ("pick_up", None), ("abandon", None)),
}


def furnish(database: Database) -> None:
    """Let a courier that asks 900 bring six orders of two A, each to another end; nothing is posted yet."""
    couriers: dict[str, Any] = {"carriers": table("carrier_id name kind", ("CA", "Ann's", "on_demand")),
                "carrier_rates": table("carrier_id price_minor", ("CA", 900))}  # fmt: skip
    open_stage(database, vehicles=VANS.clear(), **couriers)
    courier = Courier()
    with database.writing() as connection:
        for _ in ENDS:
            ready(connection, ("A", 2))
        plan_routes(connection, CALLER, now=NOW)
    names = by_end(database)
    with database.writing() as connection:
        for number, event in enumerate(("pick_up", "deliver")):
            fact = ReportedEvent(source="phone", source_event_id=event, kind="delivery", object_id=names["by_phone"],
                                 event=event, occurred_at=CALL_AT + number)  # fmt: skip
            record_event(connection, CALLER, fact, now=CALL_AT + number)
    with database.writing() as connection:
        for call in calls_due(connection, CALLER, ["CA"], now=CALL_AT):
            store_booking(connection, CALLER, call, courier.book(call.shipping), now=CALL_AT)
    with database.writing() as connection:
        change_delivery(connection, CALLER, names["cancelled"], Decided(event="cancel", reason="x"), now=CALL_AT + 5)
        for off in calls_off_due(connection, CALLER, ["CA"]):
            store_called_off(connection, CALLER, off, fee_minor=300, reason="not_needed", now=CALL_AT + 10)
    for end, told in _TOLD.items():
        for number, (event, price_minor) in enumerate(told):
            tell(database, names[end], event, at=CALL_AT + 60 * (number + 1), price_minor=price_minor)


def tell(database: Database, delivery_id: str, event: str, *, at: int, price_minor: int | None = None) -> None:
    """Let the courier tell something of a delivery."""
    with database.writing() as connection:
        query = select(carrier_bookings.c.booking_id).where(carrier_bookings.c.delivery_id == delivery_id)
        booking_id = connection.execute(query).scalar_one()
        fact = CarrierFact(fact_id=f"{delivery_id} {event}", carrier_ref="", delivery_id=booking_id, event=event,
                           occurred_at=at)  # fmt: skip
        take_facts(connection, "CA", [replace(fact, price_minor=price_minor)], now=at)


def by_end(database: Database) -> dict[str, str]:
    """Return the deliveries by what becomes of them."""
    with database.reading() as connection:
        query = select(deliveries.c.delivery_id).order_by(deliveries.c.delivery_id)
        return dict(zip(ENDS, connection.execute(query).scalars(), strict=True))


def keep_all(database: Database, *, now: int = CALL_AT + 3_600) -> None:
    """Post everything that has happened."""
    with database.writing() as connection:
        while keep_books(connection, now=now, limit=7):
            pass


def balances(connection: Connection, *, delivery_id: str | None = None) -> Counter[str]:
    """Return what stands in each account, in all or of a delivery."""
    of = money_entries.c
    query = select(of.account, func.sum(of.amount_minor).label("minor")).group_by(of.account)
    found = connection.execute(query if delivery_id is None else query.where(of.delivery_id == delivery_id))
    return Counter({row.account: int(row.minor) for row in found if row.minor})
