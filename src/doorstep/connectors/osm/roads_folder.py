"""Built roads on disk: a folder for each name, with the graph and the hierarchy of each kind of vehicle.

A folder tells which file it was built from by the digest of its content: what is there already is not built again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from doorstep.connectors.osm.streets import read_streets
from doorstep.connectors.osm.write_extract import MADE_UP
from doorstep.foundation import InputError, NotFoundError
from doorstep.foundation.progress import Progress
from doorstep.geography.roads.building import build_graph
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.hierarchy import Hierarchy, build_hierarchy
from doorstep.geography.roads.profiles import PROFILES
from doorstep.geography.roads.streets import CREDIT
from doorstep.geography.roads.times import RoadTimes

FORMAT = 2
"""Raised with each change of what is built; what an older release built is built anew."""
TOLD = "roads.json"
USUAL = ("van",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a folder of roads says of itself.

    Attributes
    ----------
    bounds
        West, south, east and north [degrees].
    profiles
        For each kind of vehicle what was built and dropped, by reason.
    """

    name: str
    file: str
    sha256: str
    format: int
    credit: str
    bounds: tuple[float, float, float, float]
    profiles: dict[str, dict[str, int]]


def build_roads(
    extract: Path, home: Path, *, name: str = "", profiles: Sequence[str] = USUAL, progress: Progress | None = None
) -> tuple[Built, bool]:
    """Build the roads of an extract into ``home / name`` and return what they are, and whether they were there already.

    Other kinds of vehicles for which they were built from the same file stay.

    Raises
    ------
    InputError
        If the extract is broken, or a profile is not known or may use none of its streets.
    """
    unknown = [each for each in profiles if each not in PROFILES]
    if unknown:
        raise InputError(f"profiles {', '.join(unknown)} do not exist.", hint=f"Maybe one of {', '.join(PROFILES)}.")
    name = name or extract.name.split(".")[0]
    if not extract.is_file():
        raise InputError(f"{extract} is not there.", hint="Maybe download an extract of your region as .osm.pbf.")
    digest = _digest(extract)
    there = _built(home / name)
    told = dict(there.profiles) if there and (there.sha256, there.format) == (digest, FORMAT) else {}
    if there and set(profiles) <= set(told):
        return there, True
    streets = read_streets(extract, progress=progress)
    folder = home / name
    folder.mkdir(parents=True, exist_ok=True)
    if not told:
        (folder / TOLD).unlink(missing_ok=True)
    bounds = (0.0, 0.0, 0.0, 0.0)
    for profile in [each for each in profiles if each not in told]:
        graph = build_graph(streets, PROFILES[profile], progress=progress)
        _write(folder / f"{profile}.npz", graph, build_hierarchy(graph, progress=progress))
        told[profile] = {"arcs": graph.arcs, "junctions": graph.junctions, "turns": int(graph.turn_to.size),
                         **graph.dropped}  # fmt: skip
        bounds = (float(graph.junction_lon.min()), float(graph.junction_lat.min()),
                  float(graph.junction_lon.max()), float(graph.junction_lat.max()))  # fmt: skip
    built = Built(name=name, file=extract.name, sha256=digest, format=FORMAT, credit=_credit_of(extract), bounds=bounds,
                  profiles=told)  # fmt: skip
    (folder / TOLD).write_text(json.dumps(asdict(built), indent=1, ensure_ascii=False), encoding="utf-8")
    return built, False


def built_roads(home: Path) -> list[Built]:
    """Return all roads that were built in a folder, by name."""
    found = [_built(folder) for folder in sorted(home.iterdir())] if home.is_dir() else []
    return [each for each in found if each]


def load_roads(home: Path, name: str, profile: str = "van") -> RoadTimes:
    """Return the travel times of built roads, where traffic is light.

    Raises
    ------
    NotFoundError
        If no such roads were built, or not for such vehicles, or by another release.
    """
    built = _built(home / name)
    if built is not None and built.format != FORMAT:
        raise NotFoundError(
            f"roads {name!r} in {home} were built by another release.",
            hint=f"Maybe build them again: doorstep roads build {built.file}",
        )
    if built is None or profile not in built.profiles:
        names = [f"{each.name} ({', '.join(each.profiles)})" for each in built_roads(home) if each.format == FORMAT]
        there = f"There are {', '.join(names)}." if names else "There are none yet."
        raise NotFoundError(
            f"roads {name!r} for a {profile} were not built in {home}. {there}",
            hint="Maybe build them: doorstep roads build FILE.osm.pbf",
        )
    graph, hierarchy = _read(home / name / f"{profile}.npz")
    return RoadTimes(graph, hierarchy, credit=built.credit)


def _built(folder: Path) -> Built | None:
    try:
        told = json.loads((folder / TOLD).read_text(encoding="utf-8"))
        return Built(**told | {"bounds": tuple(told["bounds"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _credit_of(extract: Path) -> str:
    """Return whose data an extract holds: OpenStreetMap's, but for the towns that we make up."""
    with osmium.io.Reader(str(extract)) as reader:
        return MADE_UP if reader.header().get("generator", "") == MADE_UP else CREDIT


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, graph: RoadGraph, hierarchy: Hierarchy) -> None:
    arrays: dict[str, Any] = {f"graph_{each.name}": getattr(graph, each.name) for each in fields(graph)}
    words = {"profile": graph.profile, "names": list(graph.names), "dropped": dict(graph.dropped)}
    for name in words:
        del arrays[f"graph_{name}"]
    arrays |= {f"hierarchy_{each.name}": getattr(hierarchy, each.name) for each in fields(hierarchy)}
    arrays["words"] = np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8)
    part = path.with_suffix(".part.npz")
    try:
        np.savez(part, **arrays)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> tuple[RoadGraph, Hierarchy]:
    with np.load(path) as arrays:
        words = json.loads(arrays["words"].tobytes())
        own = {part: {key.removeprefix(f"{part}_"): arrays[key] for key in arrays.files if key.startswith(f"{part}_")}
               for part in ("graph", "hierarchy")}  # fmt: skip
    words["names"] = tuple(words["names"])
    return RoadGraph(**own["graph"], **words), Hierarchy(**own["hierarchy"])
