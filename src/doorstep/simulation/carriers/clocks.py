"""The time of a simulation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
"""Returns the present [epoch s]."""


@dataclass(slots=True)
class VirtualClock:
    """A clock that stands still until somebody moves it."""

    now: float

    def __call__(self) -> float:
        """Return its present [epoch s]."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self.now += seconds
