"""Times and tables beside those of OSRM, which computes on the same extract by rules of its own for cars.

Its rules are other than ours; one factor brings ours to its, learnt on one town and used on all others.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.geography.osrm import OsrmMissingError, Served, metres_and_seconds, served, table_cost, unpacked
from benchmarks.geography.tables import points_on
from benchmarks.table import Row
from doorstep.connectors.osm import read_streets
from doorstep.foundation.arrays import Floats
from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph

COMPARED = 300
SHORTEST_S = 60
"""Pairs that OSRM brings together faster are left out: a second more or less is per cents there."""


def rows_of(extracts: Sequence[Path], points: int, seed: int, kept: Path) -> list[Row]:
    """Return how far our times are from those of OSRM on each extract, and what its tables cost.

    Raises
    ------
    OsrmMissingError
        If OSRM cannot be run here.
    """
    root, rows, ratios = unpacked(kept), [], {}
    for extract in extracts:
        times = RoadTimes(build_graph(read_streets(extract), PROFILES["car"]))
        name = extract.name.split(".")[0]
        with TemporaryDirectory(prefix="osrm-", dir=kept) as folder:
            try:
                with served(root, extract, Path(folder)) as server:
                    ratios[name] = _seconds(server, times, seed)
                    rows.append(_table(server, name, times, points, seed))
            except OsrmMissingError as missing:
                rows.append({"instance": name, "solver": f"OSRM {missing}", "violations": 0})
    return rows + [_fit(name, ratios, teacher) for name in ratios for teacher in ratios if teacher != name]


def _seconds(server: Served, times: RoadTimes, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return the seconds of pairs by us, by OSRM, and by straight lines."""
    some = points_on(times.graph, COMPARED, seed)
    row, column = np.divmod(np.arange(COMPARED**2), COMPARED)
    chosen = np.random.default_rng(seed).permutation(COMPARED**2)[: 20 * COMPARED]
    origins, destinations = some.take(row[chosen]), some.take(column[chosen])
    _, theirs = metres_and_seconds(server, origins, destinations, block=100)
    _, ours = times.between(origins, destinations)
    straight, _ = GreatCircleTimes(circuity_pct=100).between(origins, destinations)
    far = theirs >= SHORTEST_S
    return ours[far].astype(np.float64), theirs[far].astype(np.float64), straight[far].astype(np.float64)


def _fit(name: str, ratios: dict[str, tuple[Floats, Floats, Floats]], teacher: str) -> Row:
    """Return how far our times are from those of OSRM on one town, with the factor learnt on another."""
    ours, theirs, straight = ratios[name]
    own, other, line = ratios[teacher]
    return {"instance": name, "solver": f"doorstep, one factor learnt on {teacher}", "pairs": int(ours.size),
            "factor": round(float(np.median(other / own)), 3), "mape_pct": _mape(ours * np.median(other / own), theirs),
            "straight_mape_pct": _mape(straight * np.median(other / line), theirs),
            "correlation": round(float(np.corrcoef(ours, theirs)[0, 1]), 4), "violations": 0}  # fmt: skip


def _mape(ours: Floats, theirs: Floats) -> float:
    return round(float(np.mean(np.abs(ours - theirs) / theirs)) * 100, 2)


def _table(server: Served, name: str, times: RoadTimes, points: int, seed: int) -> Row:
    some: Places = points_on(times.graph, points, seed)
    cost = table_cost(server, some)
    return {"instance": f"{name}, {points:,} x {points:,}", "solver": "OSRM CH over HTTP, with turns",
            "cpu_s": round(cost.server_cpu_s, 2), "client_cpu_s": round(cost.client_cpu_s, 2),
            "answer_mb": round(cost.answer_mb), "server_mb": round(cost.server_peak_mb),
            "extract_cpu_s": round(server.extract_cpu_s, 1), "contract_cpu_s": round(server.contract_cpu_s, 1),
            "violations": 0}  # fmt: skip
