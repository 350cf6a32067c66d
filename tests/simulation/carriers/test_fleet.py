"""The carrier behind the dialects: its clock, its couriers, its faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.simulation.carriers import FAULTS, Faults, Fleet, Terms, VirtualClock
from doorstep.simulation.carriers.fleet import Asked, RefusedError
from doorstep.simulation.carriers.journey import BEFORE_PICKUP, ENDS, Fate, Point, plan_journey
from doorstep.simulation.carriers.serving import Gazetteer

NOW = 1_772_949_600
STORE, DOOR = Point(lat=37.79, lon=-122.40), Point(lat=37.76, lon=-122.43)
ASKED = Asked(caller_id="dlv_1", pickup=STORE, dropoff=DOOR)
fates = st.builds(Fate, drops_out=st.booleans(), replaced=st.booleans(), returned=st.booleans())


@given(fates, st.integers(0, 7_200))
def test_every_way_goes_on_in_time_and_ends(fate, ready_s):
    way = plan_journey(STORE, DOOR, Terms(), now=NOW, ready_at=NOW + ready_s, fate=fate)
    times = [step.at for step in way.steps]
    assert times == sorted(set(times))
    assert way.steps[0].state == "created"
    assert way.steps[-1].state in ENDS
    picked = way.begins_at("picked_up")
    assert picked == 0 or picked >= NOW + ready_s
    ended = "cancelled" if fate.drops_out and not fate.replaced else "returned" if fate.returned else "delivered"
    assert way.steps[-1].state == ended


@given(fates, st.floats(0, 1))
def test_a_courier_is_always_between_the_places_of_its_steps(fate, share):
    way = plan_journey(STORE, DOOR, Terms(), now=NOW, ready_at=NOW, fate=fate)
    now = NOW + share * (way.steps[-1].at - NOW)
    point = way.position(now)
    if point is not None:
        lats = [step.point.lat for step in way.steps]
        assert min(lats) - 1e-9 <= point.lat <= max(lats) + 1e-9


def test_a_cancellation_cuts_the_way_and_nothing_follows():
    clock = VirtualClock(NOW)
    fleet = Fleet(clock)
    booking = fleet.book(ASKED)
    clock.now = booking.journey.begins_at("assigned")
    fleet.cancel(booking)
    clock.advance(100_000)
    assert [news.step.state for news in fleet.news()] == ["created", "assigned", "cancelled"]
    assert booking.cost_minor(fleet.terms, clock()) == 300
    with pytest.raises(RefusedError, match="not_cancellable"):
        fleet.cancel(booking)


def test_a_quote_is_used_once():
    fleet = Fleet(VirtualClock(NOW))
    quote = fleet.quote(ASKED)
    fleet.book(ASKED, quote_id=quote.quote_id)
    with pytest.raises(RefusedError, match="used_quote"):
        fleet.live_quote(quote.quote_id)
    with pytest.raises(RefusedError, match="unknown_quote"):
        fleet.live_quote("none")


def test_a_parcel_may_be_too_heavy():
    with pytest.raises(RefusedError, match="too_heavy"):
        Fleet(VirtualClock(NOW)).quote(Asked(caller_id="", pickup=STORE, dropoff=DOOR, weight_g=22_001))


def test_the_same_seed_brings_the_same_fates_and_another_seed_others():
    def fates_of(seed: int) -> list[str]:
        fleet = Fleet(VirtualClock(NOW), faults=Faults.of("returned=0.5,courier_drops_out=0.3", seed=seed))
        ways = [fleet.book(Asked(caller_id=f"dlv_{k}", pickup=STORE, dropoff=DOOR)) for k in range(20)]
        return [booking.journey.steps[-1].state for booking in ways]

    assert fates_of(1) == fates_of(1) != fates_of(2)
    assert set(fates_of(1)) == ENDS


def test_a_late_webhook_comes_after_the_next_ones_and_is_never_lost():
    clock = VirtualClock(NOW)
    fleet = Fleet(clock, faults=Faults(rates={"reordered_webhook": 1}))
    fleet.book(ASKED)
    assert fleet.news() == []
    assert [news.step.state for news in fleet.news()] == ["created"]


@given(st.sampled_from(sorted(FAULTS)), st.floats(0, 1))
def test_a_rate_is_how_often_a_fault_comes(name, rate):
    faults = Faults(rates={name: rate}, seed=5)
    share = sum(faults.hit(name, key) for key in range(400)) / 400
    assert abs(share - rate) < 0.12


@pytest.mark.parametrize("text", ["rain=0.1", "returned", "returned=often", "returned=1.5", "returned=-1"])
def test_faults_that_make_no_sense_are_refused(text):
    with pytest.raises(InputError, match=r"rain|returned"):
        Faults.of(text)


def test_an_address_is_always_at_the_same_place_near_the_other_end():
    found = Gazetteer().find("1 Unknown Way", DOOR)
    assert found == Gazetteer().find("1 Unknown Way", DOOR)
    assert 0 < found.metres_to(DOOR) < 6_000


def test_no_state_is_both_before_the_pickup_and_an_end():
    assert set() == BEFORE_PICKUP & ENDS
