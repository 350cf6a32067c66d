"""How far one gets: by hand on one street, and against plain reckoning in random towns and on real streets."""

from pathlib import Path

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.osm import read_streets
from doorstep.foundation import InputError
from doorstep.geography import Places
from doorstep.geography.roads import PROFILES, RoadGraph, RoadTimes, build_graph
from doorstep.geography.roads.reach import Reach, area_of, cells_reached, places_on, reach
from tests.geography.roads.by_foot import WHOLE, begun_ms, drive_ms, graphs, places, spots
from tests.geography.roads.towns import grid, town

OSM = Path(__file__).resolve().parents[4] / "shared/data/geo/osm"
CAR = PROFILES["car"]
STREET = {"highway": "residential"}
MPS = 25 / 3.6
"""How fast one drives on a residential street [m/s]."""


def street(metres: float) -> RoadTimes:
    """Return a street to the east that ends on both sides."""
    return RoadTimes(build_graph(town([(0.0, 0.0), (metres, 0.0)], [([0, 1], STREET, "Street")]), CAR))


def one_way(metres: float) -> RoadTimes:
    """Return a street that is driven only east, and the way back to where it begins."""
    nodes = [(0.0, 0.0), (metres, 0.0), (metres, 1000.0), (0.0, 1000.0)]
    lines = [([0, 1], STREET | {"oneway": "yes"}, "Street"), ([1, 2, 3, 0], STREET, "Round")]
    return RoadTimes(build_graph(town(nodes, lines), CAR))


def stretches(reached: Reach, edge: int) -> list[tuple[int, int, int]]:
    """Return what is reached of a piece of street: begin, finish and site."""
    own = reached.edge == edge
    return list(zip(reached.begin[own].tolist(), reached.finish[own].tolist(), reached.site[own].tolist(), strict=True))


def test_in_ten_seconds_one_gets_seventy_metres_both_ways():
    times = street(400)
    reached = reach(times, places((200, 0)), 10)
    assert reached.metres(times.graph, 1).tolist() == [round(2 * 10 * MPS)]
    assert reached.seconds.tolist() == [0] * len(reached)


def test_on_a_one_way_street_one_gets_only_onward_and_is_reached_only_from_behind():
    times = one_way(400)
    middle = WHOLE // 2
    far = round(10 * MPS / 400 * WHOLE)
    ((begin, finish, _),) = stretches(reach(times, places((200, 0)), 10), 0)
    assert [begin, finish] == pytest.approx([middle, middle + far], abs=99)
    ((begin, finish, _),) = stretches(reach(times, places((200, 0)), 10, toward=True), 0)
    assert [begin, finish] == pytest.approx([middle - far, middle], abs=99)


def test_between_two_sites_the_nearer_one_serves_up_to_the_middle():
    times = street(400)
    first, second = stretches(reach(times, places((300, 0), (100, 0)), 1_000), 0)
    assert (first[0], first[2], second[1], second[2]) == (0, 1, WHOLE, 0)
    assert first[1] == second[0] == pytest.approx(WHOLE // 2, abs=99)


def test_in_no_time_one_gets_nowhere():
    assert len(reach(street(400), places((200, 0)), 0)) == 0


def test_two_sites_at_one_place_leave_all_to_the_first():
    times = RoadTimes(build_graph(grid(), CAR))
    assert set(reach(times, places((150, 0), (150, 0)), 60).site.tolist()) == {0}


def test_a_time_below_zero_and_a_site_in_the_sea_are_refused():
    times = street(400)
    with pytest.raises(InputError, match="within_s -1 must be from 0"):
        reach(times, places((200, 0)), -1)
    with pytest.raises(InputError, match="farther than 2,000 m from any street"):
        reach(times, places((200, 0), (90_000, 0)), 60)


@given(graphs(), spots(3), st.integers(0, 120), st.booleans(), st.integers(0, 99))
def test_what_is_reached_and_from_where_is_what_plain_reckoning_says(
    graph: RoadGraph, sites: list[tuple[float, float]], within_s: int, toward: bool, seed: int
):
    times = RoadTimes(graph)
    at = places(*sites)
    snapped = times.snap(at)
    on = list(zip(snapped.edge.tolist(), snapped.step.tolist(), strict=True))
    reached = reach(times, at, within_s, toward=toward)
    order = np.lexsort((reached.begin, reached.edge))
    same = np.diff(reached.edge[order]) == 0
    assert (reached.finish[order][:-1][same] <= reached.begin[order][1:][same]).all()
    begun = [begun_ms(graph, each) for each in on]
    rng = np.random.default_rng(seed)
    for edge, step in zip(rng.choice(graph.edge, 20).tolist(), rng.integers(0, WHOLE, 20).tolist(), strict=True):
        here = (edge, step)
        if toward:
            ms = [drive_ms(graph, here, begun_ms(graph, here), each) for each in on]
        else:
            ms = [drive_ms(graph, each, then, here) for each, then in zip(on, begun, strict=True)]
        found = [site for begin, finish, site in stretches(reached, edge) if begin <= step <= finish]
        if abs(min(ms) - within_s * 1000) > 2:
            assert bool(found) == (min(ms) <= within_s * 1000)
        if found:
            assert min(ms[site] for site in found) <= min(ms) + 2


def test_an_area_holds_the_cells_of_the_streets_reached_and_no_others():
    times = RoadTimes(build_graph(grid(8, 8), CAR))
    reached = reach(times, places((150, 0)), 60)
    cells, _ = cells_reached(times, reached)
    again = set()
    for outer, *holes in area_of(cells):
        assert (outer[0] == outer[-1]).all()
        rings = [[(lat, lon) for lon, lat in ring.tolist()] for ring in (outer, *holes)]
        again |= set(h3.h3shape_to_cells(h3.LatLngPoly(rings[0], *rings[1:]), 10))
    assert again == {h3.int_to_str(cell) for cell in cells.tolist()}
    lat, lon = places_on(times.graph, reached.edge, (reached.begin + reached.finish) / 2 / WHOLE)
    assert {h3.latlng_to_cell(*each, 10) for each in zip(lat.tolist(), lon.tolist(), strict=True)} <= again


def test_a_cell_belongs_to_the_site_that_is_nearest_to_most_of_its_street():
    times = street(400)
    cells, site = cells_reached(times, reach(times, places((0, 0), (400, 0)), 1_000), resolution=11)
    at = places((20, 0), (380, 0))
    found = dict(zip(cells.tolist(), site.tolist(), strict=True))
    ends = [h3.str_to_int(h3.latlng_to_cell(*each, 11)) for each in zip(at.lat, at.lon, strict=True)]
    assert [found[cell] for cell in ends] == [0, 1]


@pytest.mark.skipif(not OSM.exists(), reason="real data is not here: shared/data/geo beside the repository")
@pytest.mark.parametrize("toward", [False, True])
def test_on_real_streets_one_gets_as_far_as_the_table_of_times_says(toward: bool):
    times = RoadTimes(build_graph(read_streets(OSM / "baltimore.osm.pbf"), PROFILES["van"]))
    graph, rng = times.graph, np.random.default_rng(7)
    own = rng.choice(graph.junctions, 5, replace=False)
    sites = Places(lat=graph.junction_lat[own], lon=graph.junction_lon[own])
    reached = reach(times, sites, 240, toward=toward)
    edge, step = rng.choice(graph.edge, 400), rng.integers(0, WHOLE, 400)
    lat, lon = places_on(graph, edge, step / WHOLE)
    there = Places(lat=lat, lon=lon)
    snapped = times.snap(there)  # another street may cross there
    seconds = times.table(there, sites)[1].T if toward else times.table(sites, there)[1]
    inside = [
        bool([site for begin, finish, site in stretches(reached, e) if begin - 9 <= s <= finish + 9])
        for e, s in zip(snapped.edge.tolist(), snapped.step.tolist(), strict=True)
    ]
    sure = np.abs(seconds.min(axis=0) - 240) > 1
    assert (np.array(inside)[sure] == (seconds.min(axis=0) <= 240)[sure]).all()
    assert 0.05 < np.mean(inside) < 0.99
