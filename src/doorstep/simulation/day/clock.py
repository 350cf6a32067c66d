"""The clock of a day: it stands until it is started, and then runs as fast as it is told."""

import time
from collections.abc import Callable


class ScaledClock:
    """Tells the present to the platform and to all who act on it.

    Parameters
    ----------
    stands_at
        What it shows until it is started [epoch s].
    speed
        Seconds that pass on it in a second.
    seconds
        A clock that never steps back.
    """

    def __init__(self, stands_at: int, *, speed: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._at, self.speed, self._seconds = stands_at, speed, seconds
        self._started: float | None = None

    def start(self, at: int) -> None:
        """Let it run from a moment on [epoch s]."""
        self._at, self._started = at, self._seconds()

    def now(self) -> int:
        """Return the present [epoch s]."""
        if self._started is None:
            return self._at
        return self._at + int((self._seconds() - self._started) * self.speed)
