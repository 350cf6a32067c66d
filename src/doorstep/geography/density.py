"""How many things lie around a cell, per square kilometre: counts smoothed over the cells around."""

from dataclasses import dataclass

import h3
import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.cells import DEMAND_RESOLUTION

RINGS = 2
"""Cells around a cell that count with it: 19 cells of resolution 8, 14 square kilometres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DensityField:
    """Things per square kilometre by group and H3 cell.

    ``cells`` (C,) ascending H3 indices; ``key`` (K,) ascending, group x C + place of the cell; ``per_km2`` (K,).
    """

    cells: Ints
    key: Ints
    per_km2: Floats

    @classmethod
    def around(cls, group: Ints, cell: Ints, weight: Floats | None = None) -> "DensityField":
        """Return the density of N things, each in a group (a site, a day) and an H3 cell (N,), (N,).

        ``weight`` (N,) says how many things each of them is; by default one.
        """
        pair, thing = np.unique(np.column_stack([group, cell]).reshape(-1, 2), axis=0, return_inverse=True)
        count = np.bincount(thing.reshape(-1), weights=weight, minlength=len(pair))
        disks = {number: _disk(number) for number in np.unique(pair[:, 1]).tolist()}
        reached = [disks[number] for number in pair[:, 1].tolist()]
        flat = np.concatenate(reached) if reached else np.empty(0, dtype=np.int64)
        width = np.array([disk.size for disk in reached], dtype=np.int64)
        cells, place = np.unique(flat, return_inverse=True)
        keys = np.repeat(pair[:, 0], width) * max(cells.size, 1) + place
        key, row = np.unique(keys, return_inverse=True)
        area = {number: _disk_km2(number) for number in disks}
        weight = np.repeat(count / np.array([area[number] for number in pair[:, 1].tolist()]), width)
        return cls(cells=cells, key=key, per_km2=_sums(row, weight, key.size))

    def at(self, group: Ints, cell: Ints) -> Floats:
        """Return things per square kilometre around cells, of one group each (N,); 0 where there are none."""
        if not self.key.size:
            return np.zeros(cell.shape, dtype=np.float64)
        place = np.minimum(np.searchsorted(self.cells, cell), self.cells.size - 1)
        key = group * self.cells.size + place
        row = np.minimum(np.searchsorted(self.key, key), self.key.size - 1)
        there = (self.cells[place] == cell) & (self.key[row] == key)
        found: Floats = np.where(there, self.per_km2[row], 0.0)
        return found


def _sums(row: Ints, weight: Floats, rows: int) -> Floats:
    return np.bincount(row, weights=weight, minlength=rows).astype(np.float64)


def one_per_km2(*, resolution: int = DEMAND_RESOLUTION) -> float:
    """Return the density that a single thing makes by itself."""
    cells = 1 + 3 * RINGS * (RINGS + 1)
    return 1.0 / (cells * float(h3.average_hexagon_area(resolution, "km^2")))


def _disk(cell: int) -> Ints:
    return np.array([h3.str_to_int(c) for c in h3.grid_disk(h3.int_to_str(cell), RINGS)], dtype=np.int64)


def _disk_km2(cell: int) -> float:
    return (1 + 3 * RINGS * (RINGS + 1)) * float(h3.cell_area(h3.int_to_str(cell), "km^2"))
