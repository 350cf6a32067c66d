"""Catchments as areas on a map: H3 cells by the site that serves most of them."""

from dataclasses import dataclass

import h3
import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import cell_numbers
from doorstep.network.catchments.assign import sums
from doorstep.network.catchments.plan import CatchmentPlan
from doorstep.network.catchments.problem import CatchmentProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """The cells with demand that is served, by site: ``site`` (C,) ascending, ``cell`` (C,) its H3 index.

    ``weight`` (C,) is what the site serves of the cell.
    """

    site: Ints
    cell: Ints
    weight: Ints

    def cells(self, site: int) -> Ints:
        """Return the H3 indices of the cells of a site, none if it serves most of no cell."""
        first, last = np.searchsorted(self.site, [site, site + 1])
        return self.cell[first:last]

    def rings(self, site: int) -> tuple[tuple[Floats, ...], ...]:
        """Return the polygons of a site, each an outer ring and then its holes, as (N, 2) arrays of lat and lon.

        Rings are open, their first point is not repeated; outer rings turn anticlockwise and holes clockwise.
        """
        cells = [h3.int_to_str(cell) for cell in self.cells(site).tolist()]
        if not cells:
            return ()
        return tuple(
            tuple(np.array(ring, np.float64) for ring in (polygon.outer, *polygon.holes))
            for polygon in h3.cells_to_h3shape(cells, tight=False)
        )


def outline(problem: CatchmentProblem, plan: CatchmentPlan, *, resolution: int) -> Outlines:
    """Return the cells of a resolution, each with the site that serves most of its weight, the first row among equals.

    Cells touch where the places of demand are closer than they are wide: resolution 5 (17 km across) or 6 (6 km) for
    block groups or postcodes, 8 (1 km) for addresses.
    """
    places, row = np.unique(plan.place, return_inverse=True)
    cells, cell = np.unique(cell_numbers(problem.demand.take(places), resolution=resolution), return_inverse=True)
    pairs, pair = np.unique(cell[row] * len(problem.sites) + plan.site, return_inverse=True)
    weight = sums(pair, plan.served, pairs.size)
    of_cell, site = np.divmod(pairs, len(problem.sites))
    order = np.lexsort((site, -weight, of_cell))
    best = order[np.unique(of_cell[order], return_index=True)[1]]
    best = best[np.lexsort((cells[of_cell[best]], site[best]))]
    return Outlines(site=site[best], cell=cells[of_cell[best]], weight=weight[best])
