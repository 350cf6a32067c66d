"""Which orders fit where they are collected: a locker bank hands out only what its compartments hold."""

import numpy as np
import polars as pl

from doorstep.domain.tables.places import HANDING_OUT
from doorstep.foundation.arrays import Bools
from doorstep.order_routing.problem import MergedLines
from doorstep.warehouse import PackingProblem, pack_parcels
from doorstep.warehouse.compartments import Sides, choose_compartments, parcel_sides


def fitting_orders(tables: dict[str, pl.DataFrame], lines: MergedLines) -> Bools:
    """Return whether each order (O,) finds a compartment for each of its parcels, packed as one package.

    The whole of the site counts as free: orders of one day come and go. Sites that need no compartments fit all.
    """
    orders, sites = tables["orders"], tables["sites"]
    fits = np.ones(orders.height, dtype=np.bool_)
    kinds = dict(sites.select("site_id", pl.col("kind").cast(pl.String)).iter_rows())
    there: dict[str, list[tuple[Sides, int]]] = {s: [] for s, kind in kinds.items() if kind == "locker_bank"}
    for _, site, *sides, count in tables["compartments"].iter_rows():
        there.setdefault(site, []).append((_sorted(sides), count))
    asked = [n for n, site in enumerate(orders["pickup_site_id"]) if kinds.get(site) in HANDING_OUT and site in there]
    if not asked:
        return fits
    mine, _ = lines.take(np.array(asked, dtype=np.int64))
    problem = PackingProblem.from_tables(
        tables["products"],
        tables["cartons"],
        product_flags=np.zeros(tables["products"].height, dtype=np.int64),
        package_start=mine.start,
        line_product=mine.product,
        line_quantity=mine.quantity,
        fill_pct=int(tables["policy"]["carton_fill_pct"][0]),
    )
    plan = pack_parcels(problem)
    sides_of = parcel_sides(problem, plan)
    for row, order in enumerate(asked):
        parcels = [sides_of[n] for n in np.flatnonzero(plan.package == row).tolist()]
        sizes = there[orders["pickup_site_id"][order]]
        fits[order] = choose_compartments(parcels, [s for s, _ in sizes], [n for _, n in sizes]) is not None
    return fits


def _sorted(sides: list[int]) -> Sides:
    longest, middle, shortest = sorted(sides, reverse=True)
    return longest, middle, shortest
