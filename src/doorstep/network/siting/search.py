"""Good sets of sites: descent by swaps, and paths between good sets."""

from dataclasses import dataclass, field

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.network.siting._moves import MANY, move_sites
from doorstep.network.siting.reduced import Reduced

ELITE = 10
"""Good sets of sites that are kept to draw paths between."""
ROOM = 64
"""Sites beyond those open at first that a descent has room for; it goes on with more where that is too few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A set of sites, in the numbers of the problem, ascending (p,), and what it costs without the base."""

    total: int
    sites: Ints


@dataclass(slots=True, kw_only=True)
class Elite:
    """The best different sets of sites so far, best first."""

    found: list[Found] = field(default_factory=list)

    def add(self, new: Found) -> bool:
        """Keep a set that is among the best and differs from all others; return whether it is the best of all."""
        if any(np.array_equal(new.sites, old.sites) for old in self.found):
            return False
        self.found = sorted([*self.found, new], key=lambda one: one.total)[:ELITE]
        return self.found[0] is new

    @property
    def best(self) -> Found:
        """The best set."""
        return self.found[0]


def descend(reduced: Reduced, start: Ints) -> Found:
    """Return what swaps, openings and closings make of a set of sites, in the numbers of ``reduced``."""
    anywhere = np.ones(reduced.site.size, np.bool_)
    opened = np.union1d(start, np.flatnonzero(reduced.must))
    while True:
        room = min(reduced.most, max(opened.size, reduced.least) + ROOM)
        total, opened = _move(reduced, opened, room, anywhere, ~reduced.must, forced=False)
        if opened.size < room or room == reduced.most:
            return Found(total=total, sites=reduced.site[np.sort(opened)])


def relink(reduced: Reduced, start: Found, guide: Found) -> Found | None:
    """Return the best local optimum on the way from one set of sites to another; None where they are as good as equal.

    References
    ----------
    Resende, Werneck (2004), A hybrid heuristic for the p-median problem, Journal of Heuristics 10.
    """
    here, there = reduced.local(start.sites), reduced.local(guide.sites)
    opens, closes = np.setdiff1d(there, here), np.setdiff1d(here, there)
    if max(opens.size, closes.size) < 4:
        return None
    may_open, may_close = _mask(reduced, opens), _mask(reduced, closes)
    room = min(reduced.most, max(here.size, there.size) + 1)
    steps = max(opens.size, closes.size) - 1
    _, between = _move(reduced, here, room, may_open, may_close, forced=True, moves=steps)
    return descend(reduced, between)


def _mask(reduced: Reduced, sites: Ints) -> Bools:
    mask = np.zeros(reduced.site.size, np.bool_)
    mask[sites] = True
    return mask


def _move(
    reduced: Reduced, opened: Ints, room: int, may_open: Bools, may_close: Bools, *, forced: bool, moves: int = MANY
) -> tuple[int, Ints]:
    slots = np.zeros(room, np.int64)
    slots[: opened.size] = opened
    rows = reduced.rows
    total, _, _, best = move_sites(
        rows.start,
        rows.site,
        rows.cost,
        rows.beyond,
        reduced.weight,
        reduced.opening,
        reduced.least,
        reduced.most,
        slots,
        opened.size,
        may_open,
        may_close,
        int(forced),
        moves,
    )
    return total, best
