"""What own drops cost before routes exist, and what their scarcity adds on days when vans are full."""

import numpy as np
import polars as pl

from doorstep.delivery_mode import estimate_own_drops
from doorstep.delivery_mode.density_price import DropDensity
from doorstep.delivery_mode.door_prices import DoorPrices, LearntDropCost, SiteVans
from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation import Interrupt, Progress, Silent
from doorstep.foundation.arrays import Ints, ints
from doorstep.geography import cell_numbers, great_circle_m
from doorstep.operations.corridor.allocate import SiteChoice, choose_sites
from doorstep.operations.corridor.ship import Shipment, form_shipment
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import World, promised_days

SCARCITY_ROUNDS = 8


def drop_density(world: World) -> DropDensity:
    """Return base, slope and daily capacity of own drops at each site."""
    fleet, doors = world.modes.fleet, world.modes.doors
    typical = _typical_vehicles(world)
    door = np.flatnonzero(doors.collected == 0)
    nearest = world.stations.site[door, 0]
    door, nearest = door[nearest >= 0], nearest[nearest >= 0]
    straight = great_circle_m(
        lat_a=world.sites.lat[nearest],
        lon_a=world.sites.lon[nearest],
        lat_b=world.doors.lat[door],
        lon_b=world.doors.lon[door],
    )
    return estimate_own_drops(
        nearest_site=nearest,
        straight_m=straight,
        service_s=doors.service_s[door],
        days=promised_days(world, door),
        circuity_pct=world.retailer.policy_value("circuity_pct"),
        speed_kmh=world.retailer.policy_value("near_speed_kmh"),
        shift_s=typical[0],
        vehicles=np.add.reduceat(np.append(_counts(world), 0), fleet.vehicle_start[:-1])
        * (np.diff(fleet.vehicle_start) > 0),
        fixed_minor=typical[1],
        per_km_minor=typical[2],
        per_hour_minor=typical[3],
    )


def own_drop_price(world: World, density: DropDensity) -> OwnDropPrice:
    """Return the price of own drops without scarcity: by what routes taught, or by the density of each site's doors."""
    learnt = density.learnt
    base, slope = density.base_minor, density.per_km_minor
    if learnt is not None:
        base, slope = np.where(learnt.known, 0, base), np.where(learnt.known, 0, slope)
    return OwnDropPrice(
        base_minor=np.repeat(base[:, None], world.calendar.days, axis=1),
        per_km_minor=slope,
        doors=None if learnt is None else _door_prices(world, learnt),
    )


def _door_prices(world: World, learnt: LearntDropCost) -> DoorPrices:
    promise, (shift_s, fixed, per_km, per_hour) = world.promise, _typical_vehicles(world)
    return DoorPrices(
        learnt=learnt,
        vans=SiteVans(
            shift_s=shift_s,
            fixed_minor=fixed,
            per_km_minor=per_km,
            per_hour_minor=per_hour,
            loading_s=world.modes.fleet.loading_s,
            metre_s=3.6 / world.retailer.policy_value("near_speed_kmh"),
        ),
        cell=cell_numbers(world.doors),
        window_s=promise.end_at - promise.start_at,
        service_s=world.modes.doors.service_s,
    )


def own_drop_table(world: World, choice: SiteChoice, own: OwnDropPrice) -> pl.DataFrame:
    """Return what an own van is expected to cost for each package to a door (order_id, site_id, own_minor).

    The day is that on which the promise ends; null where the site has no vehicle.
    """
    packages = np.unique(np.column_stack([choice.order, choice.site]), axis=0).reshape(-1, 2)
    order, site = packages[world.modes.doors.collected[packages[:, 0]] == 0].T
    metres = world.reach(order, site[:, None]).metres[:, 0]
    last = world.calendar.days - 1
    day = np.clip(world.calendar.day_of(site, world.promise.end_at[order]), 0, last)
    has = np.diff(world.modes.fleet.vehicle_start)[site] > 0
    return pl.DataFrame(
        {
            "order_id": world.tables["orders"]["order_id"].gather(order.tolist()),
            "site_id": world.tables["sites"]["site_id"].gather(site.tolist()),
            "own_minor": pl.Series(own.of(site, metres, day, order), dtype=pl.Int64),
        }
    ).with_columns(own_minor=pl.when(pl.Series(has, dtype=pl.Boolean)).then("own_minor"))


def scarce_drop_price(world: World, density: DropDensity, progress: Progress, interrupt: Interrupt) -> OwnDropPrice:
    """Return the price of own drops with scarcity, each site's vans making as many drops a day as its density says."""
    capacity = np.repeat(density.capacity[:, None], world.calendar.days, axis=1)
    return price_scarcity(world, own_drop_price(world, density), capacity, progress, interrupt)


def price_scarcity(
    world: World, own: OwnDropPrice, capacity: Ints, progress: Progress, interrupt: Interrupt
) -> OwnDropPrice:
    """Return own prices at which about as many drops want each site's vans on each day as these can make.

    Sites are chosen at the present prices; the price that would clear each day's vans is what the first drop that no
    longer fits would save by them. Prices are the mean of the clearing prices of all rounds so far (successive
    averages): followed at once, every drop would run to the vans that were empty the round before. They estimate the
    dual price of van capacity; where nothing is scarce, nothing is added.

    Parameters
    ----------
    capacity : (S, D)
        Drops that the vans of each site can make on each day.

    References
    ----------
    Robbins, Monro (1951), A stochastic approximation method, Annals of Mathematical Statistics 22(3).
    """
    extra = np.zeros_like(own.base_minor)
    progress.stage("pricing scarce vans", SCARCITY_ROUNDS)
    for turn in range(SCARCITY_ROUNDS if _may_be_scarce(world, capacity) else 0):
        if interrupt():
            break
        priced = own._replace(base_minor=own.base_minor + extra)
        choice = choose_sites(world, DOORSTEP, priced, Silent(), interrupt)
        target = _clearing(world, form_shipment(world, DOORSTEP, choice, priced), own, capacity)
        extra += (target - extra) // (turn + 2)
        progress.advance()
        if not extra.any() and not target.any():
            break  # every further round would find the same
    return own._replace(base_minor=own.base_minor + extra)


def _may_be_scarce(world: World, capacity: Ints) -> bool:
    """Return whether the vans of some site could be too few if every order wanted them on one day."""
    has = np.diff(world.modes.fleet.vehicle_start) > 0
    return bool((capacity[has] < world.orders).any())


def _clearing(world: World, shipment: Shipment, own: OwnDropPrice, capacity: Ints) -> Ints:
    """Return for each site and day the saving of the first drop that no longer fits its vans, 0 where all fit."""
    price = np.zeros_like(own.base_minor)
    rows = np.flatnonzero(shipment.own_day >= 0)
    if not rows.size:
        return price
    site, day = shipment.drops.site[rows], shipment.own_day[rows]
    outside = np.full(rows.size, IMPOSSIBLE)
    if shipment.option_minor.shape[1]:
        outside = shipment.option_minor[rows].min(axis=1)
    outside = np.minimum(outside, world.unserved_minor[shipment.drops.order[rows]])
    saving = (
        outside
        - own.of(site, shipment.drops.metres[rows], day, shipment.drops.order[rows])
        - world.modes.own_failure_minor
    )
    for s, d in np.unique(np.column_stack([site, day]), axis=0):
        here = np.sort(saving[(site == s) & (day == d)])[::-1]
        if here.size > capacity[s, d]:
            price[s, d] = max(0, int(here[capacity[s, d]]))
    return price


def _counts(world: World) -> Ints:
    return ints(world.tables["vehicles"]["count"])[world.modes.fleet.vehicle_row]


def _typical_vehicles(world: World) -> list[Ints]:
    """Return mean shift [s], fixed cost, cost per km and per hour of each site's vehicles, zeros where it has none."""
    fleet, table = world.modes.fleet, world.tables["vehicles"]
    start, has = fleet.vehicle_start[:-1], np.diff(fleet.vehicle_start) > 0
    weight = _counts(world)
    columns = [(fleet.shift_ends_at - fleet.shift_starts_at).max(axis=1)]
    columns += [
        ints(table[n])[fleet.vehicle_row] for n in ("fixed_cost_minor", "cost_per_km_minor", "cost_per_hour_minor")
    ]
    total = np.maximum(np.add.reduceat(np.append(weight, 0), start), 1)
    return [np.where(has, np.add.reduceat(np.append(c * weight, 0), start) // total, 0) for c in columns]
