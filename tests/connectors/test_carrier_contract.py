"""What every carrier's connector keeps, against the simulator of its vendor."""

import json
from dataclasses import replace
from typing import Any

import pytest

from doorstep.domain.lifecycles.delivery import DELIVERY
from doorstep.domain.reasons import REASONS
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import REFUSALS, CarrierBusyError, CarrierDelivery, CarrierFact, CarrierRefusedError
from doorstep.simulation.carriers import Faults, Terms, take_webhooks
from doorstep.simulation.carriers.journey import Point
from doorstep.simulation.carriers.serving import PICTURE
from tests.connectors.carrier_desks import DESKS, DOOR, HOLDING, NOW, PRICE_MINOR, QUOTING, WAY, WIRED, Desk, nowhere

EVENTS = {transition.event for transition in DELIVERY.transitions}
quoting = pytest.mark.parametrize("desk", QUOTING, indirect=True)
wired = pytest.mark.parametrize("desk", WIRED, indirect=True)
holding = pytest.mark.parametrize("desk", HOLDING, indirect=True)


@pytest.fixture(params=sorted(DESKS))
def desk(request: pytest.FixtureRequest) -> Desk:
    return DESKS[request.param]()


def booked(desk: Desk) -> CarrierDelivery:
    return desk.carrier.book(desk.asked, desk.carrier.quote(desk.asked))


def found(desk: Desk, first: CarrierDelivery) -> CarrierDelivery:
    return desk.carrier.find(first.delivery_id, first.carrier_ref)


def heard(desk: Desk) -> list[CarrierFact]:
    now = int(desk.clock())
    return [
        fact
        for message in take_webhooks(desk.dialect)
        for fact in desk.carrier.read_webhook(message.headers, message.body, now=now)
    ]


def refused(call: Any, *given: Any) -> str:
    with pytest.raises(CarrierRefusedError) as caught:
        call(*given)
    assert caught.value.reason in REFUSALS
    return caught.value.reason


def test_a_quote_has_a_price_times_and_an_end(desk):
    quote = desk.carrier.quote(desk.asked)
    assert (quote.price_minor, quote.currency, quote.expires_at) == (PRICE_MINOR, "USD", NOW + desk.quote_s)


@quoting
def test_a_quote_tells_when_the_courier_comes(desk):
    quote = desk.carrier.quote(desk.asked)
    assert NOW + 600 - 60 < quote.pickup_at < desk.asked.pickup_by
    assert quote.dropoff_at == 0 or quote.pickup_at < quote.dropoff_at < desk.asked.arrive_by


def test_a_booking_costs_what_was_quoted_and_waits_for_a_courier(desk):
    first = booked(desk)
    assert (first.delivery_id, first.event, first.price_minor, first.event_at) == ("dlv_1", "book", PRICE_MINOR, NOW)
    assert first.tracking_url.startswith("https://")
    assert nowhere(first.lat, first.lon)
    assert not first.courier


def test_a_booking_needs_no_quote(desk):
    assert desk.carrier.book(desk.asked).price_minor == PRICE_MINOR


def test_a_booking_without_its_quote_at_hand_takes_the_quote(desk):
    desk.carrier.quote(desk.asked)
    assert desk.carrier.book(desk.asked).price_minor == PRICE_MINOR
    assert len(desk.fleet.bookings) == 1


def test_a_second_booking_returns_the_first_and_makes_no_other(desk):
    quote = desk.carrier.quote(desk.asked)
    first = desk.carrier.book(desk.asked, quote)
    desk.pass_to("at_pickup")
    second = desk.carrier.book(desk.asked, quote)
    assert (second.carrier_ref, second.event) == (first.carrier_ref, "arrive_at_pickup")
    assert desk.carrier.book(desk.asked).carrier_ref == first.carrier_ref
    assert len(desk.fleet.bookings) == 1


def test_two_deliveries_are_two_bookings(desk):
    other = replace(desk.asked, delivery_id="dlv_2")
    refs = {booked(desk).carrier_ref, desk.carrier.book(other, desk.carrier.quote(other)).carrier_ref}
    assert len(refs) == len(desk.fleet.bookings) == 2


def test_a_delivery_is_found_by_our_id_alone(desk):
    first = booked(desk)
    assert desk.carrier.find("dlv_1").carrier_ref == first.carrier_ref
    assert refused(desk.carrier.find, "dlv_9") == "not_found"


def test_a_delivery_is_found_along_its_life(desk):
    first = booked(desk)
    for state in WAY:
        desk.pass_to(state)
        if state in desk.way:
            there = found(desk, first)
            assert (there.event, there.event_at, there.price_minor) == (
                desk.way[state], int(desk.clock()), PRICE_MINOR
            )  # fmt: skip
            assert nowhere(there.lat, there.lon) == (state == "delivered")


@wired
def test_the_courier_moves_from_the_store_to_the_door(desk):
    first = booked(desk)
    desk.pass_to("en_route_to_dropoff")
    start = found(desk, first)
    (booking,) = desk.fleet.bookings.values()
    desk.clock.now = (desk.clock.now + booking.journey.begins_at("at_dropoff")) / 2
    half = found(desk, first)
    assert (start.lat, start.lon) == (desk.asked.pickup.lat, desk.asked.pickup.lon)
    assert half.lat == pytest.approx((desk.asked.pickup.lat + DOOR.lat) / 2, abs=1e-5)
    assert half.lon == pytest.approx((desk.asked.pickup.lon + DOOR.lon) / 2, abs=1e-5)


@wired
def test_webhooks_tell_the_same_life_as_asking_does(desk):
    first = booked(desk)
    desk.pass_to("delivered")
    facts = heard(desk)
    told = list(dict.fromkeys(fact.event for fact in facts if fact.event not in ("book", "assign")))
    assert told == list(desk.way.values())
    assert {fact.delivery_id for fact in facts} == {"dlv_1"}
    assert {fact.carrier_ref for fact in facts} <= {first.carrier_ref, ""}
    assert len({fact.fact_id for fact in facts}) == len(facts)
    assert facts[-1].occurred_at == found(desk, first).event_at
    assert heard(desk) == []


@wired
def test_webhooks_that_come_twice_have_one_id(desk):
    desk.break_with(duplicate_webhook=1)
    booked(desk)
    desk.pass_to("delivered")
    facts = heard(desk)
    assert facts[0::2] == facts[1::2]
    assert len({fact.fact_id for fact in facts}) == len(facts) // 2


@pytest.mark.parametrize("desk", [name for name in WIRED if name != "stuart"], indirect=True)
def test_webhooks_that_come_late_keep_their_time_and_id(desk):
    booked(desk)
    desk.break_with(reordered_webhook=0.5)
    facts = []
    for state in WAY:
        desk.pass_to(state)
        facts += heard(desk)
    facts += heard(desk)
    times = [fact.occurred_at for fact in facts]
    assert times != sorted(times)
    in_order = sorted(facts, key=lambda fact: fact.occurred_at)
    told = list(desk.way.values())
    assert [fact.event for fact in in_order if fact.event in told][-len(told) :] == told


@wired
def test_a_webhook_that_somebody_else_signed_is_refused(desk):
    booked(desk)
    desk.pass_to("picked_up")
    message = take_webhooks(desk.dialect)[-1]
    forged = {name: value + "0" if name != "content-type" else value for name, value in message.headers.items()}
    for headers in (forged, {}):
        with pytest.raises(InputError, match="webhook"):
            desk.carrier.read_webhook(headers, message.body, now=NOW)


def test_cancelling_is_free_until_a_courier_is_assigned(desk):
    first = booked(desk)
    gone = desk.carrier.cancel(first.carrier_ref, "retailer_cancelled")
    assert (gone.event, gone.price_minor) == ("cancel", 0)


@wired
def test_cancelling_costs_a_fee_afterwards(desk):
    first = booked(desk)
    desk.pass_to(desk.cancel_until)
    gone = desk.carrier.cancel(first.carrier_ref, "retailer_cancelled")
    assert (gone.event, gone.price_minor) == ("cancel", desk.fleet.terms.cancel_fee_minor)
    assert [fact.event for fact in heard(desk)][-1] == "cancel"


@quoting
def test_cancelling_may_be_asked_twice(desk):
    first = booked(desk)
    gone = desk.carrier.cancel(first.carrier_ref, "retailer_cancelled")
    assert desk.carrier.cancel(first.carrier_ref, "retailer_cancelled") == gone
    assert found(desk, first) == gone


@pytest.mark.parametrize("state", ["picked_up", "delivered"])
def test_what_was_picked_up_cannot_be_cancelled(desk, state):
    first = booked(desk)
    desk.pass_to(state)
    assert refused(desk.carrier.cancel, first.carrier_ref, "retailer_cancelled") == "not_cancellable"


@wired
def test_a_failed_drop_off_is_brought_back_for_a_fee(desk):
    desk.break_with(returned=1)
    first = booked(desk)
    seen = []
    for state in ("at_dropoff", "returning", "at_return", "returned"):
        desk.pass_to(state)
        seen.append(found(desk, first))
    assert [there.event for there in seen] == ["arrive_at_dropoff", "start_return", "arrive_at_return", "take_back"]
    assert seen[-1].price_minor == PRICE_MINOR + desk.fleet.terms.return_fee_minor
    assert {there.carrier_ref for there in seen} == {first.carrier_ref}
    facts = heard(desk)
    assert [fact.event for fact in facts][-3:] == ["start_return", "arrive_at_return", "take_back"]
    assert {fact.delivery_id for fact in facts} == {first.delivery_id}


def test_proofs_are_those_that_were_required(desk):
    first = booked(desk)
    assert desk.carrier.proofs(first.carrier_ref) == ()
    desk.pass_to("delivered")
    proofs = desk.carrier.proofs(first.carrier_ref)
    assert {(proof.kind, proof.picture) for proof in proofs} == {("photo", PICTURE), ("signature", PICTURE)}


def test_instructions_can_be_changed_until_the_end(desk):
    first = booked(desk)
    changed = replace(desk.asked, dropoff=replace(DOOR, instructions="Second floor"))
    assert desk.carrier.update(first.carrier_ref, changed).carrier_ref == first.carrier_ref
    (booking,) = desk.fleet.bookings.values()
    assert '"Second floor"' in json.dumps(booking.asked.said)
    desk.pass_to("delivered")
    assert refused(desk.carrier.update, first.carrier_ref, changed) == "invalid"


@holding
def test_the_tip_can_be_changed(desk):
    first = booked(desk)
    desk.carrier.update(first.carrier_ref, replace(desk.asked, tip_minor=500))
    (booking,) = desk.fleet.bookings.values()
    assert 500 in (booking.asked.said.get("tip_by_customer"), booking.asked.said.get("tip"))


@holding
def test_a_quote_that_expired_is_refused(desk):
    quote = desk.carrier.quote(desk.asked)
    desk.clock.advance(desk.quote_s + 1)
    assert refused(desk.carrier.book, desk.asked, quote) == "quote_expired"
    again = desk.carrier.book(desk.asked, desk.carrier.quote(desk.asked))
    assert again.price_minor == PRICE_MINOR


@quoting
def test_what_lies_outside_its_area_is_refused(desk):
    desk.fleet.terms = Terms(centre=Point(lat=40.7, lon=-74.0))
    assert refused(desk.carrier.quote, desk.asked) == "out_of_coverage"


@quoting
def test_a_way_that_is_too_long_is_refused(desk):
    desk.fleet.terms = Terms(longest_m=1_000)
    assert refused(desk.carrier.quote, desk.asked) in ("too_far", "out_of_coverage")


@wired
def test_a_carrier_without_time_says_how_long_to_wait(desk):
    desk.carrier.book(desk.asked)
    desk.break_with(rate_limited=1)
    with pytest.raises(CarrierBusyError) as caught:
        desk.carrier.book(desk.asked)
    assert caught.value.retry_after_s == 7


@wired
def test_a_carrier_that_is_broken_may_be_asked_again(desk):
    desk.break_with(server_error=1)
    with pytest.raises(UpstreamError) as caught:
        desk.carrier.book(desk.asked)
    assert not isinstance(caught.value, CarrierRefusedError)
    desk.break_with()
    assert desk.carrier.book(desk.asked).price_minor == PRICE_MINOR


@wired
@pytest.mark.parametrize("quoted", [True, False])
def test_a_booking_whose_answer_got_lost_is_found_by_booking_again(desk, quoted):
    quote = desk.carrier.quote(desk.asked) if quoted else None
    desk.break_with(timeout_after_commit=1)
    with pytest.raises(UpstreamError) as caught:
        desk.carrier.book(desk.asked, quote)
    assert not isinstance(caught.value, CarrierRefusedError)
    again = desk.carrier.book(desk.asked, quote)
    assert (again.delivery_id, again.event) == ("dlv_1", "book")
    assert len(desk.fleet.bookings) == 1


@wired
def test_a_courier_who_drops_out_is_replaced_or_the_carrier_falls_out(desk):
    desk.break_with(courier_drops_out=1)
    ends = set()
    for number in range(12):
        desk.asked = replace(desk.asked, delivery_id=f"dlv_{number}")
        first = booked(desk)
        journey = desk.fleet.bookings[f"{number + 1:06d}"].journey
        (lost,) = [step for step in journey.steps if step.reason in ("no_courier", "courier_dropped_out")]
        desk.clock.now = max(desk.clock.now, lost.at)
        there = found(desk, first)
        ends.add((there.event, there.reason))
    assert ends == {("book", ""), ("reassign", "carrier_no_courier")}


@wired
def test_everything_that_is_told_is_an_event_of_our_lifecycle(desk):
    desk.fleet.faults = Faults(rates={"returned": 0.5, "courier_drops_out": 0.5}, seed=3)
    for number in range(8):
        desk.asked = replace(desk.asked, delivery_id=f"dlv_{number}")
        booked(desk)
    desk.clock.advance(7_000)
    assert {fact.event for fact in heard(desk)} <= EVENTS


@wired
def test_reasons_are_told_in_our_words(desk):
    reasons = set()
    for fault in ("courier_drops_out", "returned"):
        desk.break_with(**{fault: 1})
        for number in range(8):
            desk.asked = replace(desk.asked, delivery_id=f"{fault}_{number}")
            booked(desk)
        for _ in range(4):
            desk.clock.now += 3_600
            reasons |= {fact.reason for fact in heard(desk)}
        desk.asked = replace(desk.asked, ready_at=int(desk.clock()) + 600, pickup_by=int(desk.clock()) + 2_400,
                             arrive_by=int(desk.clock()) + 7_200)  # fmt: skip
    assert reasons & set(REASONS)
    assert reasons <= {"", *REASONS}
