"""Whether further sites bring what they say within reach, counted afresh place by place."""

import math

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography import Places
from doorstep.network.fewest import Reach

EARTH_RADIUS_M = 6_371_008.8
PIECE = 2_000
"""Places whose distances to all sites are held at once."""


def check_reach(
    demand: Places, weight: Ints, sites: Places, candidates: Places, found: Reach, *, within_m: float, share: float
) -> list[str]:
    """Return every fault of further sites for a share within a distance [m] as a sentence; none if they are right.

    Distances are haversines of every pair; nothing is shared with the search.
    """
    faults, chosen = [], found.chosen
    if np.unique(chosen).size != chosen.size or ((chosen < 0) | (chosen >= len(candidates))).any():
        return [f"candidates {chosen.tolist()} are not different rows of the {len(candidates)} there are."]
    before = _near(demand, sites, within_m)
    after = before | _near(demand, candidates.take(chosen), within_m)
    total = max(int(weight.sum()), 1)
    for name, said, near in (("before", found.before, before), ("after", found.after, after)):
        is_so = int(weight[near].sum()) / total if weight.sum() else 1.0
        if not math.isclose(said, is_so, abs_tol=1e-9):
            faults.append(f"the share {name} is {is_so:.6f}, not {said:.6f}.")
    wrong = int((after != found.covered).sum())
    if wrong:
        faults.append(f"{wrong} places are said to be within reach and are not, or the other way.")
    if found.after < share - 1e-9:
        faults.append(f"{found.after:.6f} of the demand is within reach, not {share:.6f}.")
    if found.fewest > chosen.size:
        faults.append(f"{chosen.size} candidates are enough, and {found.fewest} are said to be needed.")
    return faults


def _near(demand: Places, sites: Places, within_m: float) -> Bools:
    near = np.zeros(len(demand), np.bool_)
    if not len(sites):
        return near
    lat, lon = np.radians(sites.lat), np.radians(sites.lon)
    for low in range(0, len(demand), PIECE):
        here = slice(low, low + PIECE)
        phi, theta = np.radians(demand.lat[here])[:, None], np.radians(demand.lon[here])[:, None]
        half = np.sin((phi - lat) / 2) ** 2 + np.cos(phi) * np.cos(lat) * np.sin((theta - lon) / 2) ** 2
        near[here] = (2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))) <= within_m).any(axis=1)
    return near
