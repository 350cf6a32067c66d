"""What is kept of old positions: how many there were in a cell on a day, and nothing of whose they were."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.geography import Places, cell_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDay:
    """How many positions there were in an H3 cell of resolution 8, about 0.7 km², on a day [midnight UTC, epoch s]."""

    day_at: int
    cell: int
    positions: int


def coarsen(at: Ints, places: Places) -> list[CellDay]:
    """Return the counts of positions (N,) by day and cell, in that order.

    Raises
    ------
    InputError
        If there is not one moment for each place.
    """
    if at.shape != places.lat.shape:
        raise InputError(f"at {at.shape} and places {places.lat.shape} must both be (N,).")
    day_at = at - at % SECONDS_PER_DAY
    rows, counts = np.unique(np.stack([day_at, cell_numbers(places)]), axis=1, return_counts=True)
    return [
        CellDay(day_at=day, cell=cell, positions=count)
        for day, cell, count in zip(*rows.tolist(), counts.tolist(), strict=True)
    ]
