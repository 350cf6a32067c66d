"""What one may not do after what one did: restrictions over ways, and streets that nobody drives through."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from doorstep.geography import Places
from doorstep.geography.roads import PROFILES, RoadTimes, Streets, build_graph, find_way
from doorstep.geography.roads.check import check_graph, check_times, check_way
from doorstep.geography.roads.check_rules import check_rules
from doorstep.geography.roads.matching import Matcher, Track
from doorstep.geography.roads.reach import reach
from tests.geography.roads.by_foot import places
from tests.geography.roads.towns import Line, blocks, degrees, town

CAR, TRUCK = PROFILES["car"], PROFILES["truck"]
STREET = {"highway": "residential"}
LADDER = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0), (100.0, 100.0), (200.0, 100.0)]


def ladder(*over: tuple[tuple[int, ...], str], tags: dict[str, str] | None = None) -> Streets:
    """Return a street of three ways (0 to 2) going east, and a detour (3) of 300 m around the middle one."""
    lines: list[Line] = [([0, 1], STREET, "West"), ([1, 2], STREET | (tags or {}), "Middle"), ([2, 3], STREET, "East"),
                         ([1, 4, 5, 2], STREET, "Round")]  # fmt: skip
    return town(LADDER, lines, over=over)


def metres(streets: Streets, start: float, end: float, profile: str = "car") -> int:
    times = RoadTimes(build_graph(streets, PROFILES[profile]))
    found = int(times.table(places((start, 0)), places((end, 0)))[0][0, 0])
    way = find_way(times, degrees(start, 0), degrees(end, 0))
    assert (way.metres, check_way(times, way)) == (found, [])
    assert max(leg.arc for leg in way.legs) < times.graph.singles
    return found


def test_what_is_forbidden_over_a_way_is_allowed_from_elsewhere():
    banned = ladder(((0, 1, 2), "no_right_turn"))
    assert metres(ladder(), 50, 250) == 200
    assert metres(banned, 50, 250) == 400
    assert metres(banned, 150, 250) == 100
    assert metres(banned, 50, 150) == 100
    assert metres(banned, 250, 50) == 200


def test_where_only_one_turn_is_allowed_after_a_way_no_other_is_made():
    only = ladder(((0, 1, 3), "only_left_turn"))
    assert metres(only, 50, 250) == 400
    assert metres(only, 150, 250) == 100


def test_a_restriction_over_several_ways_holds():
    nodes = [(100.0 * east, 0.0) for east in range(5)] + [(100.0, 100.0), (200.0, 100.0), (300.0, 100.0)]
    lines: list[Line] = [([k, k + 1], STREET, f"Way {k}") for k in range(4)]
    lines += [([1, 5, 6, 7, 3], STREET, "Round"), ([2, 6], STREET, "Rung")]
    banned = town(nodes, lines, over=[((0, 1, 2, 3), "no_straight_on")])
    assert metres(town(nodes, lines), 50, 350) == 300
    assert metres(banned, 50, 350) == 500
    assert metres(banned, 150, 350) == 200


def test_a_restriction_over_ways_is_not_for_those_that_it_excepts():
    banned = ladder(((0, 1, 2), "no_right_turn"))
    graph = build_graph(banned, PROFILES["bike"])
    assert graph.arcs == graph.singles
    assert metres(banned, 50, 250, "bike") == 200


@pytest.mark.parametrize("tags", [{"access": "destination"}, {"motor_vehicle": "private"}, {"service": "driveway"}])
def test_nobody_drives_through_a_street_for_those_who_go_there(tags: dict[str, str]):
    quiet = ladder(tags=tags)
    assert metres(quiet, 50, 250) == 400
    assert metres(quiet, 50, 150) == metres(quiet, 150, 50) == metres(quiet, 150, 250) == 100
    assert metres(quiet, 120, 180) == 60


def test_lorries_keep_out_of_streets_that_are_open_to_cars():
    quiet = ladder(tags={"hgv": "delivery"})
    assert metres(quiet, 50, 250) == metres(quiet, 50, 250, "van") == 200
    assert metres(quiet, 50, 250, "truck") == 400


def test_where_there_is_no_other_way_all_drive_through():
    lines: list[Line] = [([0, 1], STREET, ""), ([1, 2], STREET | {"access": "destination"}, ""), ([2, 3], STREET, "")]
    assert metres(town(LADDER[:4], lines), 50, 250) == 200


def test_what_is_reached_over_a_restriction_is_told_once():
    times = RoadTimes(build_graph(ladder(((0, 1, 2), "no_right_turn")), CAR))
    reached = reach(times, places((10, 0)), 600)
    assert reached.share(times.graph).tolist() == pytest.approx([1, 1, 1, 1])
    assert times.graph.edges == 4
    back = reach(times, places((290, 0)), 600, toward=True)
    assert back.share(times.graph).tolist() == pytest.approx([1, 1, 1, 1])


def test_a_vehicle_that_breaks_the_rule_is_matched_all_the_same():
    times = RoadTimes(build_graph(ladder(((0, 1, 2), "no_right_turn"), tags={"access": "destination"}), CAR))
    at = np.array([degrees(float(east), 1.0) for east in range(10, 300, 20)])
    track = Track(lat=at[:, 0], lon=at[:, 1], at=np.arange(len(at)) * 4)
    match = Matcher(times).match(track)
    assert times.graph.edge[match.driven.arc].tolist() == [0, 1, 2]
    assert match.used == 1


@st.composite
def ruled(draw: st.DrawFn, *, over: bool, quiet: bool) -> Streets:
    """Draw a town of blocks with one-ways, restrictions over ways, and streets that nobody drives through."""
    nodes, sides = blocks(draw(st.integers(2, 4)), draw(st.integers(2, 4)))
    some = st.integers(0, len(sides) - 1)
    still, one_way = draw(st.sets(some, max_size=4)) if quiet else (), draw(st.sets(some, max_size=2))
    lines: list[Line] = [
        (side, STREET | ({"access": "destination"} if k in still else {}) | ({"oneway": "yes"} if k in one_way else {}),
         "") for k, side in enumerate(sides)
    ]  # fmt: skip
    rows = []
    for _ in range(draw(st.integers(1, 5)) if over else 0):
        ways = [draw(some)]
        at = sides[ways[0]][draw(st.integers(0, 1))]
        for _ in range(draw(st.integers(2, 3))):
            onward = [k for k, side in enumerate(sides) if at in side and k not in ways]
            if not onward:
                break
            ways.append(draw(st.sampled_from(onward)))
            at = sum(sides[ways[-1]]) - at
        if len(ways) > 2:
            rows.append((ways, draw(st.sampled_from(["no_left_turn", "no_u_turn", "only_straight_on"]))))
    return town(nodes, lines, over=rows)


@settings(max_examples=60, deadline=None)
@given(streets=st.one_of(ruled(over=True, quiet=False), ruled(over=False, quiet=True)), seed=st.integers(0, 10_000))
def test_times_are_the_least_that_the_rules_allow(streets: Streets, seed: int):
    graph = build_graph(streets, CAR)
    assume(not graph.dropped["arcs that cannot be reached or left"])  # a rule may lead to where nobody comes back from
    assert check_rules(graph, streets, CAR, np.random.default_rng(seed).integers(0, graph.singles, 6)) == []


@settings(max_examples=60, deadline=None)
@given(streets=ruled(over=True, quiet=True), seed=st.integers(0, 10_000))
def test_times_and_ways_under_all_rules_are_those_of_dijkstra(streets: Streets, seed: int):
    graph, rng = build_graph(streets, CAR), np.random.default_rng(seed)
    assume((np.diff(graph.turn_first[: graph.singles + 1]) > 0).all())  # not one street that leads nowhere
    assert check_graph(graph) == []
    at = rng.integers(0, graph.lat.size, 8)
    some = Places(lat=graph.lat[at] + rng.normal(0, 2e-4, 8), lon=graph.lon[at] + rng.normal(0, 2e-4, 8))
    for each in (RoadTimes(graph).at(rng.integers(1, 60_000, graph.arcs)), RoadTimes(graph)):
        assert check_times(each, some, some) == []
        dist, seconds = each.matrix(some)
        way = find_way(each, (some.lat[0], some.lon[0]), (some.lat[1], some.lon[1]))
        assert (way.metres, way.seconds, check_way(each, way)) == (dist[0, 1], seconds[0, 1], [])


def test_a_checker_of_rules_sees_what_is_wrong():
    free, banned = ladder(), ladder(((0, 1, 2), "no_right_turn"))
    graph = build_graph(free, CAR)
    assert check_rules(graph, free, CAR, np.array([0])) == []
    assert len(check_rules(graph, banned, CAR, np.arange(graph.singles))) > 0
    assert len(check_rules(build_graph(banned, CAR), free, CAR, np.arange(graph.singles))) > 0
