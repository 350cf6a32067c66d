"""The cheapest vehicle type for each route as it stands: a change that removing strings of stops hardly ever finds."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr.layout import FAR, Search

MOST_VEHICLES = 2_000
"""Vehicles up to which types are assigned at least total cost; beyond, each route takes what is cheapest."""


def retype(problem: RoutingProblem, parts: Sequence[Search]) -> list[Ints]:
    """Return the types of the routes in use of each part: together they cost as little as these routes can.

    Only types that differ from a route's own in nothing but capacity, skills and cost are thought of.
    """
    used = [np.flatnonzero(part.route[:, at.TRIPS]) for part in parts]
    own = np.concatenate([part.route[rows, at.KIND] for part, rows in zip(parts, used, strict=True)])
    cost = np.concatenate([_costs(part, rows) for part, rows in zip(parts, used, strict=True)])
    alike = _alike(problem)
    cost = np.where(alike[own], cost, FAR)
    vehicles = problem.vehicles
    enough = vehicles.count >= own.size
    if enough.all():
        chosen = np.argmin(cost, axis=1)
    elif own.size * int(np.minimum(vehicles.count, own.size).sum()) <= MOST_VEHICLES**2:
        column = np.repeat(np.arange(len(vehicles)), np.minimum(vehicles.count, own.size))
        _, picked = linear_sum_assignment(np.minimum(cost[:, column], FAR >> 12).astype(np.float64))
        chosen = column[picked]
    else:
        chosen = own
    lost = cost[np.arange(own.size), chosen] >= FAR
    if lost.any():
        chosen = own
    ends = np.cumsum([rows.size for rows in used])[:-1]
    return [np.asarray(kinds, dtype=np.int64) for kinds in np.split(chosen, ends)]


def _costs(s: Search, rows: Ints) -> Ints:
    """Return the money of each route (R, V) with each type; FAR where it has no room, lacks a skill or may not."""
    kind, route = s.kind, s.route[rows]
    metres, duration = route[:, at.METRES][:, None], route[:, at.DURATION][:, None]
    money: Ints = kind[:, at.FIXED] + metres * kind[:, at.PER_M] + duration * kind[:, at.PER_S]
    money += np.maximum(0, duration - kind[:, at.OVER_S]) * kind[:, at.OVER_RATE]
    fullest = np.zeros_like(s.route[:, at.ABOARD :])
    np.maximum.at(fullest, s.route[:, at.HEAD], s.route[:, at.ABOARD :])
    room = (fullest[rows][:, None] <= kind[None, :, at.CAPACITY :]).all(axis=2)
    needs = np.zeros(s.route.shape[0], dtype=np.int64)
    on = s.node[: s.near.shape[0], at.ROUTE].copy()
    on[on >= 0] = s.route[on[on >= 0], at.HEAD]
    np.bitwise_or.at(needs, on[on >= 0], s.stop[on >= 0, at.NEEDS])
    able = needs[rows][:, None] & ~kind[:, at.SKILLS] == 0
    bound = np.unique(on[(on >= 0) & (s.stop[:, at.ONLY] >= 0)])
    able &= ~np.isin(rows, bound)[:, None] | (np.arange(kind.shape[0]) == route[:, at.KIND][:, None])
    limits = (metres <= kind[:, at.MAX_M]) & (duration <= kind[:, at.MAX_S])
    return np.where(room & able & limits, money, FAR)


def _rests(problem: RoutingProblem) -> Ints:
    """Return a number for each type (V,) that types with the same rests share."""
    breaks = problem.breaks
    table = np.column_stack([breaks.earliest_at, breaks.latest_at, breaks.length_s]).tolist()
    of = [
        tuple(sorted(tuple(table[row]) for row in np.flatnonzero(breaks.vehicle == kind)))
        for kind in range(len(problem.vehicles))
    ]
    return np.array([of.index(rests) for rests in of], dtype=np.int64)


def _alike(problem: RoutingProblem) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Return whether two types (V, V) have the same depots, roads, shift, reloads and rests."""
    v = problem.vehicles
    places, shift = (v.start, v.end, v.reload, v.profile), (v.shift_start_at, v.shift_end_at)
    table = np.column_stack([*places, *shift, v.max_reloads, _rests(problem)])
    alike: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (table[:, None] == table[None]).all(axis=2)
    return alike
