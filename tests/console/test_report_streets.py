"""Streets under the report's map, and routes along them."""

import re
from dataclasses import replace

import numpy as np
import pytest

from doorstep.console.report import Driven, ground, render_report
from doorstep.console.report.ground import read_ground
from doorstep.console.report.projection import Projection
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.courses import Stretch
from tests.console.small_plan import plan, retailer, scoreboard
from tests.console.test_report import Outline
from tests.geography.roads.towns import degrees, grid, town

CREDIT = "© the town's people"
GRAPH = build_graph(grid(), PROFILES["car"])
CORNERS = np.array([degrees(0, 0), degrees(400, 300)])
PROJECTION = Projection.around(CORNERS[:, 0], CORNERS[:, 1])
ALL = (0, 0, 40_000, 30_000)
SIZE = 0.01
"""Metres of a unit of this map."""
DOORS = np.array([[0, 30_000]])


def drawn(paths) -> list[tuple[int, int]]:
    """Return all points of paths in map units."""
    found = []
    for each in paths:
        x = y = 0
        numbers = [int(number) for number in re.findall(r"-?\d+", each.path)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def test_all_streets_of_the_box_are_drawn_where_they_are():
    found = read_ground(GRAPH, PROJECTION, ALL, SIZE, DOORS)
    assert found.left_out == 0
    x, y = PROJECTION.units(GRAPH.junction_lat, GRAPH.junction_lon)
    assert set(drawn(found.streets)) == set(zip(x.tolist(), y.tolist(), strict=True))
    assert sum(each.path.count("m") for each in found.streets) == GRAPH.edges


def test_streets_far_outside_the_box_are_not_drawn():
    assert read_ground(GRAPH, PROJECTION, (200_000, 0, 400, 300), SIZE, DOORS).streets == ()
    some = read_ground(GRAPH, PROJECTION, (0, 0, 2_000, 2_000), SIZE, DOORS)
    assert 0 < sum(each.path.count("m") for each in some.streets) < GRAPH.edges


def test_points_that_do_not_show_are_left_out():
    bent = town([(0, 0), (150, 0.4), (300, 0), (300, 200)],
                [([0, 1, 2, 3], {"highway": "primary"}, "Bend")])  # fmt: skip
    graph = build_graph(bent, PROFILES["car"])
    assert len(drawn(read_ground(graph, PROJECTION, ALL, SIZE, DOORS).streets)) == 3


def test_where_there_are_too_many_the_slow_ones_are_left_out(monkeypatch: pytest.MonkeyPatch):
    mixed = town([(0, 0), (200, 0), (400, 0), (0, 300), (400, 300)],
                 [([0, 1, 2], {"highway": "primary"}, ""), ([0, 3, 4, 2], {"highway": "residential"}, "")])  # fmt: skip
    graph = build_graph(mixed, PROFILES["car"])
    whole = read_ground(graph, PROJECTION, ALL, SIZE, DOORS)
    assert sorted({each.rank for each in whole.streets}) == [0, 2]
    assert [each.rank for each in whole.streets] == sorted((each.rank for each in whole.streets), reverse=True)
    monkeypatch.setattr(ground, "MOST_BYTES", len("m0 30000 40000 0"))
    fewer = read_ground(graph, PROJECTION, ALL, SIZE, DOORS)
    assert {each.rank for each in fewer.streets} == {0}
    assert fewer.left_out == 1
    monkeypatch.setattr(ground, "MOST_BYTES", 1)
    assert read_ground(graph, PROJECTION, ALL, SIZE, DOORS).streets == ()


def test_of_streets_as_slow_those_near_doors_are_drawn(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ground, "MOST_BYTES", 200)
    some = read_ground(GRAPH, PROJECTION, ALL, SIZE, DOORS)
    assert 0 < some.left_out < GRAPH.edges
    assert max(x for x, _ in drawn(some.streets)) < 40_000
    assert (0, 30_001) in drawn(some.streets)


@pytest.fixture(scope="module")
def outline() -> Outline:
    along = Stretch(lat=np.array([41.88, 41.89, 41.90]), lon=np.array([-87.63, -87.63, -87.65]), estimated=False)
    back = replace(along, lat=along.lat[::-2], lon=along.lon[::-2], estimated=True)
    driven = Driven(streets=RoadTimes(GRAPH), courses={"R-1": (along, back)}, credit=CREDIT)
    return Outline(render_report(retailer(), plan(), scoreboard(), title="Day", driven=driven))


def test_a_route_is_drawn_along_its_course_and_estimates_are_dashed_straight(outline: Outline):
    along, back = [at["d"] for tag, at in outline.elements if (tag == "path" and "data-hue" in at) or "data-of" in at]
    assert along.count(" ") > back.count(" ")
    assert "dashed straight line is an estimate" in outline.words()
    assert "Straight lines between stops" not in outline.words()


def test_the_map_names_whose_streets_it_shows_and_the_numbers_say_what_they_are(outline: Outline):
    assert outline.words().count(CREDIT) == 2
    assert ("div", {"class": "map-credit"}) in outline.elements
    assert "Distances and times are those of streets" in outline.words()
    assert "great-circle" not in outline.words()


def test_without_streets_the_map_is_as_ever():
    outline = Outline(render_report(retailer(), plan(), scoreboard(), title="Day"))
    assert "Straight lines between stops stand for drives." in outline.words()
    assert "great-circle metres" in outline.words()
    kinds = {at.get("class", "") for tag, at in outline.elements}
    assert not any("street" in kind or ("guess" in kind and "picked" not in kind) for kind in kinds)


def test_names_stand_in_the_middle_of_straight_pieces_and_are_not_upside_down(outline: Outline):
    names = {name.name: name for name in read_ground(GRAPH, PROJECTION, ALL, SIZE, DOORS).names}
    assert set(names) == {f"Row {n}" for n in range(4)} | {f"Column {n}" for n in range(5)}
    assert all(name.turned == 0 and name.length == pytest.approx(10_000, rel=0.01) for name in names.values()
               if name.name.startswith("Row"))  # fmt: skip
    assert {abs(name.turned) for name in names.values() if name.name.startswith("Column")} == {90}
    assert names["Row 3"].y == 0


def test_a_long_street_is_named_again_and_one_without_room_is_not():
    at = [(0, 0), (300, 0), (600, 0), (600, 100), (900, 100), (900, 130)]
    ways = [([0, 1], {"highway": "primary"}, "Long"), ([1, 2, 3, 4], {"highway": "primary"}, "Long"),
            ([4, 5], {"highway": "primary"}, "Short")]  # fmt: skip
    graph = build_graph(town(at, [*ways, ([1, 5], {"highway": "primary"}, "")]), PROFILES["car"])
    found = read_ground(graph, PROJECTION, (0, -10_000, 90_000, 40_000), SIZE, DOORS).names
    assert [name.name for name in found] == ["Long"]
    at = [(3 * east, 3 * north) for east, north in at]
    graph = build_graph(town(at, [*ways, ([1, 5], {"highway": "primary"}, "")]), PROFILES["car"])
    found = read_ground(graph, PROJECTION, (0, -30_000, 270_000, 120_000), SIZE, DOORS).names
    assert sorted(name.name for name in found) == ["Long", "Long", "Short"]
