"""Numbers of a routing file as people read them: metres and the clock of a table, the units of a benchmark's file."""

from dataclasses import dataclass

from doorstep.connectors.routing_instance.routing_file import TABLE, RoutingFile
from doorstep.console import words as w


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteWords:
    """How to say the whole numbers of a problem.

    ``timed``: distances are metres and times seconds from midnight. Else ``factor`` of either make a unit of the file,
    and ``scale`` of money a unit of the published cost.
    """

    timed: bool
    factor: int
    scale: float

    @classmethod
    def of(cls, file: RoutingFile) -> "RouteWords":
        """Return the words for a file's numbers."""
        return cls(timed=file.family == TABLE, factor=file.factor, scale=file.scale)

    def distance(self, metres: float) -> str:
        """Return a distance."""
        return w.distance(metres) if self.timed else self.number(metres / self.factor)

    def duration(self, seconds: float) -> str:
        """Return a duration."""
        return w.duration(seconds) if self.timed else self.number(seconds / self.factor)

    def moment(self, at: int) -> str:
        """Return a moment: hours and minutes from midnight of the day, or the file's number."""
        return f"{at // 3600:02d}:{at % 3600 // 60:02d}" if self.timed else self.number(at / self.factor)

    def money(self, minor: float) -> str:
        """Return a cost in minor units, or in the units of the published cost."""
        return self.number(minor / self.scale)

    def number(self, value: float) -> str:
        """Return a number with at most two decimals."""
        return w.count(round(value, 2))

    def share(self, ratio: float) -> str:
        """Return a share."""
        return w.share(ratio)
