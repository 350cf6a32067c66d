"""Outlines: the cells of a site, and their rings for a map."""

import h3
import numpy as np
import pytest

from doorstep.foundation.arrays import Floats
from doorstep.geography import GreatCircleTimes, Places
from doorstep.network.catchments import catchment_problem, draw_catchments, outline

CENTRE = h3.latlng_to_cell(40.0, -100.0, 6)


def at(cells: list[str]) -> Places:
    centres = np.array([h3.cell_to_latlng(cell) for cell in cells])
    return Places(lat=centres[:, 0], lon=centres[:, 1])


def area(ring: Floats) -> float:
    """Return the signed area in square degrees, positive where the ring turns anticlockwise."""
    lat, lon = ring[:, 0], ring[:, 1]
    return 0.5 * float(lon @ np.roll(lat, -1) - np.roll(lon, -1) @ lat)


def test_a_ring_of_cells_is_a_polygon_with_a_hole():
    cells = h3.grid_ring(CENTRE, 1)
    problem = catchment_problem(at(cells), np.full(6, 2), at([CENTRE]), reach_s=3600)
    outlines = outline(problem, draw_catchments(problem, GreatCircleTimes()), resolution=6)
    assert outlines.cells(0).tolist() == sorted(h3.str_to_int(cell) for cell in cells)
    ((outer, hole),) = outlines.rings(0)
    assert (outer.shape, hole.shape) == ((18, 2), (6, 2))
    assert area(outer) > 0 > area(hole)
    assert -area(hole) == pytest.approx(area(outer) / 7, rel=0.01)
    assert abs(outer[:, 0] - 40).max() < 0.2


def test_a_cell_belongs_to_the_site_that_serves_most_of_it():
    sites = [h3.grid_ring(CENTRE, 3)[0], h3.grid_ring(CENTRE, 4)[0]]
    problem = catchment_problem(
        at([CENTRE, CENTRE, sites[0]]), np.array([2, 3, 1]), at(sites), reach_s=7200, capacity=np.array([3, 9])
    )
    outlines = outline(problem, draw_catchments(problem, GreatCircleTimes()), resolution=6)
    assert outlines.cells(1).tolist() == [h3.str_to_int(CENTRE)]
    assert outlines.cells(0).tolist() == [h3.str_to_int(sites[0])]
    assert outlines.weight.tolist() == [1, 3]


def test_among_equals_the_first_site_has_the_cell_and_who_serves_nothing_has_no_rings():
    problem = catchment_problem(
        at([CENTRE]), np.array([4]), at([CENTRE, CENTRE, CENTRE]), reach_s=60, capacity=np.array([2, 2, 2])
    )
    plan = draw_catchments(problem, GreatCircleTimes())
    outlines = outline(problem, plan, resolution=6)
    assert outlines.site.tolist() == [int(plan.site[0])]
    assert outlines.rings(2 if plan.load[2] == 0 else int(np.argmin(plan.load))) == ()
