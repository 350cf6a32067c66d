"""What is known of a problem so far."""

import math
from dataclasses import dataclass, field

from doorstep.network.siting.prices import Prices
from doorstep.network.siting.reduced import Reduced
from doorstep.network.siting.search import Elite


@dataclass(slots=True, kw_only=True)
class Work:
    """What is known so far: the sites that are left, the prices, the best sets of sites, and the bound.

    ``gap`` is how far the best set may be from the bound, as a share of the cost with its ``base``.
    """

    reduced: Reduced
    prices: Prices
    elite: Elite
    gap: float
    base: int
    bound: float = -math.inf
    tried: set[bytes] = field(default_factory=set)

    @property
    def cutoff(self) -> float:
        """A bound above which no set of sites is worth looking for."""
        best = self.elite.best.total
        return min(best - 0.5, best - self.gap * (best + self.base)) if self.gap else best - 0.5

    def closed(self) -> bool:
        """Whether the best set is as close to the bound as asked, totals being whole numbers."""
        best = self.elite.best.total
        return self.bound > best - 1 or best - self.bound <= self.gap * (best + self.base)
