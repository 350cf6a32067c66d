"""The extract of a made-up town, for whoever has none at hand."""

from pathlib import Path

import numpy as np

from doorstep.connectors.osm.write_extract import write_extract
from doorstep.simulation.sample.made_up_town import made_up_town

TOWN = "made-up-town"


def write_town(extract: Path, seed: int) -> str:
    """Write the extract of a town, equal for equal seeds, and return in words what it holds."""
    town = made_up_town(np.random.default_rng(seed))
    write_extract(extract, lat=town.lat, lon=town.lon, node_tags=town.node_tags, ways=town.ways, turns=town.turns,
                  doors=town.doors)  # fmt: skip
    return f"{len(town.lat):,} crossings and corners, {len(town.doors):,} addresses, {len(town.turns)} forbidden turns"
