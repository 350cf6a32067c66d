"""Lines of routes on live maps: found once, as far as patience and room go, else straight."""

import numpy as np
import pytest

from doorstep.console.shell import route_lines
from doorstep.console.shell.route_lines import RouteLines, straight
from doorstep.geography import Places
from doorstep.geography.obstacles import ClosedLine
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.obstructed import obstructed
from tests.geography.roads.towns import degrees, grid

TIMES = RoadTimes(build_graph(grid(), PROFILES["car"]))
ROUND = tuple(degrees(*at) for at in ((0, 0), (200, 0), (200, 100), (0, 0)))
OTHER = tuple(degrees(*at) for at in ((400, 0), (100, 300)))


def test_lines_are_positions_along_streets_without_points_that_do_not_show():
    (line,) = RouteLines().of([ROUND], TIMES)
    corners = [(0, 0), (200, 0), (200, 100), (0, 100), (0, 0)]
    other_way = [(0, 0), (200, 0), (200, 100), (200, 0), (0, 0)]
    drawn = [[round(each, 5) for each in reversed(degrees(*at))] for at in corners]
    assert line == drawn or line == [[round(each, 5) for each in reversed(degrees(*at))] for at in other_way]


def test_a_line_is_found_once(monkeypatch: pytest.MonkeyPatch):
    lines = RouteLines()
    first = lines.of([ROUND, OTHER], TIMES)
    monkeypatch.setattr(route_lines, "line_through", None)
    assert lines.of([OTHER, ROUND], TIMES) == first[::-1]


def test_what_is_not_found_in_time_is_straight_and_found_the_next_time():
    moments = iter([0.0, 0.5, 1.5, 10.0, 10.1])
    lines = RouteLines(seconds=lambda: next(moments))
    first, second = lines.of([ROUND, OTHER], TIMES)
    assert second == straight(OTHER)
    again = lines.of([ROUND, OTHER], TIMES)
    assert again[0] == first
    assert len(again[1]) > len(second)


def test_lines_follow_streets_that_are_closed_and_stand_until_there_is_time():
    way = tuple(degrees(*at) for at in ((0, 0), (400, 0)))
    across = np.array([degrees(250, -50), degrees(250, 50)])
    shut = obstructed(TIMES, closed=[ClosedLine(points=Places(lat=across[:, 0], lon=across[:, 1]))])
    moments = iter([0.0, 0.1, 10.0, 12.0, 20.0, 20.1])
    lines = RouteLines(seconds=lambda: next(moments))
    (first,) = lines.of([way], TIMES)
    assert len(first) == 2
    assert lines.of([way], shut) == [first]
    (round_it,) = lines.of([way], shut)
    assert [round(lat - round_it[0][1], 4) for _, lat in round_it] == [0, 0.0009, 0.0009, 0]


def test_without_streets_lines_are_straight():
    assert RouteLines().of([ROUND], None) == [straight(ROUND)]


def test_what_has_no_room_is_straight(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(route_lines, "MOST_POINTS", 5)
    first, second = RouteLines().of([ROUND, OTHER], TIMES)
    assert len(first) == 5
    assert second == straight(OTHER)


def test_the_longest_unseen_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(route_lines, "MOST_KEPT", 1)
    lines = RouteLines()
    lines.of([ROUND], TIMES)
    lines.of([OTHER], TIMES)
    monkeypatch.setattr(route_lines, "line_through", None)
    lines.of([OTHER], TIMES)
    with pytest.raises(TypeError):
        lines.of([ROUND], TIMES)


def test_a_route_that_stays_where_it_is_is_drawn_there():
    still = (degrees(0, 0), degrees(0, 0))
    assert RouteLines().of([still], TIMES) == [straight(still)]
