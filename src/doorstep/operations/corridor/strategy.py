"""The three ways to plan a day that every report compares."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """A rule for sites, one for the own fleet, and whether lanes may carry orders that go to the door."""

    name: str
    sites: Literal["least_cost", "fewest_splits", "nearest_fc"]
    fleet: Literal["joint", "nearest_first", "none"]
    lanes_to_door: bool


DOORSTEP = Strategy(name="doorstep", sites="least_cost", fleet="joint", lanes_to_door=True)
"""Least cost over sites and splits, own fleet and third parties chosen together on whole routes."""

NEAREST_FC = Strategy(name="nearest_fc_cheapest_carrier", sites="nearest_fc", fleet="none", lanes_to_door=False)
"""Baseline (a): nearest fulfilment centre with stock, cheapest carrier that keeps the promise."""

FEWEST_SPLITS = Strategy(
    name="fewest_splits_own_fleet", sites="fewest_splits", fleet="nearest_first", lanes_to_door=False
)
"""Baseline (b): fewest splits, then nearest; own vans filled nearest first, the rest by the cheapest carrier."""
