"""Deliveries are offered to contractors, accepted, brought and paid; who wants none is followed by the next."""

import pytest

from doorstep.foundation import ConflictError
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.contractors import accept_offer, decline_offer, give_back
from doorstep.operations.contractors.answering import recall_offer
from doorstep.operations.contractors.registry import step_contractor
from doorstep.operations.money import keep_books
from doorstep.storage import Connection
from doorstep.storage.check import check_books
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import exceptions
from tests.databases import CALLER, NOW, Furnished
from tests.operations.contractors.crew import Market, furnish


@pytest.fixture
def market(furnished: Furnished):
    with furnished(furnish) as database:
        market = Market(database)
        yield market
        with database.writing() as connection:
            keep_books(connection, now=market.clock.now)
        with database.reading() as connection:
            assert check_books(connection) == []


def test_one_declines_one_lets_it_expire_and_the_third_brings_it_and_is_owed_for_it(market: Market):
    ann, _, eve = crew = [market.joins(name) for name in ("Ann", "Bob", "Eve")]
    market.work()
    market.does(decline_offer, ann, reason="too_far")
    market.work()
    market.work(130)
    assert market.offers(*crew) == [("Ann", "declined"), ("Bob", "expired"), ("Eve", "offered")]
    market.does(accept_offer, eve)
    market.does(accept_offer, eve)
    (row,) = market.rows(carrier_bookings)
    assert (row.state, row.contractor_id, row.courier, row.price_minor) == ("confirmed", eve.contractor_id, "Eve", 800)
    assert (market.delivery.state, market.delivery.carrier_id) == ("assigned", "CREW")
    assert market.tells(eve, "pick_up") == "applied"
    proof = '{"proofs":[{"kind":"photo","proof_id":"prf_1"}]}'
    assert market.tells(eve, "deliver", details=proof) == "applied"
    assert market.tells(eve, "deliver", details=proof) == "known"
    assert (market.delivery.state, market.bookings) == ("delivered", [("CREW", "ended", "")])
    assert market.paid() == {eve.contractor_id: 800}


def test_when_all_have_declined_the_next_carrier_of_the_decision_follows(market: Market):
    ann = market.joins("Ann")
    market.work()
    market.does(decline_offer, ann, reason="busy")
    market.work()
    assert market.bookings == [("CREW", "refused", "no_contractor")]
    assert (market.delivery.carrier_id, market.delivery.state) == ("CB", "booked")
    assert market.paid() == {}


def test_nobody_is_asked_for_longer_than_a_quarter_of_an_hour(market: Market):
    crew = [market.joins(f"C{number}") for number in range(12)]
    for _ in range(9):
        market.work(130)
    assert [state for _, state in market.offers(*crew)] == ["expired"] * 7
    assert market.delivery.carrier_id == "CB"


def test_only_those_are_asked_who_can_bring_it_and_those_longest_without_an_offer_first(market: Market):
    market.joins("light", max_weight_g=1_999)
    market.joins("small", max_volume_ml=1)
    market.joins("elsewhere", site_ids=("S2",))
    market.joins("far", zones=("999",))
    paused, able = market.joins("paused"), market.joins("able", max_weight_g=1_000_000, site_ids=("S1", "S2"))
    with market.database.writing() as connection:
        step_contractor(connection, CALLER, paused.contractor_id, "pause", now=NOW)
    market.work()
    assert market.offers(able) == [("able", "offered")]


def test_offered_to_some_at_once_the_first_who_accepts_has_it(market: Market):
    market.at_once = 2
    ann, bob, _ = crew = [market.joins(name) for name in ("Ann", "Bob", "Eve")]
    market.work()
    assert market.offers(*crew) == [("Ann", "offered"), ("Bob", "offered")]
    market.does(accept_offer, bob)
    assert market.offers(*crew) == [("Ann", "withdrawn"), ("Bob", "accepted")]
    with pytest.raises(ConflictError, match="withdrawn"):
        market.does(accept_offer, ann)
    market.work(1_000)
    assert market.bookings == [("CREW", "confirmed", "")]


def test_an_offer_whose_time_is_over_cannot_be_accepted_though_nobody_looked(market: Market):
    ann = market.joins("Ann")
    market.work()
    market.clock.now += 120
    with pytest.raises(ConflictError, match="expired"):
        market.does(accept_offer, ann)


@pytest.mark.parametrize("recalled", [False, True])
def test_what_is_given_back_before_pickup_is_offered_to_the_next_and_never_to_the_same_again(
    market: Market, recalled: bool
):
    ann, bob = crew = [market.joins(name) for name in ("Ann", "Bob")]
    market.work()
    market.does(accept_offer, ann)
    market.tells(ann, "start_to_pickup")
    if recalled:
        market.does(lambda c, who, offer, now: recall_offer(c, CALLER, offer, reason="no_show", now=now), ann)
    else:
        market.does(give_back, ann, reason="breakdown")
    assert market.delivery.state == "booked"
    market.work()
    assert market.offers(*crew) == [("Ann", "given_back"), ("Bob", "offered")]
    market.does(accept_offer, bob)
    with pytest.raises(ConflictError, match="not theirs"):
        market.tells(ann, "pick_up")
    market.tells(bob, "pick_up")
    market.tells(bob, "attempt", reason="consignee_unavailable")
    assert [state for _, state, _ in market.bookings] == ["dropped", "confirmed"]
    assert market.paid() == {bob.contractor_id: 800}


def test_what_is_given_back_after_pickup_is_a_matter_for_people(market: Market):
    ann = market.joins("Ann")
    market.work()
    market.does(accept_offer, ann)
    market.tells(ann, "pick_up")
    for _ in range(2):
        market.does(give_back, ann, reason="accident")
    (told,) = market.rows(exceptions)
    assert (told.code, market.delivery.state) == ("given_back_after_pickup", "picked_up")


def test_a_delivery_that_is_called_off_is_offered_no_more_and_owes_nothing(market: Market):
    market.at_once = 2
    ann, _ = crew = [market.joins(name) for name in ("Ann", "Bob")]
    market.work()

    def cancel(connection: Connection) -> None:
        decided = Decided(event="cancel", reason="shopper")
        change_delivery(connection, CALLER, market.delivery.delivery_id, decided, now=market.clock.now)

    with market.database.writing() as connection:
        cancel(connection)
    with pytest.raises(ConflictError, match="nobody is asked"):
        market.does(accept_offer, ann)
    market.work()
    assert market.offers(*crew) == [("Ann", "withdrawn"), ("Bob", "withdrawn")]
    assert (market.bookings, market.paid()) == ([("CREW", "called_off", "not_needed")], {})


def test_who_has_deliveries_in_hand_cannot_end(market: Market):
    ann = market.joins("Ann")
    market.work()
    market.does(accept_offer, ann)
    with market.database.writing() as connection, pytest.raises(ConflictError, match="1 deliveries in hand"):
        step_contractor(connection, CALLER, ann.contractor_id, "end", now=NOW)
