"""What dividing a country needs: areas, how heavy they are, which of them touch, and how even the regions must be."""

from dataclasses import dataclass, field

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import Places
from doorstep.network.regions.adjacency import Joined, join_small_pieces

NOWHERE = -1
SHOWN = 5
"""Faults of one kind that a message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionsProblem:
    """N areas to be divided into ``regions`` contiguous regions of even weight around their centres.

    Parameters
    ----------
    areas
        The areas as points: centres of counties, cells, tracts.
    weights : (W, N)
        What must be even: people, orders, volume. The first row also weighs the distances.
    edges : (E, 2)
        Pairs of areas that touch; see ``adjacency``.
    regions
        How many regions.
    tolerance : (W,)
        Each region's weight lies within ``(1 - tolerance, 1 + tolerance)`` times the average; 1 or more sets no lower
        limit.
    sites
        S places that may be a region's centre; by default the areas themselves.
    fixed : (F,)
        Rows of ``sites`` (or areas) that are centres in any case; they are the centres of regions 0 to F - 1.
    present : (N,)
        Region of each area today, -1 for none; by default there is none. Labels are kept.
    move_price_m
        What moving one unit of weight to another region costs, in metres of its distance [m].
    most_moved
        Share of all weight that may change its region, from 0 to 1.

    Raises
    ------
    InputError
        With every fault that the parameters have.
    """

    areas: Places
    weights: Floats
    edges: Ints
    regions: int
    tolerance: Floats
    sites: Places | None = None
    fixed: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    present: Ints | None = None
    move_price_m: float = 0.0
    most_moved: float = 1.0

    def __post_init__(self) -> None:
        faults = _shape_faults(self) or [*_value_faults(self), *_limit_faults(self)]
        faults = faults or piece_faults(self)
        if faults:
            raise InputError(" ".join(faults))

    @property
    def candidates(self) -> Places:
        """The places that may be a centre."""
        return self.areas if self.sites is None else self.sites

    def average(self) -> Floats:
        """Return the weights of an average region (W,)."""
        average: Floats = self.weights.sum(axis=1) / self.regions
        return average

    def limits(self) -> tuple[Floats, Floats]:
        """Return the least and the most weight of a region (W,), (W,)."""
        average = self.average()
        return np.maximum(0.0, 1.0 - self.tolerance) * average, (1.0 + self.tolerance) * average

    def least_piece(self) -> Floats:
        """Return the weights below which a connected piece of the map cannot be a region by itself (W,).

        That is half an average region, or the lower limit where that is more.
        """
        return np.maximum(self.limits()[0], 0.5 * self.average())

    def joined(self) -> Joined:
        """Return the map with the pieces that cannot be a region by themselves linked to the nearest area."""
        return join_small_pieces(self.areas, self.edges, self.weights, self.least_piece())


def regions_per_piece(problem: RegionsProblem, piece: Ints) -> tuple[Ints, Ints]:
    """Return the fewest and the most regions that each piece of the map can be divided into (P,), (P,)."""
    low, high = problem.limits()
    mass = np.array([np.bincount(piece, weights=row) for row in problem.weights])
    slack = 1e-9 * problem.average()[:, None]
    fewest = np.ceil((mass - slack) / np.maximum(high[:, None], 1e-300)).max(axis=0)
    with np.errstate(divide="ignore"):
        most = np.floor((mass + slack) / low[:, None]).min(axis=0)
    areas = np.bincount(piece)
    return np.maximum(fewest, 1).astype(np.int64), np.minimum(most, areas).astype(np.int64)


def _shape_faults(p: RegionsProblem) -> list[str]:
    n = len(p.areas)
    faults = []
    if p.weights.ndim != 2 or p.weights.shape[1] != n or not p.weights.shape[0]:
        faults.append(f"weights {p.weights.shape} must be (W, {n}).")
    elif p.tolerance.shape != p.weights.shape[:1]:
        faults.append(f"tolerance {p.tolerance.shape} must be ({p.weights.shape[0]},).")
    if p.edges.ndim != 2 or p.edges.shape[1] != 2:
        faults.append(f"edges {p.edges.shape} must be (E, 2).")
    if p.fixed.ndim != 1:
        faults.append(f"fixed {p.fixed.shape} must be (F,).")
    if p.present is not None and p.present.shape != (n,):
        faults.append(f"present {p.present.shape} must be ({n},).")
    return faults


def _value_faults(p: RegionsProblem) -> list[str]:
    n, sites = len(p.areas), len(p.candidates)
    faults = []
    if p.regions < 1:
        faults.append(f"regions is {p.regions}; there must be one or more.")
    if p.regions > n:
        faults.append(f"regions is {p.regions}, more than the {n} areas.")
    if p.regions > sites and p.sites is not None:
        faults.append(f"regions is {p.regions}, more than the {sites} sites that may be a centre.")
    for name, places in (("areas", p.areas), ("sites", p.candidates)):
        lost = np.flatnonzero(~((np.abs(places.lat) <= 90.0) & (np.abs(places.lon) <= 360.0)))
        if lost.size and (name == "areas" or p.sites is not None):
            faults.append(f"{name} in rows {_some(lost)} have no place on the earth.")
    for w, row in enumerate(p.weights):
        bad = ~((row >= 0.0) & np.isfinite(row))
        if bad.any():
            told = [float(value) for value in row[bad][:SHOWN]]
            faults.append(f"weight {w} must be zero or more: areas {_some(np.flatnonzero(bad))} have {told}.")
        elif not row.sum() > 0.0:
            faults.append(f"weight {w} is zero everywhere.")
    if not (p.tolerance >= 0.0).all():
        faults.append(f"tolerance {p.tolerance.tolist()} must be zero or more.")
    unknown = np.flatnonzero(((p.edges < 0) | (p.edges >= n)).any(axis=1))
    if unknown.size:
        faults.append(f"edges {_some(unknown)} name areas {p.edges[unknown[:SHOWN]].tolist()} of {n}.")
    faults += _centre_faults(p)
    if p.present is not None and ((p.present < NOWHERE) | (p.present >= p.regions)).any():
        wrong = np.flatnonzero((p.present < NOWHERE) | (p.present >= p.regions))
        faults.append(f"present of areas {_some(wrong)} must be a region from 0 to {p.regions - 1}, or -1.")
    if not p.move_price_m >= 0.0:
        faults.append(f"move_price_m {p.move_price_m} must be zero or more.")
    if not 0.0 <= p.most_moved <= 1.0:
        faults.append(f"most_moved {p.most_moved} must be from 0 to 1.")
    return faults


def _centre_faults(p: RegionsProblem) -> list[str]:
    faults = []
    if p.fixed.size > p.regions:
        faults.append(f"{p.fixed.size} centres are fixed, more than the {p.regions} regions.")
    if ((p.fixed < 0) | (p.fixed >= len(p.candidates))).any():
        faults.append(f"fixed {p.fixed.tolist()} must be rows of the {len(p.candidates)} places for centres.")
    if np.unique(p.fixed).size < p.fixed.size:
        faults.append(f"fixed {p.fixed.tolist()} names a centre twice.")
    return faults


def _limit_faults(p: RegionsProblem) -> list[str]:
    """Return each area that is by itself heavier than a region may be."""
    if p.regions < 1 or not (p.tolerance >= 0.0).all():
        return []
    faults = []
    average, high = p.average(), p.limits()[1]
    for w, row in enumerate(p.weights):
        heavy = np.flatnonzero(row > high[w] * (1.0 + 1e-12))
        faults += [
            f"area {i} has {row[i]:,.10g} of weight {w}, {row[i] - high[w]:,.10g} more than a region may have "
            f"({high[w]:,.10g}): the tolerance must be at least {row[i] / average[w] - 1.0:.4f}, "
            "or the area be divided."
            for i in heavy[:SHOWN]
        ]
    return faults


def piece_faults(p: RegionsProblem) -> list[str]:
    """Return why the pieces of a disconnected map cannot be divided into so many even regions, empty if they can."""
    piece = p.joined().piece
    fewest, most = regions_per_piece(p, piece)
    low, high = p.limits()
    faults = []
    for c in np.flatnonzero(fewest > most):
        mass = p.weights[:, piece == c].sum(axis=1)
        w = int(np.argmax(np.abs(mass / p.average() - np.rint(mass / p.average()))))
        faults.append(
            f"the {int((piece == c).sum())} areas connected to area {int(np.argmax(piece == c))} have "
            f"{mass[w]:,.10g} of weight {w}, {mass[w] / p.average()[w]:.3f} average regions; a region has "
            f"from {low[w]:,.10g} to {high[w]:,.10g}, so no whole number of regions fits."
        )
    if not faults and not fewest.sum() <= p.regions <= most.sum():
        faults.append(
            f"the map has {fewest.size} pieces that are not connected and cannot be joined to another; together they "
            f"make from {fewest.sum()} to {most.sum()} regions, not {p.regions}."
        )
    return faults


def _some(rows: Ints) -> str:
    shown = ", ".join(str(row) for row in rows[:SHOWN])
    return f"{shown} and {rows.size - SHOWN} more" if rows.size > SHOWN else shown
