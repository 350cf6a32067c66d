"""The regions that the sites of a retailer are in, as a study takes them up and hands them on."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places, nearest_places


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentRegions:
    """Names of the regions of a study, and the region of each zone today (Z,), None where the map is a new one."""

    names: tuple[str, ...]
    of_zone: Ints | None


def present_regions(retailer: Retailer, zones: Places, regions: int) -> PresentRegions:
    """Return today's regions if the sites are in so many, else new names.

    A zone is in the region of the site nearest to it; sites without a region count for nothing.
    """
    sites = retailer.sites.filter(pl.col("region") != "")
    names, label = np.unique(sites["region"].to_numpy(), return_inverse=True)
    if not regions or names.size != regions:
        return PresentRegions(names=tuple(str(number) for number in range(regions)), of_zone=None)
    nearest = nearest_places(zones, Places.from_table(sites), count=1)[:, 0]
    return PresentRegions(names=tuple(names.tolist()), of_zone=label[nearest])


def with_regions(sites: pl.DataFrame, zones: Places, region: Ints, names: tuple[str, ...]) -> pl.DataFrame:
    """Return the sites in the regions (Z,) of the zones nearest to them."""
    nearest = nearest_places(Places.from_table(sites), zones, count=1)[:, 0]
    return sites.with_columns(region=pl.Series([names[label] for label in region[nearest].tolist()], dtype=pl.String))
