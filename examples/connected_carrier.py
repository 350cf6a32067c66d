"""Deliveries booked with a carrier that fails in many ways: none is booked twice, none is lost, and the books agree.

A made-up retailer without vans has one courier, a simulated Uber Direct. Its answers get lost, it is busy, its couriers
drop out before pickup or find nobody at the door, its webhooks come twice and out of order. Time is virtual, and
nothing listens on a port:

    python examples/connected_carrier.py
"""

import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from sqlalchemy import select

from doorstep.connectors import uber_direct
from doorstep.domain import Retailer
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.access import create_tenant
from doorstep.operations.bring import plan_routes
from doorstep.operations.caller import Caller
from doorstep.operations.carriers import take_facts
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

COURIER, ORDERS, MINUTE_S, DAY_S = "citycourier", 60, 60, 86_400
FAULTS = {
    "rate_limited": 0.1, "server_error": 0.1, "timeout_after_commit": 0.3, "courier_drops_out": 0.2,
    "duplicate_webhook": 0.3, "reordered_webhook": 0.3, "returned": 0.1,
}  # fmt: skip


def without_vans() -> Retailer:
    """Return a made-up retailer who has nobody but the courier, and its orders to the door."""
    whole = sample_retailer(find_city("Denver, US"), 4, 1, ORDERS, np.random.default_rng(1)).tables()
    mine = pl.col("carrier_id") == COURIER
    tables = {name: table.filter(mine) if "carrier_id" in table.columns else table for name, table in whole.items()}
    door = whole["orders"].filter((pl.col("pickup_site_id") == "") & (pl.col("service_level_id") != "scheduled"))
    lines = whole["order_lines"].join(door, on="order_id", how="semi", maintain_order="left")
    return Retailer.complete({**tables, "vehicles": whole["vehicles"].clear(), "orders": door, "order_lines": lines})


def simulated(clock: VirtualClock) -> tuple[UberDirect, Carrier]:
    """Return a simulated carrier and the connector to it."""
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


def under_way(database: Database) -> bool:
    """Return whether a delivery has not come to its end."""
    ended = deliveries.c.state.in_(LIFECYCLES["delivery"].terminal)
    with database.reading() as connection:
        return connection.execute(select(deliveries.c.delivery_id).where(~ended)).first() is not None


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
        if not under_way(database):
            return
        clock.advance(MINUTE_S)
        worker.drain(60.0)
        for message in take_webhooks(there):
            facts = carriers[COURIER].read_webhook(message.headers, message.body, now=int(clock()))
            with database.writing() as connection:
                take_facts(connection, COURIER, facts, now=int(clock()))


def main(folder: Path) -> None:
    """Live the day and print what came of it."""
    shop = without_vans()
    first = shop.orders["placed_at"].max()
    clock = VirtualClock(float(str(first)))
    there, carrier = simulated(clock)
    database = Database(f"sqlite:///{folder / 'doorstep.db'}")
    upgrade(database)
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, "example", now=int(clock())), "example")
        import_retailer(connection, caller, shop, now=int(clock()))
    to_the_dock(database, caller, int(clock()))
    live(database, clock, there, {COURIER: carrier})
    with database.reading() as connection:
        states = Counter(connection.execute(select(deliveries.c.state)).scalars())
        kept = connection.execute(select(carrier_bookings)).all()
        faults = check_books(connection)
    database.close()
    made = Counter(booking.asked.caller_id for booking in there.fleet.bookings.values())
    print(", ".join(f"{count} deliveries {state}" for state, count in sorted(states.items())))
    ends = Counter(f"{row.state}{row.reason and f' ({row.reason})'}" for row in kept)
    print(", ".join(f"{count} bookings {end}" for end, count in sorted(ends.items())))
    print(f"{sum(made.values())} bookings at the carrier, {sum(n > 1 for n in made.values())} of them twice")
    print(f"faults of the books: {faults or 'none'}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # of every answer that does not come
    with TemporaryDirectory() as folder:
        main(Path(folder))
