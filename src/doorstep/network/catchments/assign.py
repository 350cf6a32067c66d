"""Serve as much as can be, then in the least seconds, with the prices of capacity that prove it."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from doorstep.foundation import InternalError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.programme import Programme, solve_programme
from doorstep.network.catchments._kernels import raise_prices, serve_most
from doorstep.network.catchments.problem import CatchmentProblem
from doorstep.network.catchments.reach import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class BySite:
    """The same pairs by site: ``order`` (K,) their rows, ``at`` (S + 1,) where each site begins."""

    order: Ints
    at: Ints

    @classmethod
    def of(cls, near: Pairs, sites: int) -> "BySite":
        """Return the pairs by site, places ascending."""
        at = np.concatenate([[0], np.cumsum(np.bincount(near.site, minlength=sites))])
        return cls(order=np.argsort(near.site, kind="stable"), at=at.astype(np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """The best shares, and the proof that none are better.

    Parameters
    ----------
    flow : (K,)
        What the site of each pair serves of its place.
    stuck : (S,)
        Full sites that more capacity would let serve more.
    price : (S,)
        Seconds that one more parcel of capacity saves; negative where it serves one more, which takes time.
    bound_s
        Proved: no plan that serves as much takes less.
    """

    flow: Ints
    stuck: Bools
    price: Ints
    bound_s: int


def assign(problem: CatchmentProblem, near: Pairs) -> Assigned:
    """Return the shares that serve most, and of those take the least seconds.

    Each place at its nearest site, if none is then over its capacity. Otherwise a maximum flow, and a minimum cut, that
    parts the map: on one side all sites are full in every plan that serves most, on the other all places are served
    wholly. So the second programme, for the seconds, needs no penalty. Whole numbers all through.

    References
    ----------
    Hitchcock (1941), The distribution of a product from several sources to numerous localities, Journal of Mathematics
    and Physics 20. Ford, Fulkerson (1962), Flows in networks.
    """
    sites, room = len(problem.sites), problem.room
    nearest = np.zeros(near.place.size, np.int64)
    reached = np.diff(near.start) > 0
    nearest[near.start[:-1][reached]] = problem.weight[reached]
    stuck, price = np.zeros(sites, np.bool_), np.zeros(sites, np.int64)
    if (sums(near.site, nearest, sites) <= room).all():
        return Assigned(flow=nearest, stuck=stuck, price=price, bound_s=product(nearest, near.seconds))
    by_site = BySite.of(near, sites)
    left, flow = problem.weight.copy(), np.zeros_like(nearest)
    serve_most(near.start, near.place, near.site, by_site.order, by_site.at, left, room.copy(), flow, stuck)
    most = int(flow.sum())
    side = side_of(near, stuck)
    flow = _least_seconds(problem, near, stuck, side)
    left = problem.weight - sums(near.place, flow, left.size)
    if int(flow.sum()) != most or left.min() < 0 or (sums(near.site, flow, sites) > room).any():
        raise InternalError(f"the least seconds serve {int(flow.sum())} of {most} that can be served.")
    order, at = by_site.order, by_site.at
    if not raise_prices(near.start, near.place, near.site, near.seconds, order, at, flow, left, stuck, price):
        raise InternalError("the programme's shares are not the best ones: a chain of moves saves time.")
    return Assigned(flow=flow, stuck=stuck, price=price, bound_s=_bound_s(problem, near, stuck, side, price))


def _least_seconds(problem: CatchmentProblem, near: Pairs, stuck: Bools, side: Bools) -> Ints:
    """Return the shares of least seconds where ``stuck`` sites are full and places not on their ``side`` all served."""
    pair = np.flatnonzero(stuck[near.site] == side[near.place])
    places, sites = side.size, stuck.size
    columns = np.arange(pair.size)
    matrix = sp.csc_matrix(
        (np.ones(2 * pair.size), (np.r_[near.place[pair], places + near.site[pair]], np.r_[columns, columns])),
        shape=(places + sites, pair.size),
    )
    reached = np.diff(near.start) > 0
    needs: Floats = np.where(reached, problem.weight, 0).astype(np.float64)
    room = problem.room.astype(np.float64)
    solved = solve_programme(
        Programme(
            cost=near.seconds[pair].astype(np.float64),
            lower=np.zeros(pair.size),
            upper=np.full(pair.size, np.inf),
            whole=np.zeros(pair.size, np.bool_),
            matrix=matrix,
            low=np.r_[np.where(side, 0.0, needs), np.where(stuck, room, 0.0)],
            high=np.r_[needs, room],
        ),
        keep_going=lambda: True,
    )
    flow = np.zeros(near.place.size, np.int64)
    if solved.values.size == pair.size:
        flow[pair] = np.rint(solved.values).astype(np.int64)
    return flow


def _bound_s(problem: CatchmentProblem, near: Pairs, stuck: Bools, side: Bools, price: Ints) -> int:
    """Return the value of the prices as a solution of the dual programme: no plan that serves most takes less."""
    within = stuck[near.site] == side[near.place]
    place, site = near.place[within], near.site[within]
    pays = np.full(side.size, np.iinfo(np.int64).max)
    np.minimum.at(pays, place, near.seconds[within] + price[site])
    pays[np.diff(near.start) == 0] = 0
    pays[side] = np.minimum(pays[side], 0)
    return product(problem.weight, pays) - product(problem.room, price)


def side_of(near: Pairs, stuck: Bools) -> Bools:
    """Return the places (D,) that stuck sites alone reach: with these they are one side of the cut."""
    reached = np.diff(near.start) > 0
    reached[near.place[~stuck[near.site]]] = False
    return reached


def sums(row: Ints, values: Ints, rows: int) -> Ints:
    """Return the sum of whole numbers by row (rows,)."""
    total = np.zeros(rows, np.int64)
    np.add.at(total, row, values)
    return total


def product(a: Ints, b: Ints) -> int:
    """Return the inner product, exact at any size."""
    used = np.flatnonzero((a != 0) & (b != 0))
    return int(np.dot(a[used].astype(object), b[used].astype(object))) if used.size else 0
