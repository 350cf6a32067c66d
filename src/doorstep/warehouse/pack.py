"""Parcels of every package."""

import numpy as np

from doorstep.foundation.arrays import Ints, one_layout
from doorstep.warehouse._kernels import pack_all
from doorstep.warehouse.plan import OWN_PACKAGING, ParcelPlan
from doorstep.warehouse.problem import PackingProblem


def pack_parcels(problem: PackingProblem) -> ParcelPlan:
    """Return the parcels of every package, several where one carton does not hold it.

    Units are placed largest first into the first parcel that some carton can still hold (first-fit decreasing); each
    parcel then takes the smallest carton that holds its volume, weight and sorted sides. What fits no carton travels
    alone in its own packaging.

    References
    ----------
    Johnson (1974), Fast algorithms for bin packing, Journal of Computer and System Sciences 8(3).
    """
    units, unit_start = _units_largest_first(problem)
    parcel_of_unit, package, carton, sides, load_g, load_ml = pack_all(
        unit_start,
        units,
        one_layout(problem.product_sides_mm),
        one_layout(problem.product_weight_g),
        one_layout(problem.product_volume_ml),
        one_layout(problem.carton_sides_mm),
        one_layout(problem.carton_usable_ml),
        one_layout(problem.carton_max_g),
    )
    boxed = carton != OWN_PACKAGING
    tare, outer, longest, cost = (
        np.append(column, 0)[carton]  # own packaging takes the zero at the end
        for column in (
            problem.carton_tare_g,
            problem.carton_outer_ml,
            problem.carton_sides_mm[:, 0],
            problem.carton_cost_minor,
        )
    )
    contents, quantity = np.unique(np.column_stack([parcel_of_unit, units]), axis=0, return_counts=True)
    return ParcelPlan(
        package=package,
        carton=carton,
        weight_g=load_g + tare,
        volume_ml=np.where(boxed, outer, np.abs(load_ml)),
        longest_side_mm=np.where(boxed, longest, sides[:, 0]),
        carton_minor=cost,
        requirements=_union_of_flags(problem, parcel_of_unit, units, package.size),
        content_parcel=contents[:, 0],
        content_product=contents[:, 1],
        content_quantity=quantity.astype(np.int64),
    )


def _units_largest_first(problem: PackingProblem) -> tuple[Ints, Ints]:
    """Return the products unit by unit, each package's largest first, and where each package starts."""
    packages = problem.package_start.size - 1
    package_of_line = np.repeat(np.arange(packages), np.diff(problem.package_start))
    package = np.repeat(package_of_line, problem.line_quantity)
    units = np.repeat(problem.line_product, problem.line_quantity)
    order = np.lexsort((units, -problem.product_volume_ml[units], package))
    start = np.searchsorted(package, np.arange(packages + 1)).astype(np.int64)
    return units[order], start


def _union_of_flags(problem: PackingProblem, parcel_of_unit: Ints, units: Ints, parcels: int) -> Ints:
    flags = np.zeros(parcels, dtype=np.int64)
    np.bitwise_or.at(flags, parcel_of_unit, problem.product_flags[units])
    return flags
