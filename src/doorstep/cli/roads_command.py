"""``doorstep roads``: streets of an extract of OpenStreetMap, built once and used by name."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import cyclopts
import numpy as np
from cyclopts import Parameter

from doorstep.cli.made_up_streets import write_town
from doorstep.cli.progress_bars import StageClock
from doorstep.cli.roads_geocode import geocode
from doorstep.cli.seeds import Seed
from doorstep.connectors.osm.roads_folder import USUAL, Built, build_roads, built_roads, load_roads
from doorstep.geography import Places
from doorstep.geography.calibration import calibrated
from doorstep.settings import load_settings

DRAWN = 2_000
"""Junctions that roads are calibrated by: there are many where people live."""

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
    print(f"A made-up town of {write_town(extract, seed)}: {extract}")
    return 0


@roads.command
def calibrate(name: str, /, *, seed: Seed = 1, as_json: Annotated[bool, Parameter(name="--json")] = False) -> int:
    """Print the values of the table policy with which straight lines come nearest to some streets, and by how much.

    For networks larger than the extract: put them into ``policy.csv``, and every estimate goes by them.

    Parameters
    ----------
    name
        The roads (``doorstep roads list``).
    seed
        Of the junctions that are drawn.
    as_json
        Print one JSON object instead of words.
    """
    streets, rng = load_roads(roads_home(), name), np.random.default_rng(seed)
    rows = rng.permutation(streets.graph.junctions)[:DRAWN]
    fit = calibrated(
        streets, Places(lat=streets.graph.junction_lat[rows], lon=streets.graph.junction_lon[rows]), rng=rng
    )
    policy = {
        "circuity_pct": fit.times.circuity_pct,
        "near_speed_kmh": fit.times.near_speed_kmh,
        "far_speed_kmh": fit.times.far_speed_kmh,
        "near_distance_m": fit.times.near_distance_m,
    }
    if as_json:
        off = {"metres_off_pct": round(fit.metres_off_pct, 2), "seconds_off_pct": round(fit.seconds_off_pct, 2)}
        print(json.dumps({**policy, "pairs": fit.pairs, **off}))
        return 0
    print(fit.told())
    print(f"\npolicy.csv:\n{','.join(policy)}\n{','.join(str(value) for value in policy.values())}")
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
