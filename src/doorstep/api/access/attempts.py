"""Failed logins, counted: whoever guesses passwords must wait."""

import math
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping

WINDOW_S = 900
MOST_NAMES = 100_000


class Attempts:
    """Attempts in the last quarter of an hour by name, in memory; the names tried longest ago are forgotten first.

    An attempt counts from its beginning, so that many at once do not slip through; one that succeeds is taken back.
    One process counts for itself: N processes allow N times as much.

    Parameters
    ----------
    seconds
        A clock that never steps back.
    """

    def __init__(self, seconds: Callable[[], float], *, window_s: int = WINDOW_S, most_names: int = MOST_NAMES) -> None:
        self._seconds = seconds
        self._window_s = window_s
        self._most_names = most_names
        self._begun: OrderedDict[str, deque[float]] = OrderedDict()

    def begin(self, limits: Mapping[str, int]) -> int:
        """Count an attempt under some names and return 0, or how long to wait [s] if one has had its most.

        What must wait is not counted: who waits as told may try again.
        """
        now = self._seconds()
        waits = [self._wait_s(name, most, now) for name, most in limits.items()]
        if max(waits, default=0):
            return max(waits)
        for name in limits:
            self._begun.setdefault(name, deque()).append(now)
            self._begun.move_to_end(name)
        while len(self._begun) > self._most_names:
            self._begun.popitem(last=False)
        return 0

    def take_back(self, name: str) -> None:
        """Forget the last attempt under a name: it succeeded."""
        begun = self._begun.get(name)
        if begun:
            begun.pop()

    def forget(self, name: str) -> None:
        """Forget all attempts under a name."""
        self._begun.pop(name, None)

    def _wait_s(self, name: str, most: int, now: float) -> int:
        begun = self._begun.get(name, deque())
        while begun and begun[0] <= now - self._window_s:
            begun.popleft()
        return math.ceil(begun[0] + self._window_s - now) if len(begun) >= most else 0

    def __len__(self) -> int:
        return len(self._begun)
