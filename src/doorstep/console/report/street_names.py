"""Names on the streets of a map: where along them there is room, the fastest streets first."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from doorstep.console.report.street_lines import Lines
from doorstep.foundation.arrays import Ints

MOST_NAMES = 5_000
"""A map has no more names than this, so that the file stays small."""
APART_M, SHORTEST_M = 500, 40
"""A street is named so often along it, and only where it is straight for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetName:
    """A name in the middle of a straight piece of street, all in map units; ``turned`` clockwise [degrees]."""

    x: int
    y: int
    length: int
    turned: int
    rank: int
    name: str


def street_names(lines: Lines, names: list[str], rank: Ints, metres_per_unit: float) -> tuple[StreetName, ...]:
    """Return the names of streets (L,) of ranks (L,): the best places first, and none close to one of the same name."""
    dx, dy = np.diff(lines.x, append=0), np.diff(lines.y, append=0)
    length = np.hypot(dx, dy)
    length[lines.first[1:] - 1] = 0.0
    longest = np.maximum.reduceat(length, lines.first[:-1]) if len(names) else np.zeros(0)
    placed: dict[str, list[tuple[int, int]]] = defaultdict(list)
    found: list[StreetName] = []
    for row in np.lexsort((-longest, rank)).tolist():
        if longest[row] * metres_per_unit < SHORTEST_M or not names[row]:
            continue
        at = lines.first[row] + int(np.argmax(length[lines.first[row] : lines.first[row + 1]]))
        x, y = int(lines.x[at] + dx[at] // 2), int(lines.y[at] + dy[at] // 2)
        same = placed[names[row]]
        if any(np.hypot(x - a, y - b) * metres_per_unit < APART_M for a, b in same):
            continue
        same.append((x, y))
        turned = round(float(np.degrees(np.arctan2(dy[at], dx[at]))))
        turned -= 180 * round(turned / 180)
        found.append(StreetName(x=x, y=y, length=int(longest[row]), turned=turned, rank=int(rank[row]),
                                name=names[row]))  # fmt: skip
        if len(found) == MOST_NAMES:
            break
    return tuple(found)
