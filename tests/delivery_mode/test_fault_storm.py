"""The fault storm of the benchmark: a small one leaves nothing wrong, and its judge sees what is wrong."""

from pathlib import Path

import pytest

from benchmarks.delivery_mode.storm import opened_storm
from benchmarks.delivery_mode.storm_judge import Ours, Theirs, Verdict, judge_books, replay
from doorstep.storage.check import check_books

THEIRS = Theirs("uber", "bkg_1", "returned", 1_200)
OURS = Ours("bkg_1", "uber", "ended", "", "dlv_1", "ord_1", "returned", "uber", 1_200)
BROUGHT = THEIRS._replace(end="delivered")
AGAIN = OURS._replace(booking_id="bkg_2", carrier_id="stuart")
LIFE = (
    (1, "carrier_booking", "bkg_1", "create", "", "asked"),
    (2, "carrier_booking", "bkg_1", "confirm", "asked", "confirmed"),
    (3, "delivery", "dlv_1", "create", "", "booked"),
    (4, "delivery", "dlv_1", "deliver", "booked", "delivered"),
)


def test_a_small_storm_books_nothing_twice_loses_nothing_and_balances(tmp_path: Path):
    with opened_storm(f"sqlite:///{tmp_path}/storm.db", seed=1) as storm:
        storm.wave(50)
        with storm.database.reading() as connection:
            assert check_books(connection) == []
    found = storm.verdict
    assert (found.double, found.lost, found.differ, found.illegal, found.money_off_minor) == (0, 0, 0, 0, 0), found.said
    drawn = ("sent_twice", "out_of_order", "timeout_after_commit", "booking_refused_quote_expired", "given_back")
    assert all(storm.counts[name] for name in drawn), storm.counts
    assert storm.counts["events"] > 350


def test_books_that_agree_are_found_to_agree():
    verdict = Verdict()
    judge_books(verdict, [THEIRS], [OURS])
    assert replay(verdict, LIFE, {}) == 4
    assert verdict == Verdict()


@pytest.mark.parametrize(
    ("what", "count", "theirs", "ours"),
    [
        ("double", 2, [THEIRS, THEIRS], [OURS]),
        ("double", 2, [BROUGHT, BROUGHT._replace(carrier_id="stuart", booking_id="bkg_2")], [OURS, AGAIN]),
        ("lost", 1, [], [OURS]),
        ("lost", 1, [THEIRS], []),
        ("differ", 1, [BROUGHT], [OURS]),
        ("differ", 1, [THEIRS], [OURS._replace(state="confirmed")]),
        ("money_off_minor", 450, [THEIRS], [OURS._replace(owed_minor=750)]),
    ],
)
def test_the_judge_sees_what_was_planted(what: str, count: int, theirs: list[Theirs], ours: list[Ours]):
    verdict = Verdict()
    judge_books(verdict, theirs, ours)
    assert getattr(verdict, what) == count
    assert verdict.said


@pytest.mark.parametrize(
    "row",
    [
        (5, "carrier_booking", "bkg_1", "refuse", "confirmed", "refused"),
        (5, "carrier_booking", "bkg_1", "end", "asked", "ended"),
        (5, "delivery", "dlv_1", "take_back", "delivered", "returned"),
        (5, "delivery", "dlv_2", "deliver", "booked", "delivered"),
    ],
    ids=["not_from_there", "it_was_elsewhere", "it_had_ended", "it_was_never_made"],
)
def test_the_judge_sees_a_step_that_no_lifecycle_has(row: tuple[object, ...]):
    verdict = Verdict()
    replay(verdict, [*LIFE, row], {})
    assert verdict.illegal == 1
