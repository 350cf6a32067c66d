"""What everybody is going to do, by its moment."""

import heapq
from collections.abc import Callable
from itertools import count

Step = Callable[[int], object]
"""Something to do; it is told the moment for which it was meant [epoch s]."""


class Agenda:
    """Steps in the order of their moments; ``late_s`` is how late the last one was done."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int, Step]] = []
        self._numbers = count()
        self.late_s = 0

    def at(self, moment: float, step: Step) -> None:
        """Have something done at a moment [epoch s]."""
        heapq.heappush(self._steps, (int(moment), next(self._numbers), step))

    def run(self, now: int) -> None:
        """Do all that is due, and what becomes due by that."""
        self.late_s = 0
        while self._steps and self._steps[0][0] <= now:
            moment, _, step = heapq.heappop(self._steps)
            self.late_s = now - moment
            step(moment)
