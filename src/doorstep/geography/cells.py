"""Demand cells: H3 hexagons that orders close to each other share."""

from collections.abc import Sequence

import h3
import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography.places import Places

DEMAND_RESOLUTION = 8
"""Cells of about 0.7 square kilometres."""


def cells_of(places: Places, *, resolution: int = DEMAND_RESOLUTION) -> tuple[Ints, Places]:
    """Return the cell of each place, and the centres of the cells that occur.

    Returns
    -------
    cell : (N,)
        Row of the centre.
    centres : Places of length C <= N
        In the order of the H3 index.
    """
    unique, cell = np.unique(cell_numbers(places, resolution=resolution), return_inverse=True)
    return cell.astype(np.int64), centres_of(unique.tolist())


def centres_of(cells: Sequence[int]) -> Places:
    """Return the centres of cells, given by their H3 index."""
    centres = [h3.cell_to_latlng(h3.int_to_str(cell)) for cell in cells]
    lat = np.array([c[0] for c in centres], dtype=np.float64)
    lon = np.array([c[1] for c in centres], dtype=np.float64)
    return Places(lat=lat, lon=lon)


def cell_numbers(places: Places, *, resolution: int = DEMAND_RESOLUTION) -> Ints:
    """Return the H3 index of the cell of each place (N,)."""
    numbers = [
        h3.str_to_int(h3.latlng_to_cell(lat, lon, resolution))
        for lat, lon in zip(places.lat.tolist(), places.lon.tolist(), strict=True)
    ]
    return np.array(numbers, dtype=np.int64)


def cell_of(*, lat: float, lon: float, resolution: int = DEMAND_RESOLUTION) -> int:
    """Return the H3 index of the cell of one place."""
    return int(h3.str_to_int(h3.latlng_to_cell(lat, lon, resolution)))
