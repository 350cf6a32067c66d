"""What is known of a problem so far."""

import math
from dataclasses import dataclass, field

from doorstep.network.siting.prices import Prices
from doorstep.network.siting.reduced import Reduced
from doorstep.network.siting.search import Elite


@dataclass(slots=True, kw_only=True)
class Work:
    """What is known so far: the sites that are left, the prices, the best sets of sites, and the bound.

    ``gap`` is how far the best set may be from the bound, as a share of the cost with its ``base``. A set that costs
    ``enough`` is as good as the best one, and if none does, any other is of no use.
    """

    reduced: Reduced
    prices: Prices
    elite: Elite
    gap: float
    base: int
    enough: int | None = None
    bound: float = -math.inf
    tried: set[bytes] = field(default_factory=set)

    @property
    def cutoff(self) -> float:
        """A bound above which no set of sites is worth looking for."""
        best = self.elite.best.total
        worth = best - 0.5 if self.enough is None else min(best - 0.5, self.enough + 0.25)
        return min(worth, best - self.gap * (best + self.base)) if self.gap else worth

    def closed(self) -> bool:
        """Whether the best set is as close to the bound as asked, totals being whole numbers."""
        best = self.elite.best.total
        if self.enough is not None and (best <= self.enough or self.bound > self.enough):
            return True
        return self.bound > best - 1 or best - self.bound <= self.gap * (best + self.base)
