"""A network study: a retailer's tables become a problem, rooms design network and regions, and the day is compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation import InputError, Iterations, Progress, Stop
from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography import TravelTimes
from doorstep.network.catchments import CatchmentPlan, catchment_problem, draw_catchments
from doorstep.network.design import DesignPlan, DesignProblem, design_network
from doorstep.network.design.check import check_design
from doorstep.network.design.steps import Step, steps_to
from doorstep.network.regions import LaneTerms, RegionPlan, RegionsProblem, adjacency, divide
from doorstep.operations.planning.people import promised_where_reached, zones_of_people
from doorstep.operations.planning.problem import Assumptions, network_problem
from doorstep.operations.planning.reach import FurtherSites, further_sites
from doorstep.operations.planning.regions import present_regions
from doorstep.operations.planning.routed import SampleDoors, doors_of_some_sites, route_days
from doorstep.operations.planning.verify import Verification, verify
from doorstep.operations.planning.zones import DEMANDS, SAME_DAY, TIERS, Zones, doors_and_tiers, zones_of
from doorstep.vehicle_routing import SisrSolver

LONGEST_S = 24 * 3_600
"""No same-day tour drives longer to a door."""
NOT_ASKED = "Demand is the folder's orders; its table demand_areas counts with --demand population."
ROUTED, ROUTED_A_DOOR = 2_000, 20
"""Iterations of the routing engine for a site and day, and for each of its doors, when a plan is verified."""
MOST_ROUTED, MOST_AT_ONCE = 20_000, 6_000
"""Doors that are routed when a plan is verified, and doors of a site on one day: its table of times must have room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a planner asks of the network beyond least cost.

    ``demand`` is one of ``DEMANDS``; empty: orders if any come to the door or no areas are known, else population.
    ``regions`` is how many, 0 for none; each holds the average of parcels within ``tolerance``. Where the sites are in
    so many regions today, at most the share ``most_moved`` of all parcels changes its region. ``hubs`` is how many
    sites may send vans at most, 0 for any. ``keep`` and ``close`` name options or sites that must stay or go. ``reach``
    asks which further sites, whatever they cost, bring so large a share of the parcels within ``reach_m``; 0: nobody
    asks. With ``verify`` the orders are routed by the plan, and what a drop was said to cost is compared with what it
    does cost.
    """

    demand: str = ""
    regions: int = 0
    tolerance: float = 0.1
    most_moved: float = 1.0
    hubs: int = 0
    keep: Sequence[str] = ()
    close: Sequence[str] = ()
    reach: float = 0.0
    reach_m: int = 16_093
    verify: bool = True
    assumptions: Assumptions = field(default_factory=Assumptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Catchments of the ``option`` rows (S,) that send vans and hold stock, within the drive of a same-day tour.

    None where no option does.
    """

    option: Ints
    plan: CatchmentPlan | None

    @property
    def share(self) -> float:
        """Share of all parcels within reach of an option."""
        return self.plan.reach.share() if self.plan else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStudy:
    """A designed network, its regions if any were asked for, the steps to it, and what the checks say.

    ``area`` and ``area_today`` are the catchments of same-day delivery by the plan and today; ``region_names`` has a
    name for each region, today's where there are as many today. ``further`` are the sites that a wished reach needs.
    """

    zones: Zones
    problem: DesignProblem
    options: pl.DataFrame
    plan: DesignPlan
    regions: RegionPlan | None
    region_names: tuple[str, ...]
    further: FurtherSites | None
    steps: tuple[Step, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    verification: Verification | None
    area: Area
    area_today: Area


def study_network(
    retailer: Retailer,
    options: pl.DataFrame | None,
    wishes: Wishes,
    *,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
    areas: pl.DataFrame | None = None,
    travel: TravelTimes | None = None,
) -> NetworkStudy:
    """Return the network that serves the retailer's demand at least cost, beside today's.

    ``areas`` is the table of where people live, for a demand by population. ``travel`` is what everything drives by;
    by default the estimate of the retailer's policy.

    Raises
    ------
    InputError
        If a wish names what there is not, or asks for more than there is, or parcels can be served by nobody.
    """
    zones = _zones(retailer, areas, wishes, rng)
    problem, table, drives, notes = network_problem(retailer, options, zones, wishes.assumptions, travel)
    times = drives.travel
    if zones.demand == "population":
        zones = promised_where_reached(zones, problem, times)
        problem = replace(problem, parcels=zones.parcels, doors_per_km2=zones.doors_per_km2, waves=zones.waves)
    problem = _wished(problem, table, wishes)
    further = None
    if wishes.reach:
        share, within_m = wishes.reach, wishes.reach_m
        further = further_sites(problem, zones, share, within_m, rng=rng, stop=stop, progress=progress)
    plan = design_network(problem, times, rng=rng, stop=stop, progress=progress)
    present = present_regions(retailer, problem.zones, wishes.regions)
    regions = _regions(problem, plan.open, wishes, present.of_zone, rng, stop, progress) if wishes.regions else None
    verified, told = _verified(problem, plan, zones, times, rng, progress) if wishes.verify else (None, ())
    return NetworkStudy(
        zones=zones,
        problem=problem,
        options=table,
        plan=plan,
        regions=regions,
        region_names=present.names,
        further=further,
        steps=steps_to(problem, plan.ways, plan.open),
        faults=(
            *check_design(problem, times, plan),
            *(further.faults if further else ()),
            *(verified.faults if verified else ()),
        ),
        notes=(*zones.notes, *told, *notes),
        verification=verified,
        area=_area(problem, plan.open, times),
        area_today=_area(problem, problem.options.exists, times),
    )


def _zones(retailer: Retailer, areas: pl.DataFrame | None, wishes: Wishes, rng: np.random.Generator) -> Zones:
    """Return the zones of the demand that is asked for, or of the one that there is."""
    if wishes.demand not in ("", *DEMANDS):
        raise InputError(f"demand {wishes.demand!r} must be one of {', '.join(DEMANDS)}.")
    if wishes.demand == "population" and areas is None:
        raise InputError(
            "there is no table demand_areas: where people live is not known.",
            hint="Maybe add demand_areas.csv to the folder, or ask for demand by orders.",
        )
    if areas is None or wishes.demand == "orders":
        return zones_of(retailer)
    if not wishes.demand and doors_and_tiers(retailer)[0].any():
        return replace(zones_of(retailer), notes=(NOT_ASKED,))
    return zones_of_people(completed("demand_areas", areas), retailer, wishes.assumptions.orders_per_thousand, rng)


def _area(problem: DesignProblem, is_open: Bools, times: TravelTimes) -> Area:
    """Return who can be reached on the same day from which open option, whatever capacities are."""
    options = problem.options
    rows = np.flatnonzero(is_open & options.holds_stock & (options.van >= 0))
    if not rows.size:
        return Area(option=rows, plan=None)
    asked = catchment_problem(
        problem.zones,
        problem.parcels.sum(axis=0),
        options.places.take(rows),
        reach_s=min(problem.tiers[SAME_DAY].reach_s, LONGEST_S),
    )
    return Area(option=rows, plan=draw_catchments(asked, times))


def _verified(
    problem: DesignProblem,
    plan: DesignPlan,
    zones: Zones,
    times: TravelTimes,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Verification | None, tuple[str, ...]]:
    """Return sample days as routed by the plan, tier by tier, beside the prediction, and a note if not all were."""
    van, none = problem.vans[0], np.zeros(len(zones.doors), np.int64)
    asked = SampleDoors(
        places=zones.doors,
        tier=zones.tier,
        zone=zones.zone,
        day=len(TIERS) * zones.day + zones.tier,
        service_s=none + van.service_s,
        start_s=none,
        end_s=none + van.shift_s,
    )
    doors = doors_of_some_sites(plan, asked, most=MOST_ROUTED, at_once=MOST_AT_ONCE, rng=rng)
    if not len(doors):
        return None, (f"No site was routed: the sample of {len(asked):,} doors is too large.",) if len(asked) else ()
    routed = route_days(
        problem,
        plan,
        doors,
        times,
        solver=SisrSolver(),
        patience=lambda count: Iterations(limit=ROUTED + ROUTED_A_DOOR * count),
        rng=rng,
        progress=progress,
    )
    part = f"Routed are sites drawn by lot, with {len(doors):,} of the {len(asked):,} doors."
    return verify(problem.vans, routed), (part,) if len(doors) < len(asked) else ()


def _wished(problem: DesignProblem, table: pl.DataFrame, wishes: Wishes) -> DesignProblem:
    """Return the problem with what has to stay marked and what has to go left out of those that may be open."""
    keep, close = (_named(table, names, wish) for names, wish in ((wishes.keep, "keep"), (wishes.close, "close")))
    faults = [f"{table['option_id'][row]} is to be kept and closed." for row in np.flatnonzero(keep & close).tolist()]
    must = problem.options.must | keep
    senders = int((must & (problem.options.van >= 0)).sum())
    if wishes.hubs < 0 or (wishes.hubs and senders > wishes.hubs):
        faults.append(f"{wishes.hubs} hubs are too few: {senders} have to stay.")
    if not 0 <= wishes.most_moved <= 1:
        faults.append(f"{wishes.most_moved} of the parcels cannot move: it is a share from 0 to 1.")
    if not 0 <= wishes.reach <= 1 or wishes.reach_m <= 0:
        faults.append(f"reach {wishes.reach} must be a share from 0 to 1, and {wishes.reach_m} m above 0.")
    if wishes.regions < 0 or wishes.regions > len(problem.zones):
        faults.append(f"{wishes.regions} regions cannot be made of {len(problem.zones)} zones.")
    fcs = problem.options.is_fc
    if close.all() or (fcs.any() and close[fcs].all()):
        faults.append("all options, or all FCs, are to be closed.")
    if faults:
        raise InputError(" ".join(faults))
    options = replace(problem.options, must=must & ~close, must_not=close)
    return replace(problem, options=options, most_open=wishes.hubs or problem.most_open)


def _named(table: pl.DataFrame, names: Sequence[str], wish: str) -> Bools:
    """Return which options (M,) are named, by their own id or their site's."""
    chosen = (table["option_id"].is_in(list(names)) | table["site_id"].is_in(list(names))).to_numpy()
    known = {*table["option_id"], *table["site_id"]}
    lost = [name for name in names if name not in known]
    if lost:
        raise InputError(f"--{wish} {', '.join(lost)}: there is no such option or site.")
    found: Bools = chosen.astype(np.bool_)
    return found


def _regions(
    problem: DesignProblem,
    is_open: Bools,
    wishes: Wishes,
    present: Ints | None,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
) -> RegionPlan:
    """Return regions of even parcels, today's changed, or new ones around as many open FCs as there are and zones."""
    fcs: Ints = np.flatnonzero(problem.options.is_fc & is_open)[: wishes.regions if present is None else 0]
    areas, sites = problem.zones, problem.options.places
    both = replace(
        areas, lat=np.concatenate([sites.lat[fcs], areas.lat]), lon=np.concatenate([sites.lon[fcs], areas.lon])
    )
    asked = RegionsProblem(
        areas=areas,
        weights=problem.parcels.sum(axis=0)[None, :].astype(np.float64),
        edges=adjacency(areas),
        regions=wishes.regions,
        tolerance=np.array([wishes.tolerance]),
        sites=both,
        fixed=np.arange(fcs.size),
        present=present,
        most_moved=wishes.most_moved if present is not None else 1.0,
    )
    return divide(asked, rng=rng, stop=stop, progress=progress, lanes=LaneTerms())
