"""What a plan predicted for sample days beside what their routes cost: in all, by site and by part."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.network.design import VanDay
from doorstep.operations.planning.routed import RoutedDays

PARTS = ("distance", "time", "van days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What ``doors`` cost a parcel by the plan and by routes [minor], and how much by.

    ``predicted_by_part`` and ``routed_by_part`` are the same by ``PARTS``.
    """

    doors: int
    predicted_by_part: tuple[float, ...]
    routed_by_part: tuple[float, ...]
    stops_per_route: float
    km_per_stop: float

    @property
    def predicted_minor(self) -> float:
        """What a parcel costs by the plan."""
        return sum(self.predicted_by_part)

    @property
    def routed_minor(self) -> float:
        """What a parcel costs by routes."""
        return sum(self.routed_by_part)

    @property
    def error(self) -> float:
        """By how much the plan is too high, as a share of what routes cost; 0 without routes."""
        return self.predicted_minor / self.routed_minor - 1 if self.routed_minor else 0.0

    @property
    def errors_by_part(self) -> tuple[float, ...]:
        """The same by part: they add up to ``error``."""
        pairs = zip(self.predicted_by_part, self.routed_by_part, strict=True)
        return tuple(
            (predicted - routed) / self.routed_minor if self.routed_minor else 0.0 for predicted, routed in pairs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The comparison of all sample days and of each site, by its row of the problem's options.

    ``left`` doors could not be reached in time by any van of the site that the plan gives them to, ``not_ours`` are a
    third party's; both are in none of the figures. ``faults`` are rules that the routes break: none is expected.
    """

    total: Comparison
    by_site: dict[int, Comparison]
    left: int
    not_ours: int
    faults: tuple[str, ...]

    @property
    def worst_site(self) -> int:
        """The site with the largest error, -1 without routes."""
        return max(self.by_site, key=lambda site: abs(self.by_site[site].error), default=-1)


def verify(vans: Sequence[VanDay], routed: RoutedDays) -> Verification:
    """Return what the vans' coefficients predict for routed days beside what the routes cost.

    The prediction is that of the plan: what its ways say of each door, and the last vans that are not full.

    Raises
    ------
    InputError
        If a site has vans that are not among those given.
    """
    if int(routed.van.max(initial=-1)) >= len(vans):
        raise InputError(f"routed days have vans of row {int(routed.van.max())}, {len(vans)} are given.")
    predicted, driven = np.zeros((2, len(PARTS), routed.option.size))
    for row, van in enumerate(vans):
        mine = routed.van == row
        predicted[:, mine] = priced(van, *predicted_drives(van, routed))[:, mine]
        driven[:, mine] = priced(van, routed.metres, routed.seconds, routed.vans)[:, mine]
    sites = np.unique(routed.option).tolist()
    return Verification(
        total=_comparison(routed, predicted, driven, np.arange(routed.option.size)),
        by_site={site: _comparison(routed, predicted, driven, np.flatnonzero(routed.option == site)) for site in sites},
        left=int(routed.left.sum()),
        not_ours=routed.not_ours,
        faults=routed.faults,
    )


def predicted_drives(van: VanDay, routed: RoutedDays) -> tuple[Floats, Floats, Floats]:
    """Return the metres, seconds and van days that are predicted of each site and day, (S,) each.

    Doors that a van could not serve by the prediction count as if it had time for one of them.
    """
    share, idle = van.drop(routed.way_m, routed.way_s, routed.per_km2), van.idle(routed.near_m, routed.near_s)
    count = routed.option.size
    metres, seconds, days = (
        np.bincount(routed.site_day, weights=column, minlength=count) + more
        for column, more in zip(share[1:], idle[1:], strict=True)
    )
    return metres, seconds, days


def priced(van: VanDay, metres: Floats | Ints, seconds: Floats | Ints, van_days: Floats | Ints) -> Floats:
    """Return what drives cost by ``PARTS`` (3, S)."""
    return np.stack(
        [
            metres / METRES_PER_KM * van.per_km_minor,
            seconds / SECONDS_PER_HOUR * van.per_hour_minor,
            van_days * float(van.fixed_minor),
        ]
    )


def _comparison(routed: RoutedDays, predicted: Floats, driven: Floats, rows: Ints) -> Comparison:
    doors = int(routed.doors[rows].sum())
    each = max(doors, 1)
    return Comparison(
        doors=doors,
        predicted_by_part=tuple((predicted[:, rows].sum(axis=1) / each).tolist()),
        routed_by_part=tuple((driven[:, rows].sum(axis=1) / each).tolist()),
        stops_per_route=doors / max(int(routed.vans[rows].sum()), 1),
        km_per_stop=float(routed.metres[rows].sum()) / METRES_PER_KM / each,
    )
