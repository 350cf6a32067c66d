"""Speeds of streets learned from recorded drives, measured on drives that were not learned from.

Made up are: how long each street takes of what its kind does (a standard deviation of 25 %), and how much longer it
takes at rush hours, more on fast roads. Vans drive fastest ways at those speeds, at all hours, a third of them at rush
hours; their positions, recorded every ten seconds and ten metres off, are matched and learned from. Judged are other
drives: how far the seconds foreseen for them are from those that they took (mean absolute percentage error), by the
usual speeds, by what was learned whatever the hour, and by what was learned of their hour.
"""

from pathlib import Path

import numpy as np

from benchmarks.geography.matching import Drive, legs_of, recorded
from benchmarks.table import Row
from doorstep.connectors.osm import read_streets
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import Places
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph, find_way
from doorstep.geography.roads.learned import ANY_HOUR, HOURS, all_of, classes_of, hour_class, learn_week, observed
from doorstep.geography.roads.matching import Matcher

DRIVES = (100, 400, 1_600)
HELD_OUT = 400
SPREAD = 0.25
RUSH = tuple(hour_class(0, hour) for hour in (7, 16))
RUSH_BY_CLASS = (0.0, 0.1, 0.25, 0.4, 0.5, 0.5)
"""By how much longer streets take then, by how fast they usually are (logarithm)."""
RUSH_SHARE = 0.33
EVERY_S, NOISE_M = 10, 10.0


def rows_of(extract: Path, seed: int) -> list[Row]:
    """Return a row for each number of drives that are learned from."""
    times = RoadTimes(build_graph(read_streets(extract), PROFILES["van"]))
    rng = np.random.default_rng(seed)
    own = np.exp(rng.normal(0.0, SPREAD, times.graph.edges))[times.graph.edge]
    real = {row: _real(times, own, rush=row in RUSH) for row in range(HOURS)}
    hours, asked_at = _hours(rng, max(DRIVES)), _hours(rng, HELD_OUT)
    drives = [_drive(real[int(hour)], rng) for hour in hours]
    ends = rng.integers(0, times.graph.junctions, (2, HELD_OUT))
    took = _seconds(real, asked_at, ends)
    matcher = Matcher(times)
    matched = [matcher.match(drive.track).driven for drive in drives]
    seen = [observed(driven, np.full(len(driven), hour)) for driven, hour in zip(matched, hours.tolist(), strict=True)]
    rows: list[Row] = []
    for count in DRIVES:
        learnt = learn_week(times.graph, all_of(seen[:count]))
        at = {row: times.at(learnt.ms(times.graph, row)) for row in range(HOURS + 1)}
        rows.append({
            "instance": extract.name.split(".")[0], "solver": "doorstep, learning", "drives": count,
            "streets_driven_pct": round(100 * float((learnt.observations[ANY_HOUR] > 0).mean()), 1),
            "usual_mape_pct": _mape(_seconds(dict.fromkeys(range(HOURS), times), asked_at, ends), took),
            "any_hour_mape_pct": _mape(_seconds(dict.fromkeys(range(HOURS), at[ANY_HOUR]), asked_at, ends), took),
            "by_hour_mape_pct": _mape(_seconds(at, asked_at, ends), took), "violations": 0,
        })  # fmt: skip
    return rows


def _hours(rng: np.random.Generator, count: int) -> Ints:
    """Return classes of hours of drives."""
    return np.where(rng.random(count) < RUSH_SHARE, rng.choice(RUSH, count), rng.choice(HOURS, count)).astype(np.int64)


def _real(times: RoadTimes, own: Floats, *, rush: bool) -> RoadTimes:
    """Return the streets as they really are at rush hours, or else."""
    longer = np.array(RUSH_BY_CLASS)[classes_of(times.graph)] if rush else 0.0
    return times.at(np.maximum(1, np.rint(times.graph.ms * own * np.exp(longer))).astype(np.int64))


def _drive(real: RoadTimes, rng: np.random.Generator) -> Drive:
    graph = real.graph
    while True:
        a, b = rng.integers(0, graph.junctions, 2)
        way = find_way(real, (float(graph.junction_lat[a]), float(graph.junction_lon[a])),
                       (float(graph.junction_lat[b]), float(graph.junction_lon[b])))  # fmt: skip
        if way.metres >= 1_000:
            legs = legs_of(way)
            return Drive(legs, recorded(graph, legs, rng, every_s=EVERY_S, noise_m=NOISE_M))


def _seconds(at: dict[int, RoadTimes], hours: Ints, ends: Ints) -> Floats:
    """Return what drives take between junctions (2, N) at hours (N,) [s]."""
    found = np.zeros(hours.size)
    for hour in np.unique(hours).tolist():
        rows, graph = np.flatnonzero(hours == hour), at[hour].graph
        a, b = (Places(lat=graph.junction_lat[each], lon=graph.junction_lon[each]) for each in ends[:, rows])
        found[rows] = at[hour].between(a, b)[1]
    return found


def _mape(foreseen: Floats, took: Floats) -> float:
    rows = np.flatnonzero(took >= 60)
    return round(100 * float(np.mean(np.abs(foreseen[rows] - took[rows]) / took[rows])), 1)
