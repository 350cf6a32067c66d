"""Customers who are near each other, taken together."""

import heapq

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints


def group_near(at: Floats, weight: Ints, *, most: int) -> Ints:
    """Return the group of each point (N,), at most ``most`` groups, numbered from 0.

    The group whose weight lies farthest from its mean, weight times distance along one axis, is halved there at its
    mean, again and again. So groups are small where many points are, and no group does much harm.

    Parameters
    ----------
    at : (N, 3)
        Points in space.
    weight : (N,)
        Above zero.
    """
    heap = [_worst(at, weight, np.arange(len(at)))]
    while len(heap) < most and heap[0][0] < 0.0:
        _, _, upper, members = heapq.heappop(heap)
        for half in (members[upper], members[~upper]):
            heapq.heappush(heap, _worst(at, weight, half))
    group = np.empty(len(at), np.int64)
    for number, (_, _, _, members) in enumerate(heap):
        group[members] = number
    return group


def _worst(at: Floats, weight: Ints, members: Ints) -> tuple[float, int, Bools, Ints]:
    points, mine = at[members], weight[members]
    mean = mine @ points / mine.sum()
    spread = mine @ np.abs(points - mean)
    axis = int(np.argmax(spread))
    upper = points[:, axis] > mean[axis]
    return (-float(spread[axis]) if upper.any() and not upper.all() else 0.0, int(members[0]), upper, members)
