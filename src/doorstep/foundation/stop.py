"""When a search ends: after so many iterations, so many CPU seconds, or when somebody interrupts.

CPU seconds, not wall seconds: two plans made on machines of different load then have had the same patience.
Only iterations make a run repeatable to the last digit.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


class Stop(Protocol):
    """Patience of a search; asked once an iteration."""

    def __call__(self) -> bool:
        """Return True when the search should end now with the best it has."""
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


@dataclass(slots=True, kw_only=True)
class Seconds:
    """Stop when this process has used ``limit`` more CPU seconds since the first question."""

    limit: float
    _clock: Callable[[], float] = field(default=time.process_time, repr=False)
    _started: float | None = field(default=None, init=False)

    def __call__(self) -> bool:
        """Return True once the CPU seconds are used up."""
        if self._started is None:
            self._started = self._clock()
        return self._clock() - self._started >= self.limit


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


@dataclass(slots=True)
class AnyOf:
    """Stop when any of several criteria says so; all are asked, so that counters stay true."""

    criteria: tuple[Stop, ...]

    def __call__(self) -> bool:
        """Return True when at least one criterion does."""
        answers = [criterion() for criterion in self.criteria]
        return any(answers)
