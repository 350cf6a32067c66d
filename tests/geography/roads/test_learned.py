"""Times of arcs learned from what was driven: by hand, and from simulated drives in a town."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.geography.matching import recorded, simulated
from doorstep.foundation import InputError
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.learned import (
    ANY_HOUR,
    Observed,
    all_of,
    classes_of,
    hour_class,
    learn,
    learn_week,
    observed,
)
from doorstep.geography.roads.matching import Driven, Matcher
from tests.geography.roads.by_foot import WHOLE, places
from tests.geography.roads.towns import grid

GRAPH = build_graph(grid(), PROFILES["car"])
ONE_CLASS = np.zeros(GRAPH.arcs, dtype=np.int64)


def seen(arc: list[int], ratio: list[float], hour: int = 0) -> Observed:
    """Return observations of arcs in one class of times of the day."""
    return Observed(arc=np.array(arc, dtype=np.int64), hour=np.full(len(arc), hour), ratio=np.array(ratio, dtype=float))


def test_where_nothing_was_driven_streets_take_what_they_usually_do():
    found = learn(GRAPH, seen([], []), hours=2)
    assert (found.ratio == 1.0).all()
    assert found.ms(GRAPH, 1).tolist() == GRAPH.ms.tolist()


def test_one_observation_proves_little_and_many_prove_much():
    def ratio_of(n: int) -> float:
        many = seen([0] * n + list(range(1, 21)) * 3, [2.0] * n + [1.0, 1.1, 0.9] * 20)
        return float(learn(GRAPH, many, hours=1, street_class=ONE_CLASS).ratio[0, 0])

    assert 1.0 < ratio_of(1) < 1.5
    assert ratio_of(1) < ratio_of(5) < ratio_of(200) <= 2.0
    assert ratio_of(200) > 1.8


def test_a_street_that_was_not_driven_takes_what_its_class_does():
    street_class = ONE_CLASS.copy()
    street_class[GRAPH.arcs // 2 :] = 1
    found = learn(GRAPH, seen([1, 2, 3] * 20, [1.5] * 60), hours=1, street_class=street_class).ratio[0]
    assert found[0] == pytest.approx(1.5, abs=0.05)
    assert found[-1] == pytest.approx(found[-2])
    assert found[0] > found[-1]


def test_one_wild_time_hardly_counts():
    steady = learn(GRAPH, seen([0] * 20, [1.2] * 20), hours=1).ratio[0, 0]
    wild = learn(GRAPH, seen([0] * 21, [1.2] * 20 + [90.0]), hours=1).ratio[0, 0]
    assert wild == pytest.approx(steady, rel=0.02)


def test_each_time_of_the_day_is_learned_by_itself():
    both = all_of([seen([0] * 50, [1.0] * 50, hour=0), seen([0] * 50, [2.0] * 50, hour=1)])
    found = learn(GRAPH, both, hours=3)
    assert found.ratio[:, 0].tolist() == pytest.approx([1.0, 2.0, 1.0], rel=0.1)
    assert found.observations[:, 0].tolist() == [50, 50, 0]


def test_what_was_driven_of_half_an_arc_or_more_counts_with_what_it_usually_takes():
    driven = Driven(arc=np.array([3, 4, 5]), begin=np.array([0, WHOLE // 2, WHOLE // 2 + 9]),
                    finish=np.array([WHOLE, WHOLE, WHOLE]), took_ms=np.array([9_000, 4_000, 1]),
                    usual_ms=np.array([6_000, 4_000, 1]), at=np.array([0, 9, 13]),
                    row=np.zeros(3, dtype=np.int64))  # fmt: skip
    found = observed(driven, np.array([1, 2, 2]))
    assert (found.arc.tolist(), found.hour.tolist(), found.ratio.tolist()) == ([3, 4], [1, 2], [1.5, 1.0])


def test_arcs_hours_and_ratios_that_there_are_not_are_refused():
    with pytest.raises(InputError, match="arc of an observed time must be from 0 to"):
        learn(GRAPH, seen([GRAPH.arcs], [1.0]), hours=1)
    with pytest.raises(InputError, match="hour of an observed time must be from 0 to 0"):
        learn(GRAPH, seen([0], [1.0], hour=1), hours=1)
    with pytest.raises(InputError, match="must be above 0"):
        seen([0], [0.0])
    with pytest.raises(InputError, match="one for each arc"):
        learn(GRAPH, seen([0], [1.0]), hours=1, street_class=np.zeros(3, dtype=np.int64))


@given(st.lists(st.tuples(st.integers(0, GRAPH.arcs - 1), st.floats(0.3, 10.0)), max_size=40))
def test_what_is_learned_lies_between_what_was_seen_and_the_usual(drawn: list[tuple[int, float]]):
    found = learn(GRAPH, seen([arc for arc, _ in drawn], [ratio for _, ratio in drawn]), hours=1)
    ends = [1.0, *(ratio for _, ratio in drawn)]
    assert min(ends) - 1e-9 <= found.ratio.min() <= found.ratio.max() <= max(ends) + 1e-9
    assert (found.ms(GRAPH, 0) >= 1).all()


def test_classes_are_those_of_usual_speeds():
    assert set(classes_of(GRAPH).tolist()) == {2}


def test_a_jam_is_found_out_and_times_know_of_it():
    times = RoadTimes(build_graph(grid(6, 6), PROFILES["car"]))
    graph = times.graph
    slow = np.where(graph.name[graph.edge] == graph.names.index("Row 3"), 3.0, 1.0)
    jam = times.at(np.rint(graph.ms * slow).astype(np.int64))
    matcher, rng = Matcher(times), np.random.default_rng(5)
    parts = []
    for drive in simulated(times, 80, rng, every_s=5, noise_m=5.0, least_m=300):
        legs = [(arc, begin, finish, round(ms * slow[arc])) for arc, begin, finish, ms in drive.legs]
        driven = matcher.match(recorded(graph, legs, rng, every_s=5, noise_m=5.0)).driven
        parts.append(observed(driven, np.zeros(len(driven), dtype=np.int64)))
    found = learn(graph, all_of(parts), hours=1)
    assert np.median(found.ratio[0][slow > 1]) > 1.6 > 1.3 > np.median(found.ratio[0][slow == 1])
    there = times.at(found.ms(graph, 0))
    ends = places((10, 300)), places((490, 300))
    truth, before, after = (int(each.table(*ends)[1][0, 0]) for each in (jam, times, there))
    assert abs(after - truth) < abs(before - truth) / 2


def test_a_week_is_what_streets_take_at_any_hour_and_by_how_much_each_hour_differs():
    rush, night = hour_class(0, 16), hour_class(0, 2)
    both = all_of([seen([0, 1] * 60, [2.0] * 120, hour=rush), seen([0, 1] * 60, [1.0] * 120, hour=night)])
    found = learn_week(GRAPH, both).ratio
    assert found[rush, 0] > found[ANY_HOUR, 0] > found[night, 0]
    assert found[rush, 0] == pytest.approx(2.0, rel=0.1)
    assert found[night, 0] == pytest.approx(1.0, rel=0.1)
    sunday = hour_class(6, 16)
    assert found[sunday].tolist() == pytest.approx(found[ANY_HOUR].tolist())
