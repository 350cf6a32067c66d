"""The part of ``doorstep demo`` with a carrier from outside: deliveries booked, followed and paid in virtual time."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import select

from doorstep.connectors import uber_direct
from doorstep.console.words import money, when
from doorstep.domain import Retailer
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import InternalError
from doorstep.operations.access import create_tenant
from doorstep.operations.bring import plan_routes
from doorstep.operations.caller import Caller
from doorstep.operations.carriers import take_facts
from doorstep.operations.carriers.calling import OPEN
from doorstep.operations.fulfil import pack_shipment, release_wave, route_orders
from doorstep.operations.onboarding import import_retailer
from doorstep.ports import Carrier
from doorstep.simulation.carriers import Faults, Fleet, InProcess, UberDirect, VirtualClock
from doorstep.simulation.carriers.serving import take_webhooks
from doorstep.simulation.carriers.uber_direct import Keys
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.worker import Worker
from doorstep.worker.carriers import CALL_CARRIERS, CallsCarriers
from doorstep.worker.periodic import calling_carriers

CITY, STORES, FCS, COURIER, CURRENCY = "Denver, US", 4, 1, "citycourier", "USD"
MINUTE_S, DAY_S = 60, 86_400
FAULTS = {
    "rate_limited": 0.1, "server_error": 0.1, "timeout_after_commit": 0.3, "courier_drops_out": 0.2,
    "duplicate_webhook": 0.3, "reordered_webhook": 0.3, "returned": 0.1,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierDay:
    """What became of some deliveries: their states, bookings by end, bookings at the carrier by our id, faults.

    ``story`` has the bookings of the delivery that took most of them, as lines.
    """

    states: Counter[str]
    ends: Counter[str]
    made: Counter[str]
    paid_minor: int
    story: tuple[str, ...]
    faults: tuple[str, ...]


def demo_carrier(path: Path, orders: int) -> None:
    """Print what a day with a carrier full of faults came to; an earlier database in this place is replaced."""
    for leftover in path.parent.glob(path.name + "*"):
        leftover.unlink()
    logging.disable(logging.WARNING)  # of every answer that does not come
    try:
        day = carrier_day(path, orders)
    finally:
        logging.disable(logging.NOTSET)
    if day.faults:
        raise InternalError(f"the books have {len(day.faults)} faults, first: {day.faults[0]}.")
    print(f"   Deliveries: {_counted(day.states)}. Bookings: {_counted(day.ends)}.")
    twice = sum(count > 1 for count in day.made.values())
    print(f"   {sum(day.made.values())} bookings at the carrier, {twice} of them twice, for "
          f"{money(day.paid_minor, CURRENCY)}; the books agree. The delivery that took most bookings:")  # fmt: skip
    for line in day.story:
        print(f"     {line}")


def carrier_day(path: Path, orders: int) -> CarrierDay:
    """Live two days at most of a retailer without vans, whose courier is a simulated Uber Direct full of faults."""
    shop = without_vans(orders)
    clock = VirtualClock(float(str(shop.orders["placed_at"].max())))
    there, carrier = simulated(clock)
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, "demo", now=int(clock())), "demo")
        import_retailer(connection, caller, shop, now=int(clock()))
    to_the_dock(database, caller, int(clock()))
    live(database, clock, there, {COURIER: carrier})
    day = _told(database, there, str(shop.sites["time_zone"][0]))
    database.close()
    return day


def without_vans(orders: int) -> Retailer:
    """Return a made-up retailer who has nobody but the courier, and its orders to the door."""
    whole = sample_retailer(find_city(CITY), STORES, FCS, orders, np.random.default_rng(1)).tables()
    mine = pl.col("carrier_id") == COURIER
    tables = {name: table.filter(mine) if "carrier_id" in table.columns else table for name, table in whole.items()}
    door = whole["orders"].filter((pl.col("pickup_site_id") == "") & (pl.col("service_level_id") != "scheduled"))
    lines = whole["order_lines"].join(door, on="order_id", how="semi", maintain_order="left")
    return Retailer.complete({**tables, "vehicles": whole["vehicles"].clear(), "orders": door, "order_lines": lines})


def simulated(clock: VirtualClock) -> tuple[UberDirect, Carrier]:
    """Return a simulated carrier and the connector to it; nothing listens on a port."""
    keys = Keys()
    there = UberDirect(fleet=Fleet(clock, faults=Faults(rates=FAULTS, seed=1)), wall=clock, keys=keys)
    account = uber_direct.Account(
        customer_id=keys.customer_id,
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        webhook_secret=keys.webhook_secret,
        base_url="http://127.0.0.1",
        login_url="http://127.0.0.1",
    )
    return there, uber_direct.UberDirect(account, http=InProcess(there.app), clock=clock)


def to_the_dock(database: Database, caller: Caller, now: int) -> None:
    """Find the sites of all orders, pick and pack them, and plan who brings them."""
    with database.writing() as connection:
        route_orders(connection, caller, now=now)
        release_wave(connection, caller, now=now, everything=True)
        picked = select(shipments.c.shipment_id).where(shipments.c.state == "picking")
        for shipment_id in list(connection.execute(picked).scalars()):
            pack_shipment(connection, caller, shipment_id, now=now)
        plan_routes(connection, caller, now=now)


def live(database: Database, clock: VirtualClock, there: UberDirect, carriers: Mapping[str, Carrier]) -> None:
    """Let two days pass at most, minute by minute: a worker calls the carrier, couriers drive, webhooks come."""
    worker = Worker(
        database,
        clock=lambda: int(clock()),
        rng=np.random.default_rng(1),
        handlers={CALL_CARRIERS: CallsCarriers(carriers)},
        periodic=(calling_carriers(tuple(carriers)),),
    )
    for _ in range(2 * DAY_S // MINUTE_S):
        if not _under_way(database):
            return
        clock.advance(MINUTE_S)
        worker.drain(60.0)
        for message in take_webhooks(there):
            facts = carriers[COURIER].read_webhook(message.headers, message.body, now=int(clock()))
            with database.writing() as connection:
                take_facts(connection, COURIER, facts, now=int(clock()))


def _under_way(database: Database) -> bool:
    """Return whether a delivery has not come to its end, or a carrier is still to be asked what a booking has cost."""
    going = select(deliveries.c.delivery_id).where(deliveries.c.state.not_in(LIFECYCLES["delivery"].terminal))
    open_ = select(carrier_bookings.c.booking_id).where(carrier_bookings.c.state.in_(OPEN))
    with database.reading() as connection:
        return any(connection.execute(query).first() is not None for query in (going, open_))


def _told(database: Database, there: UberDirect, zone: str) -> CarrierDay:
    with database.reading() as connection:
        states = Counter(connection.execute(select(deliveries.c.state)).scalars())
        kept = connection.execute(select(carrier_bookings).order_by(carrier_bookings.c.asked_at)).all()
        faults = check_books(connection)
    most = Counter(row.delivery_id for row in kept).most_common(1)
    story = [
        f"{when(row.asked_at, zone)}  {row.state}{row.reason and f' ({row.reason})'}, "
        f"counted on {money(row.expected_minor, CURRENCY)}, asked {money(row.price_minor, CURRENCY)}"
        for row in kept
        if most and row.delivery_id == most[0][0]
    ]
    return CarrierDay(
        states=states,
        ends=Counter(f"{row.state}{row.reason and f' ({row.reason})'}" for row in kept),
        made=Counter(booking.asked.caller_id for booking in there.fleet.bookings.values()),
        paid_minor=sum(row.price_minor for row in kept),
        story=tuple(story),
        faults=tuple(map(str, faults)),
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
