"""Streets and addresses written as an extract of OpenStreetMap, so that they are read as any other."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import osmium

from doorstep.foundation.arrays import Floats

Tags = Mapping[str, str]
MADE_UP = "Made-up streets, by doorstep"
"""The generator that is named in such an extract: it is nobody's data."""


def write_extract(
    path: Path,
    *,
    lat: Floats,
    lon: Floats,
    node_tags: Mapping[int, Tags],
    ways: Iterable[tuple[Iterable[int], Tags]],
    turns: Iterable[tuple[int, int, int, str]] = (),
    doors: Iterable[tuple[float, float, Tags]] = (),
) -> None:
    """Write an extract in place of one that is there; the ending of its name, such as ``.osm.pbf``, says the format.

    Parameters
    ----------
    lat, lon
        Of the nodes (N,) [degrees].
    node_tags
        Tags of those nodes that have any.
    ways
        Nodes and tags of each way.
    turns
        Restrictions: from way, via node, to way, and the kind, such as ``no_left_turn``.
    doors
        Latitude, longitude and tags of nodes that are on no way, such as addresses.
    """
    make, header = osmium.osm.mutable, osmium.io.Header()
    header.set("generator", MADE_UP)
    with osmium.SimpleWriter(path, header=header, overwrite=True) as writer:
        for node, (y, x) in enumerate(zip(lat.tolist(), lon.tolist(), strict=True)):
            writer.add_node(make.Node(id=node + 1, location=(x, y), tags=dict(node_tags.get(node, {}))))
        for door, (y, x, tags) in enumerate(doors, start=lat.size + 1):
            writer.add_node(make.Node(id=door, location=(x, y), tags=dict(tags)))
        for way, (nodes, tags) in enumerate(ways, start=1):
            writer.add_way(make.Way(id=way, nodes=[node + 1 for node in nodes], tags=dict(tags)))
        for number, (start, via, end, kind) in enumerate(turns, start=1):
            members = [("w", start + 1, "from"), ("n", via + 1, "via"), ("w", end + 1, "to")]
            rule = {"type": "restriction", "restriction": kind}
            writer.add_relation(make.Relation(id=number, members=members, tags=rule))
