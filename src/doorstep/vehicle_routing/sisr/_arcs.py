"""Metres and seconds of an arc, from coordinates or from tables."""

import math

from doorstep.foundation.kernels import inlined
from doorstep.vehicle_routing.sisr.layout import (
    PLANE,
    Search,
)


@inlined
def wide(value: int) -> int:
    """Return a column of 32 bits, or a constant, in 64, so that each kernel is compiled for one type of number."""
    return int(value) + 0


@inlined
def metres(s: Search, profile: int, origin: int, target: int) -> int:
    """Return the metres from a place to another."""
    if s.number[PLANE] == 1:
        dx = s.xy[origin, 0] - s.xy[target, 0]
        dy = s.xy[origin, 1] - s.xy[target, 1]
        return int(s.real[0] * math.sqrt(dx * dx + dy * dy) + s.real[1])
    return wide(s.table[profile, origin, target, 0])


@inlined
def seconds(s: Search, profile: int, origin: int, target: int, known_m: int) -> int:
    """Return the seconds from a place to another, whose metres are known."""
    if s.number[PLANE] == 1:
        return known_m
    return wide(s.table[profile, origin, target, 1])
