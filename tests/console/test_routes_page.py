"""The report of routes alone is one safe file, with or without a map."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from doorstep.connectors.routes_folder import Comparison, CostField, UnservedStop
from doorstep.console.report import render_routes
from doorstep.console.report.routes_map import read_route_map
from doorstep.console.report.routes_page import headline
from doorstep.console.route_words import RouteWords
from doorstep.vehicle_routing.plan import EMPTY
from tests.connectors.routes_folder.small_plan import SEARCH, file_of, solved

EVIL = "</script><b>&"


def map_data(html):
    return json.loads(re.findall(r'id="map-data">(.*?)</script>', html, re.DOTALL)[0])


def test_the_report_says_totals_density_routes_and_what_is_left_out():
    html = render_routes(solved())
    for text in (
        "Routes of line",
        "2 of 3 stops are served on 1 route, at a cost of 2,260.",
        "50 %",
        "Its prize is &lt;low&gt;.",
        "00:11",  # the return
        "Engine sisr: it was asked for.",
        "The same call repeats it to the digit.",
    ):
        assert text in html
    assert not re.findall(r"(?:src|href)=.?(?:https?:)?//", html)


def test_names_cannot_break_out_of_the_page():
    file = replace(file_of(), stop_ids=(EVIL, "b", "c"), name=EVIL, depot_ids=(EVIL,))
    html = render_routes(solved(file=file))
    assert EVIL not in html
    assert map_data(html)["dots"]["id"] == [EVIL, "b", "c"]


def test_the_map_has_every_stop_with_its_route_and_words():
    dots = map_data(render_routes(solved()))["dots"]
    assert dots["route"] == [0, 0, -1]
    assert dots["mode"] == "004"
    assert dots["tip"] == [
        "a: route 1, stop 1, at 00:02",
        "b: route 1, stop 2, at 00:06",
        "c: unserved. Its prize is <low>.",
    ]


def test_a_plane_has_north_up_and_no_metres():
    file = replace(file_of(on_earth=False), points=np.array([[0.0, 0], [10, 0], [10, 20], [0, 5]]))
    city = read_route_map(solved(file=file))
    assert city is not None
    assert not city.metric
    assert (city.sites[0].x, city.sites[0].y) == (0, 40_000)
    assert city.routes[0].path == "M0 40000l20000 0 0 -40000 -20000 40000"
    assert city.metres_per_unit == pytest.approx(20 / 40_000)


def test_without_places_the_page_says_so():
    nowhere = replace(file_of(), points=np.empty((0, 2)))
    html = render_routes(solved(file=nowhere))
    assert "does not tell where places lie" in html
    assert 'id="map-view"' not in html
    assert map_data(html) is None


def test_a_plan_without_routes_is_a_page():
    left = tuple(UnservedStop(stop=stop, reason="no_vehicle", text="There is no vehicle.") for stop in range(3))
    html = render_routes(replace(solved(plan=EMPTY), unserved=left, measures=()))
    assert "No vehicle leaves." in html
    assert "There are no routes to measure." in html


def test_the_headline_compares_and_admits():
    compared = replace(solved(), comparison=Comparison(source="the best known", cost=2_000))
    assert headline(compared)[1] == "That is 13.00\u00a0% more than the best known, 2,000."
    better = replace(solved(), comparison=Comparison(source="a.sol", cost=4_520))
    assert headline(better)[1] == "That is 50.00\u00a0% less than a.sol, 4,520."
    cut = replace(solved(), search=replace(SEARCH, interrupted=True))
    assert headline(cut)[-1] == "The search was interrupted: this is the best plan found until then."


def test_numbers_are_said_as_metres_and_hours_or_in_the_units_of_the_file():
    table = RouteWords(timed=True, factor=1, scale=1)
    assert (table.distance(1_500), table.moment(34_260), table.duration(5_400), table.money(1_234.5)) == (
        "1.5 km", "09:31", "1 h 30", "1,234.5",
    )  # fmt: skip
    instance = RouteWords(timed=False, factor=10, scale=100)
    assert (instance.distance(1_505), instance.moment(95), instance.money(250)) == ("150.5", "9.50", "2.50")


def test_what_one_more_stop_costs_is_shaded_over_the_stops_from_the_lower_left():
    file = replace(file_of(on_earth=False), points=np.array([[0.0, 0], [10, 0], [10, 20], [0, 10]]))
    field = CostField(columns=2, rows=2, cost=np.array([5, 9, 7, 0]), possible=np.array([True, True, True, False]))
    shaded = replace(solved(file=file), one_more=field)
    city = read_route_map(shaded)
    assert city is not None
    assert [(cell.x, cell.y, cell.width, cell.height, cell.level) for cell in city.cells] == [
        (0, 20_000, 10_000, 20_000, 0),
        (10_000, 20_000, 10_000, 20_000, 4),
        (0, 0, 10_000, 20_000, 2),
        (10_000, 0, 10_000, 20_000, -1),
    ]
    html = render_routes(shaded)
    assert "one more stop here costs 9" in html
    assert "no room for a stop here" in html
    assert "show-cells" not in render_routes(solved(file=file)).partition("<script>")[0]
