"""Which site serves which places in time: what comes out."""

from dataclasses import dataclass

from doorstep.foundation.arrays import Bools, Ints
from doorstep.network.catchments.overlap import Overlap, Reach
from doorstep.network.catchments.reach import Gaps


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The places that sites reach in time, and that stay unserved, wholly or in part, as these are full.

    Parameters
    ----------
    place, weight : (U,)
        ``weight`` is what stays unserved.
    room : (U,)
        Largest capacity that is still free at a site in reach: 0 unless places must be served whole.
    """

    place: Ints
    weight: Ints
    room: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """Places (P,) that these sites (Q,) alone reach in time, with more demand than capacity: proved to stay short.

    ``weight`` is their demand, ``capacity`` what the sites can serve. Where places must be whole, sites count only for
    places that fit into them.
    """

    places: Ints
    sites: Ints
    weight: int
    capacity: int

    @property
    def short(self) -> int:
        """What cannot be served however the sites share it."""
        return self.weight - self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchmentPlan:
    """Who serves whom, how far that is, what is left, and the proof that no plan does better.

    Parameters
    ----------
    whole
        Whether places must be served from one site or not at all.
    place, site, served, seconds : (K,)
        Weight of a place that a site serves, and the drive there, by place; several rows where a place is split.
    load, free : (S,)
        Weight that each site serves, and capacity left; -1 for no limit.
    saves_s : (S,)
        What one more parcel of capacity at a site would save [s]; negative where it would serve one parcel more, which
        takes time. Where places must be whole it is the price in the plan that may split them.
    serves_more : (S,)
        Whether it would serve one more.
    most
        Proved: no plan serves more.
    bound_s
        Proved: no plan that serves ``most`` takes less.
    gaps, left, shortages
        Why places are not served: out of reach, or the sites in reach are full, with the largest shortage first.
    overlap, reach
        What several sites reach; what any reaches, by group.
    candidates
        How many nearest sites were looked at for each place; 0 if all that can be within reach. All that the plan says
        holds for these.
    cut : (C,)
        Places for which sites farther off were not looked at, though they may be within reach.
    """

    whole: bool
    place: Ints
    site: Ints
    served: Ints
    seconds: Ints
    load: Ints
    free: Ints
    saves_s: Ints
    serves_more: Bools
    most: int
    bound_s: int
    gaps: Gaps
    left: Left
    shortages: tuple[Shortage, ...]
    overlap: Overlap
    reach: Reach
    candidates: int
    cut: Ints

    @property
    def total(self) -> int:
        """Weight that is served."""
        return int(self.served.sum())

    @property
    def total_s(self) -> int:
        """Weight times seconds of all that is served."""
        return sum(w * s for w, s in zip(self.served.tolist(), self.seconds.tolist(), strict=True))

    @property
    def unserved_share(self) -> float:
        """What the plan serves less than the bound, as a share of it; 0 unless places must be served whole."""
        return (self.most - self.total) / self.most if self.most else 0.0

    @property
    def gap(self) -> float:
        """How far the mean drive may be above the least, as a share of it.

        The bound is the mean drive of a plan that serves ``most``: where this one serves less, it is a comparison and
        may be negative.
        """
        if not self.total or not self.bound_s:
            return 0.0
        return (self.total_s / self.total) / (self.bound_s / self.most) - 1.0

    @property
    def proved(self) -> bool:
        """Whether no plan serves more, and none that serves as much takes less."""
        return self.total == self.most and self.total_s == self.bound_s
