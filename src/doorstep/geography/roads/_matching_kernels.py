"""Which of the streets near each position was driven: ways from each candidate to the next ones, and the likeliest row.

Candidates of layer i are ``first[i] : first[i + 1]``; ways lead from each to those of the next layer and of the one
after it, so that one position may be passed over. Costs are negative logarithms of likelihoods.
"""

import math

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import kernel
from doorstep.geography.distance import haversine_m
from doorstep.geography.roads._hierarchy_kernels import METRE, NEVER
from doorstep.geography.roads._search_kernels import spread
from doorstep.geography.roads.snap import WHOLE

ROUND_DM = 10


@kernel
def apart(lat: Floats, lon: Floats, near_m: Floats) -> Bools:
    """Return which positions (N,) are at least ``near_m`` from the last one of which that is true; the first is."""
    found = np.zeros(lat.size, dtype=np.bool_)
    last = -1
    for k in range(lat.size):
        if last < 0 or haversine_m(lat[last], lon[last], lat[k], lon[k]) >= near_m[k]:
            found[k] = True
            last = k
    return found


@kernel
def part_of(weight: int, step: int) -> int:
    """Return the weight of the first ``step`` steps of an arc."""
    return (weight // METRE) * step // WHOLE * METRE + (weight % METRE) * step // WHOLE


@kernel
def ways_between(
    turn_first: Ints, turn_to: Ints, turn: Ints, arc_weight: Ints, opposite: Ints, first: Ints, arc: Ints, step: Ints,
    slack_dm: Ints, most_dm: Ints, layers_on: Ints, around: int,
) -> tuple[Ints, Ints, Ints, Ints]:  # fmt: skip
    """Return the weight of the way from each candidate to those of the next layers, -1 where there is none.

    Parameters
    ----------
    turn, arc_weight
        Weights of the turns (T,) and of the arcs (A,).
    opposite
        The arc that drives the same piece of street the other way (A,), -1 for none.
    first, arc, step
        Candidates (C,) by layer (M + 1,).
    slack_dm, most_dm, layers_on
        For each layer (M,): how far back along one arc counts as standing, how long a way may be, and how many of the
        next layers it leads to (0 to 2).
    around
        Weight of turning round within a street.

    Returns
    -------
    one_first, one, two_first, two
        Weights from the c-th candidate of layer i to the t-th of the next are ``one[one_first[i] + c x n + t]``, n
        being how many there are; likewise to the one after it.
    """
    layers, arcs = first.size - 1, arc_weight.size
    one_first = np.zeros(layers + 1, dtype=np.int64)
    two_first = np.zeros(layers + 1, dtype=np.int64)
    for i in range(layers):
        own = first[i + 1] - first[i]
        one_first[i + 1] = one_first[i] + (own * (first[i + 2] - first[i + 1]) if layers_on[i] > 0 else 0)
        two_first[i + 1] = two_first[i] + (own * (first[i + 3] - first[i + 2]) if layers_on[i] > 1 else 0)
    one = np.full(one_first[layers], -1, dtype=np.int64)
    two = np.full(two_first[layers], -1, dtype=np.int64)
    label, by = np.full(arcs, NEVER, dtype=np.int64), np.empty(arcs, dtype=np.int64)
    site, touched = np.zeros(arcs, dtype=np.int64), np.empty(arcs, dtype=np.int64)
    heap = np.empty((2, turn_to.size + 1), dtype=np.int64)
    wanted = np.zeros(arcs, dtype=np.bool_)
    for i in range(layers):
        if layers_on[i] == 0:
            continue
        begin, middle, end = first[i + 1], first[i + 2], first[i + 1 + layers_on[i]]
        left = 0
        for t in range(begin, end):
            left += not wanted[arc[t]]
            wanted[arc[t]] = True
        for c in range(first[i], begin):
            count = _searched(turn_first, turn_to, turn, arc_weight, arc[c], step[c], most_dm[i], wanted, left, label,
                              by, site, heap, touched)  # fmt: skip
            for t in range(begin, end):
                way = _weight(label, arc_weight, opposite, arc[c], step[c], arc[t], step[t], slack_dm[i], around)
                if way == NEVER or way % METRE > most_dm[i]:
                    way = -1
                if t < middle:
                    one[one_first[i] + (c - first[i]) * (middle - begin) + t - begin] = way
                else:
                    two[two_first[i] + (c - first[i]) * (end - middle) + t - middle] = way
            for k in range(count):
                label[touched[k]] = NEVER
        for t in range(begin, end):
            wanted[arc[t]] = False
    return one_first, one, two_first, two


@kernel
def _searched(
    turn_first: Ints, turn_to: Ints, turn: Ints, arc_weight: Ints, arc: int, step: int, most_dm: int, wanted: Bools,
    left: int, label: Ints, by: Ints, site: Ints, heap: Ints, touched: Ints,
) -> int:  # fmt: skip
    """Write labels of arcs after a place on an arc, and return how many were touched."""
    own = slice(turn_first[arc], turn_first[arc + 1])
    starts = turn_to[own]
    weights = turn[own] - part_of(arc_weight[arc], step)
    return spread(turn_first, turn_to, turn, starts, weights, np.zeros(starts.size, dtype=np.int64), NEVER, most_dm,
                  wanted, left, label, by, site, heap, touched)  # fmt: skip


@kernel
def _weight(
    label: Ints, arc_weight: Ints, opposite: Ints, a: int, from_step: int, b: int, to_step: int, slack_dm: int,
    around: int,
) -> int:  # fmt: skip
    """Return the weight of the way from a place on an arc to one on another, ``NEVER`` if there is none."""
    whole = arc_weight[b]
    if a == b and to_step >= from_step:
        return part_of(whole, to_step) - part_of(whole, from_step)
    if a == b and part_of(whole, from_step - to_step) % METRE <= slack_dm:
        return 0
    best = NEVER
    if opposite[a] == b:
        furthest = _furthest(whole, from_step, to_step)
        best = part_of(arc_weight[a], furthest - from_step) + part_of(whole, furthest - WHOLE + to_step) + around
    if label[b] < NEVER:
        best = min(best, label[b] + part_of(whole, to_step))
    return best


@kernel
def _furthest(weight: int, from_step: int, to_step: int) -> int:
    """Return the step of an arc at which one turns round, at least a metre from its beginning.

    Were it nearer, nothing would be driven on it, and a forbidden turn could be made of two places at one junction.
    """
    return max(from_step, WHOLE - to_step, min(WHOLE, ROUND_DM * WHOLE // (weight % METRE)))


@kernel
def likeliest(
    first: Ints,
    cost: Floats,
    one_first: Ints,
    one: Floats,
    two_first: Ints,
    two: Floats,
    layers_on: Ints,
    passed: float,
) -> tuple[Ints, Ints, Floats]:
    """Return the likeliest candidate of each layer and how likely it is, by the Viterbi and the forward algorithm.

    Parameters
    ----------
    cost, one, two
        Of candidates (C,), and of ways to the next layer and the one after it, infinite where there is none.
    passed
        Cost of passing over a layer.

    Returns
    -------
    chosen, stretch, sure
        Of each layer (M,): its candidate, -1 if it is passed over, which stretch without a gap it belongs to, and
        how likely its candidate is, given all positions.
    """
    layers = first.size - 1
    best, total = np.full(cost.size, np.inf), np.full(cost.size, np.inf)
    back = np.full(cost.size, -1, dtype=np.int64)
    stretch = np.zeros(layers, dtype=np.int64)
    begun, number = 0, 0
    for i in range(layers):
        alive = False
        if i > 0:
            linked = layers_on[i - 1] > 0 and _any_way(one, one_first[i - 1], one_first[i], best, first, i - 1)
            for c in range(first[i], first[i + 1]):
                if linked and begun == i - 1:
                    best[c] = total[c] = passed
                if layers_on[i - 1] > 0:
                    _come(c, i, i - 1, first, one_first, one, 0.0, best, total, back)
                if i - 2 >= begun and layers_on[i - 2] > 1:
                    _come(c, i, i - 2, first, two_first, two, passed, best, total, back)
                alive = alive or best[c] < np.inf
                best[c] += cost[c]
                total[c] += cost[c]
        bridged = i > 0 and layers_on[i - 1] > 1 and _any_way(two, two_first[i - 1], two_first[i], best, first, i - 1)
        if not alive and not bridged:
            begun, number = i, number + 1
            for c in range(first[i], first[i + 1]):
                best[c] = total[c] = cost[c]
                back[c] = -1
        stretch[i] = number - 1
    chosen, sure = _traced(first, cost, one_first, one, two_first, two, layers_on, passed, best, total, back, stretch)
    return chosen, stretch, sure


@kernel
def _any_way(ways: Floats, begin: int, end: int, best: Floats, first: Ints, layer: int) -> bool:
    """Return whether a way leads on from a candidate of a layer that can be come to."""
    own = first[layer + 1] - first[layer]
    if own == 0 or end == begin:
        return False
    on = (end - begin) // own
    for c in range(own):
        if best[first[layer] + c] < np.inf:
            for t in range(on):
                if ways[begin + c * on + t] < np.inf:
                    return True
    return False


@kernel
def _come(
    c: int, layer: int, before: int, first: Ints, ways_first: Ints, ways: Floats, more: float, best: Floats,
    total: Floats, back: Ints,
) -> None:  # fmt: skip
    """Bring the costs of a layer before on to a candidate: the least, and the sum of likelihoods."""
    on = first[layer + 1] - first[layer]
    for p in range(first[before], first[before + 1]):
        way = ways[ways_first[before] + (p - first[before]) * on + c - first[layer]] + more
        if best[p] + way < best[c]:
            best[c], back[c] = best[p] + way, p
        total[c] = _both(total[c], total[p] + way)


@kernel
def _both(a: float, b: float) -> float:
    """Return the cost of the sum of two likelihoods."""
    low, high = min(a, b), max(a, b)
    if high == np.inf:
        return low
    return low - math.log1p(math.exp(low - high))


@kernel
def _traced(
    first: Ints, cost: Floats, one_first: Ints, one: Floats, two_first: Ints, two: Floats, layers_on: Ints,
    passed: float, best: Floats, total: Floats, back: Ints, stretch: Ints,
) -> tuple[Ints, Floats]:  # fmt: skip
    """Return the candidates of the likeliest row, traced from the end of each stretch, and how likely each is."""
    layers = first.size - 1
    chosen = np.full(layers, -1, dtype=np.int64)
    sure = np.zeros(layers)
    rest = np.full(cost.size, np.inf)
    whole = np.inf
    follow = -1
    for i in range(layers - 1, -1, -1):
        last = i + 1 == layers or stretch[i + 1] != stretch[i]
        before_last = not last and (i + 2 == layers or stretch[i + 2] != stretch[i])
        if last:
            follow, whole = _end(first, best, total, passed, i, i - int(i > 0 and stretch[i - 1] == stretch[i]))
        for c in range(first[i], first[i + 1]):
            rest[c] = 0.0 if last else (passed if before_last else np.inf)
            if not last and layers_on[i] > 0:
                rest[c] = _rest(c, i, i + 1, first, one_first, one, 0.0, cost, rest)
            if not last and not before_last and layers_on[i] > 1:
                rest[c] = _both(rest[c], _rest(c, i, i + 2, first, two_first, two, passed, cost, rest))
        if follow >= first[i]:
            chosen[i] = follow
            sure[i] = min(1.0, np.exp(whole - total[follow] - rest[follow]))
            follow = back[follow]
    return chosen, sure


@kernel
def _end(first: Ints, best: Floats, total: Floats, passed: float, i: int, earliest: int) -> tuple[int, float]:
    """Return the candidate at which the likeliest row of a stretch ends, and the cost of all rows together."""
    follow, least, whole = -1, np.inf, np.inf
    for layer in range(i, earliest - 1, -1):
        more = 0.0 if layer == i else passed
        for c in range(first[layer], first[layer + 1]):
            whole = _both(whole, total[c] + more)
            if best[c] + more < least:
                follow, least = c, best[c] + more
    return follow, whole


@kernel
def _rest(
    c: int, layer: int, after: int, first: Ints, ways_first: Ints, ways: Floats, more: float, cost: Floats, rest: Floats
) -> float:
    """Return the cost of all rows from a candidate on that go by a later layer; what is there already is kept."""
    found = rest[c] if after == layer + 1 else np.inf
    on = first[after + 1] - first[after]
    for t in range(first[after], first[after + 1]):
        way = ways[ways_first[layer] + (c - first[layer]) * on + t - first[after]]
        found = _both(found, way + more + cost[t] + rest[t])
    return found


@kernel
def ways_driven(
    turn_first: Ints, turn_to: Ints, turn: Ints, arc_weight: Ints, opposite: Ints, arc: Ints, step: Ints,
    joined: Bools, slack_dm: Ints, most_dm: Ints, around: int,
) -> Ints:  # fmt: skip
    """Return what is driven between places in order, (4, K): arc, from which step, to which, and after which place.

    Parameters
    ----------
    arc, step, joined
        The places (M,), and whether each is joined with the one before it.
    slack_dm, most_dm
        As for the weights, of each place (M,).
    """
    arcs = arc_weight.size
    label, by = np.full(arcs, NEVER, dtype=np.int64), np.empty(arcs, dtype=np.int64)
    site, touched = np.zeros(arcs, dtype=np.int64), np.empty(arcs, dtype=np.int64)
    heap, wanted = np.empty((2, turn_to.size + 1), dtype=np.int64), np.zeros(arcs, dtype=np.bool_)
    found = np.empty((4, 64), dtype=np.int64)
    size = here = 0
    for k in range(arc.size):
        if k == 0 or not joined[k]:
            here = step[k]
            continue
        a, b, end = arc[k - 1], arc[k], step[k]
        back = part_of(arc_weight[a], max(0, step[k - 1] - end)) % METRE
        if a == b and back <= slack_dm[k - 1]:
            found, size = _added(found, size, a, here, max(here, end), k - 1)
            here = max(here, end)
            continue
        wanted[b] = True
        count = _searched(turn_first, turn_to, turn, arc_weight, a, step[k - 1], most_dm[k - 1], wanted, 1, label, by,
                          site, heap, touched)  # fmt: skip
        wanted[b] = False
        way = _weight(label, arc_weight, opposite, a, step[k - 1], b, end, 0, around)
        if opposite[a] == b and (label[b] == NEVER or label[b] + part_of(arc_weight[b], end) > way):
            furthest = _furthest(arc_weight[b], here, end)
            found, size = _added(found, size, a, here, furthest, k - 1)
            found, size = _added(found, size, b, WHOLE - furthest, end, k - 1)
        else:
            found, size = _added(found, size, a, here, WHOLE, k - 1)
            chain = [b]
            while by[chain[-1]] >= 0:
                chain.append(by[chain[-1]])
            for each in chain[:0:-1]:
                found, size = _added(found, size, each, 0, WHOLE, k - 1)
            found, size = _added(found, size, b, 0, end, k - 1)
        here = end
        for each in range(count):
            label[touched[each]] = NEVER
    return found[:, :size].copy()


@kernel
def _added(found: Ints, size: int, arc: int, begin: int, finish: int, after: int) -> tuple[Ints, int]:
    """Put a stretch of an arc at the end of a table, unless it is empty, and return it with its new size."""
    if finish <= begin:
        return found, size
    if size == found.shape[1]:
        more = np.empty((4, 2 * size), dtype=np.int64)
        more[:, :size] = found
        found = more
    found[0, size], found[1, size], found[2, size], found[3, size] = arc, begin, finish, after
    return found, size + 1
