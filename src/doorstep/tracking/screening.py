"""What a reported position is worth: nothing that comes late, from the future or by a jump says where a device is.

All of them are kept, each with its verdict. A device whose current position was itself the wrong one would jump for
ever after; so three jumps that agree with one another are believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from doorstep.geography.distance import haversine_m
from doorstep.tracking.positions import Position

FUTURE_S = 120
"""A position later than this by our clock is put aside: the device's clock is wrong."""
JUMP_MPS = 70.0
"""Nothing on a road is faster."""
AGREEING = 3


class Verdict(IntEnum):
    """What a position is worth; only a good one becomes current. The numbers are stored."""

    GOOD = 0
    LATE = 1
    JUMP = 2
    FUTURE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a device is: the newest good position, and the last of ``doubts`` jumps in a row that agree."""

    current: Position | None = None
    doubted: Position | None = None
    doubts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Positions in the order of their time, none twice, each with its verdict; and where the device is after them."""

    kept: tuple[tuple[Position, Verdict], ...]
    standing: Standing


def screen(positions: Sequence[Position], standing: Standing, *, now: int) -> Screened:
    """Return what the positions of one device are worth; of those with one time and source the first counts."""
    distinct: dict[tuple[int, int], Position] = {}
    for position in positions:
        distinct.setdefault((position.at, position.source), position)
    current, doubted, doubts = standing.current, standing.doubted, standing.doubts
    kept = []
    for _, position in sorted(distinct.items()):
        if position.at > now + FUTURE_S:
            verdict = Verdict.FUTURE
        elif current is not None and position.at <= current.at:
            verdict = Verdict.LATE
        elif current is None or _is_reachable(current, position):
            verdict = Verdict.GOOD
        else:
            agrees = doubted is not None and _is_reachable(doubted, position)
            doubted, doubts = position, doubts + 1 if agrees else 1
            verdict = Verdict.GOOD if doubts == AGREEING else Verdict.JUMP
        if verdict is Verdict.GOOD:
            current, doubted, doubts = position, None, 0
        kept.append((position, verdict))
    return Screened(kept=tuple(kept), standing=Standing(current=current, doubted=doubted, doubts=doubts))


def _is_reachable(before: Position, after: Position) -> bool:
    """Return whether nobody had to drive too fast for it; a later one that is no later is not."""
    seconds = after.at - before.at
    return seconds > 0 and haversine_m(before.lat, before.lon, after.lat, after.lon) <= JUMP_MPS * seconds
