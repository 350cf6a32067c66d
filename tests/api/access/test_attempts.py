"""Attempts are counted by name for a quarter of an hour, in bounded memory."""

from doorstep.api.access.attempts import WINDOW_S, Attempts
from tests.api.desks import SecondHand


def test_after_the_most_one_waits_until_the_oldest_is_over():
    hand = SecondHand()
    attempts = Attempts(hand)
    assert attempts.begin({"a": 2}) == 0
    hand.at += 100
    assert attempts.begin({"a": 2}) == 0
    hand.at += 0.5
    assert attempts.begin({"a": 2}) == WINDOW_S - 100
    hand.at += WINDOW_S - 100.5
    assert attempts.begin({"a": 2}) == 0
    assert attempts.begin({"a": 2}) == 100


def test_who_must_wait_for_one_name_is_not_counted_under_the_others():
    attempts = Attempts(SecondHand())
    for _ in range(5):
        attempts.begin({"a": 1, "b": 2})
    assert attempts.begin({"b": 2}) == 0
    assert attempts.begin({"b": 2}) == WINDOW_S


def test_what_succeeded_is_taken_back_or_forgotten():
    attempts = Attempts(SecondHand())
    attempts.begin({"a": 1, "b": 1})
    attempts.take_back("a")
    attempts.forget("b")
    attempts.take_back("nobody")
    attempts.forget("nobody")
    assert attempts.begin({"a": 1, "b": 1}) == 0


def test_memory_is_bounded_and_the_names_tried_longest_ago_go_first():
    attempts = Attempts(SecondHand(), most_names=3)
    for name in "abcad":
        attempts.begin({name: 9})
    assert len(attempts) == 3
    assert [attempts.begin({name: 1}) > 0 for name in "acd"] == [True, True, True]
    assert attempts.begin({"b": 1}) == 0
