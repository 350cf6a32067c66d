"""What shoppers are told: few things, none at night, none too late."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.tracking.notices import CHANNELS, DAY_S, HOUR_S, TOPICS, Kept, Rules, Send, decide

NOON = 12 * HOUR_S
BOTH = frozenset(CHANNELS)


USUAL = Rules()


def asked(topic: str, rules: Rules = USUAL, **changes: Any) -> Send | Kept:
    usual: dict[str, Any] = {
        "happened_at": 1_000,
        "now": 1_000,
        "local_s": NOON,
        "told": 0,
        "reachable": BOTH,
        "opted_out": (),
    }
    return decide(topic, rules, **usual | changes)


def test_each_topic_takes_its_better_channel_and_the_other_where_that_is_not_wanted() -> None:
    assert asked("confirmed") == Send(channel="email", at=1_000, until_at=1_000 + DAY_S)
    assert asked("delayed") == Send(channel="sms", at=1_000, until_at=1_000 + 2 * HOUR_S)
    assert asked("delayed", opted_out={"sms"}) == Send(channel="email", at=1_000, until_at=1_000 + 2 * HOUR_S)
    assert asked("arriving", opted_out={"sms"}) == Kept(reason="opted_out")
    assert asked("arriving", reachable={"email"}) == Kept(reason="no_address")
    assert asked("arriving", Rules(topics=frozenset({"delayed"}))) == Kept(reason="switched_off")


def test_at_night_it_waits_for_the_morning_if_it_is_still_of_use_then() -> None:
    night = 23 * HOUR_S
    assert asked("delivered", local_s=night) == Send(channel="email", at=1_000 + 9 * HOUR_S, until_at=1_000 + DAY_S)
    assert asked("delayed", local_s=night) == Kept(reason="outdated")
    assert asked("delayed", local_s=7 * HOUR_S) == Send(channel="sms", at=1_000 + HOUR_S, until_at=1_000 + 2 * HOUR_S)


def test_the_last_notice_of_a_delivery_is_kept_for_how_it_ends() -> None:
    rules = Rules(most=3)
    assert isinstance(asked("delayed", rules, told=1), Send)
    assert asked("delayed", rules, told=2) == Kept(reason="enough_told")
    assert isinstance(asked("delivered", rules, told=2), Send)
    assert asked("delivered", rules, told=3) == Kept(reason="enough_told")


def test_unknown_topics_are_refused() -> None:
    with pytest.raises(InputError, match="lost"):
        Rules(topics=frozenset({"lost"}))


@given(
    topic=st.sampled_from(sorted(TOPICS)),
    begins=st.integers(0, DAY_S - 1),
    ends=st.integers(0, DAY_S - 1),
    local_s=st.integers(0, DAY_S - 1),
    late_s=st.integers(0, DAY_S),
)
def test_nothing_is_sent_in_quiet_hours_nor_when_it_is_outdated(topic, begins, ends, local_s, late_s) -> None:
    found = asked(topic, Rules(quiet_from_s=begins, quiet_until_s=ends), now=1_000 + late_s, local_s=local_s)
    if isinstance(found, Kept):
        return
    at_s = (local_s + found.at - (1_000 + late_s)) % DAY_S
    quiet = begins <= at_s < ends if begins <= ends else at_s >= begins or at_s < ends
    assert not quiet
    assert found.at <= found.until_at == 1_000 + TOPICS[topic].useful_s
