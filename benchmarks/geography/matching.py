"""Map matching measured: drives simulated along fastest ways, recorded with noise, and matched again.

Each driver finds every street faster or slower than it usually is, takes the way that is fastest to them, and drives it
so; the matcher knows nothing of that. What is judged is length, as Newson and Krumm (2009) do: what was missed and what
was added wrongly, of what was driven, ends included and directions kept apart.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.table import Row
from doorstep.connectors.osm import read_streets
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.roads import PROFILES, RoadGraph, RoadTimes, Way, build_graph, find_way
from doorstep.geography.roads._hierarchy_kernels import METRE
from doorstep.geography.roads.doubled import single
from doorstep.geography.roads.matching import Match, Matcher, Track
from doorstep.geography.roads.reach import places_on

WHOLE = 1 << 20
SPEED_SPREAD = 0.3
"""Standard deviation of the logarithm of how long drivers take on a street."""
LEAST_M = 1_000
TRACKS = 100
KINDS = ((10, 10.0), (30, 20.0))
"""Seconds between positions, and their noise [m]."""
START_AT = 1_700_000_000
Legs = Sequence[tuple[int, int, int, int]]
"""Arc, from which step, to which, and the time it takes with the turn to it [ms]."""


@dataclass(frozen=True, slots=True)
class Drive:
    """What was driven, and the positions recorded on the way."""

    legs: Legs
    track: Track


def rows_of(extract: Path, seed: int) -> list[Row]:
    """Return a row for frequent positions and one for sparse ones; ways that cannot be driven are violations."""
    times = RoadTimes(build_graph(read_streets(extract), PROFILES["van"]))
    name = {"instance": extract.name.split(".")[0], "solver": "doorstep, matching"}
    return [{**name, **measure(times, TRACKS, seed, every_s=every_s, noise_m=noise_m)} for every_s, noise_m in KINDS]


def measure(times: RoadTimes, tracks: int, seed: int, *, every_s: int = 10, noise_m: float = 10.0) -> Row:
    """Return how much of the length of simulated drives is matched right."""
    matcher = Matcher(times)
    drives = list(simulated(times, tracks, np.random.default_rng(seed), every_s=every_s, noise_m=noise_m))
    matcher.match(drives[0].track)  # compiles
    begun = time.process_time()
    matches = [matcher.match(drive.track) for drive in drives]
    cpu_s = time.process_time() - begun
    sums = np.array([judged(times.graph, drive.legs, match) for drive, match in zip(drives, matches, strict=True)])
    driven, missed, added = sums.sum(axis=0)
    each_pct = 100 * (sums[:, 1] + sums[:, 2]) / sums[:, 0]
    positions = sum(len(drive.track) for drive in drives)
    return {
        "tracks": tracks, "every_s": every_s, "noise_m": noise_m, "seed": seed, "km": round(driven / 1000, 1),
        "positions": positions, "right_pct": round(100 * (1 - missed / driven), 2),
        "error_pct": round(100 * (missed + added) / driven, 2),
        "median_error_pct": round(float(np.median(each_pct)), 2),
        "worst_error_pct": round(float(each_pct.max()), 1),
        "used_pct": round(100 * float(np.mean([match.used for match in matches])), 1),
        "confidence": round(float(np.concatenate([match.confidence for match in matches]).mean()), 3),
        "stretches": sum(match.confidence.size for match in matches),
        "ms_per_position": round(1000 * cpu_s / positions, 3), "cpu_s": round(cpu_s, 2),
        "violations": sum(broken(times.graph, match) for match in matches),
    }  # fmt: skip


def simulated(
    times: RoadTimes, tracks: int, rng: np.random.Generator, *, every_s: int, noise_m: float, least_m: int = LEAST_M
) -> Iterator[Drive]:
    """Yield drives between random junctions, at least ``least_m`` long, with their recorded positions."""
    graph = times.graph
    made = 0
    while made < tracks:
        ends = rng.choice(graph.junctions, size=2, replace=False)
        slower = np.exp(rng.normal(0.0, SPEED_SPREAD, graph.edges))[graph.edge]
        own = times.at(np.maximum(1, np.rint(times.metric_of.arc // METRE * slower)).astype(np.int64))
        a, b = ((float(graph.junction_lat[end]), float(graph.junction_lon[end])) for end in ends)
        way = find_way(own, a, b)
        if way.metres < least_m:
            continue
        made += 1
        legs = legs_of(way)
        yield Drive(legs, recorded(graph, legs, rng, every_s=every_s, noise_m=noise_m))


def recorded(graph: RoadGraph, legs: Legs, rng: np.random.Generator, *, every_s: int, noise_m: float) -> Track:
    """Return positions recorded along a drive and at its end, each off by normal noise north and east."""
    table = np.array(legs, dtype=np.int64)
    ends = np.cumsum(table[:, 3])
    at_ms = np.append(np.arange(0, ends[-1] - 1, every_s * 1000), ends[-1] - 1)
    leg = np.searchsorted(ends, at_ms, side="right")
    share = (at_ms - (ends - table[:, 3])[leg]) / table[leg, 3]
    step = (table[leg, 1] + share * (table[leg, 2] - table[leg, 1])) / WHOLE
    edge = graph.edge[table[leg, 0]]
    lat, lon = places_on(graph, edge, np.where(graph.against[table[leg, 0]], 1.0 - step, step))
    north, east = rng.normal(0.0, noise_m, (2, at_ms.size))
    lat = lat + np.degrees(north / EARTH_RADIUS_M)
    lon = lon + np.degrees(east / EARTH_RADIUS_M) / np.cos(np.radians(lat))
    return Track(lat=lat, lon=lon, at=START_AT + at_ms // 1000, noise_m=np.full(at_ms.size, noise_m))


def judged(graph: RoadGraph, legs: Legs, match: Match) -> tuple[float, float, float]:
    """Return the metres that were driven, those of them that were missed, and those that were added wrongly."""
    ends: dict[int, list[tuple[int, int]]] = {}
    driven = match.driven
    for arc, begin, finish, _ in legs:
        ends.setdefault(arc, []).extend([(begin, 1), (finish, -1)])
    for arc, begin, finish in zip(driven.arc.tolist(), driven.begin.tolist(), driven.finish.tolist(), strict=True):
        ends.setdefault(arc, []).extend([(begin, -1), (finish, 1)])
    missed = added = 0.0
    for arc, own in ends.items():
        steps = np.array(sorted(own))
        surplus = np.cumsum(steps[:, 1])[:-1] * np.diff(steps[:, 0]) * graph.dm[arc] / 10 / WHOLE
        missed += float(surplus[surplus > 0].sum())
        added -= float(surplus[surplus < 0].sum())
    total = sum((finish - begin) * int(graph.dm[arc]) for arc, begin, finish, _ in legs) / 10 / WHOLE
    return total, missed, added


def broken(graph: RoadGraph, match: Match) -> int:
    """Return how often a course goes from one arc to another that it cannot be driven to."""
    graph, driven, found = single(graph), match.driven, 0
    for k in np.flatnonzero(np.diff(driven.row) == 0).tolist():
        a, b = int(driven.arc[k]), int(driven.arc[k + 1])
        finish, begin = int(driven.finish[k]), int(driven.begin[k + 1])
        turns = graph.turn_to[graph.turn_first[a] : graph.turn_first[a + 1]]
        onward = b in turns and begin == 0 and finish == WHOLE
        turned = graph.edge[a] == graph.edge[b] and a != b and begin == WHOLE - finish
        found += not (onward or turned)
    return found


def legs_of(way: Way) -> list[tuple[int, int, int, int]]:
    """Return the legs of a way as they are driven."""
    return [(leg.arc, leg.begin, leg.finish, max(1, leg.ms)) for leg in way.legs]
