"""A made-up town: drawn from its seed alone, whole, and read as any extract."""

from pathlib import Path

import numpy as np
import pytest

from doorstep.cli.roads_command import sample_town
from doorstep.connectors.osm import read_streets
from doorstep.connectors.osm.addresses import read_addresses
from doorstep.connectors.osm.roads_folder import build_roads, load_roads
from doorstep.connectors.osm.write_extract import MADE_UP
from doorstep.geography.addresses import AddressIndex, Precision, Question, find
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.roads import PROFILES, build_graph
from doorstep.geography.roads.check import check_graph
from doorstep.simulation.sample.made_up_town import LAT, LON, made_up_town, river_m


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "town.osm.pbf"
    assert sample_town(path) == 0
    return path


def test_equal_seeds_give_equal_towns_and_others_others():
    one, same, other = (made_up_town(np.random.default_rng(seed), radius_m=1_000.0) for seed in (1, 1, 2))
    assert one.ways == same.ways
    assert one.doors == same.doors
    assert one.doors != other.doors


def test_nearly_all_of_its_streets_are_reached_from_all_others(extract: Path):
    streets = read_streets(extract)
    graph = build_graph(streets, PROFILES["van"])
    assert check_graph(graph) == []
    assert graph.arcs > 9_000
    assert graph.dropped["metres of them"] < 0.01 * graph.dm.sum() / 10
    assert len(streets.turns) == len(made_up_town(np.random.default_rng(1)).turns) > 0


def test_the_river_is_crossed_by_main_roads_only():
    town = made_up_town(np.random.default_rng(1))
    north = np.radians(town.lat - LAT) * EARTH_RADIUS_M
    east = np.radians(town.lon - LON) * EARTH_RADIUS_M * np.cos(np.radians(LAT))
    bank = east > river_m(north)
    over = [tags["highway"] for nodes, tags in town.ways if len(set(bank[list(nodes)].tolist())) == 2]
    assert set(over) == {"primary", "secondary"}
    assert 5 <= len(over) <= 30


def test_its_streets_are_nobodys_data(extract: Path, tmp_path: Path):
    build_roads(extract, tmp_path)
    times = load_roads(tmp_path, "town")
    assert times.credit == times.at(times.ms).credit == MADE_UP


def test_its_addresses_are_found(extract: Path):
    index = AddressIndex(read_addresses(extract))
    lat, lon, tags = made_up_town(np.random.default_rng(1)).doors[500]
    found = find(index, Question(street=tags["addr:street"], house_number=tags["addr:housenumber"]))
    assert found.precision == Precision.HOUSE
    assert (found.lat, found.lon) == pytest.approx((lat, lon), abs=1e-5)
