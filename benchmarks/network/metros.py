"""Sample metros for network design: stores and FCs that could send vans, and days of doors around them."""

from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import DensityField, GreatCircleTimes, Places
from doorstep.geography.cells import cell_numbers, cells_of
from doorstep.network.design import DesignProblem, SiteOptions, Tier, VanDay, Ways, evaluate
from doorstep.network.design.ways import straight_inbound
from doorstep.operations.planning import SampleDoors
from doorstep.simulation.sample import find_city
from doorstep.simulation.sample.cities import minor_per_us_cent
from doorstep.simulation.sample.demand_day import LEVEL_NAMES, LEVELS, SLOT_APPEAL, SLOT_STARTS
from doorstep.simulation.sample.metro import Metro, draw_homes, shape_metro
from doorstep.simulation.sample.sites import FC_COSTS, STORE_COSTS, Sites, place_sites

TIMES = GreatCircleTimes()
WAVES = (7, 13)
"""Hours at which the vans of the two waves of a day start: next-day orders ride first, same-day ones last."""
SHIFT_S, SERVICE_S, LOADING_S = 8 * 3_600, 180, 900
SLOT_S = 2 * 3_600
TIERS = (Tier(name="same_day", reach_s=3_600, needs_stock=True), Tier(name="next_day"), Tier(name="scheduled"))
STORE_DAY_CENTS, FC_DAY_CENTS = 4_000, 60_000
"""What a day of sending vans costs at a store and an FC."""
OUTSIDE_CENTS = 1_500
TRUCK_KM_MICROCENTS, SORTING_CENTS = 400_000, 45


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleMetro:
    """A problem whose demand is the mean of past days, and those and later days of doors."""

    name: str
    problem: DesignProblem
    past: SampleDoors
    later: SampleDoors


def sample_metro(
    near: str, stores: int, fcs: int, orders: int, *, every_store: bool, past: int, later: int, seed: int
) -> SampleMetro:
    """Return a metro of that many sites and orders a day; only ``past`` days shape its problem.

    FCs stay; with ``every_store`` all stores do too that are the cheapest for anybody: a network of many small sites.
    """
    rng = np.random.default_rng(seed)
    metro = shape_metro(find_city(near), rng)
    sites = place_sites(metro, stores, fcs, rng)
    drawn = _doors(metro, orders, past + later, rng)
    zone, zones = cells_of(drawn.places)
    doors = _taken(drawn, np.arange(len(drawn)), zone)
    before = doors.day < len(WAVES) * past
    problem = _problem(sites, _taken(doors, np.flatnonzero(before), zone), zones, past)
    return SampleMetro(
        name=f"{near.split(',')[0]}, {orders:,} orders, {'every store' if every_store else 'designed'}",
        problem=_kept(problem) if every_store else problem,
        past=_taken(doors, np.flatnonzero(before), zone),
        later=_taken(doors, np.flatnonzero(~before), zone),
    )


def of_days(doors: SampleDoors, days: int) -> SampleDoors:
    """Return the doors of the first days among those given."""
    first = int(doors.day.min()) if len(doors) else 0
    return _taken(doors, np.flatnonzero(doors.day < first + len(WAVES) * days), doors.zone)


def _taken(doors: SampleDoors, rows: Ints, zone: Ints) -> SampleDoors:
    return SampleDoors(
        places=doors.places.take(rows),
        zone=zone[rows],
        **{name: getattr(doors, name)[rows] for name in ("tier", "day", "service_s", "start_s", "end_s")},
    )


def _doors(metro: Metro, orders: int, days: int, rng: np.random.Generator) -> SampleDoors:
    """Return the delivered orders of days; those of the two-day level ride as next-day, slots in the wave they fit."""
    level = rng.choice(len(LEVELS), (days, orders), p=np.array([level.share for level in LEVELS])).reshape(-1)
    day = np.repeat(np.arange(days), orders)
    tiers = {"same_day": 0, "next_day": 1, "two_day": 1, "scheduled": 2}
    tier = np.array([tiers.get(name, -1) for name in LEVEL_NAMES])[level]
    tier, day = tier[tier >= 0], day[tier >= 0]
    lat, lon = metro.degrees(draw_homes(metro, tier.size, rng))
    slot = rng.choice(SLOT_STARTS, tier.size, p=SLOT_APPEAL)
    slotted = tier == 2
    wave = np.where(slotted, slot >= WAVES[1], tier == 0).astype(np.int64)
    start_s = np.where(slotted, (slot - np.array(WAVES)[wave]) * 3_600, 0)
    return SampleDoors(
        places=Places(lat=lat, lon=lon),
        tier=tier,
        zone=np.zeros(tier.size, np.int64),
        day=len(WAVES) * day + wave,
        service_s=np.full(tier.size, SERVICE_S),
        start_s=start_s,
        end_s=np.where(slotted, start_s + SLOT_S, SHIFT_S),
    )


def _kept(problem: DesignProblem) -> DesignProblem:
    """Return the problem in which all sites stay open that serve somebody when all are."""
    load = evaluate(problem, Ways.of(problem, TIMES), np.ones(len(problem.options), np.bool_)).load
    return replace(problem, options=replace(problem.options, must=problem.options.must | (load > 0)))


def _problem(sites: Sites, past: SampleDoors, zones: Places, days: int) -> DesignProblem:
    cents = minor_per_us_cent(sites.metro.city.currency)
    stores, fcs = len(sites.stores), len(sites.fcs)
    is_fc = np.arange(stores + fcs) >= stores
    lat, lon = sites.metro.degrees(np.vstack([sites.stores, sites.fcs]))
    places = Places(lat=lat, lon=lon)

    def money(fc_cents: int, store_cents: int) -> Ints:
        return np.rint(cents * np.where(is_fc, fc_cents, store_cents)).astype(np.int64)

    none = np.zeros(stores + fcs, np.int64)
    shape = (len(TIERS), len(zones))
    options = SiteOptions(
        option_id=(*sites.store_ids, *sites.fc_ids),
        role=("store",) * stores + ("fc",) * fcs,
        places=places,
        site=np.arange(stores + fcs),
        exists=none == 0,
        must=is_fc,
        must_not=np.zeros_like(is_fc),
        running_minor=money(FC_DAY_CENTS, STORE_DAY_CENTS),
        opening_minor=none,
        closing_minor=none,
        handling_minor=money(*(costs["package_cost_minor"] for costs in (FC_COSTS, STORE_COSTS))),
        capacity=none + 10**9,
        holds_stock=none == 0,
        van=none,
    )
    van = VanDay(
        fixed_minor=round(2_000 * cents),
        per_km_minor=round(65 * cents),
        per_hour_minor=round(2_800 * cents),
        load=180,
        shift_s=SHIFT_S,
        loading_s=LOADING_S,
        service_s=SERVICE_S,
    )
    inbound = straight_inbound(
        places,
        np.flatnonzero(is_fc),
        TIMES,
        per_km_micro=round(TRUCK_KM_MICROCENTS * cents),
        parcel_minor=round(SORTING_CENTS * cents),
    )
    return DesignProblem(
        zones=zones,
        tiers=TIERS,
        parcels=np.bincount(past.tier * len(zones) + past.zone, minlength=shape[0] * shape[1]).reshape(shape),
        doors_per_km2=_density(past, zones, days),
        outside_minor=np.full(shape, round(OUTSIDE_CENTS * cents)),
        options=options,
        vans=(van,),
        inbound_minor=inbound,
        days=days,
        waves=len(WAVES),
    )


def _density(past: SampleDoors, zones: Places, days: int) -> Floats:
    """Return the doors per square kilometre that vans find around each zone, by tier: slots are in either wave."""
    cells = cell_numbers(zones)
    wave = past.day % len(WAVES)
    field = DensityField.around(wave, cells[past.zone])
    first, second = (field.at(np.full(cells.size, number), cells) / days for number in range(len(WAVES)))
    return np.stack([second, first, (first + second) / 2])
