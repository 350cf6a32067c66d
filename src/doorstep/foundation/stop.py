"""When a search ends: after so many iterations, so many CPU seconds, or when somebody interrupts.

CPU seconds, not wall seconds: two plans made on machines of different load then have had the same patience.
Only iterations make a run repeatable to the last digit.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


class Stop(Protocol):
    """Patience of a search: asked once an iteration, or for many iterations at once by ``take``."""

    def __call__(self) -> bool:
        """Return True when the search should end now with the best it has."""
        ...

    def take(self, most: int) -> int:
        """Return how many of the next ``most`` iterations may run, and count them; 0 ends the search."""
        ...

    def spent(self) -> float:
        """Return the share of the patience that is used up, from 0.0 to 1.0 when the search should end."""
        ...


@dataclass(slots=True, kw_only=True)
class Iterations:
    """Stop after ``limit`` questions; the only criterion that repeats exactly."""

    limit: int
    _asked: int = field(default=0, init=False)

    def __call__(self) -> bool:
        """Return True from question ``limit + 1`` on."""
        self._asked += 1
        return self._asked > self.limit

    def take(self, most: int) -> int:
        """Return and count what is left, at most ``most``."""
        granted = max(0, min(most, self.limit - self._asked))
        self._asked += granted
        return granted

    def spent(self) -> float:
        """Return the share of the iterations asked for."""
        return min(1.0, self._asked / self.limit) if self.limit > 0 else 1.0


@dataclass(slots=True, kw_only=True)
class Seconds:
    """Stop when this process has used ``limit`` more CPU seconds since the first question."""

    limit: float
    _clock: Callable[[], float] = field(default=time.process_time, repr=False)
    _started: float | None = field(default=None, init=False)

    def __call__(self) -> bool:
        """Return True once the CPU seconds are used up."""
        return self.spent() >= 1.0

    def take(self, most: int) -> int:
        """Return ``most`` until the CPU seconds are used up."""
        return 0 if self() else most

    def spent(self) -> float:
        """Return the share of the CPU seconds used."""
        if self._started is None:
            self._started = self._clock()
        used = self._clock() - self._started
        return min(1.0, used / self.limit) if used < self.limit else 1.0


@dataclass(slots=True)
class Interrupt:
    """Stop when asked to from outside, for instance by Ctrl-C; it stays asked."""

    asked: bool = False

    def ask(self) -> None:
        """Ask every search that holds this criterion to end with the best it has."""
        self.asked = True

    def __call__(self) -> bool:
        """Return True once somebody has asked."""
        return self.asked

    def take(self, most: int) -> int:
        """Return ``most`` until somebody asks."""
        return 0 if self.asked else most

    def spent(self) -> float:
        """Return 0.0 until somebody asks, then 1.0."""
        return float(self.asked)


@dataclass(slots=True)
class AnyOf:
    """Stop when any of several criteria says so; all are asked, so that counters stay true."""

    criteria: tuple[Stop, ...]

    def __call__(self) -> bool:
        """Return True when at least one criterion does."""
        answers = [criterion() for criterion in self.criteria]
        return any(answers)

    def take(self, most: int) -> int:
        """Return the least that any criterion grants, each asked for what those before it granted."""
        for criterion in self.criteria:
            most = criterion.take(most)
        return most

    def spent(self) -> float:
        """Return the largest share."""
        return max((criterion.spent() for criterion in self.criteria), default=0.0)


@dataclass(frozen=True, slots=True)
class UpTo:
    """Stop when a share of somebody else's patience is used up, so that some is left for what comes after."""

    criterion: Stop
    share: float

    def __call__(self) -> bool:
        """Return True when the share is used up, or all of it."""
        return self.criterion() or self.criterion.spent() >= self.share

    def take(self, most: int) -> int:
        """Return what the other grants, nothing once the share is used up."""
        return 0 if self.criterion.spent() >= self.share else self.criterion.take(most)

    def spent(self) -> float:
        """Return how much of the share is used."""
        return min(1.0, self.criterion.spent() / self.share) if self.share > 0 else 1.0
