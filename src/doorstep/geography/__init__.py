"""Where things are and how long it takes between them.

Today straight lines times a circuity, always named an estimate; streets arrive behind the same ``TravelTimes``.
"""

from doorstep.geography.cells import cell_numbers, cell_of, cells_of
from doorstep.geography.density import DensityField
from doorstep.geography.distance import great_circle_m
from doorstep.geography.nearest import nearest_places, places_within
from doorstep.geography.places import Places
from doorstep.geography.travel_times import GreatCircleTimes, TravelTimes

__all__ = [
    "DensityField",
    "GreatCircleTimes",
    "Places",
    "TravelTimes",
    "cell_numbers",
    "cell_of",
    "cells_of",
    "great_circle_m",
    "nearest_places",
    "places_within",
]
