"""Random numbers for kernels: Marsaglia's xorshift with 128 bits of state, in whole numbers that never overflow.

References
----------
Marsaglia (2003), Xorshift RNGs, Journal of Statistical Software 8(14).
"""

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import inlined

MASK = 0xFFFFFFFF


def seeded(rng: np.random.Generator) -> Ints:
    """Return a state (4,) drawn from a generator."""
    return rng.integers(1, MASK, size=4, dtype=np.int64)


@inlined
def draw(state: Ints) -> int:
    """Return the next 32 random bits."""
    t = state[0] ^ ((state[0] << 11) & 0xFFFFFFFF)
    state[0] = state[1]
    state[1] = state[2]
    state[2] = state[3]
    state[3] = state[3] ^ (state[3] >> 19) ^ t ^ (t >> 8)
    return int(state[3])


@inlined
def below(state: Ints, limit: int) -> int:
    """Return a whole number of 0 .. limit - 1."""
    return (draw(state) * limit) >> 32


@inlined
def unit(state: Ints) -> float:
    """Return a number within (0, 1)."""
    return (draw(state) + 0.5) / 4294967296.0
