"""What is left of old positions."""

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.geography import Places, cell_of
from doorstep.tracking import coarsen
from doorstep.tracking.coarsening import CellDay

MIDNIGHT = 1_772_496_000


def test_positions_become_counts_by_day_and_cell():
    places = Places(lat=np.array([41.0, 41.00001, 41.0, 42.0]), lon=np.array([-87.0, -87.0, -87.0, -87.0]))
    at = np.array([MIDNIGHT, MIDNIGHT + 86_399, MIDNIGHT + 86_400, MIDNIGHT])
    here, there = cell_of(lat=41.0, lon=-87.0), cell_of(lat=42.0, lon=-87.0)
    first = sorted([(here, 2), (there, 1)])
    assert coarsen(at, places) == [
        *(CellDay(day_at=MIDNIGHT, cell=cell, positions=count) for cell, count in first),
        CellDay(day_at=MIDNIGHT + 86_400, cell=here, positions=1),
    ]


def test_each_place_has_its_moment():
    with pytest.raises(InputError, match="must both be"):
        coarsen(np.zeros(2, np.int64), Places(lat=np.zeros(1), lon=np.zeros(1)))
