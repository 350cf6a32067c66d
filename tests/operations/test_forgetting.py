"""Who orders were for is forgotten, on request and in time, and the books still agree; on both databases."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import func, insert, select, update

from doorstep.domain.new_order import Contact
from doorstep.foundation import NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.forgetting import erase_contact
from doorstep.operations.housekeeping import Kept, purge
from doorstep.operations.intake.take import take_order
from doorstep.operations.orders import cancel_order
from doorstep.operations.subscriptions import NewSubscription, create_subscription, renew_due, step_subscription
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries, routes, stops, tracking_events
from doorstep.storage.schema.journal import audit, events
from doorstep.storage.schema.orders import contacts, orders, subscriptions
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering
from tests.small import CHICAGO, at

DAY_S = 86_400
LATER = NOW + 397 * DAY_S
JO = Contact(name="Jo", phone="+1")
DOOR = {"lat": 41.0123, "lon": -87.0087, "postal_code": "60606"}
EXACT, COARSE = (41.0123, -87.0087, "60606"), (41.01, -87.01, "606")


@pytest.fixture
def shop(database: Database) -> Iterator[Database]:
    """Give a database with a shop, and check its books at the end."""
    open_shop(database, {("S1", "A"): 9})
    yield database
    with database.reading() as connection:
        assert check_books(connection) == []


def order_for_jo(connection: Connection) -> str:
    return take_order(connection, CALLER, ordering(("A", 1), contact=JO, **DOOR), now=NOW).order_id


def weekly_for_jo(connection: Connection) -> str:
    order = ordering(("A", 1), contact=JO, if_short="refuse", **DOOR)
    new = NewSubscription(rule="FREQ=WEEKLY;BYDAY=TU", time_zone=CHICAGO, starts_at=at("09:00"), order=order)
    return create_subscription(connection, CALLER, new, now=NOW)


def place_of(connection: Connection, order_id: str) -> tuple[float, float, str]:
    query = select(orders.c.lat, orders.c.lon, orders.c.postal_code).where(orders.c.order_id == order_id)
    return tuple(connection.execute(query).one())


def place_again(connection: Connection) -> tuple[float, float, str]:
    template = json.loads(connection.execute(select(subscriptions.c.template)).scalar_one())
    return template["lat"], template["lon"], template["postal_code"]


def people(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(contacts)).scalar_one())


def erasures(database: Database) -> list[tuple[str, str, str, str]]:
    query = select(audit.c.event, audit.c.object_id, audit.c.actor, audit.c.reason).where(audit.c.kind == "contact")
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(audit.c.audit_no))]


def test_contacts_are_forgotten_when_their_time_is_over_those_of_running_subscriptions_are_not(shop):
    with shop.writing() as connection:
        order_for_jo(connection)
        weekly_for_jo(connection)
        kept = connection.execute(select(subscriptions.c.contact_id)).scalar_one()
        assert purge(connection, now=NOW + 394 * DAY_S, kept=Kept())["contacts"] == 0
        assert purge(connection, now=LATER, kept=Kept())["contacts"] == 1
        assert connection.execute(select(contacts.c.contact_id)).scalars().all() == [kept]
    assert [(event, *who) for event, _, *who in erasures(shop)] == [("erase", "worker", "retention")]


def test_a_contact_is_erased_on_request_with_what_drivers_wrote_and_the_order_stays(shop):
    with shop.writing() as connection:
        order_id = order_for_jo(connection)
        fact = {"tenant_id": CALLER.tenant_id, "source": "driver", "source_event_id": "1", "kind": "order",
                "object_id": order_id, "event": "left", "occurred_at": NOW, "recorded_at": NOW,
                "outcome": "applied", "details": '{"signed_by":"Jo"}'}  # fmt: skip
        connection.execute(insert(tracking_events).values(fact))
        with pytest.raises(NotFoundError):
            erase_contact(connection, Caller("ten_other", "test"), order_id, now=NOW)
        assert erase_contact(connection, CALLER, order_id, now=NOW + 1)
        assert not erase_contact(connection, CALLER, order_id, now=NOW + 2)
        assert people(connection) == 0
        assert connection.execute(select(tracking_events.c.details)).scalar_one() == "{}"
        assert connection.execute(select(orders.c.state)).scalar_one() == "placed"
    assert erasures(shop) == [("erase_of_order", order_id, "test", "requested")]


def booking(connection: Connection, delivery_id: str, asked_at: int) -> None:
    connection.execute(
        insert(carrier_bookings).values(
            booking_id=f"bkg {delivery_id}", tenant_id=CALLER.tenant_id, delivery_id=delivery_id, state="ended",
            courier="Jo", tracking_url="https://courier.example/1", price_minor=900, asked_at=asked_at,
        )
    )  # fmt: skip


def told_of(connection: Connection) -> dict[str, tuple[str, str, int]]:
    of = carrier_bookings.c
    rows = connection.execute(select(of.delivery_id, of.courier, of.tracking_url, of.price_minor)).all()
    return {row.delivery_id: (row.courier, row.tracking_url, row.price_minor) for row in rows}


def test_who_brought_it_for_a_carrier_is_forgotten_on_request_and_in_time_and_what_it_cost_is_not(database):
    open_shop(database, {("S1", "A"): 9})
    with database.writing() as connection:
        order_id = order_for_jo(connection)
        row = {"tenant_id": CALLER.tenant_id, "order_id": order_id, "kind": "door", "created_at": NOW}
        connection.execute(insert(deliveries).values(row | {"delivery_id": "mine"}))
        for delivery_id, asked_at in (("mine", NOW), ("old", NOW - 91 * DAY_S), ("other", NOW)):
            booking(connection, delivery_id, asked_at)
        assert erase_contact(connection, CALLER, order_id, now=NOW)
        assert purge(connection, now=NOW, kept=Kept())["bookings"] == 1
        known = ("Jo", "https://courier.example/1", 900)
        assert told_of(connection) == {"mine": ("", "", 900), "old": ("", "", 900), "other": known}


def test_where_an_order_went_is_coarse_at_once_if_it_has_ended(shop):
    with shop.writing() as connection:
        order_id, other = order_for_jo(connection), order_for_jo(connection)
        cancel_order(connection, CALLER, order_id, now=NOW, reason="x")
        assert erase_contact(connection, CALLER, order_id, now=NOW)
        assert (place_of(connection, order_id), place_of(connection, other)) == (COARSE, EXACT)
        assert not erase_contact(connection, CALLER, order_id, now=NOW)


def test_a_van_under_way_finds_the_door_and_where_it_was_is_coarse_once_the_order_has_ended(shop):
    with shop.writing() as connection:
        order_id = order_for_jo(connection)
        assert erase_contact(connection, CALLER, order_id, now=NOW)
        assert purge(connection, now=NOW, kept=Kept())["places"] == 0
        assert place_of(connection, order_id) == EXACT
        cancel_order(connection, CALLER, order_id, now=NOW, reason="x")
        assert purge(connection, now=NOW, kept=Kept())["places"] == 1
        assert purge(connection, now=NOW, kept=Kept())["places"] == 0
        assert place_of(connection, order_id) == COARSE


def test_the_stops_of_an_order_that_is_forgotten_are_coarse_and_those_of_others_are_not(database):
    open_shop(database, {("S1", "A"): 9})
    with database.writing() as connection:
        mine, other = order_for_jo(connection), order_for_jo(connection)
        known = {"tenant_id": CALLER.tenant_id, "created_at": NOW}
        route = {"route_id": "rte_1", "site_id": "S1", "vehicle_id": "V", "state": "completed"}
        connection.execute(insert(routes).values(route | known | {"starts_at": NOW, "ends_at": NOW}))
        times = dict.fromkeys(("arrive_at", "service_at", "leave_at"), NOW)
        for number, order_id in enumerate((mine, other)):
            delivery: dict[str, object] = {
                "delivery_id": f"dlv_{number}",
                "order_id": order_id,
                "kind": "door",
                "state": "delivered",
            }
            delivery |= known | {"site_id": "S1", "mode": "own_fleet", "carrier_id": "", "route_id": "rte_1"}
            connection.execute(insert(deliveries).values(delivery))
            stop = {"route_id": "rte_1", "sequence": number, "tenant_id": CALLER.tenant_id, "kind": "delivery"}
            stop |= {"delivery_id": f"dlv_{number}", "lat": EXACT[0], "lon": EXACT[1]}
            connection.execute(insert(stops).values(stop | times))
        connection.execute(update(orders).values(state="completed"))
        assert erase_contact(connection, CALLER, mine, now=NOW)
        found = connection.execute(select(stops.c.lat, stops.c.lon).order_by(stops.c.sequence)).all()
        assert [tuple(row) for row in found] == [COARSE[:2], EXACT[:2]]


def test_the_subscription_that_placed_an_order_forgets_the_person_too_and_places_no_more(shop):
    with shop.writing() as connection:
        subscription_id = weekly_for_jo(connection)
        (first,) = renew_due(connection, CALLER, now=at("09:00"))
        assert people(connection) == 2
        assert erase_contact(connection, CALLER, str(first.order_id), now=at("09:01"))
        assert not erase_contact(connection, CALLER, str(first.order_id), now=at("09:02"))
        assert (people(connection), place_again(connection)) == (0, COARSE)
        assert renew_due(connection, CALLER, now=at("09:00", "2026-03-10")) == []
    assert [row[:2] for row in erasures(shop)] == [
        ("erase_of_subscription", subscription_id),
        ("erase_of_order", first.order_id),
    ]
    with shop.reading() as connection:
        paused = select(events.c.data).where(events.c.type == "subscription.paused")
        assert json.loads(connection.execute(paused).scalar_one())["reason"] == "person_erased"


def test_time_makes_places_coarse_as_requests_do(shop):
    with shop.writing() as connection:
        ended, under_way, repeated = order_for_jo(connection), order_for_jo(connection), weekly_for_jo(connection)
        cancel_order(connection, CALLER, ended, now=NOW, reason="x")
        step_subscription(connection, CALLER, repeated, "end", now=NOW)
        gone = purge(connection, now=LATER, kept=Kept())
        assert (gone["contacts"], gone["places"], people(connection)) == (3, 1, 0)
        assert (place_of(connection, ended), place_of(connection, under_way)) == (COARSE, EXACT)
        assert place_again(connection) == COARSE
