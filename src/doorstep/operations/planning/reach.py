"""Which further sites bring a share of the demand near a site, and how few could."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import Progress, Stop
from doorstep.foundation.arrays import Ints
from doorstep.network.design import DesignProblem
from doorstep.network.fewest import Reach, fewest_sites
from doorstep.operations.planning.zones import Zones

FINE = 1_000
"""Parts of a parcel that are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherSites:
    """The ``option`` rows (F,) that, opened beside today's, bring ``share`` of the parcels within ``within_m``."""

    option: Ints
    share: float
    within_m: int
    reach: Reach


def further_sites(
    problem: DesignProblem,
    zones: Zones,
    share: float,
    within_m: int,
    *,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
) -> FurtherSites:
    """Return as few options as bring a share of all parcels within a distance of a site that sends vans.

    Raises
    ------
    InputError
        If the share is not between 0 and 1, or all options together do not reach it.
    """
    options = problem.options
    sends = (options.van >= 0) & ~options.must_not
    candidates = np.flatnonzero(sends & ~options.exists)
    found = fewest_sites(
        zones.spots.places,
        np.rint(FINE * zones.spots.parcels).astype(np.int64),
        options.places.take(np.flatnonzero((options.van >= 0) & options.exists)),
        options.places.take(candidates),
        within_m=within_m,
        share=share,
        rng=rng,
        stop=stop,
        progress=progress,
    )
    return FurtherSites(option=candidates[found.chosen], share=share, within_m=within_m, reach=found)
