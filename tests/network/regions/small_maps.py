"""Small maps for tests, and all their divisions."""

from collections.abc import Iterator, Sequence
from itertools import permutations, product

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography import Places, great_circle_m
from doorstep.network.regions import RegionsProblem

DEGREE_M = 111_195.08
"""A degree along the equator."""


def places(*points: tuple[float, float]) -> Places:
    return Places(lat=np.array([p[0] for p in points], float), lon=np.array([p[1] for p in points], float))


def line(weights: Sequence[float], /, **kwargs: object) -> RegionsProblem:
    """Areas one degree apart along the equator, each touching the next."""
    n = len(weights)
    given: dict[str, object] = {
        "areas": places(*((0.0, float(i)) for i in range(n))),
        "weights": np.array([weights], float),
        "edges": np.column_stack([np.arange(n - 1), np.arange(1, n)]),
        "tolerance": np.array([0.1]),
        "regions": 2,
    }
    return RegionsProblem(**(given | kwargs))  # type: ignore[arg-type]


def grid(rows: int, columns: int, **kwargs: object) -> RegionsProblem:
    """Areas one degree apart, each of weight 1 and touching those beside, above and below it."""
    number = np.arange(rows * columns).reshape(rows, columns)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    down = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    given: dict[str, object] = {
        "areas": places(*((float(r), float(c)) for r in range(rows) for c in range(columns))),
        "weights": np.ones((1, rows * columns)),
        "edges": np.concatenate([across, down]),
        "tolerance": np.array([0.1]),
        "regions": 2,
    }
    return RegionsProblem(**(given | kwargs))  # type: ignore[arg-type]


def one_part(areas: Ints, edges: Ints) -> bool:
    """Return whether links inside a set of areas connect it."""
    seen = {int(areas[0])}
    inside = set(areas.tolist())
    for _ in range(areas.size):
        for a, b in edges.tolist():
            if a in inside and b in inside and (a in seen or b in seen):
                seen |= {a, b}
    return seen == inside


def divisions(problem: RegionsProblem, *, contiguous: bool) -> Iterator[Ints]:
    """Yield the region of each area for all divisions within the limits."""
    average = problem.weights.sum(axis=1) / problem.regions
    for regions in product(range(problem.regions), repeat=len(problem.areas)):
        region = np.array(regions)
        load = np.array([np.bincount(region, weights=row, minlength=problem.regions) for row in problem.weights])
        slack = problem.tolerance * average + 1e-9
        if set(regions) != set(range(problem.regions)) or (np.abs(load - average[:, None]) > slack[:, None]).any():
            continue
        if not contiguous or all(one_part(np.flatnonzero(region == r), problem.edges) for r in range(problem.regions)):
            yield region


def least_cost(problem: RegionsProblem, *, contiguous: bool = True) -> float:
    """Return the least cost of all divisions and centres, infinite if there is none within the limits [m]."""
    sites = problem.candidates
    metres = great_circle_m(
        lat_a=sites.lat[:, None], lon_a=sites.lon[:, None], lat_b=problem.areas.lat, lon_b=problem.areas.lon
    )
    share = problem.weights[0] / problem.weights[0].sum()
    best = np.inf
    for region in divisions(problem, contiguous=contiguous):
        moved = 0.0
        if problem.present is not None:
            moved = float(share[(problem.present >= 0) & (problem.present != region)].sum())
        if moved > problem.most_moved + 1e-9:
            continue
        for centre in permutations(range(len(sites)), problem.regions):
            if problem.fixed.size and tuple(problem.fixed) != centre[: problem.fixed.size]:
                continue
            if problem.sites is None and any(region[c] != r for r, c in enumerate(centre)):
                continue
            cost = float((share * metres[np.array(centre)[region], np.arange(region.size)]).sum())
            best = min(best, cost + problem.move_price_m * moved)
    return best
