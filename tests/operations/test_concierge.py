"""Concierge orders: errands with ends of their own, a call before the van is there, complete when all have ended."""

import pytest
from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.bring import ReportedEvent, dispatch_route, plan_routes, record_event
from doorstep.operations.caller import Caller
from doorstep.operations.concierge import NewErrand, add_errands, assign_errand, end_errand
from doorstep.operations.forgetting import erase_contact
from doorstep.operations.orders import cancel_order
from doorstep.operations.people import change_person, create_person
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.fulfilment import deliveries, routes
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, placed, ready, state_of
from tests.small import table

HOUR = 3_600
LEVELS = table(
    "service_level_id method cutoff promise_days fee_minor requirements service_s",
    ("next_day", "next_day", "24:00", 1, 399, "", None),
    ("concierge", "concierge", "24:00", 1, 2_900, "concierge", 1_200),
)
VANS = table(
    "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml cost_per_km_minor "
    "cost_per_hour_minor skills",
    ("V1", "S1", 1, "08:00", "20:00", 500_000, 5_000_000, 50, 2_000, ""),
    ("V2", "S2", 1, "08:00", "20:00", 500_000, 5_000_000, 50, 2_000, "concierge"),
)
CALL, FRIDGE = NewErrand(kind="call_ahead"), NewErrand(kind="request", text="Put the milk in the fridge")
BREAD = NewErrand(kind="purchase", text="Two baguettes", place="Bakery", limit_minor=900)
PARCEL = NewErrand(kind="collect", text="Shoes, box 7", site_id="S2")


@pytest.fixture
def shop(database: Database) -> Database:
    """Give a database with a shop whose van from the far store has a concierge aboard."""
    open_stage(database, service_levels=LEVELS, vehicles=VANS)
    return database


def agent(connection: Connection, name: str = "Ana") -> str:
    return create_person(connection, CALLER, email=f"{name}@shop.example", name=name, role="dispatcher",
                         password_hash=None, now=NOW)  # fmt: skip


def states(connection: Connection, order_id: str) -> list[str]:
    query = select(errands.c.state).where(errands.c.order_id == order_id).order_by(errands.c.sequence)
    return list(connection.execute(query).scalars())


def tell(connection: Connection, delivery_id: str, event: str, at: int) -> tuple[str, str]:
    told = ReportedEvent(source="phone7", source_event_id=f"{event}-{at}", kind="delivery", object_id=delivery_id,
                         event=event, occurred_at=at)  # fmt: skip
    done = record_event(connection, CALLER, told, now=at)
    return done.outcome, done.state


def test_the_order_is_complete_when_it_has_arrived_and_every_errand_has_ended(shop: Database):
    with shop.writing() as connection:
        order_id = ready(connection, ("A", 1), service_level_id="concierge", service_s=None)
        call, fridge, bread, parcel = add_errands(
            connection, CALLER, order_id, agent(connection), [CALL, FRIDGE, BREAD, PARCEL], now=NOW
        )
        plan_routes(connection, CALLER, now=NOW)
        query = select(deliveries.c.delivery_id, routes.c.route_id, routes.c.vehicle_id).join_from(
            deliveries, routes, routes.c.route_id == deliveries.c.route_id
        )
        planned = connection.execute(query).one()
        delivery_id = planned.delivery_id
        assert planned.vehicle_id == "V2"
        dispatch_route(connection, CALLER, planned.route_id, now=NOW + HOUR, driver="Jo")
        with pytest.raises(ConflictError, match="is to be called first"):
            tell(connection, delivery_id, "arrive_at_dropoff", NOW + 2 * HOUR)
        tell(connection, delivery_id, "start_to_dropoff", NOW + 2 * HOUR)
        assert tell(connection, delivery_id, "call", NOW + 2 * HOUR) == ("applied", "en_route_to_dropoff")
        assert tell(connection, delivery_id, "call", NOW + 2 * HOUR + 1)[0] == "repeated"
        assert tell(connection, delivery_id, "deliver", NOW + 3 * HOUR) == ("applied", "delivered")
        assert state_of(connection, order_id) == "partially_completed"
        with pytest.raises(InputError, match="above the limit"):
            end_errand(connection, CALLER, bread, "finish", spent_minor=901, now=NOW + 4 * HOUR)
        end_errand(connection, CALLER, bread, "finish", spent_minor=850, now=NOW + 4 * HOUR)
        with pytest.raises(InputError, match="a refusal says why"):
            end_errand(connection, CALLER, fridge, "refuse", now=NOW + 4 * HOUR)
        end_errand(connection, CALLER, fridge, "refuse", reason="not_allowed", now=NOW + 4 * HOUR)
        assert state_of(connection, order_id) == "partially_completed"
        end_errand(connection, CALLER, parcel, "finish", now=NOW + 5 * HOUR)
        assert (state_of(connection, order_id), states(connection, order_id)) == (
            "completed", ["done", "refused", "done", "done"]
        )  # fmt: skip
        with pytest.raises(ConflictError, match="done"):
            end_errand(connection, CALLER, call, "refuse", reason="no_time", now=NOW + 5 * HOUR)
    with shop.reading() as connection:
        assert check_books(connection) == []


@pytest.mark.parametrize(
    ("errand", "rule"),
    [
        (NewErrand(kind="request"), "text is empty"),
        (NewErrand(kind="call_ahead", place="Bakery"), "seen to at the door"),
        (NewErrand(kind="return", text="Shoes"), "needs either site_id or place"),
        (NewErrand(kind="collect", text="Shoes", site_id="S9"), "S9 is not a site"),
        (NewErrand(kind="purchase", text="Bread", place="Bakery"), "limit_minor is None"),
    ],
)
def test_an_errand_that_nobody_could_see_to_is_refused(shop: Database, errand: NewErrand, rule: str):
    with shop.writing() as connection:
        order_id = placed(connection, service_level_id="concierge")
        with pytest.raises(InputError, match=rule):
            add_errands(connection, CALLER, order_id, agent(connection), [errand], now=NOW)


def test_errands_are_for_concierge_orders_and_for_people_who_are_there(shop: Database):
    with shop.writing() as connection:
        ana, bo = agent(connection), agent(connection, "Bo")
        plain, order_id = placed(connection), placed(connection, service_level_id="concierge")
        with pytest.raises(ConflictError, match="method next_day"):
            add_errands(connection, CALLER, plain, ana, [CALL], now=NOW)
        (call,) = add_errands(connection, CALLER, order_id, ana, [CALL], now=NOW)
        change_person(connection, CALLER, bo, state="disabled", now=NOW)
        with pytest.raises(InputError, match="nobody here"):
            assign_errand(connection, CALLER, call, bo, now=NOW)
        change_person(connection, CALLER, bo, state="active", now=NOW)
        assert assign_errand(connection, CALLER, call, bo, now=NOW).to_state == "open"
        with pytest.raises(NotFoundError):
            end_errand(connection, Caller("ten_other", "x"), call, "finish", now=NOW)


def test_with_their_order_errands_are_cancelled_and_with_its_shopper_forgotten(shop: Database):
    with shop.writing() as connection:
        order_id = placed(connection, service_level_id="concierge")
        add_errands(connection, CALLER, order_id, agent(connection), [FRIDGE, BREAD], now=NOW)
        cancel_order(connection, CALLER, order_id, now=NOW, reason="customer_changed_mind")
        assert states(connection, order_id) == ["cancelled", "cancelled"]
        erase_contact(connection, CALLER, order_id, now=NOW)
        assert [tuple(r) for r in connection.execute(select(errands.c.text, errands.c.place))] == [("", "")] * 2
    with shop.reading() as connection:
        assert check_books(connection) == []
