"""How public benchmarks round: the cost of a plan is then the published cost, in whole units."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing.problem import LAST
from doorstep.vehicle_routing.roads import PlaneRoads, Rounding

Convention = Literal["auto", "round", "dimacs", "exact"]

PER_UNIT = 1_000
"""``per_km_minor`` at which a unit of distance costs one."""

HORIZON = LAST - 1
"""Where a window ends that the file leaves open."""

NO_LIMIT = (1 << 40) - 1
"""Capacity or distance that cannot bind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """Distances, times, prizes and fixed costs of a file are multiplied by ``factor`` and rounded.

    ``published`` is how many units of the published cost a unit of the file makes; ``is_published`` whether the
    published costs of the family were made with this very rounding.
    """

    factor: int
    rounding: Rounding
    published: float
    is_published: bool = True

    @property
    def scale(self) -> float:
        """Units of the problem's cost in one unit of the published cost."""
        return self.factor / self.published

    def whole(self, values: Floats) -> Ints:
        """Return scaled values, any shape."""
        offset = 0.5 if self.rounding == "nearest" else 0.0
        return np.floor(self.factor * values + offset).astype(np.int64)

    def times(self, values: Floats) -> Ints:
        """Return scaled moments, any shape, none after the last that a problem can have."""
        return np.minimum(self.whole(values), HORIZON)

    def plane(self, x: Floats, y: Floats) -> PlaneRoads:
        """Return straight roads between places (P,)."""
        return PlaneRoads(x=x, y=y, scale=float(self.factor), rounding=self.rounding)


_FACTORS: dict[Convention, tuple[int, Rounding]] = {
    "round": (1, "nearest"),
    "dimacs": (10, "down"),
    "exact": (1_000, "nearest"),
}
_BY_TYPE: dict[str, tuple[Convention, float]] = {
    "CVRP": ("round", 1),
    "HFVRP": ("exact", 0.01),
    "VRPB": ("round", 1),
    "VRPTW": ("dimacs", 1),
    "PCVRPTW": ("dimacs", 10),
    "MTVRPTWR": ("dimacs", 10),
    "MDVRPTW": ("exact", 1_000),
    "SDVRPTW": ("exact", 1_000),
    "LI-LIM": ("exact", 1),
}
"""The convention of each family, and how many units of its published cost a unit of the file makes.

The costs of HFVRP and of Li and Lim were published from distances that were not rounded at all.
"""


def scaling_of(kind: str, convention: Convention, *, explicit: bool = False, timed: bool = True) -> Scaling:
    """Return the scaling of a file whose TYPE is ``kind``.

    Where the convention is "auto" it is that of the family; ``explicit`` distances are whole already, and a family
    that nobody has published is read exactly if it is ``timed``.

    Raises
    ------
    InputError
        If there is no such convention.
    """
    if convention not in get_args(Convention):
        listed = ", ".join(get_args(Convention))
        raise InputError(f"convention {convention!r} must be one of {listed}.", hint="Maybe use auto.")
    usual: Convention = "exact" if timed else "round"
    usual, published = _BY_TYPE.get(kind, (usual, float(_FACTORS[usual][0])))
    if explicit:
        usual, published = "round", 1
    chosen = usual if convention == "auto" else convention
    factor, rounding = _FACTORS[chosen]
    return Scaling(factor=factor, rounding=rounding, published=published, is_published=chosen == usual)
