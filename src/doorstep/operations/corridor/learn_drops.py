"""What routes teach about the cost of own drops: their stops as a sample, and the coefficients fitted to it."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.delivery_mode.door_prices import LearntDropCost
from doorstep.delivery_mode.drop_cost import ExpectedDrops
from doorstep.delivery_mode.drop_shares import RouteRows, shared_route_costs
from doorstep.delivery_mode.fit import DropSample, fit_drop_cost
from doorstep.domain import Retailer
from doorstep.domain.calendar import Calendar, seconds_of_day
from doorstep.foundation.arrays import Floats, Ints, index_of, ints, ints_or
from doorstep.geography import DensityField, Places, TravelTimes, cell_numbers
from doorstep.geography.density import one_per_km2
from doorstep.operations.corridor.deliver import Draft
from doorstep.operations.corridor.route_tables import delivery_ids, route_tables
from doorstep.operations.corridor.world import World, promised_days

FEWEST_STOPS = 200
"""Stops that are enough to learn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenDrops:
    """N drops of routes, by ``delivery_id`` and the length of their windows, as a ``sample`` for a fit.

    ``density`` is that of the doors of a day, ``stops_per_route`` (S,) what the routes of each site served.
    """

    delivery_id: pl.Series
    window_s: Ints
    sample: DropSample
    density: DensityField
    stops_per_route: Floats

    def learn(self) -> LearntDropCost | None:
        """Return what these drops teach, None if they are too few to tell."""
        if len(self.sample.expected) < FEWEST_STOPS:
            return None
        return LearntDropCost(
            fitted=fit_drop_cost(self.sample), density=self.density, stops_per_route=self.stops_per_route
        )


def drafted_drops(world: World, draft: Draft) -> DrivenDrops:
    """Return the drops of a draft's routes."""
    routes, stops, _ = route_tables(world, draft)
    return driven_drops(world.retailer, routes, stops, windows_of(world, draft), world.travel, door_density(world))


def door_density(world: World) -> DensityField:
    """Return the doors per square kilometre on a day, mean of the days on which promises begin; one group, 0."""
    door = np.flatnonzero(world.modes.doors.collected == 0)
    field = DensityField.around(np.zeros_like(door), cell_numbers(world.doors.take(door)))
    return replace(field, per_km2=field.per_km2 / max(promised_days(world, door), 1))


def windows_of(world: World, draft: Draft) -> pl.DataFrame:
    """Return the length of the promised window of each ``delivery_id`` as ``window_s``."""
    order = draft.shipment.drops.order
    return pl.DataFrame(
        {
            "delivery_id": delivery_ids(order.size),
            "window_s": (world.promise.end_at - world.promise.start_at)[order],
        }
    )


def driven_drops(
    retailer: Retailer,
    routes: pl.DataFrame,
    stops: pl.DataFrame,
    windows: pl.DataFrame,
    travel: TravelTimes,
    density: DensityField,
) -> DrivenDrops:
    """Return the drops of routes with what they cost and what was known of each before.

    Parameters
    ----------
    routes
        ``route_id``, ``site_id``, ``vehicle_id``, ``starts_at``, ``ends_at``, ``cost_minor``, as in a plan.
    stops
        As in a plan.
    windows
        ``window_s`` of each ``delivery_id``.
    density
        Doors per square kilometre on a day like that of the routes, see ``door_density``.
    """
    site = index_of(routes["site_id"], retailer.sites["site_id"], what="route site_id")
    fleet = retailer.vehicles[
        index_of(routes["vehicle_id"], retailer.vehicles["vehicle_id"], what="route vehicle_id").tolist()
    ]
    number = pl.Series("route", index_of(stops["route_id"], routes["route_id"], what="route_id"), dtype=pl.Int64)
    ordered = stops.with_columns(number).sort("route", "sequence")
    ordered = ordered.join(windows, on="delivery_id", how="left", maintain_order="left")
    places = Places.from_table(ordered)
    depots = Places.from_table(retailer.sites).take(site[ints(ordered["route"])])
    depot_m, _ = travel.between(depots, places)
    rows = _route_rows(routes, fleet, ordered, depot_m)
    doors = np.flatnonzero(rows.door)
    route = rows.route[doors]
    cell, at = cell_numbers(places.take(doors)), site[route]
    day = _calendar(retailer, routes).day_of(site, ints(routes["starts_at"]))[route]
    usual = _stops_per_route(site, np.bincount(route, minlength=site.size), retailer.sites.height)
    window_s = ints_or(ordered["window_s"].gather(doors.tolist()), 0)
    expected = ExpectedDrops(
        distance_m=depot_m[doors],
        density_per_km2=np.maximum(density.at(np.zeros_like(at), cell), one_per_km2()),
        window_s=window_s,
        service_s=ints(ordered["leave_at"] - ordered["service_at"])[doors],
        stops_per_route=usual[at],
        fixed_minor=rows.fixed_minor[route],
        per_km_minor=rows.per_km_minor[route],
        per_hour_minor=rows.per_hour_minor[route],
        shift_s=_shifts(fleet)[route],
        loading_s=ints(retailer.sites["loading_s"])[at],
        metre_s=np.full(doors.size, 3.6 / retailer.policy_value("near_speed_kmh")),
    )
    group = at if np.unique(site).size > 1 else day
    return DrivenDrops(
        delivery_id=ordered["delivery_id"].gather(doors.tolist()),
        window_s=window_s,
        sample=DropSample(expected, shared_route_costs(rows), cell=cell, site=at, group=group),
        density=density,
        stops_per_route=usual,
    )


def _route_rows(routes: pl.DataFrame, fleet: pl.DataFrame, stops: pl.DataFrame, depot_m: Ints) -> RouteRows:
    return RouteRows(
        route=ints(stops["route"]),
        door=(stops["kind"].cast(pl.String) == "delivery").to_numpy(),
        distance_m=ints(stops["distance_m"]),
        arrive_at=ints(stops["arrive_at"]),
        leave_at=ints(stops["leave_at"]),
        depot_m=depot_m,
        cost_minor=ints(routes["cost_minor"]),
        fixed_minor=ints(fleet["fixed_cost_minor"]),
        per_km_minor=ints(fleet["cost_per_km_minor"]),
        per_hour_minor=ints(fleet["cost_per_hour_minor"]),
    )


def _shifts(fleet: pl.DataFrame) -> Ints:
    """Return how long the shift of each vehicle is [s]."""
    clocks = zip(fleet["shift_starts"].to_list(), fleet["shift_ends"].to_list(), strict=True)
    return np.array([seconds_of_day(ends) - seconds_of_day(starts) for starts, ends in clocks], dtype=np.int64)


def _calendar(retailer: Retailer, routes: pl.DataFrame) -> Calendar:
    low, high = (int(ints(routes["starts_at"]).min(initial=1 << 40)), int(ints(routes["ends_at"]).max(initial=0)))
    return Calendar.spanning(retailer.sites["time_zone"].to_list(), min(low, high), high, further_days=1)


def _stops_per_route(site: Ints, stops: Ints, sites: int) -> Floats:
    """Return stops per route of each site (S,), 0 where it has no routes."""
    routes = np.bincount(site, minlength=sites)
    per_route: Floats = np.bincount(site, weights=stops, minlength=sites) / np.maximum(routes, 1)
    return per_route
