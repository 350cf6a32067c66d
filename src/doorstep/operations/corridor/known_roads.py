"""Ways between sites and doors, each asked for once: streets take their time, and decisions ask again and again."""

from dataclasses import dataclass, field

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places, TravelTimes


@dataclass(slots=True, kw_only=True)
class KnownRoads:
    """What is known of the ways between S sites and O doors.

    ``key`` (K,) is door x S + site, ascending; ``ways`` (3, K) are road metres and seconds out, and seconds home. A
    straight line is measured faster than it is looked up: of an estimate nothing is kept.
    """

    sites: Places
    doors: Places
    travel: TravelTimes
    key: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    ways: Ints = field(default_factory=lambda: np.empty((3, 0), dtype=np.int64))

    def between(self, door: Ints, site: Ints) -> Ints:
        """Return metres and seconds from sites to doors (N,), and seconds home, (3, N)."""
        if isinstance(self.travel, GreatCircleTimes):
            return self._asked(door, site)
        wanted = door * len(self.sites) + site
        fresh = np.setdiff1d(wanted, self.key)
        if fresh.size:
            more = self._asked(*np.divmod(fresh, max(1, len(self.sites))))
            both = np.concatenate([self.key, fresh])
            order = np.argsort(both, kind="stable")
            self.key, self.ways = both[order], np.concatenate([self.ways, more], axis=1)[:, order]
        found: Ints = self.ways[:, np.searchsorted(self.key, wanted)]
        return found

    def _asked(self, door: Ints, site: Ints) -> Ints:
        here, there = self.sites.take(site), self.doors.take(door)
        metres, out_s = self.travel.between(here, there)
        _, home_s = self.travel.between(there, here)
        return np.stack([metres, out_s, home_s])
