"""A retailer's tables turned into arrays once, for every strategy that plans on them."""

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from doorstep.delivery_mode import ModeProblem, Reach
from doorstep.delivery_mode.estimate import WeightClasses, weight_classes
from doorstep.delivery_mode.hangar import Away
from doorstep.domain import Retailer
from doorstep.domain.calendar import Calendar
from doorstep.domain.closed_days import closed_days
from doorstep.domain.requirements import Vocabulary
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints, index_of, ints, ints_or
from doorstep.geography import GreatCircleTimes, Places, nearest_places
from doorstep.geography.travel_times import TravelTimes
from doorstep.operations.corridor.compartments import fitting_orders
from doorstep.operations.corridor.known_roads import KnownRoads
from doorstep.order_routing import StockBook, candidate_sites
from doorstep.order_routing.problem import UNLIMITED, MergedLines, merged_lines
from doorstep.promising import PromisePlan, promised_windows
from doorstep.warehouse import PreparationClock, ReadyTimes, ready_times
from doorstep.warehouse.problem import product_volume_ml

NEAR_STATIONS = 3
FURTHER_DAYS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything about the day that does not depend on a decision; O orders, S sites.

    ``roads`` are the ways between sites and doors, remembered once they were asked for.
    ``asked_at`` (O,) is when sites hear of an order. What they have not begun to prepare by ``now`` begins then at the
    earliest; packages whose readiness is known better have their key, order x S + site, in ``known_key`` (K,),
    ascending, and the moment in ``known_at`` (K,). ``region`` (S,) numbers the regions of sites, -1 for none: an order
    is of the region of its ``clock_site`` (O,), which is where it is collected or nearest to the door. ``acceptance``
    (S, 24) is the probability that sites serve what they are asked for, by local hour, ``punctuality`` (S, 24) that it
    comes in time; None if nothing is known. ``flown`` are trips of drones that were booked before.
    """

    retailer: Retailer
    tables: dict[str, pl.DataFrame]
    sites: Places
    doors: Places
    roads: KnownRoads
    calendar: Calendar
    clock_site: Ints
    region: Ints
    placed_at: Ints
    asked_at: Ints
    promise: PromisePlan
    lines: MergedLines
    vocabulary: Vocabulary
    product_flags: Ints
    asked: Ints
    modes: ModeProblem
    preparation: PreparationClock
    candidates: Ints
    stations: Reach
    classes: WeightClasses
    stock: StockBook
    capacity: Ints
    unserved_minor: Ints
    now: int = 0
    acceptance: Floats | None = None
    punctuality: Floats | None = None
    flown: tuple[tuple[int, Away], ...] = ()
    known_key: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    known_at: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def travel(self) -> TravelTimes:
        """What everything drives by."""
        return self.roads.travel

    @property
    def orders(self) -> int:
        """How many orders there are."""
        return len(self.doors)

    def reach(self, rows: Ints, sites: Ints) -> Reach:
        """Return road metres and seconds between sites (R, C), -1 for none, and the doors of some orders (R,)."""
        ways = self.roads.between(np.repeat(rows, sites.shape[1]), np.maximum(sites, 0).reshape(-1))
        return Reach(sites, *(each.reshape(sites.shape) for each in ways))

    def ready(self, rows: Ints, sites: Ints) -> ReadyTimes:
        """Return when some orders (R,) would be ready at sites (R, C), -1 for none."""
        clock, calendar = self.preparation, self.calendar
        by_clock = ready_times(clock, calendar, self.asked_at[rows], sites)
        if not self.now and not self.known_key.size:
            return by_clock
        anew = prepared_from(clock, calendar, np.full_like(rows, self.now), sites)
        overdue = (sites >= 0) & (by_clock.ready_at - clock.preparation_s[sites] < self.now)
        at = np.where(overdue, anew.ready_at, by_clock.ready_at)
        if self.known_key.size:
            key = np.where(sites >= 0, rows[:, None] * len(self.sites) + sites, -1)
            place = np.minimum(np.searchsorted(self.known_key, key), self.known_key.size - 1)
            at = np.where(self.known_key[place] == key, self.known_at[place], at)
        return ReadyTimes(ready_at=at, pick_day=np.where(overdue, anew.pick_day, by_clock.pick_day))


def prepared_from(clock: PreparationClock, calendar: Calendar, start_at: Ints, sites: Ints) -> ReadyTimes:
    """Return when orders are ready that sites know already and begin at ``start_at`` (R,), whatever their cut-off."""
    return ready_times(replace(clock, cutoff_at=clock.closes_at), calendar, start_at, sites)


def handed_from(clock: PreparationClock, calendar: Calendar, ready_at: Ints, sites: Ints) -> Ints:
    """Return when sites hand over what is ready there, all (K,): at once, or when they open after closed days."""
    day = calendar.day_of(sites, ready_at)
    opens = calendar.next_open(sites, day)
    return np.where(opens > day, clock.opens_at[sites, np.minimum(opens, calendar.days - 1)], ready_at)


def build_world(retailer: Retailer, travel: TravelTimes | None = None, *, until: int = 0) -> World:
    """Return the arrays of a retailer; ``travel`` defaults to the great-circle estimate of its policy.

    The calendar goes some days beyond the last moment of the orders, and beyond ``until`` [epoch s].

    Raises
    ------
    InputError
        If there are no sites.
    """
    tables = retailer.tables()
    sites_table, orders, products = tables["sites"], tables["orders"], tables["products"]
    if not sites_table.height:
        raise InputError("table sites has no rows.", hint="Maybe the export was cut off.")
    sites, doors = Places.from_table(sites_table), Places.from_table(orders)
    clock_site = _clock_sites(tables, sites, doors)
    placed_at = ints(orders["placed_at"])
    calendar = _calendar(tables, placed_at, until)
    promise = promised_windows(
        orders, tables["service_levels"], calendar, clock_site, next_day_cutoff=sites_table["next_day_cutoff"].to_list()
    )
    vocabulary = Vocabulary.of_network(tables)
    lines = merged_lines(tables["order_lines"], orders, products, product_volume_ml(products))
    product_flags = vocabulary.bits(products["flags"])
    asked = asked_of_orders(tables, vocabulary)
    modes = ModeProblem.from_tables(
        tables,
        calendar,
        vocabulary,
        window_start_at=promise.start_at,
        window_end_at=promise.end_at,
        early_allowed=promise.early_allowed,
        requirements=asked | flags_of_orders(lines, product_flags),
        fits=fitting_orders(tables, lines),
    )
    margin = ints(products["margin_minor"])[lines.product] * lines.quantity
    margin_of_order = np.add.reduceat(np.append(margin, 0), lines.start[:-1]) * (np.diff(lines.start) > 0)
    limits = ints_or(sites_table["pick_lines_per_day"], UNLIMITED)
    world = World(
        retailer=retailer,
        tables=tables,
        sites=sites,
        doors=doors,
        roads=KnownRoads(sites=sites, doors=doors, travel=travel or great_circle_times(retailer)),
        calendar=calendar,
        clock_site=clock_site,
        region=_regions(sites_table["region"]),
        placed_at=placed_at,
        asked_at=placed_at,
        promise=promise,
        lines=lines,
        vocabulary=vocabulary,
        product_flags=product_flags,
        asked=asked,
        modes=modes,
        preparation=PreparationClock.from_tables(sites_table, calendar),
        candidates=candidate_sites(sites_table, doors, modes.doors.pickup_site)
        if len(doors)
        else np.empty((0, 1), int),
        stations=Reach(*(np.empty((0, 0), dtype=np.int64) for _ in range(4))),
        classes=weight_classes(modes),
        stock=StockBook.from_tables(tables["stock"], sites_table, products),
        capacity=np.repeat(limits[:, None], calendar.days, axis=1),
        unserved_minor=np.maximum(margin_of_order, 0) + retailer.policy_value("unserved_cost_minor"),
    )
    return _with_stations(world)


def promised_days(world: World, orders: Ints) -> int:
    """Return on how many days the promises of some orders begin, each on the clock that it goes by."""
    return int(np.unique(world.calendar.day_of(world.clock_site[orders], world.promise.start_at[orders])).size)


def great_circle_times(retailer: Retailer) -> GreatCircleTimes:
    """Return the travel estimate that the retailer's policy describes."""
    names = ("circuity_pct", "near_speed_kmh", "far_speed_kmh", "near_distance_m")
    return GreatCircleTimes(**{name: retailer.policy_value(name) for name in names})


def _clock_sites(tables: dict[str, pl.DataFrame], sites: Places, doors: Places) -> Ints:
    """Return the site whose clock each order goes by: the place of collection, else the nearest site."""
    if not len(doors):
        return np.empty(0, dtype=np.int64)
    nearest = nearest_places(doors, sites, count=1)[:, 0]
    pickup = tables["orders"]["pickup_site_id"]
    come = np.flatnonzero((pickup != "").to_numpy())
    nearest[come] = index_of(pickup[come], tables["sites"]["site_id"], what="pickup_site_id")
    return nearest


def _regions(names: pl.Series) -> Ints:
    """Return the number of each site's region (S,), -1 where it has none."""
    number = np.unique(names.to_numpy(), return_inverse=True)[1]
    return np.where((names != "").to_numpy(), number, -1)


def _calendar(tables: dict[str, pl.DataFrame], placed_at: Ints, until: int) -> Calendar:
    zones, closed = tables["sites"]["time_zone"].to_list(), closed_days(tables)
    if not placed_at.size:
        return Calendar.spanning(zones, 0, 0, further_days=FURTHER_DAYS, closed=closed)
    latest = max(until, int(placed_at.max()), int(ints_or(tables["orders"]["window_end_at"], 0).max()))
    further = int(tables["service_levels"]["promise_days"].max() or 0) + FURTHER_DAYS  # type: ignore[arg-type]
    return Calendar.spanning(zones, int(placed_at.min()), latest, further_days=further, closed=closed)


def asked_of_orders(tables: dict[str, pl.DataFrame], vocabulary: Vocabulary) -> Ints:
    """Return what orders and their service levels require, goods left aside, (O,)."""
    orders, levels = tables["orders"], tables["service_levels"]
    level = index_of(orders["service_level_id"], levels["service_level_id"], what="service_level_id")
    return vocabulary.bits(orders["requirements"]) | vocabulary.bits(levels["requirements"])[level]


def flags_of_orders(lines: MergedLines, product_flags: Ints) -> Ints:
    """Return what the goods of each order require, (O,)."""
    flags = np.zeros(lines.start.size - 1, dtype=np.int64)
    order = np.repeat(np.arange(flags.size), np.diff(lines.start))
    np.bitwise_or.at(flags, order, product_flags[lines.product])
    return flags


def _with_stations(world: World) -> World:
    """Return the world with the sites nearest to each door that have vehicles."""
    fleet = world.modes.fleet
    with_vehicles = np.flatnonzero(np.diff(fleet.vehicle_start) > 0)
    rows = np.arange(world.orders)
    if not with_vehicles.size or not rows.size:
        none = np.full((rows.size, 1), -1, dtype=np.int64)
        return replace(world, stations=Reach(none, *(np.zeros_like(none) for _ in range(3))))
    near = with_vehicles[nearest_places(world.doors, world.sites.take(with_vehicles), count=NEAR_STATIONS)]
    if not isinstance(world.travel, GreatCircleTimes):
        world.reach(rows, np.concatenate([near, world.candidates], axis=1))  # asked for once, together
    return replace(world, stations=world.reach(rows, near))
