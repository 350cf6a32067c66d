"""Tracks matched with streets: by hand in small towns, and its parts against trying everything."""

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.geography.matching import measure
from doorstep.connectors.osm import read_streets
from doorstep.foundation import InputError
from doorstep.geography.roads import PROFILES, RoadGraph, RoadTimes, build_graph, find_way
from doorstep.geography.roads._matching_kernels import likeliest
from doorstep.geography.roads.matching import Match, Matcher, Track
from doorstep.geography.roads.way import arcs_driven
from tests.geography.roads.by_foot import WHOLE, graphs
from tests.geography.roads.towns import degrees, grid, town

OSM = Path(__file__).resolve().parents[4] / "shared/data/geo/osm"
CAR = PROFILES["car"]
STREET = {"highway": "residential"}
Spots = list[tuple[float, float]]


def matcher(**streets: object) -> Matcher:
    """Return a matcher for a grid town."""
    return Matcher(RoadTimes(build_graph(grid(**streets), CAR)))  # type: ignore[arg-type]


def recorded(spots: Spots, *, every_s: int = 10, at: list[int] | None = None, noise_m: float = 10.0) -> Track:
    """Return a track through places so many metres from the corner of a town."""
    ends = np.array([degrees(*spot) for spot in spots]).reshape(-1, 2)
    times = np.array(at, dtype=np.int64) if at else 1_000 + every_s * np.arange(len(spots))
    return Track(lat=ends[:, 0], lon=ends[:, 1], at=times, noise_m=np.full(len(spots), noise_m))


def names(match: Match, graph: RoadGraph) -> list[str]:
    """Return the streets that were driven, in order."""
    found = [graph.names[graph.name[graph.edge[arc]]] for arc in match.driven.arc.tolist()]
    return [name for k, name in enumerate(found) if k == 0 or name != found[k - 1]]


def metres(match: Match, graph: RoadGraph) -> float:
    """Return how far the vehicle drove."""
    driven = match.driven
    return float(((driven.finish - driven.begin) / WHOLE * graph.dm[driven.arc] / 10).sum())


EAST_NORTH: Spots = [(30, 4), (90, -6), (150, 5), (195, 20), (204, 80), (196, 140), (203, 190)]
"""East along row 0, and then north along column 2."""


def test_what_is_driven_are_the_arcs_of_the_way():
    own = matcher()
    match = own.match(recorded(EAST_NORTH))
    way = find_way(own.times, degrees(30, 0), degrees(200, 190))
    assert match.driven.arc.tolist() == arcs_driven(way).tolist()
    assert (match.used, match.stretch.tolist()) == (1.0, [0] * 7)
    assert metres(match, own.times.graph) == pytest.approx(360, abs=1)
    assert match.metres.tolist() == [4, 6, 5, 5, 4, 4, 3]
    assert match.confidence[0] > 0.8


def test_times_between_positions_add_up_and_are_shared_out_as_usual():
    own = matcher()
    driven = own.match(recorded(EAST_NORTH)).driven
    assert driven.took_ms.sum() == pytest.approx(60_000, abs=5)
    assert driven.at[0] == 1_000
    assert np.abs(np.diff(driven.at) - driven.took_ms[:-1] // 1000).max() <= 1
    graph = own.times.graph
    assert driven.usual_ms[1] == graph.ms[driven.arc[1]] + min(
        graph.turn_ms[turn]
        for turn in range(graph.turn_first[driven.arc[1]], graph.turn_first[driven.arc[1] + 1])
        if graph.turn_to[turn] == driven.arc[2]
    )


def test_a_one_way_street_is_not_driven_against():
    lines = [([0, 1, 2], STREET | {"oneway": "yes"}, "One way"), ([5, 4, 3], STREET, "Beside"),
             ([0, 3], STREET, "West"), ([2, 5], STREET, "East")]  # fmt: skip
    beside = town([(0, 0), (150, 0), (300, 0), (0, 30), (150, 30), (300, 30)], lines)
    own = Matcher(RoadTimes(build_graph(beside, CAR)))
    on_it: Spots = [(x, 8.0) for x in range(20, 300, 40)]
    assert names(own.match(recorded(on_it)), own.times.graph) == ["One way"]
    assert names(own.match(recorded(on_it[::-1])), own.times.graph) == ["Beside"]


def test_a_forbidden_turn_is_driven_round():
    spots: Spots = [(30, 0), (110, 0), (170, 0), (200, 40), (200, 120)]
    free, bound = matcher(), matcher(turns=[(0, 2, 6, "no_left_turn")])
    assert names(free.match(recorded(spots, every_s=30)), free.times.graph) == ["Row 0", "Column 2"]
    match = bound.match(recorded(spots, every_s=30))
    arcs = match.driven.arc.tolist()
    graph = bound.times.graph
    turns = [graph.turn_to[graph.turn_first[a] : graph.turn_first[a + 1]].tolist() for a in arcs]
    assert all(b in turned for turned, b in zip(turns, arcs[1:], strict=False))


def test_a_position_far_off_is_passed_over():
    own = matcher(rows=8, columns=8)
    straight: Spots = [(x, 0.0) for x in range(20, 700, 60)]
    off = [*straight[:5], (260.0, 240.0), *straight[6:]]
    match = own.match(recorded(off))
    assert match.arc.tolist().index(-1) == 5
    assert [match.used, match.sure[5]] == pytest.approx([11 / 12, 0.0])
    assert names(match, own.times.graph) == ["Row 0"]
    assert metres(match, own.times.graph) == pytest.approx(660, abs=1)


@pytest.mark.parametrize("end", [0, -1])
def test_a_first_or_last_position_far_off_is_passed_over(end: int):
    own = matcher(rows=8, columns=8)
    spots: Spots = [(x, 0.0) for x in range(20, 700, 60)]
    spots[end] = (spots[end][0], 345.0)
    match = own.match(recorded(spots))
    assert np.flatnonzero(match.arc < 0).tolist() == [end % len(spots)]
    assert names(match, own.times.graph) == ["Row 0"]


def test_positions_with_no_street_near_are_left_out():
    own = matcher()
    match = own.match(recorded([(30, 0), (90, 0), (150, 50), (190, 50), (250, 0), (310, 0)], noise_m=5.0))
    assert (match.arc < 0).tolist() == [False, False, True, True, False, False]
    assert metres(match, own.times.graph) == pytest.approx(280, abs=1)


def test_a_long_gap_parts_a_track():
    own = matcher(rows=3, columns=12)
    spots: Spots = [(30, 0), (90, 0), (150, 0), (900, 100), (960, 100)]
    match = own.match(recorded(spots, at=[0, 10, 20, 400, 410]))
    assert match.stretch.tolist() == [0, 0, 0, 1, 1]
    assert match.driven.row.tolist() == sorted(match.driven.row.tolist())
    assert metres(match, own.times.graph) == pytest.approx(120 + 60, abs=1)
    assert match.confidence.size == 2


def test_a_vehicle_that_stands_goes_nowhere_and_its_stop_is_no_time_in_traffic():
    own, rng = matcher(), np.random.default_rng(4)
    standing: Spots = [(160 + x, y) for x, y in rng.normal(0, 4, (30, 2)).tolist()]
    spots: Spots = [(30, 0), (90, 0), (160, 0), *standing, (220, 0), (280, 0)]
    match = own.match(recorded(spots))
    assert metres(match, own.times.graph) == pytest.approx(250, abs=1)
    assert match.stood_s[2] == match.stood_s.sum() == 300
    assert match.driven.took_ms.sum() == pytest.approx(40_000, abs=5)
    assert (match.used, set(match.stretch.tolist())) == (1.0, {0})


def test_waiting_at_a_light_is_time_in_traffic():
    match = matcher().match(recorded([(30, 0), (90, 0), (95, 2), (93, -2), (150, 0)]))
    assert match.stood_s.sum() == 0
    assert match.driven.took_ms.sum() == pytest.approx(40_000, abs=5)


def test_a_vehicle_that_turns_round_within_a_street_comes_back_on_it():
    own = matcher()
    match = own.match(recorded([(120, 0), (180, 0), (130, 0), (70, 0), (10, 0)]))
    assert names(match, own.times.graph) == ["Row 0"]
    assert metres(match, own.times.graph) == pytest.approx(60 + 170, abs=1)


def test_a_little_back_and_forth_is_no_turning_round():
    own = matcher()
    match = own.match(recorded([(120, 0), (160, 0), (138, 0), (180, 0), (250, 0)]))
    assert metres(match, own.times.graph) == pytest.approx(130, abs=1)


def test_a_track_without_positions_or_far_away_has_no_course():
    own = matcher()
    away: list[Spots] = [[], [(9_000, 9_000)], [(9_000, 9_000), (9_100, 9_000)]]
    for spots in away:
        match = own.match(recorded(spots))
        assert (len(match.driven), match.confidence.size, match.arc.tolist()) == (0, 0, [-1] * len(spots))
    alone = own.match(recorded([(30, 0)]))
    assert (len(alone.driven), alone.confidence.size, alone.used) == (0, 1, 1.0)


def test_positions_out_of_order_or_without_a_place_are_refused():
    with pytest.raises(InputError, match="in order of time"):
        recorded([(0, 0), (30, 0)], at=[10, 0])
    with pytest.raises(InputError, match="must have a lat and a lon"):
        recorded([(0, 0), (float("nan"), 0)])


@given(
    graphs(),
    st.lists(st.tuples(st.integers(-60, 460), st.integers(-60, 460), st.integers(0, 60)), max_size=12),
    st.sampled_from([4.0, 10.0, 30.0]),
)
def test_whatever_is_recorded_the_course_can_be_driven(
    graph: RoadGraph, drawn: list[tuple[int, int, int]], noise_m: float
):
    own = Matcher(RoadTimes(graph))
    at = np.cumsum([each[2] for each in drawn]).tolist()
    track = recorded([(float(x), float(y)) for x, y, _ in drawn], at=at, noise_m=noise_m)
    match, again = own.match(track), own.match(track)
    driven = match.driven
    assert driven.arc.tolist() == again.driven.arc.tolist()
    assert match.sure.tolist() == again.sure.tolist()
    assert ((match.sure > 0) == (match.arc >= 0)).all()
    assert (driven.begin < driven.finish).all()
    assert (driven.took_ms >= 0).all()
    rows = list(zip(driven.row.tolist(), driven.arc.tolist(), driven.begin.tolist(), driven.finish.tolist(),
                    strict=True))  # fmt: skip
    for (row, a, _, finish), (other, b, begin, _) in pairwise(rows):
        turns = graph.turn_to[graph.turn_first[a] : graph.turn_first[a + 1]].tolist()
        onward = b in turns and finish == WHOLE and begin == 0
        turned = graph.edge[a] == graph.edge[b] and a != b and begin == WHOLE - finish
        assert row != other or onward or turned
    if at:
        assert driven.took_ms.sum() / 1000 + match.stood_s.sum() <= at[-1] - at[0] + 0.01 * len(driven)


@given(st.integers(0, 10_000), st.lists(st.integers(1, 3), min_size=1, max_size=5))
def test_the_likeliest_row_is_that_of_trying_all(seed: int, sizes: list[int]):
    rng = np.random.default_rng(seed)
    first = np.concatenate([[0], np.cumsum(sizes)])
    layers = len(sizes)
    cost = rng.integers(0, 40, first[-1]) / 7
    ways, firsts = [], []
    for ahead in (1, 2):
        blocks = [rng.integers(0, 40, (sizes[i], sizes[i + ahead])) / 7 if i + ahead < layers else np.empty((0, 0))
                  for i in range(layers)]  # fmt: skip
        ways.append(blocks)
        firsts.append(np.concatenate([[0], np.cumsum([block.size for block in blocks])]))
    on = np.array([min(2, layers - 1 - i) for i in range(layers)])
    flat = [np.concatenate([block.ravel() for block in blocks]) for blocks in ways]
    chosen, stretch, sure = likeliest(first, cost, firsts[0], flat[0], firsts[1], flat[1], on, 2.5)

    def total(row: tuple[int, ...]) -> float:
        used = [i for i in range(layers) if row[i] >= 0]
        if not used or used[0] > 1 or used[-1] < layers - 2 or any(b - a > 2 for a, b in pairwise(used)):
            return np.inf
        steps = sum(float(ways[b - a - 1][a][row[a], row[b]]) for a, b in pairwise(used))
        return steps + sum(float(cost[first[i] + row[i]]) for i in used) + 2.5 * (layers - len(used))

    rows = {row: total(row) for row in product(*(range(-1, size) for size in sizes))}
    own = tuple(int(c - first[i]) if c >= 0 else -1 for i, c in enumerate(chosen.tolist()))
    assert total(own) == pytest.approx(min(rows.values()))
    whole = sum(np.exp(-each) for each in rows.values())
    for i in range(layers):
        if own[i] >= 0:
            share = sum(np.exp(-each) for row, each in rows.items() if row[i] == own[i]) / whole
            assert sure[i] == pytest.approx(share)
    assert stretch.tolist() == [0] * layers


@pytest.mark.skipif(not OSM.exists(), reason="real data is not here: shared/data/geo beside the repository")
@pytest.mark.parametrize("city", ["heidelberg", "baltimore", "portoalegre"])
def test_of_noisy_drives_on_real_streets_98_percent_are_right(city: str):
    times = RoadTimes(build_graph(read_streets(OSM / f"{city}.osm.pbf"), PROFILES["van"]))
    row = measure(times, 15, 3)
    assert float(str(row["right_pct"])) >= 98.0
