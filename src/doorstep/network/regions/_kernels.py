"""Loops of the search: prices that balance regions, centres of regions, moves of areas between regions."""

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.kernels import kernel
from doorstep.network.regions._sphere import metres


@kernel
def balance(
    cost: Floats,
    weights: Floats,
    low: Floats,
    high: Floats,
    price: Floats,
    dual: Floats,
    region: Ints,
    reach: float,
    passes: int,
) -> tuple[float, float]:
    """Price the weight of regions so that areas in their cheapest regions are balanced; return a bound and a merit.

    Area i goes to the region r of least ``cost[i, r] + sum_w price[w, r] weights[w, i]``. A price rises while its
    region is above its upper limit and falls below zero while it is below its lower one: each has a step of its own,
    which shrinks when the region swings to the other side.

    The bound is the best value of the dual of the transport problem, at the prices that fill ``dual`` (W, k): no
    assignment, even of parts of areas, costs less.
    The merit is the least cost of an assignment met, with a fine of 5 ``reach`` for an average region's weight beyond a
    limit. ``price`` (W, k) is where the search starts from; it and ``region`` (N,) become those of the least merit.
    """
    n, k = cost.shape
    kinds = weights.shape[0]
    load = np.zeros((kinds, k))
    step = np.full((kinds, k), 0.5 * reach)
    before = np.zeros((kinds, k))
    bound, merit = -np.inf, np.inf
    now, best = price.copy(), price.copy()
    for turn in range(passes + 1):
        last = turn == passes
        if last:
            now[:] = best
        load[:] = 0.0
        value, paid = 0.0, 0.0
        for i in range(n):
            least = np.inf
            at = 0
            for r in range(k):
                here = cost[i, r]
                for w in range(kinds):
                    here += now[w, r] * weights[w, i]
                if here < least:
                    least = here
                    at = r
            region[i] = at
            value += least
            paid += cost[i, at]
            for w in range(kinds):
                load[w, at] += weights[w, i]
        if last:
            break
        for w in range(kinds):
            for r in range(k):
                value -= now[w, r] * (high[w] if now[w, r] > 0.0 else low[w])
                paid += 5.0 * reach * (max(0.0, load[w, r] - high[w]) + max(0.0, low[w] - load[w, r]))
        if value > bound:
            bound = value
            dual[:] = now
        if paid < merit:
            merit = paid
            best[:] = now
        calm = True
        for w in range(kinds):
            for r in range(k):
                pull = 0.0
                if now[w, r] > 0.0 or (now[w, r] == 0.0 and load[w, r] > high[w]):
                    pull = load[w, r] - high[w]
                elif now[w, r] < 0.0 or load[w, r] < low[w]:
                    pull = load[w, r] - low[w]
                calm = calm and abs(pull) < 0.01
                if pull * before[w, r] < 0.0:
                    step[w, r] *= 0.5
                elif pull * before[w, r] > 0.0:
                    step[w, r] *= 1.15
                before[w, r] = pull
                was = now[w, r]
                now[w, r] = was + step[w, r] * pull
                if now[w, r] * was < 0.0:
                    now[w, r] = 0.0
        if calm and merit == paid:
            break
    price[:] = best
    return bound, merit


@kernel
def best_centres(
    distance: Floats, share: Floats, region: Ints, site_piece: Ints, piece: Ints, centre: Ints, held: int
) -> int:
    """Move each centre behind the first ``held`` to the site that serves its region best; return how many moved.

    ``distance`` (M, N) from sites to areas. A centre stays on its piece of the map.
    """
    moved = 0
    n = share.size
    member = np.empty(n, np.int64)
    for r in range(held, centre.size):
        count = 0
        for i in range(n):
            if region[i] == r:
                member[count] = i
                count += 1
        if count == 0:
            continue
        best = 0.0
        for m in range(count):
            best += share[member[m]] * distance[centre[r], member[m]]
        at = centre[r]
        for j in range(distance.shape[0]):
            if site_piece[j] != piece[member[0]] or (centre == j).any():
                continue
            total = 0.0
            for m in range(count):
                total += share[member[m]] * distance[j, member[m]]
                if total >= best:
                    break
            if total < best:
                best = total
                at = j
        if at != centre[r]:
            centre[r] = at
            moved += 1
    return moved


@kernel
def total_metres(sites: Floats, rows: Ints, points: Floats, member: Ints, share: Floats) -> Floats:
    """Return the weighted distance of the members of a region to each of some sites (R,)."""
    out = np.zeros(rows.size)
    for r in range(rows.size):
        for m in range(member.size):
            out[r] += share[member[m]] * metres(sites, rows[r], points, member[m])
    return out
