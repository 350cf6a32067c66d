"""How much of a study's demand lies near sites that send vans, today and by the plan, in all and by group."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.units import METRES_PER_MILE
from doorstep.network import cover
from doorstep.operations.planning.network import NetworkStudy

WITHIN_M = tuple(round(miles * METRES_PER_MILE) for miles in (3, 5, 10, 15, 20))
NEAR_M = round(10 * METRES_PER_MILE)
"""The distance of the figure that stands for all."""
SITES = ("today", "plan")
WHOLE = "all"


def coverage_table(study: NetworkStudy) -> pl.DataFrame:
    """Return the share of parcels within some distances of a site that sends vans, as the crow flies.

    A row for each group, ``SITES`` and distance. ``by`` says what the group is: all, a region if there are regions, or
    a group of the demand's own (a state), if it names any.
    """
    spots, parts = study.zones.spots, []
    for by, group, names in _groupings(study):
        parcels = np.bincount(group, weights=spots.parcels, minlength=len(names)) / study.problem.days
        for sites, is_open in zip(SITES, (study.problem.options.exists, study.plan.open), strict=True):
            share = _shares(study, is_open, group, len(names))
            parts.append(
                pl.DataFrame({
                    "by": by,
                    "group": np.repeat(names, len(WITHIN_M)),
                    "sites": sites,
                    "within_m": np.tile(WITHIN_M, len(names)),
                    "parcels_per_day": np.repeat(parcels, len(WITHIN_M)),
                    "share": share.reshape(-1),
                })
            )  # fmt: skip
    return pl.concat(parts)


def near_shares(study: NetworkStudy) -> dict[str, float]:
    """Return the share of all parcels within ``NEAR_M`` of a site that sends vans, by ``SITES``."""
    table = coverage_table(study).filter((pl.col("by") == WHOLE) & (pl.col("within_m") == NEAR_M))
    return dict(table.select("sites", "share").iter_rows())


def _groupings(study: NetworkStudy) -> Iterator[tuple[str, Ints, list[str]]]:
    """Yield what parcels are grouped by, the group of each spot (N,) and the names of the groups."""
    spots = study.zones.spots
    yield WHOLE, np.zeros(spots.zone.size, np.int64), [WHOLE]
    if study.regions is not None:
        yield "region", study.regions.region[spots.zone].astype(np.int64), list(study.region_names)
    if (spots.group != "").any():
        named, group = np.unique(spots.group.to_numpy().astype(np.str_), return_inverse=True)
        yield "group", group.astype(np.int64), named.tolist()


def _shares(study: NetworkStudy, is_open: Bools, group: Ints, groups: int) -> Floats:
    """Return the share of each group's parcels within each distance of an open site that sends vans (G, R)."""
    options, spots = study.problem.options, study.zones.spots
    senders = np.flatnonzero(is_open & (options.van >= 0))
    if not senders.size:
        return np.zeros((groups, len(WITHIN_M)))
    return cover(spots.places, spots.parcels, options.places.take(senders), WITHIN_M, group=group).share_by_group()
