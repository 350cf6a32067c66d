"""Which further sites bring a share of the demand near a site, and how few could."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import Progress, Stop
from doorstep.foundation.arrays import Ints
from doorstep.network.check import check_reach
from doorstep.network.design import DesignProblem
from doorstep.network.fewest import Reach, fewest_sites
from doorstep.operations.planning.zones import Zones

FINE = 1_000
"""Parts of a parcel that are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherSites:
    """The ``option`` rows (F,) that, opened beside today's, bring ``share`` of the parcels within ``within_m``.

    ``faults`` are what an independent count finds wrong with it: nothing is expected.
    """

    option: Ints
    share: float
    within_m: int
    reach: Reach
    faults: tuple[str, ...]


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
    places, weight = zones.spots.places, np.rint(FINE * zones.spots.parcels).astype(np.int64)
    sites = options.places.take(np.flatnonzero((options.van >= 0) & options.exists))
    further = options.places.take(candidates)
    found = fewest_sites(
        places, weight, sites, further, within_m=within_m, share=share, rng=rng, stop=stop, progress=progress
    )
    faults = check_reach(places, weight, sites, further, found, within_m=within_m, share=share)
    return FurtherSites(
        option=candidates[found.chosen], share=share, within_m=within_m, reach=found, faults=tuple(faults)
    )
