"""The problem as the search sees it: unit vectors, shares of weight, averages of one."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.regions._sphere import distance_rows, unit_vectors
from doorstep.network.regions.adjacency import neighbour_lists
from doorstep.network.regions.problem import NOWHERE, RegionsProblem, regions_per_piece

ELSEWHERE_M = 1e12
"""Distance of an area from a centre on another piece of the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A regions problem in the units of the search; costs are metres of mean distance.

    ``points`` (N, 3) and ``sites`` (M, 3) unit vectors; ``share`` (N,) of the first weight, of sum 1; ``weights``
    (W, N), so that an average region has 1; ``low``, ``high`` (W,); ``present`` (N,); ``piece`` (N,) and ``site_piece``
    (M,) pieces of the joined map; ``regions_of_piece`` (P,); ``start`` (N + 1,) and ``neighbour`` of each area;
    ``own_sites`` tells that sites are the areas.
    """

    points: Floats
    sites: Floats
    own_sites: bool
    share: Floats
    weights: Floats
    low: Floats
    high: Floats
    k: int
    fixed: Ints
    present: Ints
    move_price_m: float
    most_moved: float
    piece: Ints
    site_piece: Ints
    regions_of_piece: Ints
    start: Ints
    neighbour: Ints

    @property
    def sticky(self) -> bool:
        """Whether it matters which region an area is in today."""
        return bool((self.present >= 0).any()) and (self.move_price_m > 0.0 or self.most_moved < 1.0)

    def distances(self, centre: Ints) -> Floats:
        """Return the distance of each area from each centre (N, k), far too far where no path leads [m]."""
        rows = distance_rows(self.sites, centre, self.points).T
        if self.regions_of_piece.size > 1:
            rows = np.where(self.site_piece[centre] == self.piece[:, None], rows, ELSEWHERE_M)
        return np.ascontiguousarray(rows)

    def costs(self, centre: Ints, price_m: float) -> Floats:
        """Return what each area costs in each region (N, k) when moving costs ``price_m``."""
        metres = self.distances(centre)
        if self.sticky:
            known = self.present >= 0
            metres += price_m * (known[:, None] & (self.present[:, None] != np.arange(self.k)))
        return self.share[:, None] * metres

    def moved(self, region: Ints) -> float:
        """Return the share of weight that is in another region than today."""
        return float(self.share[(self.present >= 0) & (region != self.present)].sum())

    def loads(self, region: Ints) -> Floats:
        """Return the weights of each region (W, k), in average regions."""
        return np.array([np.bincount(region, weights=row, minlength=self.k) for row in self.weights])

    def excess(self, region: Ints) -> float:
        """Return by how much regions are outside their limits and too much is moved, in average regions."""
        load = self.loads(region)
        over = np.maximum(load - self.high[:, None], 0.0) + np.maximum(self.low[:, None] - load, 0.0)
        return float(over.sum()) + self.k * max(0.0, self.moved(region) - self.most_moved)


def model_of(problem: RegionsProblem) -> Model:
    """Return the problem in the units of the search."""
    n = len(problem.areas)
    points = unit_vectors(problem.areas)
    sites = points if problem.sites is None else unit_vectors(problem.sites)
    joined = problem.joined()
    start, neighbour = neighbour_lists(np.concatenate([problem.edges.astype(np.int64), joined.links]), n)
    average = problem.average()
    low, high = problem.limits()
    site_piece = joined.piece if problem.sites is None else joined.piece[_nearest(points, sites)]
    return Model(
        points=points,
        sites=sites,
        own_sites=problem.sites is None,
        share=problem.weights[0] / problem.weights[0].sum(),
        weights=np.ascontiguousarray(problem.weights / average[:, None]),
        low=low / average,
        high=high / average,
        k=problem.regions,
        fixed=problem.fixed.astype(np.int64),
        present=np.full(n, NOWHERE) if problem.present is None else problem.present.astype(np.int64),
        move_price_m=problem.move_price_m,
        most_moved=problem.most_moved,
        piece=joined.piece,
        site_piece=site_piece,
        regions_of_piece=_apportioned(problem, joined.piece, site_piece),
        start=start,
        neighbour=neighbour,
    )


def _nearest(points: Floats, queries: Floats) -> Ints:
    return np.asarray(cKDTree(points).query(queries)[1], dtype=np.int64)


def _apportioned(problem: RegionsProblem, piece: Ints, site_piece: Ints) -> Ints:
    """Return how many regions each piece of the map gets: in proportion to its weight, within what it can have.

    The pieces are filled one region at a time, by Webster's rule.
    """
    fewest, most = regions_per_piece(problem, piece)
    count = np.maximum(fewest, np.bincount(site_piece[problem.fixed], minlength=fewest.size))
    mass = np.bincount(piece, weights=problem.weights[0], minlength=fewest.size)
    while count.sum() < problem.regions:
        due = np.where(count < most, mass / (count + 0.5), -1.0)
        count[np.argmax(due)] += 1
    return count.astype(np.int64)
