"""What dividing a country gives back."""

from dataclasses import dataclass
from typing import Literal

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.regions.lanes import Lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A rule that makes the plan dearer, and what easing it saves.

    Parameters
    ----------
    rule
        ``upper`` or ``lower`` limit of a region's weight; ``moving``, what the present map costs; ``whole``, that
        regions are contiguous and areas undivided.
    region, weight
        Which region and row of weights a limit is of; -1 for the other rules.
    saved_m
        Metres of mean distance: for a limit those that a limit easier by 1 % of an average region saves, at the margin;
        for ``moving`` those that moving 1 % more of the weight saves; for ``whole`` the most that doing without the
        rule can save around the same centres.
    """

    rule: Literal["upper", "lower", "moving", "whole"]
    region: int
    weight: int
    saved_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPlan:
    """N areas in k regions. Distances are great circles, means weighted by the first weight.

    Parameters
    ----------
    region : (N,)
        Region of each area: labels of the present map if there is one, else fixed centres first and the others numbered
        from west to east.
    centre : (k,)
        Row of each region's centre among the places that may be one.
    weights : (W, k)
        Weights of each region.
    region_mean_m : (k,)
        Mean distance to the centre [m]; 0 for a region without weight.
    mean_m
        Mean distance of all areas to their centres [m].
    moved_share
        Share of the first weight that is in another region than today.
    cost_m
        ``mean_m`` and, for each unit moved, the price of moving it.
    bound_m
        No division within the limits costs less, whether contiguous or not.
    balanced
        Whether every region is within its limits and no more is moved than allowed. If not, none such was found.
    detached : (N,)
        Areas that no links connect to the main part of their region: islands, joined to what is nearest.
    pieces
        Pieces that the map falls into before those are joined.
    lanes
        Lanes between the centres.
    binding
        What makes the plan dearer, the dearest first.
    """

    region: Ints
    centre: Ints
    weights: Floats
    region_mean_m: Floats
    mean_m: float
    moved_share: float
    cost_m: float
    bound_m: float
    balanced: bool
    detached: Bools
    pieces: int
    lanes: Lanes
    binding: tuple[Binding, ...]

    @property
    def gap(self) -> float:
        """What the plan may cost too much at most, as a share of the bound."""
        return self.cost_m / self.bound_m - 1.0 if self.bound_m > 0.0 else float(self.cost_m > 0.0)
