"""Edit distance over letters as numbers."""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import inlined, kernel

DIGIT_COST = 3
"""A wrong digit is another street, hardly a slip: 5th and 6th Avenue."""


@inlined
def _cost(letter: int) -> int:
    return DIGIT_COST if 48 <= letter <= 57 else 1


@kernel
def edit_distance(one: Ints, other: Ints) -> int:
    """Return the slips between two words, given by the code points of their letters.

    A slip is a letter missing, added, wrong or swapped with its neighbour (optimal string alignment); with a digit it
    counts for ``DIGIT_COST``.

    References
    ----------
    Wagner, Fischer (1974), The string-to-string correction problem; Damerau (1964).
    """
    N = other.size
    before2 = np.zeros(N + 1, np.int64)
    before = np.zeros(N + 1, np.int64)
    now = np.zeros(N + 1, np.int64)
    for j in range(1, N + 1):
        before[j] = before[j - 1] + _cost(other[j - 1])
    for i in range(1, one.size + 1):
        a = one[i - 1]
        now[0] = before[0] + _cost(a)
        for j in range(1, N + 1):
            b = other[j - 1]
            change = 0 if a == b else max(_cost(a), _cost(b))
            best = min(before[j] + _cost(a), now[j - 1] + _cost(b), before[j - 1] + change)
            if i > 1 and j > 1 and a != b and a == other[j - 2] and one[i - 2] == b:
                best = min(best, before2[j - 2] + max(_cost(a), _cost(b)))
            now[j] = best
        before2, before, now = before, now, before2
    return int(before[N])
