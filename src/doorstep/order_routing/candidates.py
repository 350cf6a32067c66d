"""Which sites are worth looking at for each order."""

import numpy as np
import polars as pl

from doorstep.domain.tables.places import HANDING_OUT
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places, cells_of, nearest_places
from doorstep.geography.nearest import PlaceTree
from doorstep.order_routing.problem import MergedLines, StockBook

NEAREST_STORES = 20
NEAREST_FCS = 6


class CandidateIndex:
    """The nearest stores and the nearest fulfilment centres of any place; built once for the sites of a retailer.

    Sites that only hand out are passed over, unless there are no others.
    """

    def __init__(self, sites: pl.DataFrame) -> None:
        kind = sites["kind"].cast(pl.String)
        places, is_fc, only_out = Places.from_table(sites), kind == "fc", kind.is_in(list(HANDING_OUT))
        stores = (~is_fc if only_out.all() else ~is_fc & ~only_out).to_numpy()
        kinds = ((np.flatnonzero(stores), NEAREST_STORES), (np.flatnonzero(is_fc.to_numpy()), NEAREST_FCS))
        self._kinds = [(rows, PlaceTree(places.take(rows)), count) for rows, count in kinds if rows.size]

    def near(self, centres: Places) -> Ints:
        """Return the rows of the candidate sites of each place (C, K): stores, then FCs, each nearest first."""
        found = [rows[tree.nearest(centres, count=count)] for rows, tree, count in self._kinds]
        return np.hstack([np.empty((len(centres), 0), dtype=np.int64), *found])


def candidate_sites(sites: pl.DataFrame, doors: Places, pickup_site: Ints) -> Ints:
    """Return the candidate sites of each order, nearest stores first, then fulfilment centres, -1 where fewer.

    Candidates are found once for a demand cell. An order that is collected has the place of collection as its first.

    Parameters
    ----------
    pickup_site : (O,)
        Where the shopper collects, -1 for orders to the door.

    Returns
    -------
    (O, C)
    """
    cell, centres = cells_of(doors)
    found = CandidateIndex(sites).near(centres)[cell]
    pickup = np.where((found == pickup_site[:, None]).any(axis=1), -1, pickup_site)
    if (pickup >= 0).any():
        found = np.hstack([pickup[:, None], found])
    return found


def holders_of_missing(
    lines: MergedLines, orders: Ints, stock: StockBook, site_places: Places, doors: Places, *, count: int = 12
) -> Ints:
    """Return, for orders without stock nearby, the sites anywhere that hold their scarcest products, nearest first.

    Parameters
    ----------
    orders : (U,)
        Orders that found no stock.

    Returns
    -------
    (U, count)
        Sites, -1 where fewer hold any of the order's products.
    """
    found = np.full((orders.size, count), -1, dtype=np.int64)
    for row, order in enumerate(orders.tolist()):
        products = lines.product[lines.start[order] : lines.start[order + 1]]
        holders = [
            stock.site[low:high][stock.units[low:high] > 0]
            for low, high in zip(stock.start[products], stock.start[products + 1], strict=True)
        ]
        holders.sort(key=len)
        chosen: list[int] = []
        door = doors.take(np.array([order]))
        for sites in holders:
            fresh = np.setdiff1d(sites, chosen)
            if fresh.size and len(chosen) < count:
                near = nearest_places(door, site_places.take(fresh), count=max(2, count // len(holders)))[0]
                chosen += fresh[near].tolist()
        found[row, : min(count, len(chosen))] = chosen[:count]
    return found
