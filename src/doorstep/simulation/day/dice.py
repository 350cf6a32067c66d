"""Chance by names: the same seed and names give the same luck, whenever they are asked for."""

from zlib import crc32

import numpy as np


class Dice:
    """A generator for everything that has a name."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, *names: object) -> np.random.Generator:
        """Return the generator of what has these names; asked again, it begins again."""
        return np.random.default_rng([self._seed, crc32("/".join(map(str, names)).encode())])

    def luck(self, *names: object) -> float:
        """Return a number from 0 to 1."""
        return float(self.of(*names).uniform())
