"""``doorstep roads``: streets of an extract of OpenStreetMap, built once and used by name."""

import sys
from collections.abc import Sequence
from pathlib import Path

import cyclopts
import numpy as np

from doorstep.cli.progress_bars import StageClock
from doorstep.cli.roads_geocode import geocode
from doorstep.cli.seeds import Seed
from doorstep.connectors.osm.roads_folder import USUAL, Built, build_roads, built_roads
from doorstep.connectors.osm.write_extract import write_extract
from doorstep.settings import load_settings
from doorstep.simulation.sample.made_up_town import made_up_town

roads = cyclopts.App(name="roads", help="Build the streets of an extract of OpenStreetMap, and list what was built.")
roads.command(geocode)


def roads_home() -> Path:
    """Return the folder of the settings in which roads are built."""
    return Path(load_settings().roads_folder).expanduser()


@roads.command
def build(extract: Path, /, *, name: str = "", profile: Sequence[str] = USUAL) -> int:
    """Build the roads of an extract; ``--roads NAME`` of other commands then uses them.

    Parameters
    ----------
    extract
        An .osm.pbf of the region.
    name
        What to call them; by default the file's name.
    profile
        For whom, repeatable: car, van, truck, bike, foot.
    """
    clock = StageClock(quiet=False)
    with clock.bars:
        built, there = build_roads(extract, roads_home(), name=name, profiles=tuple(profile), progress=clock)
        clock.close()
    print(f"{built.name}: {'was built already' if there else 'built'}, in {roads_home() / built.name}")
    _tell(built)
    print(f"Streets {built.credit}.")
    return 0


@roads.command(name="list")
def list_() -> int:
    """List the roads that were built."""
    found = built_roads(roads_home())
    if not found:
        print(f"No roads in {roads_home()} yet: doorstep roads build FILE.osm.pbf", file=sys.stderr)
    for built in found:
        print(f"{built.name}, from {built.file}")
        _tell(built)
    return 0


@roads.command(name="sample")
def sample_town(extract: Path, /, *, seed: Seed = 1) -> int:
    """Write the extract of a made-up town, to try streets and addresses out without a download.

    Parameters
    ----------
    extract
        The .osm.pbf to write.
    seed
        Equal seeds give equal towns.
    """
    town = made_up_town(np.random.default_rng(seed))
    write_extract(extract, lat=town.lat, lon=town.lon, node_tags=town.node_tags, ways=town.ways, turns=town.turns,
                  doors=town.doors)  # fmt: skip
    told = f"{len(town.lat):,} crossings and corners, {len(town.doors):,} addresses, {len(town.turns)} forbidden turns"
    print(f"A made-up town of {told}: {extract}")
    return 0


def _tell(built: Built) -> None:
    west, south, east, north = built.bounds
    print(f"  from {south:.3f}, {west:.3f} to {north:.3f}, {east:.3f}")
    for profile, counts in built.profiles.items():
        told = dict(counts)
        arcs, junctions, turns = (told.pop(key) for key in ("arcs", "junctions", "turns"))
        print(f"  {profile}: {junctions:,} junctions, {arcs:,} arcs, {turns:,} turns")
        for reason, count in told.items():
            print(f"    {count:,} {reason}")
