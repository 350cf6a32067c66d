"""Lines of routes on live maps: found once, as far as patience and room go, else straight."""

import pytest

from doorstep.console.shell import route_lines
from doorstep.console.shell.route_lines import RouteLines, straight
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from tests.geography.roads.towns import degrees, grid

TIMES = RoadTimes(build_graph(grid(), PROFILES["car"]))
ROUND = tuple(degrees(*at) for at in ((0, 0), (200, 0), (200, 100), (0, 0)))
OTHER = tuple(degrees(*at) for at in ((400, 0), (100, 300)))


def test_lines_are_positions_along_streets_without_points_that_do_not_show():
    (line,) = RouteLines(TIMES).of([ROUND])
    corners = [(0, 0), (200, 0), (200, 100), (0, 100), (0, 0)]
    other_way = [(0, 0), (200, 0), (200, 100), (200, 0), (0, 0)]
    drawn = [[round(each, 5) for each in reversed(degrees(*at))] for at in corners]
    assert line == drawn or line == [[round(each, 5) for each in reversed(degrees(*at))] for at in other_way]


def test_a_line_is_found_once(monkeypatch: pytest.MonkeyPatch):
    lines = RouteLines(TIMES)
    first = lines.of([ROUND, OTHER])
    monkeypatch.setattr(route_lines, "courses", None)
    assert lines.of([OTHER, ROUND]) == first[::-1]


def test_what_is_not_found_in_time_is_straight_and_found_the_next_time():
    moments = iter([0.0, 0.5, 1.5, 10.0, 10.1])
    lines = RouteLines(TIMES, seconds=lambda: next(moments))
    first, second = lines.of([ROUND, OTHER])
    assert second == straight(OTHER)
    again = lines.of([ROUND, OTHER])
    assert again[0] == first
    assert len(again[1]) > len(second)


def test_what_has_no_room_is_straight(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(route_lines, "MOST_POINTS", 5)
    first, second = RouteLines(TIMES).of([ROUND, OTHER])
    assert len(first) == 5
    assert second == straight(OTHER)


def test_the_longest_unseen_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(route_lines, "MOST_KEPT", 1)
    lines = RouteLines(TIMES)
    lines.of([ROUND])
    lines.of([OTHER])
    monkeypatch.setattr(route_lines, "courses", None)
    lines.of([OTHER])
    with pytest.raises(TypeError):
        lines.of([ROUND])


def test_a_route_that_stays_where_it_is_is_drawn_there():
    still = (degrees(0, 0), degrees(0, 0))
    assert RouteLines(TIMES).of([still]) == [straight(still)]
