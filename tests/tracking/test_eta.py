"""Arrivals predicted, beside days that are driven one at a time by plain Python."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.tracking import Ahead, Driven, learn, predict
from doorstep.tracking.eta import STATED_PACES, Calibration, Paces
from doorstep.tracking.eta_learning import OFFSET_S, Belief, Pace, Spans, Taken, learn_pace

EXACT = Pace(of_run=1e-9, noise=1e-9)
SURE = Paces(drives=EXACT, services=EXACT, calibration=Calibration.stated())


def whole(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


def spans(*planned_s: int, **keys: tuple[str, ...]) -> Spans:
    return Spans(planned_s=whole(*planned_s), keys=keys)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def ahead(*, now: int = 0, serving: bool = False, opens: tuple[int, ...] = (0, 0, 0), **more: Taken) -> Ahead:
    return Ahead(drives=spans(300, 200, 100), services=spans(60, 60, 60), not_before_at=whole(*opens), since_at=0,
                 now=now, serving=serving, **more)  # fmt: skip


def test_without_spread_the_arrivals_are_the_plans_and_a_stop_that_opens_later_swallows_the_wait() -> None:
    assert predict(ahead(), SURE, level=0.9, rng=rng()).expected_at.tolist() == pytest.approx([300, 560, 720], abs=1)
    waiting = predict(ahead(opens=(1_000, 0, 0)), SURE, level=0.9, rng=rng())
    assert waiting.expected_at.tolist() == pytest.approx([300, 1_260, 1_420], abs=1)


def test_where_a_van_is_being_served_its_arrival_is_known() -> None:
    found = predict(ahead(serving=True, now=10), SURE, level=0.9, rng=rng())
    assert (found.expected_at[0], found.from_at[0], found.until_at[0]) == (0, 0, 0)
    assert found.expected_at[1:].tolist() == pytest.approx([260, 420], abs=1)


def test_a_drive_that_has_lasted_longer_than_planned_does_not_end_before_now() -> None:
    found = predict(ahead(now=900), STATED_PACES, level=0.9, rng=rng())
    assert found.from_at[0] >= 900
    assert found.expected_at[0] < predict(ahead(now=1_800), STATED_PACES, level=0.9, rng=rng()).expected_at[0]


def test_a_run_that_was_slow_so_far_is_expected_to_stay_slow_and_more_so_the_longer_it_was() -> None:
    def after(drives: int) -> int:
        taken = Taken(spans=spans(*[300] * drives), actual_s=np.full(drives, 450), run=("today",) * drives)
        return int(predict(ahead(driven=taken), STATED_PACES, level=0.9, rng=rng()).expected_at[-1])

    assert after(0) < after(2) < after(20) < 1.5 * 720


def test_predictions_agree_with_days_driven_one_at_a_time() -> None:
    pace = Pace(mean=0.1, of_run=0.03, noise=0.1)
    opens = (400, 0, 900)
    found = predict(ahead(opens=opens), Paces(drives=pace, services=pace, calibration=Calibration.stated()), level=0.8,
                    rng=rng(), draws=20_000)  # fmt: skip
    dice = random.Random(7)

    def took(planned_s: int, run: float) -> float:
        log = 0.1 + run + dice.gauss(0, math.sqrt(0.1))
        return max(0.0, (planned_s + OFFSET_S) * math.exp(log) - OFFSET_S)

    days: list[list[float]] = []
    for _ in range(20_000):
        at, came, on_road, at_doors = 0.0, [], dice.gauss(0, math.sqrt(0.03)), dice.gauss(0, math.sqrt(0.03))
        for planned_s, opened in zip((300, 200, 100), opens, strict=True):
            at += took(planned_s, on_road)
            came.append(at)
            at = max(at, opened) + took(60, at_doors)
        days.append(came)
    low, middle, high = np.quantile(np.array(days), (0.1, 0.5, 0.9), axis=0)
    assert found.expected_at == pytest.approx(middle, rel=0.02)
    assert found.from_at == pytest.approx(low, rel=0.03)
    assert found.until_at == pytest.approx(high, rel=0.03)


@settings(max_examples=30, deadline=None)
@given(
    drives=st.lists(st.integers(0, 4_000), min_size=1, max_size=6),
    now=st.integers(0, 20_000),
    serving=st.booleans(),
    opens=st.integers(0, 30_000),
    level=st.floats(0.05, 0.98),
)
def test_intervals_hold_their_middle_never_go_back_along_the_route_and_grow_with_their_level(
    drives: list[int], now: int, serving: bool, opens: int, level: float
) -> None:
    route = Ahead(drives=spans(*drives), services=spans(*[120] * len(drives)), now=now, since_at=0, serving=serving,
                  not_before_at=np.full(len(drives), opens))  # fmt: skip
    found = predict(route, STATED_PACES, level=level, rng=rng(), draws=200)
    wider = predict(route, STATED_PACES, level=0.98, rng=rng(), draws=200)
    assert (found.from_at <= found.expected_at).all()
    assert (found.expected_at <= found.until_at).all()
    assert (np.diff(found.expected_at) >= 0).all()
    assert (found.expected_at[serving:] >= now).all()
    assert (wider.until_at >= found.until_at).all()
    assert (wider.from_at <= found.from_at).all()


def test_levels_that_cannot_be_stated_are_refused() -> None:
    with pytest.raises(InputError, match="level"):
        predict(ahead(), STATED_PACES, level=0.999, rng=rng())


def test_what_an_hour_costs_is_learnt_and_little_is_believed_of_few_spans() -> None:
    dice = rng()
    hours = tuple("rush" if n % 2 else "calm" for n in range(800))
    ratio = np.array([0.5 if hour == "rush" else 0.0 for hour in hours]) + dice.normal(0, 0.2, 800)
    actual_s = np.rint((300 + OFFSET_S) * np.exp(ratio) - OFFSET_S).astype(np.int64)
    taken = Taken(spans=spans(*[300] * 800, hour=hours), actual_s=actual_s, run=tuple(str(n // 20) for n in range(800)))
    pace = learn_pace(taken)
    gap = pace.effects["hour"]["rush"].mean - pace.effects["hour"]["calm"].mean
    assert gap == pytest.approx(0.5, abs=0.05)
    assert pace.noise == pytest.approx(0.04, abs=0.01)
    few = learn_pace(taken.part(0, 6))
    assert 0 < few.effects["hour"]["rush"].mean - few.effects["hour"]["calm"].mean < 0.25
    mean, _ = pace.expect(spans(300, hour=("never seen",)))
    assert mean[0] == pytest.approx(0.25, abs=0.05)


def test_nothing_known_is_what_is_stated() -> None:
    paces = learn([], rng=rng())
    assert (paces.drives, paces.services) == (STATED_PACES.drives, STATED_PACES.services)
    assert paces.drives.of_today(Taken(spans=spans(), actual_s=whole(), run=())) == Belief(0.0, paces.drives.of_run)


def driven(run: int) -> Driven:
    dice = np.random.default_rng(run)
    at, arrive, leave = 0.0, [], []
    slow = dice.normal(0, 0.15)
    for _ in range(12):
        at += 400 * math.exp(slow + dice.standard_t(3) * 0.25)
        arrive.append(at)
        at += 150 * math.exp(dice.normal(0.3, 0.7))
        leave.append(at)
    return Driven(run=str(run), drives=spans(*[300] * 12), services=spans(*[150] * 12), start_at=0,
                  not_before_at=np.zeros(12, dtype=np.int64), arrive_at=np.array(arrive, dtype=np.int64),
                  leave_at=np.array(leave, dtype=np.int64))  # fmt: skip


def test_what_is_stated_with_ninety_percent_comes_true_nine_times_in_ten() -> None:
    paces = learn([driven(run) for run in range(120)], rng=rng())
    within = []
    for run in range(1_000, 1_150):
        route = driven(run)
        now = int(np.random.default_rng(run).integers(0, route.arrive_at[-1]))
        left = route.under_way(now)
        found = predict(left, paces, level=0.9, rng=rng(), draws=300)
        came = route.arrive_at[12 - len(left.drives) :]
        within += ((found.from_at <= came) & (came <= found.until_at))[left.serving :].tolist()
    assert 0.86 < np.mean(within) < 0.94  # 120 routes tell it to two points


def test_a_route_under_way_knows_what_was_done_by_then_and_no_more() -> None:
    route = Driven(run="r", drives=spans(10, 10, 10), services=spans(5, 5, 5), not_before_at=whole(0, 50, 0),
                   start_at=0, arrive_at=whole(12, 30, 70), leave_at=whole(20, 60, 80))  # fmt: skip
    on_its_way = route.under_way(25)
    assert (len(on_its_way.drives), on_its_way.since_at, on_its_way.serving) == (2, 20, False)
    assert (on_its_way.driven.actual_s.tolist(), on_its_way.served.actual_s.tolist()) == ([12], [8])
    at_a_door = route.under_way(40)
    assert (len(at_a_door.drives), at_a_door.since_at, at_a_door.serving) == (2, 30, True)
    assert (at_a_door.driven.actual_s.tolist(), at_a_door.served.actual_s.tolist()) == ([12, 10], [8])
    assert route.served.actual_s.tolist() == [8, 10, 10]
