"""Streets as a graph for one kind of vehicle: arcs between junctions, and the turns from one to the next."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints

UTURN_MS = 20_000
"""Turning round where the road ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadGraph:
    """A arcs, each a piece of street driven one way, and T turns between them; all of it can be reached from all of it.

    Attributes
    ----------
    tail, head
        Junctions that arc a leads from and to (A,).
    ms, dm
        What driving it takes [ms] and its length [dm] (A,), both 1 or more.
    edge, against
        Its piece of street (A,), and whether it is driven against the order of its points.
    own
        The arc that a doubled one stands for, itself for all others (A,); doubled ones are the last, see ``doubled``.
    turn_first, turn_to, turn_ms
        From arc a one may turn into ``turn_to[turn_first[a] : turn_first[a + 1]]``; shapes (A + 1,), (T,), (T,) [ms].
    shape_first, lat, lon
        The points of piece e are ``lat[shape_first[e] : shape_first[e + 1]]`` [degrees].
    junction_lat, junction_lon
        Of the junctions (J,) [degrees].
    name, names
        The street that piece e is of (E,), and all names.
    way
        The row of its way in the streets (E,).
    dropped
        What was left out, by reason: pieces that cannot be reached or left.
    """

    profile: str
    tail: Ints
    head: Ints
    ms: Ints
    dm: Ints
    edge: Ints
    against: Bools
    own: Ints
    turn_first: Ints
    turn_to: Ints
    turn_ms: Ints
    shape_first: Ints
    lat: Floats
    lon: Floats
    junction_lat: Floats
    junction_lon: Floats
    name: Ints
    names: tuple[str, ...]
    way: Ints
    dropped: Mapping[str, int]

    @property
    def arcs(self) -> int:
        """How many arcs there are."""
        return int(self.tail.size)

    @property
    def singles(self) -> int:
        """How many arcs there are without doubled ones."""
        return int(np.searchsorted(self.own != np.arange(self.own.size), True))

    @property
    def junctions(self) -> int:
        """How many junctions there are."""
        return int(self.junction_lat.size)

    @property
    def edges(self) -> int:
        """How many pieces of street there are."""
        return int(self.shape_first.size - 1)
