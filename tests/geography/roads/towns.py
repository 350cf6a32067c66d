"""Towns made by hand, small enough to be drawn on paper."""

from collections.abc import Mapping, Sequence

import numpy as np

from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.roads import Streets

LAT, LON = 49.4, 8.7
"""Where towns have their south-western corner [degrees]."""
BLOCK_M = 100.0
Line = tuple[Sequence[int], Mapping[str, str], str]
"""Nodes of a way, its tags and its name."""


def degrees(east_m: float, north_m: float) -> tuple[float, float]:
    """Return lat and lon of a place so many metres from the corner."""
    lat = LAT + np.degrees(north_m / EARTH_RADIUS_M)
    return float(lat), float(LON + np.degrees(east_m / EARTH_RADIUS_M) / np.cos(np.radians(LAT)))


def town(
    nodes: Sequence[tuple[float, float]],
    lines: Sequence[Line],
    *,
    turns: Sequence[tuple[int, int, int, str]] = (),
    over: Sequence[tuple[Sequence[int], str]] = (),
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
) -> Streets:
    """Return streets through nodes given in metres east and north of the corner.

    Parameters
    ----------
    turns
        From way, via node, to way, and the kind of restriction, such as ``no_left_turn`` or ``only_straight_on``.
    over
        From way, the ways over which it leads, to way, and the kind of restriction.
    """
    at = np.array([degrees(*node) for node in nodes])
    names = tuple(dict.fromkeys(name for _, _, name in lines))
    sizes = [len(own) for own, _, _ in lines]
    only = [[a, via, b, int(kind.startswith("only"))] for a, via, b, kind in turns]
    return Streets(
        lat=at[:, 0], lon=at[:, 1], node_tags=dict(node_tags or {}), first=np.concatenate([[0], np.cumsum(sizes)]),
        node=np.array([node for own, _, _ in lines for node in own], dtype=np.int64),
        tags=tuple(tags for _, tags, _ in lines), tag=np.arange(len(lines)), names=names,
        name=np.array([names.index(name) for _, _, name in lines], dtype=np.int64),
        turns=np.array(only, dtype=np.int64).reshape(-1, 4),
        turn_tags=tuple({"restriction": kind} for _, _, _, kind in turns), skipped={},
        over=tuple((int(kind.startswith("only")), *ways) for ways, kind in over),
        over_tags=tuple({"restriction": kind} for _, kind in over),
    )  # fmt: skip


def grid(
    rows: int = 4,
    columns: int = 5,
    *,
    east: Sequence[int] = (),
    north: Sequence[int] = (),
    spur: bool = False,
    turns: Sequence[tuple[int, int, int, str]] = (),
) -> Streets:
    """Return a town of blocks of 100 m: node (row, column) is ``row * columns + column``, row 0 in the south.

    Ways are the rows, driven east, and then the columns, driven north. All are residential; the last way, if there is
    a ``spur``, is a road of 150 m east of the south-eastern corner that ends there.

    Parameters
    ----------
    east, north
        Rows that are driven only east, and columns that are driven only north.
    """
    nodes = [(column * BLOCK_M, row * BLOCK_M) for row in range(rows) for column in range(columns)]
    lines: list[Line] = []
    for row in range(rows):
        tags = {"highway": "residential"} | ({"oneway": "yes"} if row in east else {})
        lines.append(([row * columns + column for column in range(columns)], tags, f"Row {row}"))
    for column in range(columns):
        tags = {"highway": "residential"} | ({"oneway": "yes"} if column in north else {})
        lines.append(([row * columns + column for row in range(rows)], tags, f"Column {column}"))
    if spur:
        nodes.append(((columns - 1) * BLOCK_M + 150.0, 0.0))
        lines.append(([columns - 1, len(nodes) - 1], {"highway": "residential"}, "Spur"))
    return town(nodes, lines, turns=turns)


def blocks(rows: int, columns: int) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """Return nodes of a town of blocks as in ``grid``, and the two nodes of each side of a block, which is one way."""
    nodes = [(column * BLOCK_M, row * BLOCK_M) for row in range(rows) for column in range(columns)]
    east = [
        (row * columns + column, row * columns + column + 1) for row in range(rows) for column in range(columns - 1)
    ]
    north = [
        (row * columns + column, (row + 1) * columns + column) for row in range(rows - 1) for column in range(columns)
    ]
    return nodes, east + north
