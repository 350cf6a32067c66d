"""How long a drive takes that begins at a certain moment."""

from bisect import bisect_right
from dataclasses import dataclass
from math import lcm

from doorstep.vehicle_routing.problem import RoutingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Traffic of one profile in whole numbers: from ``starts`` on, a second of the clock covers ``covered`` parts.

    A second of the road has ``parts`` of them, the least common multiple of all percentages.
    """

    starts: tuple[int, ...] = ()
    covered: tuple[int, ...] = ()
    parts: int = 1

    def arrival(self, at: int, drive_s: int) -> int:
        """Return when a drive begun at ``at`` ends, rounded up."""
        if not self.starts:
            return at + drive_s
        left = drive_s * self.parts
        period = max(0, bisect_right(self.starts, at) - 1)
        for ends in self.starts[period + 1 :]:
            room = (ends - at) * self.covered[period]
            if left <= room:
                break
            left, at, period = left - room, ends, period + 1
        return at - (-left // self.covered[period])


def hours_of(problem: RoutingProblem, profile: int) -> Hours:
    """Return the traffic of a profile."""
    if not len(problem.traffic):
        return Hours()
    percents = problem.traffic.percent[profile].tolist()
    parts = lcm(*percents)
    covered = tuple(100 * parts // percent for percent in percents)
    return Hours(starts=tuple(problem.traffic.start_at.tolist()), covered=covered, parts=parts)
