"""Extracts read piece by piece: nothing is lost between pieces, progress is told, and work stops when it is told to."""

from pathlib import Path

import numpy as np
import osmium
import pytest

from doorstep.connectors.osm import read_streets, reading
from doorstep.connectors.osm.addresses import read_addresses
from doorstep.connectors.osm.roads_folder import build_roads, built_roads
from doorstep.foundation import InputError

COUNT = 20_000
"""Nodes of a long street: blobs hold 8,000 things each."""


class Heard:
    """A listener that keeps what it hears, and may ask to stop."""

    def __init__(self, stop_at: str = "") -> None:
        self.stages: dict[str, list[int]] = {}
        self._stop_at = stop_at

    def stage(self, name: str, total: int) -> None:
        self.stages[name] = [total, 0]

    def advance(self, steps: int = 1) -> None:
        name = list(self.stages)[-1]
        self.stages[name][1] += steps
        if self._stop_at and self._stop_at in name:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a street that goes on through several blobs, with a light, a house and a ban on turning round."""
    path = tmp_path_factory.mktemp("street") / "street.osm.pbf"
    with osmium.SimpleWriter(path, overwrite=True) as writer:
        for ref in range(1, COUNT + 1):
            tags = {"highway": "traffic_signals"} if ref == 10 else {"addr:housenumber": "7", "addr:street": "Long"}
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=(8.7 + ref * 1e-6, 49.4),
                                                    tags=tags if ref in (10, COUNT) else {}))  # fmt: skip
        for way in range(COUNT // 10):
            nodes = list(range(10 * way + 1, min(10 * way + 12, COUNT + 1)))
            writer.add_way(osmium.osm.mutable.Way(id=way + 1, nodes=nodes,
                                                  tags={"highway": "residential", "name": "Long"}))  # fmt: skip
        members = [("w", 1, "from"), ("n", 11, "via"), ("w", 2, "to")]
        writer.add_relation(osmium.osm.mutable.Relation(
            id=1, members=members, tags={"type": "restriction", "restriction": "no_straight_on"}))  # fmt: skip
    return path


@pytest.fixture
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PIECE_BYTES", 1)
    monkeypatch.setattr(reading, "MB", 1_000)


@pytest.mark.usefixtures("_small_pieces")
def test_nothing_is_lost_between_pieces(street: Path):
    heard = Heard()
    streets = read_streets(street, progress=heard)
    assert len(streets) == COUNT // 10
    assert streets.lat.size == COUNT
    assert np.diff(streets.lon).min() > 0
    assert streets.turns.tolist() == [[0, 10, 1, 0]]
    assert [streets.node_tags[9]["highway"]] == ["traffic_signals"]
    assert streets.skipped == {}
    size = street.stat().st_size // 1_000
    assert heard.stages == {"reading the map [MB]": [size, size], "streets put together": [1, 1]}
    addresses = read_addresses(street, progress=heard)
    assert len(addresses.house) == 1
    assert all(total == done for total, done in heard.stages.values())


def test_a_plain_text_of_a_map_is_read_as_well(street: Path, tmp_path: Path):
    plain = tmp_path / "street.osm"
    with osmium.SimpleWriter(plain, overwrite=True) as writer:
        for each in osmium.FileProcessor(street):
            writer.add(each)
    both = [read_streets(each) for each in (street, plain)]
    assert [len(each) for each in both] == [COUNT // 10] * 2
    assert (both[0].lon == both[1].lon).all()


@pytest.mark.usefixtures("_small_pieces")
@pytest.mark.parametrize("stage", ["reading the map", "graph for a van", "hierarchy for a van"])
def test_work_stops_when_it_is_told_to_and_leaves_nothing_half_done(street: Path, tmp_path: Path, stage: str):
    with pytest.raises(KeyboardInterrupt):
        build_roads(street, tmp_path, progress=Heard(stop_at=stage))
    assert built_roads(tmp_path) == []
    assert list(tmp_path.rglob("*.npz")) == []
    assert build_roads(street, tmp_path)[1] is False


@pytest.mark.parametrize("kept", [3, 10, 30, 200, -1])
def test_a_file_that_ends_too_early_is_told(street: Path, tmp_path: Path, kept: int):
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(street.read_bytes()[:kept])
    with pytest.raises(InputError, match="cannot be read"):
        read_streets(cut)


@pytest.mark.parametrize("size", [b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", b"\x80\x80\x80\x80\x80\x20"])
def test_a_file_that_names_an_endless_blob_is_told(tmp_path: Path, size: bytes):
    header = b"\x0a\x07OSMData\x18" + size
    endless = tmp_path / "endless.osm.pbf"
    endless.write_bytes(len(header).to_bytes(4, "big") + header)
    with pytest.raises(InputError, match="cannot be read"):
        read_streets(endless)
