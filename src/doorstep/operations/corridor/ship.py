"""From allocations to drops: parcels packed, ways chosen, carriers asked."""

from dataclasses import dataclass

import numpy as np

from doorstep.delivery_mode import Drops, Packages, choose_ways, quote_drops
from doorstep.delivery_mode.clocks import OwnDays, lane_minor, own_days
from doorstep.delivery_mode.drops import Ways
from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.delivery_mode.merge import Contents
from doorstep.delivery_mode.quotes import Quotes
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Bools, Ints, ints, starts_of
from doorstep.operations.corridor.allocate import SiteChoice
from doorstep.operations.corridor.strategy import Strategy
from doorstep.operations.corridor.world import World
from doorstep.warehouse import PackingProblem, ParcelPlan, pack_parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """P packages, their parcels, and the N drops that they form; C carriers.

    ``package_pick_minor`` (P,); ``drop_of_package`` (P,); ``drop_of_parcel`` (Q,); ``haul_minor`` (N,) lanes of a drop;
    ``own_days`` on which own vehicles could bring it and ``own_day`` (N,) the cheapest of them, -1 if none; ``options``
    (N, 2 C) what carriers ask from the dispatching site (first C) and, where a lane would be saved, from the picking
    site (last C); ``option_minor`` (N, 2 C) the same made comparable, risk added and saved lanes taken off; ``origin``
    (N,) that picking site, -1 where there is none.
    """

    choice: SiteChoice
    packages: Packages
    package_pick_minor: Ints
    parcels: ParcelPlan
    ways: Ways
    drop_of_package: Ints
    drop_of_parcel: Ints
    drops: Drops
    home_s: Ints
    collected: Bools
    weight_g: Ints
    volume_ml: Ints
    haul_minor: Ints
    own_days: OwnDays
    own_day: Ints
    options: Quotes
    option_minor: Ints
    origin: Ints


def form_shipment(world: World, strategy: Strategy, choice: SiteChoice, own: OwnDropPrice) -> Shipment:
    """Return parcels, ways and carriers' answers for all allocated units."""
    key, package_of_line = np.unique(np.column_stack([choice.order, choice.site]), axis=0, return_inverse=True)
    order, site = key[:, 0], key[:, 1]
    package_start = starts_of(package_of_line.astype(np.int64), order.size)
    parcels = _pack(world, choice, package_start)
    packages = _packages(world, order, site, parcels)
    at_origin = quote_drops(world.modes, _as_drops(world, packages.order, packages.site, packages.ready_at, packages,
                                                   parcels.package, parcels))  # fmt: skip
    asked = at_origin.with_risk(world.modes.carrier_failure_minor)
    direct = asked.min(axis=1) if asked.shape[1] else np.full(order.size, IMPOSSIBLE)
    packages = packages._replace(direct_minor=direct)
    ways = _ways(world, strategy, packages, parcels, own)
    return _drops(world, strategy, choice, packages, parcels, ways, at_origin, package_of_line.astype(np.int64), own)


def _pack(world: World, choice: SiteChoice, package_start: Ints) -> ParcelPlan:
    return pack_parcels(
        PackingProblem.from_tables(
            world.tables["products"],
            world.tables["cartons"],
            product_flags=world.product_flags,
            package_start=package_start,
            line_product=choice.product,
            line_quantity=choice.quantity,
            fill_pct=world.retailer.policy_value("carton_fill_pct"),
        )
    )


def _packages(world: World, order: Ints, site: Ints, parcels: ParcelPlan) -> Packages:
    reach = world.reach(order, site[:, None])
    return Packages(
        order=order,
        site=site,
        ready_at=world.ready(order, site[:, None]).ready_at[:, 0],
        parcels=np.bincount(parcels.package, minlength=order.size).astype(np.int64),
        weight_g=np.bincount(parcels.package, weights=parcels.weight_g, minlength=order.size).astype(np.int64),
        direct_minor=np.full(order.size, IMPOSSIBLE),
        metres=reach.metres[:, 0],
        out_s=reach.out_s[:, 0],
        home_s=reach.home_s[:, 0],
    )


def _ways(world: World, strategy: Strategy, packages: Packages, parcels: ParcelPlan, own: OwnDropPrice) -> Ways:
    modes = world.modes
    if strategy.fleet == "none":
        modes = modes._replace(fleet=modes.fleet._replace(vehicle_start=np.zeros_like(modes.fleet.vehicle_start)))
    contents = Contents(parcels.package, parcels.weight_g, parcels.volume_ml, parcels.longest_side_mm)
    return choose_ways(modes, packages, world.stations, own, contents, use_lanes_to_door=int(strategy.lanes_to_door))


def _as_drops(
    world: World, order: Ints, site: Ints, ready_at: Ints, reach: Packages, drop_of_parcel: Ints, parcels: ParcelPlan
) -> Drops:
    by_drop = np.argsort(drop_of_parcel, kind="stable")
    requirements = world.asked[order].copy()
    np.bitwise_or.at(requirements, drop_of_parcel, parcels.requirements)
    return Drops(
        order=order,
        site=site,
        ready_at=ready_at,
        metres=reach.metres,
        out_s=reach.out_s,
        requirements=requirements,
        parcel_start=starts_of(drop_of_parcel[by_drop], order.size),
        parcel_g=parcels.weight_g[by_drop],
        parcel_ml=parcels.volume_ml[by_drop],
        parcel_mm=parcels.longest_side_mm[by_drop],
    )


def _drops(
    world: World,
    strategy: Strategy,
    choice: SiteChoice,
    packages: Packages,
    parcels: ParcelPlan,
    ways: Ways,
    at_origin: Quotes,
    package_of_line: Ints,
    own: OwnDropPrice,
) -> Shipment:
    key, drop_of_package = np.unique(np.column_stack([packages.order, ways.dispatch]), axis=0, return_inverse=True)
    drop_of_package = drop_of_package.astype(np.int64)
    count = key.shape[0]
    ready = np.zeros(count, dtype=np.int64)
    np.maximum.at(ready, drop_of_package, ways.ready_at)
    reach = world.reach(key[:, 0], key[:, 1:])
    here = packages._replace(metres=reach.metres[:, 0], out_s=reach.out_s[:, 0], home_s=reach.home_s[:, 0])
    drop_of_parcel = drop_of_package[parcels.package]
    drops = _as_drops(world, key[:, 0], key[:, 1], ready, here, drop_of_parcel, parcels)
    hauled_minor = lane_minor(world.modes.fleet, ways.lane, packages.parcels, packages.weight_g)
    haul = np.bincount(drop_of_package, weights=hauled_minor, minlength=count).astype(np.int64)
    options, option_minor, origin = _options(world, drops, haul, packages, ways, at_origin, drop_of_package)
    door = world.modes.doors
    days = _own_days(world, drops, here.home_s)
    return Shipment(
        choice=choice,
        packages=packages,
        package_pick_minor=_pick_cost(world, choice, packages, package_of_line),
        parcels=parcels,
        ways=ways,
        drop_of_package=drop_of_package,
        drop_of_parcel=drop_of_parcel,
        drops=drops,
        home_s=here.home_s,
        collected=door.collected[key[:, 0]] == 1,
        weight_g=np.bincount(drop_of_parcel, weights=parcels.weight_g, minlength=count).astype(np.int64),
        volume_ml=np.bincount(drop_of_parcel, weights=parcels.volume_ml, minlength=count).astype(np.int64),
        haul_minor=haul,
        own_days=days,
        own_day=np.full(count, -1) if strategy.fleet == "none" else days.cheapest(own.base_minor, drops.site),
        options=options,
        option_minor=option_minor,
        origin=origin,
    )


def _options(
    world: World, drops: Drops, haul: Ints, packages: Packages, ways: Ways, at_origin: Quotes, drop_of_package: Ints
) -> tuple[Quotes, Ints, Ints]:
    """Return all carriers' answers, their comparable cost (N, 2 C), and the picking site of drops of one package."""
    here = quote_drops(world.modes, drops)
    count, carriers = here.price_minor.shape
    package = np.full(count, -1, dtype=np.int64)
    alone = np.bincount(drop_of_package, minlength=count)[drop_of_package] == 1
    hauled = alone & (ways.lane >= 0) & (world.modes.doors.collected[packages.order] == 0)
    package[drop_of_package[hauled]] = np.flatnonzero(hauled)
    has = package >= 0
    shape = (count, carriers)
    price, arrive, why = (np.full(shape, fill, dtype=np.int64) for fill in (IMPOSSIBLE, -1, 2))
    price[has], arrive[has], why[has] = (column[package[has]] for column in at_origin)
    both = Quotes(*(np.hstack(pair) for pair in zip(here, (price, arrive, why), strict=True)))
    risk = np.concatenate([world.modes.carrier_failure_minor] * 2)
    saved = np.hstack([np.zeros(shape, np.int64), np.repeat(haul[:, None], carriers, axis=1)])
    cost = np.where(both.price_minor < IMPOSSIBLE, both.price_minor + risk - saved, IMPOSSIBLE)
    return both, cost, np.where(has, packages.site[np.maximum(package, 0)], -1)


def _pick_cost(world: World, choice: SiteChoice, packages: Packages, package_of_line: Ints) -> Ints:
    sites = world.tables["sites"]
    lines = np.bincount(package_of_line, minlength=packages.order.size).astype(np.int64)
    units = np.bincount(package_of_line, weights=choice.quantity, minlength=packages.order.size).astype(np.int64)
    package, line, unit = (
        ints(sites[n])[packages.site] for n in ("package_cost_minor", "line_cost_minor", "unit_cost_minor")
    )
    cost: Ints = package + line * lines + unit * units
    return cost


def _own_days(world: World, drops: Drops, home_s: Ints) -> OwnDays:
    doors, order = world.modes.doors, drops.order
    days = own_days(
        world.modes.fleet,
        drops.site,
        drops.ready_at,
        drops.out_s,
        home_s,
        doors.service_s[order],
        doors.open_at[order],
        doors.end_at[order],
        drops.requirements,
        world.modes.midnight_at,
    )
    return OwnDays(days.first, days.feasible & (doors.collected[order] == 0)[:, None])
