"""The retailer as a network plan would have it: sites, vans and lanes changed, orders and goods as they are."""

import math
from dataclasses import replace
from itertools import count

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.operations.planning.network import NetworkStudy
from doorstep.operations.planning.problem import usual_vehicle
from doorstep.operations.planning.regions import with_regions

DROPS_PER_VAN = 60
"""Doors of a van's day where no vehicles of the retailer say how many there are."""


def retailer_after(retailer: Retailer, study: NetworkStudy) -> Retailer:
    """Return the retailer with the planned network, ready to be planned day by day.

    Vans of sites that close go; sites that open get as many of the usual van as they need at the drops that today's
    vans have, of a plain van where there is none. New sites take the clock and costs of the site nearest to them,
    every open site has a lane from the FC that is cheapest for it, and where regions were asked for every site is in
    that of the zone nearest to it.
    """
    return replace(
        retailer,
        sites=_sites(retailer, study),
        vehicles=_vehicles(retailer, study),
        lanes=_lanes(retailer, study),
    )


def _site_ids(study: NetworkStudy) -> list[str]:
    """Return the site of each option, its own id for a new one."""
    return [site or option for site, option in zip(study.options["site_id"], study.options["option_id"], strict=True)]


def _sites(retailer: Retailer, study: NetworkStudy) -> pl.DataFrame:
    known, rows = set(retailer.sites["site_id"]), []
    sites = retailer.sites
    for row, (site_id, is_open) in enumerate(zip(_site_ids(study), study.plan.open.tolist(), strict=True)):
        if not is_open or site_id in known:
            continue
        option = study.options.row(row, named=True)
        near = ((sites["lat"] - option["lat"]) ** 2 + (sites["lon"] - option["lon"]) ** 2).arg_min() or 0
        like = sites.row(near, named=True)
        rows.append(
            {
                **like,
                "site_id": site_id,
                "kind": option["role"],
                **{name: option[name] for name in ("name", "lat", "lon")},
            }
        )
    new = pl.DataFrame(rows, schema=sites.schema) if rows else sites.clear()
    all_sites = pl.concat([sites, new])
    if study.regions is not None:
        all_sites = with_regions(all_sites, study.problem.zones, study.regions.region, study.region_names)
    return completed("sites", all_sites)


def _vehicles(retailer: Retailer, study: NetworkStudy) -> pl.DataFrame:
    vehicles, plan, ids = retailer.vehicles, study.plan, _site_ids(study)
    senders = plan.open & (study.problem.options.van >= 0)
    wanted = {ids[row] for row in np.flatnonzero(senders).tolist()}
    named = set(ids)
    staying = vehicles.filter(pl.col("site_id").is_in(list(wanted)) | ~pl.col("site_id").is_in(list(named)))
    has, taken = set(staying["site_id"]), set(vehicles["vehicle_id"])
    per_van, usual = _drops_per_van(retailer, study), usual_vehicle(retailer)
    rows = []
    for row in np.flatnonzero(senders).tolist():
        site = ids[row]
        if site in has:
            continue
        vans = max(1, math.ceil(float(plan.cost.load[row]) / study.problem.days / per_van))
        name = _free_name(f"{site}-van", taken)
        rows.append({**usual, "vehicle_id": name, "site_id": site, "count": vans})
    new = pl.DataFrame(rows, schema=vehicles.schema) if rows else vehicles.clear()
    return completed("vehicles", pl.concat([staying, new]))


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name, with the first number from 2 on that makes it a new one if it is taken."""
    numbered = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def _drops_per_van(retailer: Retailer, study: NetworkStudy) -> float:
    vans = int(retailer.vehicles["count"].sum())
    return max(1.0, float(study.plan.today.load.sum()) / study.problem.days / vans) if vans else float(DROPS_PER_VAN)


def _lanes(retailer: Retailer, study: NetworkStudy) -> pl.DataFrame:
    lanes, ids, plan, options = retailer.lanes, _site_ids(study), study.plan, study.problem.options
    fcs = np.flatnonzero(options.is_fc)
    cost = np.where(plan.open[fcs], study.problem.inbound_minor, np.iinfo(np.int64).max)
    known = set(lanes.select("from_site_id", "to_site_id").iter_rows())
    rows = []
    for row in np.flatnonzero(plan.open & ~options.is_fc).tolist() if fcs.size else []:
        best = int(cost[row].argmin())
        pair = (ids[fcs[best]], ids[row])
        if not any((ids[fc], ids[row]) in known for fc in fcs.tolist()):
            rows.append((*pair, "02:00", 2 * 3_600, int(cost[row, best])))
    new = pl.DataFrame(
        rows, schema=["from_site_id", "to_site_id", "departs", "duration_s", "parcel_cost_minor"], orient="row"
    )
    return completed("lanes", pl.concat([lanes, new], how="diagonal_relaxed") if rows else lanes)
