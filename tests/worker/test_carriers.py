"""Deliveries are booked with connected carriers, followed, called off, and given to the next one if one fails."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from doorstep.operations.bring import plan_routes
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.carriers import calls_off_due, store_called_off, take_facts
from doorstep.operations.fulfil.explain import keep_decision
from doorstep.operations.money import keep_books
from doorstep.ports import CarrierFact
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import decisions, deliveries, exceptions
from doorstep.storage.schema.money import money_entries
from doorstep.storage.schema.orders import orders
from doorstep.worker.carriers import CALL_CARRIERS, PATIENCE_S, CallsCarriers
from doorstep.worker.periodic import calling_carriers
from tests.couriers import Courier
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import VANS, open_stage, ready, state_of
from tests.small import table
from tests.worker.working import BOUND_S, Clock, worker_on

COURIERS: dict[str, Any] = {
    "carriers": table(
        "carrier_id name kind",
        ("CA", "Ann's", "on_demand"),
        ("CB", "Bob's", "on_demand"),
        ("CC", "Carl's", "on_demand"),
    ),
    "carrier_rates": table("carrier_id price_minor", ("CA", 900), ("CB", 1_000), ("CC", 1_200)),
}

START = NOW + 86_400 - 5_400
"""Half an hour before a courier should come, who comes an hour before the window opens."""


@dataclass
class Town:
    """A shop without vans, three couriers, and a worker that calls those that are connected."""

    database: Database
    clock: Clock = field(default_factory=lambda: Clock(START))
    connected: dict[str, Courier] = field(default_factory=lambda: {name: Courier() for name in ("CA", "CB")})

    compares: bool = False

    def order(self) -> str:
        open_stage(self.database, vehicles=VANS.clear(), **COURIERS)
        with self.database.writing() as connection:
            order_id = ready(connection, ("A", 2))
            plan_routes(connection, CALLER, now=NOW)
        return order_id

    def work(self, seconds: int = 10) -> None:
        self.clock.now += seconds
        worker = worker_on(
            self.database,
            self.clock,
            handlers={CALL_CARRIERS: CallsCarriers(self.connected, self.compares)},
            periodic=(calling_carriers(tuple(sorted(self.connected))),),
        )
        assert worker.drain(BOUND_S)

    def rows(self, of: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(of).order_by(*of.primary_key)).all())

    @property
    def bookings(self) -> list[tuple[str, str, str]]:
        return [(row.carrier_id, row.state, row.reason) for row in self.rows(carrier_bookings)]

    @property
    def delivery(self) -> Any:
        return self.rows(deliveries)[-1]

    def tell(self, carrier_id: str, event: str, at: int, **changes: Any) -> Any:
        booking = [row for row in self.rows(carrier_bookings) if row.carrier_id == carrier_id][-1]
        fact = CarrierFact(
            fact_id=f"{event} {at}", carrier_ref="", delivery_id=booking.booking_id, event=event, occurred_at=at
        )
        with self.database.writing() as connection:
            return take_facts(connection, carrier_id, [replace(fact, **changes)], now=self.clock.now)


@pytest.fixture
def town(database: Database):
    town = Town(database)
    yield town
    with database.reading() as connection:
        assert check_books(connection) == []


def test_a_delivery_is_booked_once_under_an_id_of_ours_with_what_the_carrier_needs(town: Town):
    town.order()
    for _ in range(3):
        town.work()
    (asked,) = town.connected["CA"].booked.values()
    (row,) = town.rows(carrier_bookings)
    assert (row.booking_id, row.carrier_ref) == (asked.delivery_id, f"ref_{asked.delivery_id}")
    assert (row.state, row.expected_minor, row.price_minor, row.currency) == ("confirmed", 900, 900, "USD")
    assert row.tracking_url == f"https://courier.example/{asked.delivery_id}"
    assert (asked.pickup.lat, asked.dropoff.lat) == (41.0, 41.01)
    assert [(item.quantity, item.weight_g) for item in asked.items] == [(2, 1_000)]
    assert town.connected["CB"].booked == {}


def test_an_on_demand_courier_is_called_shortly_before_the_window_and_not_when_parcels_are_ready(town: Town):
    town.order()
    town.clock.now = START - 11
    town.work(10)
    assert town.bookings == []
    town.work(10)
    (asked,) = town.connected["CA"].booked.values()
    assert (asked.ready_at, asked.arrive_from) == (START + 1_800, START + 5_400)


def test_carriers_that_are_not_connected_are_not_called(town: Town):
    town.connected = {"CC": Courier()}
    town.order()
    town.work()
    assert town.bookings == []


def test_who_refuses_is_followed_by_the_next_cheapest_and_the_decision_says_why(town: Town):
    order_id = town.order()
    before = town.delivery
    town.connected["CA"].refuses = "too_far"
    town.work()
    town.work()
    assert town.bookings == [("CA", "refused", "too_far"), ("CB", "confirmed", "")]
    after = town.delivery
    assert (after.carrier_id, after.state) == ("CB", "booked")
    assert after.cost_minor - before.cost_minor == 100
    assert '"carrier_fee":1000' in after.cost_parts
    last = [row for row in town.rows(decisions) if row.order_id == order_id and row.question == "mode"][-1]
    assert "CA refused: too_far" in last.alternatives
    assert "next after CA" in last.alternatives


def test_what_was_decided_later_about_the_rest_of_the_order_does_not_count(town: Town):
    order_id = town.order()
    with town.database.writing() as connection:
        nobody = {"option": "nobody", "mode": "", "cost_minor": None, "chosen": True, "reason": "no_vehicle", "why": ""}
        keep_decision(connection, CALLER, order_id, "mode", [nobody], now=NOW)
    town.connected["CA"].refuses = "too_far"
    town.work()
    assert town.delivery.carrier_id == "CB"


def test_one_that_is_not_connected_may_follow_and_is_called_by_people(town: Town):
    town.order()
    town.connected["CA"].refuses = town.connected["CB"].refuses = "no_courier"
    for _ in range(4):
        town.work()
    assert town.bookings == [("CA", "refused", "no_courier"), ("CB", "refused", "no_courier")]
    assert (town.delivery.carrier_id, town.delivery.state) == ("CC", "booked")


def test_when_nobody_is_left_the_order_waits_for_somebody_to_decide(town: Town):
    order_id = town.order()
    town.connected = {name: Courier(refuses="closed") for name in ("CA", "CB", "CC")}
    for _ in range(5):
        town.work()
    assert [state for _, state, _ in town.bookings] == ["refused"] * 3
    assert town.delivery.state == "rejected"
    with town.database.reading() as connection:
        assert state_of(connection, order_id) == "on_hold"


def test_an_answer_that_was_lost_is_asked_for_again_and_books_nothing_twice(town: Town):
    town.order()
    town.connected["CA"].answers_lost = 1
    town.work()
    assert town.bookings == [("CA", "asked", "")]
    town.work()
    assert town.bookings == [("CA", "confirmed", "")]
    assert len(town.connected["CA"].booked) == 1


def test_who_never_answers_is_followed_by_the_next_and_called_off_once_it_can_be_asked(town: Town):
    town.order()
    town.connected["CA"].answers_lost = 1
    town.work()
    town.connected["CA"].silent = True
    town.work(PATIENCE_S + 1)
    assert town.bookings[0] == ("CA", "asked", "")
    town.connected["CA"].silent = False
    town.work()
    town.work()
    assert town.bookings == [("CA", "called_off", "not_needed"), ("CB", "confirmed", "")]
    assert len(town.connected["CA"].cancelled) == 1


def test_one_that_was_never_booked_is_called_off_without_a_fee(town: Town):
    town.order()
    town.connected["CA"].silent = True
    town.work()
    town.work(PATIENCE_S + 1)
    town.connected["CA"].silent = False
    town.work()
    assert town.bookings[0] == ("CA", "called_off", "not_found")
    assert town.rows(carrier_bookings)[0].price_minor == 0


def test_the_fee_for_calling_off_is_kept_where_a_webhook_was_faster_and_the_price_where_it_was_too_late(town: Town):
    town.order()
    town.work()
    with town.database.writing() as connection:
        change_delivery(connection, CALLER, town.delivery.delivery_id, Decided(event="cancel", reason="x"), now=START)
        (asked,) = calls_off_due(connection, CALLER, ["CA"])
    town.tell("CA", "cancel", START + 20, price_minor=900)
    for fee_minor, reason, price_minor in ((None, "not_cancellable", 900), (300, "not_needed", 300)):
        with town.database.writing() as connection:
            store_called_off(connection, CALLER, asked, fee_minor=fee_minor, reason=reason, now=START + 30)
        assert (town.bookings, town.rows(carrier_bookings)[0].price_minor) == ([("CA", "ended", "")], price_minor)


def test_after_a_long_stop_the_booking_is_looked_for_before_it_is_made(town: Town):
    town.order()
    town.connected["CA"].answers_lost, town.connected["CA"].forgetful = 1, True
    town.work()
    town.work(8 * 3_600)
    assert town.bookings == [("CA", "confirmed", "")]


def test_a_webhook_may_come_before_the_answer_to_the_booking(town: Town):
    town.order()
    town.connected["CA"].answers_lost = 1
    town.work()
    assert town.tell("CA", "assign", START + 20, carrier_ref="ref_of_theirs").applied == 1
    assert town.bookings == [("CA", "confirmed", "")]
    assert town.rows(carrier_bookings)[0].carrier_ref == "ref_of_theirs"
    town.work()
    assert town.bookings == [("CA", "confirmed", "")]


def test_what_the_carrier_tells_moves_the_delivery_in_whatever_order_it_comes(town: Town):
    order_id = town.order()
    town.work()
    assert town.tell("CA", "assign", START + 20).applied == 1
    assert town.tell("CA", "pick_up", START + 60).applied == 1
    assert town.tell("CA", "arrive_at_pickup", START + 50).known == 1
    assert town.tell("CA", "pick_up", START + 60).known == 1
    town.clock.now = START + 900
    assert town.tell("CA", "deliver", START + 800, price_minor=950).applied == 1
    assert town.delivery.state == "delivered"
    assert town.bookings == [("CA", "ended", "")]
    assert town.rows(carrier_bookings)[0].price_minor == 950
    with town.database.reading() as connection:
        assert connection.execute(select(orders.c.state).where(orders.c.order_id == order_id)).scalar() == "completed"


def test_a_booking_that_is_given_back_before_pickup_goes_to_the_next_and_is_heard_no_more(town: Town):
    town.order()
    town.work()
    town.tell("CA", "assign", START + 20)
    assert town.tell("CA", "cancel", START + 30, reason="no_courier").given_back == 1
    assert (town.delivery.carrier_id, town.delivery.state) == ("CB", "booked")
    town.work()
    assert town.tell("CA", "deliver", START + 40).known == 1
    assert town.delivery.state == "booked"
    assert town.bookings == [("CA", "dropped", "no_courier"), ("CB", "confirmed", "")]


def test_one_that_is_given_back_after_pickup_is_a_matter_for_people_once(town: Town):
    town.order()
    town.work()
    town.tell("CA", "pick_up", START + 60)
    for _ in range(2):
        assert town.tell("CA", "cancel", START + 90, reason="carrier_other").known == 1
    assert (town.delivery.carrier_id, town.delivery.state) == ("CA", "picked_up")
    (told,) = town.rows(exceptions)
    assert (told.code, told.state, told.site_id) == ("given_back_after_pickup", "open", town.delivery.site_id)
    assert told.detail == f"CA gave {town.delivery.delivery_id} back after pickup (carrier_other): it has the parcels."


def test_a_delivery_that_is_called_off_here_is_called_off_there_and_its_fee_kept(town: Town):
    town.order()
    town.work()
    with town.database.writing() as connection:
        change_delivery(
            connection, CALLER, town.delivery.delivery_id, Decided(event="cancel", reason="shopper"), now=START
        )
    town.work()
    assert town.bookings == [("CA", "called_off", "not_needed")]
    assert town.rows(carrier_bookings)[0].price_minor == 300
    assert len(town.connected["CA"].cancelled) == 1


def test_what_a_carrier_had_given_back_itself_when_it_was_called_off_costs_nothing(town: Town):
    town.order()
    town.work()
    town.connected["CA"].event = "reassign"
    with town.database.writing() as connection:
        change_delivery(connection, CALLER, town.delivery.delivery_id, Decided(event="cancel", reason="x"), now=START)
    town.work()
    assert town.bookings == [("CA", "called_off", "not_needed")]
    assert town.rows(carrier_bookings)[0].price_minor == 0


def test_a_carrier_that_is_silent_is_asked(town: Town):
    town.order()
    town.work()
    town.connected["CA"].event, town.connected["CA"].event_at = "pick_up", START + 300
    town.work(300)
    assert town.delivery.state == "booked"
    town.work(400)
    assert town.delivery.state == "picked_up"


def test_facts_about_nothing_of_ours_change_nothing(town: Town):
    town.order()
    town.work()
    assert town.tell("CA", "deliver", START, delivery_id="other").unknown == 1
    assert town.tell("CA", "", START).known == 1
    assert town.delivery.state == "booked"


@pytest.mark.parametrize(
    ("bob", "has_it", "words"),
    [
        ({"price_minor": 700}, "CB", ["quoted 900", "quoted 700"]),
        ({"price_minor": 950}, "CA", ["quoted 900", "quoted 950"]),
        ({"price_minor": 700, "dropoff_at": NOW + 9 * 86_400}, "CA", ["quoted 700, but is there too late"]),
        ({"price_minor": 700, "quotes": False}, "CA", ["quotes nothing: invalid"]),
    ],
)
def test_of_those_that_quote_the_cheapest_in_time_is_booked_and_the_decision_says_what_each_quoted(
    town: Town, bob: dict[str, Any], has_it: str, words: list[str]
):
    town.order()
    town.compares = True
    town.connected = {"CA": Courier(quotes=True), "CB": Courier(**{"quotes": True} | bob)}
    for _ in range(2):
        town.work()
    assert (town.delivery.carrier_id, town.delivery.state) == (has_it, "booked")
    assert [name for name, courier in town.connected.items() if courier.booked] == [has_it]
    assert all(word in town.rows(decisions)[-1].alternatives for word in words)
    if has_it == "CB":
        assert town.bookings == [("CA", "called_off", "dearer"), ("CB", "confirmed", "")]
        assert '"carrier_fee":700' in town.delivery.cost_parts


def test_who_was_dearer_still_follows_where_the_cheapest_refuses(town: Town):
    town.order()
    town.compares = True
    town.connected = {"CA": Courier(quotes=True), "CB": Courier(quotes=True, price_minor=700, refuses="no_courier")}
    for _ in range(4):
        town.work()
    last = [("CA", "called_off", "dearer"), ("CB", "refused", "no_courier"), ("CA", "confirmed", "")]
    assert town.bookings == last


def test_an_end_that_bears_no_price_is_asked_for_it(town: Town):
    town.order()
    town.work()
    town.tell("CA", "pick_up", START + 60)
    town.tell("CA", "start_return", START + 120)
    town.tell("CA", "take_back", START + 180)
    assert (town.delivery.state, town.bookings) == ("returned", [("CA", "confirmed", "")])
    town.connected["CA"].event, town.connected["CA"].price_minor = "take_back", 1_350
    town.work()
    assert town.bookings == [("CA", "ended", "")]
    assert (town.rows(carrier_bookings)[0].price_minor, town.rows(carrier_bookings)[0].quoted_minor) == (1_350, 900)


def test_old_news_with_an_old_price_does_not_end_a_booking(town: Town):
    town.order()
    town.work()
    town.tell("CA", "pick_up", START + 60)
    town.tell("CA", "take_back", START + 180)
    town.tell("CA", "arrive_at_dropoff", START + 90, price_minor=900)
    assert town.bookings == [("CA", "confirmed", "")]
    town.tell("CA", "take_back", START + 180, price_minor=1_350)
    assert (town.bookings, town.rows(carrier_bookings)[0].price_minor) == ([("CA", "ended", "")], 1_350)


@pytest.mark.parametrize(("event", "ends", "owed_minor"), [("deliver", "ended", 900), ("reassign", "dropped", 0)])
def test_what_is_too_late_to_be_called_off_is_owed_what_it_comes_to(town: Town, event: str, ends: str, owed_minor: int):
    town.order()
    town.work()
    with town.database.writing() as connection:
        change_delivery(connection, CALLER, town.delivery.delivery_id, Decided(event="cancel", reason="x"), now=START)
        (asked,) = calls_off_due(connection, CALLER, ["CA"])
        store_called_off(connection, CALLER, asked, fee_minor=None, reason="not_cancellable", now=START + 30)
        assert calls_off_due(connection, CALLER, ["CA"]) == ()
    assert town.bookings == [("CA", "confirmed", "not_cancellable")]
    town.connected["CA"].event = event
    town.work()
    assert [state for _, state, _ in town.bookings] == [ends]
    with town.database.writing() as connection:
        while keep_books(connection, now=town.clock.now):
            pass
    assert sum(row.amount_minor for row in town.rows(money_entries) if row.account == "carrier") == owed_minor


def test_a_webhook_without_a_price_does_not_end_what_was_called_off_before_its_fee_is_known(town: Town):
    town.order()
    town.work()
    with town.database.writing() as connection:
        change_delivery(connection, CALLER, town.delivery.delivery_id, Decided(event="cancel", reason="x"), now=START)
    town.tell("CA", "cancel", START + 20)
    assert town.bookings == [("CA", "confirmed", "")]
    town.work()
    assert town.bookings == [("CA", "called_off", "not_needed")]
    assert town.rows(carrier_bookings)[0].price_minor == 300
