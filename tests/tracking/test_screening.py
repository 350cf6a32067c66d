"""What a position is worth, and where a device is after it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.geography.distance import haversine_m
from doorstep.tracking import Position, screen
from doorstep.tracking.positions import Source
from doorstep.tracking.screening import Standing, Verdict

NOW = 1_772_546_400
HERE = Position(device="d", at=NOW, lat=41.0, lon=-87.0, source=Source.OWN)
GOOD, LATE, JUMP, FUTURE = Verdict
NORTH = 0.01
"""Degrees: 1,112 metres, too far for 15 seconds and near enough for 16."""


def later(seconds: int, north: float = 0.0, source: Source = Source.OWN) -> Position:
    return replace(HERE, at=NOW + seconds, lat=HERE.lat + north, source=source)


def verdicts(*positions: Position) -> list[Verdict]:
    return [verdict for _, verdict in screen(positions, Standing(current=HERE), now=NOW).kept]


def test_the_first_position_is_current():
    found = screen([HERE], Standing(), now=NOW)
    assert (found.kept, found.standing.current) == (((HERE, GOOD),), HERE)


def test_the_same_time_and_source_counts_once_and_the_first_counts():
    other = later(10, north=0.001)
    found = screen([later(10), other, later(10, source=Source.TRACCAR)], Standing(), now=NOW)
    assert [(p.source, p.lat, v) for p, v in found.kept] == [(Source.OWN, 41.0, GOOD), (Source.TRACCAR, 41.0, LATE)]


def test_two_minutes_ahead_is_believed_and_a_second_more_is_put_aside():
    found = screen([later(121), later(120)], Standing(current=HERE), now=NOW)
    assert [v for _, v in found.kept] == [GOOD, FUTURE]
    assert found.standing.current == later(120)


def test_what_comes_late_is_kept_and_moves_nothing():
    found = screen([later(-60), later(0)], Standing(current=HERE), now=NOW)
    assert ([v for _, v in found.kept], found.standing.current) == ([LATE, LATE], HERE)


def test_a_late_batch_that_is_newer_than_what_is_known_is_good_in_the_order_of_its_times():
    found = screen([later(30), later(10), later(20)], Standing(current=HERE), now=NOW + 3_600)
    assert [p.at - NOW for p, _ in found.kept] == [10, 20, 30]
    assert found.standing.current == later(30)


def test_seventy_metres_a_second_can_be_driven_and_more_is_a_jump():
    assert (verdicts(later(15, NORTH)), verdicts(later(16, NORTH))) == ([JUMP], [GOOD])


def test_a_single_jump_is_forgotten_by_the_next_good_position():
    found = screen([later(1, 1.0), later(2)], Standing(current=HERE), now=NOW)
    assert ([v for _, v in found.kept], found.standing) == ([JUMP, GOOD], Standing(current=later(2)))


def test_the_third_jump_that_agrees_is_believed_also_over_several_batches():
    far = [later(seconds, 1.0 + seconds / 10_000) for seconds in (1, 2, 3)]
    standing, found = Standing(current=HERE), []
    for position in far:
        screened = screen([position], standing, now=NOW)
        standing = screened.standing
        found += [v for _, v in screened.kept]
    assert (found, standing) == ([JUMP, JUMP, GOOD], Standing(current=far[2]))


def test_jumps_that_do_not_agree_are_never_believed():
    assert verdicts(*(later(s, 1.0 + s % 2) for s in range(1, 9))) == [JUMP] * 8


@pytest.mark.parametrize(("change", "named"), [({"lat": 90.1}, "lat 90.1"), ({"lon": float("nan")}, "lon nan"),
                                               ({"at": -1}, "time -1")])  # fmt: skip
def test_a_position_is_somewhere_at_some_time(change: dict[str, float], named: str):
    with pytest.raises(InputError, match=named):
        replace(HERE, **change)  # type: ignore[arg-type]


reports = st.builds(
    later,
    st.integers(-300, 300),
    st.sampled_from([0.0, 0.001, NORTH, 1.0]),
    st.sampled_from([Source.OWN, Source.OSMAND]),
)


@given(st.lists(reports, max_size=12))
def test_what_is_current_never_goes_back_never_lies_ahead_and_was_reported(positions: list[Position]):
    found = screen(positions, Standing(current=HERE), now=NOW)
    current = found.standing.current
    assert current is not None
    assert NOW <= current.at <= NOW + 120
    assert current in [HERE, *positions]
    good = [p for p, verdict in found.kept if verdict is GOOD]
    assert current == (good[-1] if good else HERE)
    assert {(p.at, p.source) for p, _ in found.kept} == {(p.at, p.source) for p in positions}
    if JUMP not in {v for _, v in found.kept}:
        steps = zip([HERE, *good], good, strict=False)
        assert all(haversine_m(a.lat, a.lon, b.lat, b.lon) <= 70 * (b.at - a.at) for a, b in steps)
