"""Extracts written by hand: what is read of them, and what is said of those that cannot be."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import osmium
import pytest

from doorstep.connectors.osm import CREDIT, read_streets
from doorstep.connectors.osm.roads_folder import FORMAT, TOLD, build_roads, built_roads, load_roads
from doorstep.foundation import InputError, NotFoundError
from doorstep.geography import Places
from doorstep.geography.roads import PROFILES, build_graph

Node = tuple[int, float, float, Mapping[str, str]]


def extract(
    path: Path,
    nodes: Sequence[Node] = (),
    ways: Sequence[tuple[int, Sequence[int], Mapping[str, str]]] = (),
    relations: Sequence[tuple[Sequence[tuple[str, int, str]], Mapping[str, str]]] = (),
) -> Path:
    """Write an extract of nodes (id, lat, lon, tags), ways (id, nodes, tags) and relations (members, tags)."""
    with osmium.SimpleWriter(path, overwrite=True) as writer:
        for ref, lat, lon, tags in nodes:
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=(lon, lat), tags=dict(tags)))
        for ref, own, tags in ways:
            writer.add_way(osmium.osm.mutable.Way(id=ref, nodes=list(own), tags=dict(tags)))
        for ref, (members, tags) in enumerate(relations, start=1):
            writer.add_relation(osmium.osm.mutable.Relation(id=ref, members=list(members), tags=dict(tags)))
    return path


CROSS: Sequence[Node] = [(10, 49.40, 8.70, {}), (11, 49.40, 8.71, {"highway": "traffic_signals"}),
                         (12, 49.40, 8.72, {}), (13, 49.41, 8.71, {}),
                         (14, 49.39, 8.71, {"barrier": "gate", "note": "x"})]  # fmt: skip
ROADS = [(1, [10, 11], {"highway": "primary", "name": "Ost", "colour": "red"}), (2, [11, 12], {"highway": "primary"}),
         (3, [13, 11, 14], {"highway": "residential", "name": "Süd"}), (4, [10, 13], {"building": "yes"}),
         (5, [10], {"highway": "residential"}), (6, [12, 14], {"highway": "proposed"})]  # fmt: skip
NO_LEFT = ([("w", 1, "from"), ("n", 11, "via"), ("w", 3, "to")], {"type": "restriction", "restriction": "no_left_turn"})


def test_streets_are_read_with_what_matters(tmp_path: Path):
    over = ([("w", 1, "from"), ("w", 2, "via"), ("w", 3, "to")], {"type": "restriction", "restriction": "no_u_turn"})
    beyond = ([("w", 1, "from"), ("w", 77, "via"), ("w", 3, "to")], over[1])
    entry = ([("w", 1, "from"), ("w", 2, "from"), ("n", 11, "via"), ("w", 3, "to")],
             {"type": "restriction", "restriction": "no_entry"})  # fmt: skip
    rush = (NO_LEFT[0], {"type": "restriction", "restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"})
    relations = [NO_LEFT, over, beyond, entry, rush, (NO_LEFT[0][:2], over[1])]
    streets = read_streets(extract(tmp_path / "cross.osm.pbf", CROSS, ROADS, relations))
    assert len(streets) == 3
    assert [streets.names[row] for row in streets.name] == ["Ost", "", "Süd"]
    assert streets.tags[streets.tag[0]] == {"highway": "primary"}
    assert np.diff(streets.first).tolist() == [2, 2, 3]
    assert {tags.get("barrier", "light") for tags in streets.node_tags.values()} == {"light", "gate"}
    assert streets.turns.tolist() == [[0, 1, 2, 0], [0, 1, 2, 0], [1, 1, 2, 0]]
    assert streets.over == ((0, 0, 1, 2),)
    assert streets.skipped == {
        "ways not in use, or of one node": 2,
        "restrictions of turns with parts missing": 2,
        "restrictions of turns at some hours, which are not heeded": 1,
    }


def test_rules_of_some_hours_are_counted_and_those_of_a_weight_kept(tmp_path: Path):
    ways = [(1, [10, 11], {"highway": "primary", "oneway:conditional": "yes @ (22:00-06:00)"}),
            (2, [11, 12], {"highway": "primary", "hgv:conditional": "no @ (weight>7.5)"})]  # fmt: skip
    streets = read_streets(extract(tmp_path / "hours.osm.pbf", CROSS, ways))
    assert streets.skipped == {"ways with other rules at some hours, which are not heeded": 1}
    assert [build_graph(streets, PROFILES[name]).arcs for name in ("van", "truck")] == [4, 2]


def test_a_way_that_leaves_the_extract_is_cut_at_its_edge(tmp_path: Path):
    ways = [(1, [10, 11, 99, 12, 13], {"highway": "primary"})]
    streets = read_streets(extract(tmp_path / "clipped.osm.pbf", CROSS, ways))
    assert [streets.node[a:b].size for a, b in zip(streets.first, streets.first[1:], strict=False)] == [2, 2]
    assert streets.skipped == {"nodes beyond the edge of the extract": 1}
    assert build_graph(streets, PROFILES["car"]).arcs == 2


@pytest.mark.parametrize(("content", "told"), [
    (None, "is not there"), (b"", "cannot be read"), (b"no extract at all", "cannot be read"),
])  # fmt: skip
def test_what_is_no_extract_is_told(tmp_path: Path, content: bytes | None, told: str):
    path = tmp_path / "broken.osm.pbf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        read_streets(path)


def test_half_an_extract_and_one_without_streets_are_told(tmp_path: Path):
    whole = extract(tmp_path / "whole.osm.pbf", CROSS, ROADS)
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(InputError, match="cannot be read"):
        read_streets(half)
    with pytest.raises(InputError, match="has no streets"):
        read_streets(extract(tmp_path / "bare.osm.pbf", CROSS))


def test_roads_are_built_once_and_found_again(tmp_path: Path):
    file, home = extract(tmp_path / "cross.osm.pbf", CROSS, ROADS, [NO_LEFT]), tmp_path / "roads"
    built, there = build_roads(file, home)
    assert (built.name, there, built.credit) == ("cross", False, CREDIT)
    assert build_roads(file, home) == (built, True)
    assert build_roads(file, home, profiles=("foot",))[1] is False
    assert build_roads(file, home, profiles=("van", "foot"))[1] is True
    assert [(each.name, sorted(each.profiles)) for each in built_roads(home)] == [("cross", ["foot", "van"])]
    times = load_roads(home, "cross")
    fresh = build_graph(read_streets(file), PROFILES["van"])
    assert times.graph.arcs == fresh.arcs
    assert times.graph.names == fresh.names
    ends = Places(lat=np.array([49.40, 49.405]), lon=np.array([8.70, 8.71]))
    assert times.matrix(ends)[0][0, 1] == pytest.approx(3 * 723.6 + 556, abs=3)  # no left turn: round at the end
    extract(file, CROSS, ROADS)
    assert build_roads(file, home)[1] is False
    assert [sorted(each.profiles) for each in built_roads(home)] == [["van"]]


def test_roads_that_were_not_built_are_told_with_those_that_were(tmp_path: Path):
    with pytest.raises(NotFoundError, match="There are none yet"):
        load_roads(tmp_path, "paris")
    build_roads(extract(tmp_path / "cross.osm.pbf", CROSS, ROADS), tmp_path)
    with pytest.raises(NotFoundError, match=r"There are cross \(van\)"):
        load_roads(tmp_path, "cross", "bike")
    with pytest.raises(InputError, match="profiles boat do not exist"):
        build_roads(tmp_path / "cross.osm.pbf", tmp_path, profiles=("boat",))


def test_roads_of_another_release_are_told_as_such(tmp_path: Path):
    build_roads(extract(tmp_path / "cross.osm.pbf", CROSS, ROADS), tmp_path)
    told = tmp_path / "cross" / TOLD
    told.write_text(told.read_text(encoding="utf-8").replace(f'"format": {FORMAT}', '"format": 0'), encoding="utf-8")
    with pytest.raises(NotFoundError, match="were built by another release") as refused:
        load_roads(tmp_path, "cross")
    assert "doorstep roads build cross.osm.pbf" in refused.value.hint
    with pytest.raises(NotFoundError, match="There are none yet"):
        load_roads(tmp_path, "paris")
