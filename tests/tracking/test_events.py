"""What is told of a route under way: each thing once, however late or often it is heard of."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doorstep.tracking.events import (
    Arrival,
    Fence,
    Happened,
    Limits,
    Plan,
    Seen,
    Watch,
    follow,
    judge,
    metres_from_line,
)

LIMITS = Limits(off_m=500, back_m=300)
DEGREE_M = 111_195.0
PLAN = Plan(fences=(Fence("site", 0.0, 0.0), Fence("A", 0.0, 0.02)), lat=np.zeros(2), lon=np.array([0.0, 0.02]),
            coming="A")  # fmt: skip


def told(positions: Sequence[Seen], plan: Plan = PLAN) -> list[tuple[str, str, int]]:
    watch = Watch()
    found: list[tuple[str, str, int]] = []
    for seen in positions:
        watch, new = follow(watch, seen, plan, LIMITS)
        found += [(event.kind, event.subject, event.at) for event in new]
    return found


def east(at: int, metres: float, north_m: float = 0.0) -> Seen:
    return Seen(at, north_m / DEGREE_M, metres / DEGREE_M)


def test_a_drive_from_the_site_to_a_stop_is_told_step_by_step() -> None:
    positions = [east(0, 0), east(60, 130), east(120, 200), east(300, 2_000), east(360, 2_150), east(400, 2_220)]
    assert told(positions) == [
        ("arrived", "site", 0),
        ("left", "site", 120),  # at 130 m it may still be in the yard
        ("arrived", "A", 360),
        ("arriving", "A", 360),
    ]


def test_standing_is_told_once_and_again_after_it_has_moved() -> None:
    stands = [east(at, 700) for at in range(0, 2_400, 300)]
    again = [east(2_400, 900), east(3_300, 905)]
    assert told([*stands, *again]) == [("dwell", "", 900), ("dwell", "", 3_300)]


def test_a_van_is_off_its_route_when_it_has_been_far_for_a_while_and_back_when_it_is_near() -> None:
    away = [east(0, 700, 600), east(100, 800, 600), east(200, 900, 600), east(300, 1_000, 600)]
    near = [east(400, 1_100, 400), east(500, 1_200, 200)]
    assert told([*away, *near]) == [("off_route", "", 200), ("on_route", "", 500)]
    assert told([east(0, 700, 600), east(100, 800, 400), east(200, 900, 600), east(350, 1_000, 600)]) == []


moves = st.lists(
    st.tuples(st.integers(1, 400), st.integers(-300, 2_600), st.sampled_from([0, 0, 0, 250, 450, 900])),
    max_size=25,
)


@given(moves=moves, echoes=st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)), max_size=20))
def test_late_and_repeated_positions_never_make_an_event_twice(
    moves: list[tuple[int, int, int]], echoes: list[tuple[int, int]]
) -> None:
    at, positions = 0, []
    for wait_s, metres, north_m in moves:
        at += wait_s
        positions.append(east(at, metres, north_m))
    heard = list(positions)
    for which, after in echoes:  # something old is heard again, after something newer
        if which < len(positions):
            place = next((n for n, seen in enumerate(heard) if seen.at >= positions[which].at), 0)
            heard.insert(min(len(heard), place + 1 + after), positions[which])
    found = told(positions)
    assert told(heard) == found
    assert len(set(found)) == len(found)
    off = [kind for kind, _, _ in found if kind.endswith("_route")]
    assert off == (["off_route", "on_route"] * len(off))[: len(off)]
    inside = [(kind, name) for kind, name, _ in found if kind in ("arrived", "left")]
    for name in ("site", "A"):
        mine = [kind for kind, of in inside if of == name]
        assert mine == (["arrived", "left"] * len(mine))[: len(mine)]


@given(st.floats(-2_000, 4_000), st.floats(-3_000, 3_000))
def test_the_distance_from_the_line_is_that_of_its_nearest_point(east_m: float, north_m: float) -> None:
    seen = east(0, east_m, north_m)
    points = np.linspace(0.0, 0.02, 2_001)
    nearest = np.hypot((points - seen.lon) * DEGREE_M, seen.lat * DEGREE_M).min()
    assert abs(metres_from_line(seen, PLAN.lat, PLAN.lon) - nearest) < 5.0


def arrival(expected_at: int, from_at: int, *, name: str = "A") -> Arrival:
    return Arrival(name, expected_at, from_at, expected_at + 600, planned_at=5_000, due_at=6_000)


def judged(*steps: tuple[int, Arrival]) -> list[Happened]:
    watch = Watch()
    found: list[Happened] = []
    for now, one in steps:
        watch, new = judge(watch, [one], LIMITS, coming="A", now=now)
        found += new
    return found


def test_a_shopper_hears_of_a_new_time_only_if_it_moved_much() -> None:
    found = judged((0, arrival(5_300, 5_000)), (60, arrival(5_950, 5_500)), (120, arrival(5_900, 5_500)))
    assert [(event.kind, event.at) for event in found] == [("eta_changed", 60)]


def test_a_delay_is_told_when_it_is_likely_and_when_it_is_sure_and_never_again() -> None:
    found = judged(
        (0, arrival(6_100, 5_600)),
        (60, arrival(6_200, 5_700)),
        (120, arrival(6_700, 6_050)),
        (180, arrival(5_900, 5_500)),  # not late after all: a new time, if it moved enough
        (240, arrival(6_150, 6_010)),
    )
    assert [(event.kind, event.lateness) for event in found] == [("delay_predicted", 1), ("delay_predicted", 2)]


def test_a_prediction_older_than_the_last_one_changes_nothing() -> None:
    assert judged((100, arrival(5_000, 4_800)), (50, arrival(9_000, 8_000))) == []


def test_the_next_stop_hears_that_the_van_is_there_within_a_minute_once() -> None:
    found = judged((4_000, arrival(5_000, 4_800)), (4_950, arrival(5_000, 4_990)), (4_990, arrival(5_040, 5_000)))
    assert [(event.kind, event.at) for event in found] == [("arriving", 4_950)]
    watch, _ = judge(Watch(), [arrival(5_000, 4_990)], LIMITS, coming="A", now=4_950)
    _, again = follow(watch, Seen(4_960, 0.0, 0.02), PLAN, LIMITS)
    assert [event.kind for event in again] == ["arrived"]
