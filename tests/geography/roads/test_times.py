"""Graphs and travel times: by hand in small towns, and against Dijkstra's algorithm in random ones and real ones."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.connectors.osm import read_streets
from doorstep.foundation import InputError
from doorstep.geography import Places
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph, find_way
from doorstep.geography.roads.check import check_graph, check_times, check_way
from tests.geography.roads.towns import Line, degrees, grid, town

OSM = Path(__file__).resolve().parents[4] / "shared/data/geo/osm"
CAR = PROFILES["car"]
STREET = {"highway": "residential"}
METRE_S = 3.6 / 25
"""Seconds that a metre takes on a residential street."""


def places(*east_north_m: tuple[float, float]) -> Places:
    """Return places so many metres from the corner of a town."""
    at = np.array([degrees(*each) for each in east_north_m])
    return Places(lat=at[:, 0], lon=at[:, 1])


def drive(times: RoadTimes, start: tuple[float, float], end: tuple[float, float]) -> tuple[int, int]:
    """Return metres and seconds between two places of a town."""
    metres, seconds = times.table(places(start), places(end))
    one = times.between(places(start), places(end))
    assert (int(one[0][0]), int(one[1][0])) == (int(metres[0, 0]), int(seconds[0, 0]))
    return int(metres[0, 0]), int(seconds[0, 0])


def test_on_one_street_it_is_as_far_as_it_looks():
    times = RoadTimes(build_graph(grid(), CAR))
    assert drive(times, (10, 0), (60, 0)) == (50, round(50 * METRE_S))
    assert drive(times, (60, 0), (10, 0)) == (50, round(50 * METRE_S))
    assert drive(times, (60, 0), (60, 0)) == (0, 0)


def test_a_turn_takes_time_and_a_street_that_only_bends_takes_none():
    block, bend = grid(2, 2), town([(0, 0), (100, 0), (100, 100)], [([0, 1, 2], STREET, "Bend")])
    assert drive(RoadTimes(build_graph(bend, CAR)), (0, 0), (100, 100)) == (200, round(200 * METRE_S))
    metres, seconds = drive(RoadTimes(build_graph(grid(3, 3), CAR)), (50, 100), (100, 50))
    assert (metres, seconds > round(100 * METRE_S)) == (100, True)
    assert drive(RoadTimes(build_graph(block, PROFILES["foot"])), (0, 0), (100, 100)) == (200, 200 * 36 // 50)


def test_a_one_way_street_is_driven_one_way():
    times = RoadTimes(build_graph(grid(3, 3, east=[0]), CAR))
    assert drive(times, (10, 0), (90, 0))[0] == 80
    assert drive(times, (90, 0), (10, 0))[0] == 10 + 100 + 100 + 100 + 10
    assert drive(RoadTimes(build_graph(grid(3, 3, east=[0]), PROFILES["foot"])), (90, 0), (10, 0))[0] == 80


def test_a_forbidden_turn_is_not_made():
    # Ways 0 to 2 are rows, 3 to 5 columns: from the middle row into the northern part of the middle column.
    free = drive(RoadTimes(build_graph(grid(3, 3), CAR)), (60, 100), (100, 140))
    banned = grid(3, 3, turns=[(1, 4, 4, "no_left_turn")])
    assert free[0] == 80
    assert drive(RoadTimes(build_graph(banned, CAR)), (60, 100), (100, 140))[0] > 300
    assert drive(RoadTimes(build_graph(banned, PROFILES["bike"])), (60, 100), (100, 140))[0] == 80


def test_where_only_one_turn_is_allowed_no_other_is_made():
    only = grid(3, 3, turns=[(1, 4, 1, "only_straight_on")])
    times = RoadTimes(build_graph(only, CAR))
    assert drive(times, (60, 100), (140, 100))[0] == 80
    assert drive(times, (60, 100), (100, 140))[0] > 80


def test_one_turns_round_only_where_the_road_ends():
    times = RoadTimes(build_graph(grid(2, 2, spur=True), CAR))
    metres, seconds = drive(times, (240, 0), (240 - 20, 0))
    assert (metres, seconds) == (20, round(20 * METRE_S))
    one_way_in = town([(0, 0), (100, 0), (200, 0)], [([0, 1], STREET, "A"), ([1, 2], STREET, "B")])
    graph = build_graph(one_way_in, CAR)
    assert graph.arcs == 4
    way = find_way(RoadTimes(graph), degrees(150, 0), degrees(50, 0))
    assert way.metres == 100


def test_a_bollard_stops_a_van_and_no_walker():
    lines: list[Line] = [([0, 1, 2], STREET, "Main"), ([0, 3, 2], STREET, "Round")]
    nodes = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (100.0, 300.0)]
    closed = town(nodes, lines, node_tags={1: {"barrier": "bollard"}})
    assert drive(RoadTimes(build_graph(closed, PROFILES["van"])), (50, 0), (150, 0))[0] > 600
    assert drive(RoadTimes(build_graph(closed, PROFILES["foot"])), (50, 0), (150, 0))[0] == 100


@pytest.mark.parametrize(("tags", "who"), [
    ({"maxheight": "2.5"}, {"car", "bike", "foot"}), ({"maxheight": "8'0\""}, {"car", "bike", "foot"}),
    ({"maxweight": "7.5"}, {"car", "van", "bike", "foot"}), ({"hgv": "no"}, {"car", "van", "bike", "foot"}),
    ({"access": "private"}, {"car", "van", "truck"}),
    ({"access": "no", "motor_vehicle": "yes"}, {"car", "van", "truck"}),
    ({"goods": "no"}, {"car", "bike", "foot"}), ({"access": "agricultural;forestry"}, set()),
    ({"vehicle": "agricultural; destination"}, {"car", "van", "truck", "bike", "foot"}),
    ({"motor_vehicle:conditional": "no @ (weight>7.5)"}, {"car", "van", "bike", "foot"}),
    ({"motor_vehicle:conditional": "no @ (weight>=3.5 AND height>2); yes @ (10:00-11:00)"}, {"car", "bike", "foot"}),
    ({"motor_vehicle:conditional": "no @ (Mo-Fr 07:00-09:00)"}, {"car", "van", "truck", "bike", "foot"}),
    ({"highway": "pedestrian", "motor_vehicle": "delivery"}, {"car", "van", "truck", "foot"}),
    ({"highway": "footway", "access": "yes"}, {"foot", "bike"}), ({"smoothness": "impassable"}, set()),
])  # fmt: skip
def test_who_may_drive_where(tags: dict[str, str], who: set[str]):
    streets = town([(0, 0), (100, 0)], [([0, 1], STREET | tags, "")])
    for name, profile in PROFILES.items():
        if name in who:
            assert build_graph(streets, profile).arcs == 2
        else:
            with pytest.raises(InputError, match="may use none"):
                build_graph(streets, profile)


@pytest.mark.parametrize(("tags", "kmh"), [
    ({}, 25), ({"maxspeed": "30"}, 24), ({"maxspeed": "20 mph"}, 25.75), ({"maxspeed": "DE:rural"}, 80),
    ({"maxspeed": "IT:urban"}, 40), ({"maxspeed:type": "FR:rural", "maxspeed": "50"}, 40),
    ({"source:maxspeed": "GB:nsl_single"}, 77.25), ({"highway": "motorway", "maxspeed": "none"}, 104),
    ({"smoothness": "very_bad", "maxspeed": "50"}, 20), ({"surface": "sand", "maxspeed": "100"}, 30),
    ({"maxspeed": "none"}, 25), ({"maxspeed": "RO:urban:50"}, 40),
])  # fmt: skip
def test_how_fast_one_drives(tags: dict[str, str], kmh: float):
    graph = build_graph(town([(0, 0), (1000, 0)], [([0, 1], STREET | tags, "")]), CAR)
    assert graph.dm[0] / 10 / (graph.ms[0] / 1000) * 3.6 == pytest.approx(kmh, rel=1e-3)


def test_an_island_is_dropped_and_told():
    lines: list[Line] = [([0, 1], STREET, "Main"), ([2, 3], STREET, "Island")]
    graph = build_graph(town([(0, 0), (500, 0), (0, 900), (80, 900)], lines), CAR)
    assert graph.arcs == 2
    assert graph.dropped["arcs that cannot be reached or left"] == 2
    assert graph.dropped["metres of them"] == 160
    assert RoadTimes(graph).snap(places((40, 890))).metres[0] == 890


def test_a_ferry_takes_as_long_as_it_says():
    ferry = town([(0, 0), (3000, 0)], [([0, 1], {"route": "ferry", "duration": "00:30"}, "")])
    graph = build_graph(ferry, CAR)
    assert graph.ms[0] == pytest.approx(30 * 60 * 1000, rel=0.01)


def test_points_in_the_sea_are_refused_all_at_once():
    times = RoadTimes(build_graph(grid(), CAR))
    with pytest.raises(InputError, match=r"2 points are farther than 2,000 m from any street: row 1 .* row 2 "):
        times.matrix(places((0, 0), (0, -9000), (40_000, 0)))
    many = places((0, 0)).take(np.zeros(20_001, dtype=np.int64))
    with pytest.raises(InputError, match="is larger than"):
        times.matrix(many)
    none = places((0, 0)).take(np.empty(0, dtype=np.int64))
    assert [each.shape for each in (*times.matrix(none), *times.between(none, none))] == [(0, 0), (0, 0), (0,), (0,)]


def test_other_speeds_change_the_way():
    times = RoadTimes(build_graph(grid(3, 3), CAR))
    graph = times.graph
    slow = graph.ms.copy()
    slow[np.isin(graph.name[graph.edge], [graph.names.index("Row 1")])] *= 20
    before = find_way(times, degrees(0, 100), degrees(200, 100))
    after = find_way(times.at(slow), degrees(0, 100), degrees(200, 100))
    assert [name for name, _ in before.streets(times)] == ["Row 1"]
    assert "Row 1" not in [name for name, metres in after.streets(times) if metres]
    with pytest.raises(InputError, match="ms must be"):
        times.at(slow[:-1])


@st.composite
def towns(draw: st.DrawFn) -> RoadTimes:
    """Draw a grid with one-ways and forbidden turns, such that something of it is left."""
    rows, columns = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    east = draw(st.lists(st.integers(0, rows - 1), max_size=2))
    north = draw(st.lists(st.integers(0, columns - 1), max_size=2))
    ways = st.integers(0, rows + columns - 1)
    turn = st.tuples(
        ways, st.integers(0, rows * columns - 1), ways, st.sampled_from(["no_left_turn", "only_right_turn"])
    )
    turns = draw(st.lists(turn, max_size=6))
    return RoadTimes(
        build_graph(grid(rows, columns, east=east, north=north, spur=draw(st.booleans()), turns=turns), CAR)
    )


@settings(max_examples=60, deadline=None)
@given(times=towns(), seed=st.integers(0, 10_000))
def test_times_and_ways_are_those_of_dijkstra(times: RoadTimes, seed: int):
    rng = np.random.default_rng(seed)
    graph = times.graph
    assert check_graph(graph) == []
    at = rng.integers(0, graph.lat.size, 12)
    wild = times.at(rng.integers(1, 60_000, graph.arcs))
    some = Places(lat=graph.lat[at] + rng.normal(0, 2e-4, 12), lon=graph.lon[at] + rng.normal(0, 2e-4, 12))
    for each in (times, wild):
        assert check_times(each, some, some) == []
        metres, seconds = each.matrix(some)
        for row in range(0, 12, 3):
            way = find_way(each, (some.lat[row], some.lon[row]), (some.lat[row + 1], some.lon[row + 1]))
            assert (way.metres, way.seconds) == (metres[row, row + 1], seconds[row, row + 1])
            assert check_way(each, way) == []


@pytest.mark.parametrize("name", ["monaco", "baltimore"])
def test_real_streets_are_those_of_dijkstra(name: str):
    file = OSM / f"{name}.osm.pbf"
    if not file.exists():
        pytest.skip("real data is not here: shared/data/geo/osm beside the repository")
    times = RoadTimes(build_graph(read_streets(file), PROFILES["van"]))
    graph, rng = times.graph, np.random.default_rng(1)
    assert check_graph(graph) == []
    at = rng.integers(0, graph.lat.size, 30)
    some = Places(lat=graph.lat[at], lon=graph.lon[at])
    assert check_times(times, some, some) == []


def test_a_checker_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch):
    times = RoadTimes(build_graph(grid(), CAR))
    some = places((0, 0), (150, 100), (390, 290))
    honest = RoadTimes.table
    monkeypatch.setattr(RoadTimes, "table", lambda self, a, b: tuple(each + 1 for each in honest(self, a, b)))
    assert len(check_times(times, some, some)) == 9
