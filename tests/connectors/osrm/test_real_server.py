"""Travel times of OSRM itself, run from its wheel on loopback, on a real extract."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.geography.osrm import (
    OsrmMissingError,
    Served,
    blocks_cost,
    metres_and_seconds,
    served,
    table_cost,
    unpacked,
)
from doorstep.connectors.osrm import Server, osrm_times
from doorstep.connectors.road_server import ServerTimes
from doorstep.foundation import InputError
from doorstep.geography import Places, great_circle_m

EXTRACT = Path(__file__).parents[4] / "shared/data/geo/osm/monaco.osm.pbf"
FOLDER = os.environ.get("DOORSTEP_OSRM", "")
LARGEST = 20

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER, reason="set DOORSTEP_OSRM to a folder that holds, or may be given, the wheel osrm-bindings"
    ),
    pytest.mark.skipif(not EXTRACT.exists(), reason="real data is not here: shared/data/geo beside the repository"),
]


def monaco(count: int, seed: int = 0) -> Places:
    rng = np.random.default_rng(seed)
    return Places(lat=43.730 + 0.012 * rng.random(count), lon=7.415 + 0.012 * rng.random(count))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    try:
        root = unpacked(Path(FOLDER))
    except OsrmMissingError as missing:
        pytest.skip(str(missing))
    with served(root, EXTRACT, tmp_path_factory.mktemp("osrm"), largest=LARGEST, threads=1) as there:
        yield there


@pytest.fixture
def times(server: Served) -> Iterator[ServerTimes]:
    found = osrm_times(Server(base_url=server.address, block=LARGEST))
    yield found
    found.close()


def test_a_matrix_in_blocks_has_ways_no_shorter_than_straight_lines(times):
    points = monaco(50)
    metres, seconds = times.matrix(points)
    away = times.snapped_m(points)
    straight = great_circle_m(lat_a=points.lat[:, None], lon_a=points.lon[:, None], lat_b=points.lat, lon_b=points.lon)
    assert (metres + away[:, None] + away + 2 >= straight).all()
    assert not np.diag(metres).any()
    assert not np.diag(seconds).any()
    assert (metres != metres.T).any()
    speeds = 3.6 * metres[metres > 1_000] / seconds[metres > 1_000]
    assert (speeds > 5).all()
    assert (speeds < 130).all()


def test_pairs_are_those_of_the_matrix(times, server):
    points, rng = monaco(30), np.random.default_rng(1)
    a, b = rng.integers(0, 30, 300), rng.integers(0, 30, 300)
    metres, seconds = times.matrix(points)
    for found in (
        times.between(points.take(a), points.take(b)),
        metres_and_seconds(server, points.take(a), points.take(b), block=LARGEST),
    ):
        assert found[0].tolist() == metres[a, b].tolist()
        assert found[1].tolist() == seconds[a, b].tolist()


def test_one_to_many_uses_all_that_the_server_allows(times):
    metres, _ = times.table(monaco(1), monaco(3 * LARGEST, seed=1))
    assert metres.shape == (1, 3 * LARGEST)


def test_points_far_away_are_named(times):
    far = Places(lat=np.array([43.735, 44.5]), lon=np.array([7.42, 7.42]))
    with pytest.raises(InputError, match=r"^1 points are farther than 2,000 m from any street: row 1 \(44\.50000, 7"):
        times.matrix(far)


def test_tables_larger_than_the_server_allows_say_which_setting(server):
    times = osrm_times(Server(base_url=server.address, block=LARGEST + 1))
    with pytest.raises(InputError, match=r"TooBig.*Maybe block is larger than the server's --max-table-size"):
        times.matrix(monaco(2 * LARGEST))
    times.close()


def test_what_a_table_takes_is_measured(server):
    for cost in (table_cost(server, monaco(LARGEST)), blocks_cost(server, monaco(3 * LARGEST), block=LARGEST)):
        assert cost.server_peak_mb > 1
        assert cost.wall_s >= cost.client_cpu_s / 2 > 0
        assert cost.server_cpu_s >= 0
