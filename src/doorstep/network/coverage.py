"""How much of the demand lies within reach of the sites."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import Places, great_circle_m, nearest_places


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What of the demand lies within R distances of its nearest site, in G groups.

    Parameters
    ----------
    within_m : (R,)
        The distances [m].
    weight : (G,)
        Demand of each group.
    covered : (G, R)
        Demand of each group within each distance, both ends included.
    site : (D,)
        Nearest site of each place of demand.
    metres : (D,)
        Great-circle distance to it.
    """

    within_m: Floats
    weight: Floats
    covered: Floats
    site: Ints
    metres: Floats

    def share(self) -> Floats:
        """Return the share of all demand within each distance (R,); 0 where there is no demand."""
        total = float(self.weight.sum())
        return self.covered.sum(axis=0) / total if total else np.zeros(self.within_m.size)

    def share_by_group(self) -> Floats:
        """Return the share of each group's demand within each distance (G, R); 0 for groups without demand."""
        share = np.zeros_like(self.covered)
        return np.divide(self.covered, self.weight[:, None], out=share, where=self.weight[:, None] > 0)


def cover(
    demand: Places, weight: Floats, sites: Places, within_m: Sequence[float], *, group: Ints | None = None
) -> Coverage:
    """Return how much of the demand lies within some distances of its nearest site, as the crow flies.

    Parameters
    ----------
    demand
        D places where people live or orders come from.
    weight : (D,)
        How many: people, orders, volume.
    sites
        S sites of one type.
    within_m : (R,)
        Distances [m].
    group : (D,)
        State or region of each place, counted from 0; by default all are in one.

    Raises
    ------
    InputError
        If there are no sites, shapes disagree, or a weight, distance or group is negative or no number.

    References
    ----------
    Church, ReVelle (1974), The maximal covering location problem, Papers of the Regional Science Association 32.
    """
    reach = np.asarray(within_m, dtype=np.float64)
    groups = np.zeros(len(demand), dtype=np.int64) if group is None else group
    faults = [
        f"{name} {values.shape} must be ({len(demand)},)."
        for name, values in (("weight", weight), ("group", groups))
        if values.shape != (len(demand),)
    ]
    faults += [
        f"{name} must not be negative: row {int(np.argmin(values >= 0))} is {values[np.argmin(values >= 0)]}."
        for name, values in (("weight", weight), ("group", groups), ("within_m", reach))
        if not (values >= 0).all()
    ]
    if faults:
        raise InputError(" ".join(faults))
    site = nearest_places(demand, sites, count=1)[:, 0]
    metres = great_circle_m(lat_a=demand.lat, lon_a=demand.lon, lat_b=sites.lat[site], lon_b=sites.lon[site])
    count = int(groups.max(initial=0)) + 1
    covered = np.zeros((count, reach.size))
    for number, distance in enumerate(reach):
        covered[:, number] = np.bincount(groups, weights=weight * (metres <= distance), minlength=count)
    return Coverage(
        within_m=reach,
        weight=np.bincount(groups, weights=weight, minlength=count).astype(np.float64),
        covered=covered,
        site=site,
        metres=metres,
    )
