"""The retailer's network as intake needs it: built once for each version of the reference tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from doorstep.domain.calendar import Calendar
from doorstep.domain.closed_days import closed_days, closed_everywhere
from doorstep.domain.recurrence import local_day
from doorstep.domain.requirements import NETWORK_COLUMNS, words_of
from doorstep.domain.tables import COLLECTED, COLLECTED_AT
from doorstep.domain.tables.demand import is_collected_at
from doorstep.domain.tables.places import HANDING_OUT
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints, ints_or
from doorstep.geography import Places, cell_of, great_circle_m, nearest_places
from doorstep.geography.cells import centres_of
from doorstep.geography.nearest import PlaceTree
from doorstep.operations.intake.extras import AtTheDoor, at_the_door
from doorstep.order_routing.candidates import CandidateIndex
from doorstep.promising import PriceRules, promised_windows
from doorstep.promising.membership import Plan, kept_for_members, opened_by, plans_of
from doorstep.storage import Connection
from doorstep.storage.ledger import Place
from doorstep.storage.retailers import load_reference, reference_version
from doorstep.storage.schema.ledger import COMPARTMENT
from doorstep.warehouse import PreparationClock
from doorstep.warehouse.compartments import Sides

FURTHER_DAYS = 5
HOUR_S, MINUTE_S = 3600, 60
MOST_HOURS = 48
"""Hours ahead in which picking is planned at intake."""
UNLIMITED = -1
FIRST_SITES = 4
MOST_CELLS = 500_000


class Near(NamedTuple):
    """The row of the site whose clock a door goes by, and sites, nearest first: those to look at first, and all."""

    clock: int
    first: tuple[str, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompartmentSize:
    """A row of compartments: their inner sides, the longest first [mm], and how many of them there are."""

    compartment_id: str
    site_id: str
    sides: Sides
    count: int

    @property
    def place(self) -> Place:
        """Where the ledger counts them."""
        return Place(COMPARTMENT, self.site_id, self.compartment_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveNetwork:
    """Sites, service levels and goods of one tenant.

    ``closed`` (S,) are the days on which sites are closed, YYYY-MM-DD; ``pick_lines_per_day`` (S,) is -1 without
    limit; ``words`` are the requirements and skills of anything that the tenant has; ``handing_out`` are the sites
    for each kind that ``COLLECTED_AT`` names, those of all other kinds stand under an empty name; ``compartments``
    are by id; ``price_minor`` and ``margin_minor`` are those of a unit of each product, ``door`` says the time at
    doors; ``members_only`` are the plans that open each level that is not for all, ``slots_for_members_pct`` the last
    share of a slot that is kept for members [%]; ``seen`` keeps the sites near demand cells seen before.
    """

    version: int
    tables: dict[str, pl.DataFrame]
    places: Places
    handing_out: dict[str, tuple[tuple[str, ...], PlaceTree]] = field(repr=False)
    kinds: tuple[str, ...]
    compartments: dict[str, CompartmentSize]
    candidates: CandidateIndex = field(repr=False)
    site_ids: tuple[str, ...]
    site_rows: dict[str, int]
    levels: dict[str, int]
    collected: tuple[bool, ...]
    fee_minor: tuple[int, ...]
    products: frozenset[str]
    methods: tuple[str, ...]
    cutoffs: tuple[str, ...]
    time_zones: tuple[str, ...]
    next_day_cutoffs: tuple[str, ...]
    price_minor: dict[str, int]
    margin_minor: dict[str, int]
    rules: PriceRules
    plans: dict[str, Plan]
    members_only: dict[str, tuple[str, ...]]
    slots_for_members_pct: int
    door: AtTheDoor
    words: frozenset[str]
    closed: tuple[frozenset[str], ...]
    closed_everywhere: frozenset[str]
    pick_lines_per_day: Ints
    lanes_to: dict[str, tuple[str, ...]]
    centres: frozenset[str]
    seen: dict[int, Near] = field(default_factory=dict, repr=False)

    def cutoff(self, service_level_id: str, site: int) -> str:
        """Return until when an order may be placed that goes by the clock of a site, local HH:MM."""
        row = self.levels[service_level_id]
        later = self.tables["service_levels"]["promise_days"][row] > 0
        return max(self.cutoffs[row], self.next_day_cutoffs[site]) if later else self.cutoffs[row]

    def is_closed(self, site: int, moment: int) -> bool:
        """Return whether a site is closed on the day on which a moment [epoch s] lies there."""
        return bool(self.closed[site]) and local_day(self.time_zones[site], moment) in self.closed[site]

    def closed_for(self, pickup_site_id: str) -> frozenset[str]:
        """Return the days on which nothing can be collected at a site, or, for doors, on which every site is closed."""
        site = self.site_rows.get(pickup_site_id)
        return self.closed_everywhere if site is None else self.closed[site]

    def kept_of_slot(self, capacity: int, membership: str) -> int:
        """Return how much of a slot somebody with a membership, empty for none, may not book."""
        plan = self.plans.get(membership)
        return 0 if plan and plan.has_slot_priority else kept_for_members(capacity, self.slots_for_members_pct)

    def near(self, doors: Sequence[tuple[float, float]]) -> list[Near]:
        """Return the sites that may serve each door, given as latitude and longitude: those of its cell's centre."""
        cells = [cell_of(lat=lat, lon=lon) for lat, lon in doors]
        fresh = list(dict.fromkeys(cell for cell in cells if cell not in self.seen))
        if fresh:
            if len(self.seen) > MOST_CELLS:
                self.seen.clear()
            self._learn(fresh)
        return [self.seen[cell] for cell in cells]

    def _learn(self, cells: Sequence[int]) -> None:
        if not self.site_ids:
            raise InputError("no site can serve this door: there is none.")
        centres = centres_of(cells)
        rows = self.candidates.near(centres)
        metres = great_circle_m(
            lat_a=centres.lat[:, None],
            lon_a=centres.lon[:, None],
            lat_b=self.places.lat[rows],
            lon_b=self.places.lon[rows],
        )
        rows = np.take_along_axis(rows, np.argsort(metres, axis=1, kind="stable"), axis=1)
        for cell, near in zip(cells, rows.tolist(), strict=True):
            sites = tuple(self.site_ids[site] for site in near)
            centre = next((site for site in sites if site in self.centres), sites[0])
            self.seen[cell] = Near(near[0], tuple(dict.fromkeys((*sites[:FIRST_SITES], centre))), sites)

    def serving(self, near: Near, pickup_site_id: str) -> Near:
        """Return the sites that may serve an order to a door, or one that is collected at a site."""
        if not pickup_site_id:
            return near
        sites = (pickup_site_id, *self.lanes_to.get(pickup_site_id, ()))
        return Near(self.site_rows[pickup_site_id], sites[:1], sites)

    def nearest(self, method: str, *, lat: float, lon: float, count: int) -> list[str]:
        """Return the sites nearest to a door at which orders of a method are collected, nearest first."""
        if COLLECTED_AT.get(method, "") not in self.handing_out:
            return []
        sites, tree = self.handing_out[COLLECTED_AT.get(method, "")]
        door = Places(lat=np.array([lat]), lon=np.array([lon]))
        return [sites[row] for row in tree.nearest(door, count=count)[0].tolist()]

    def hands_out(self, site_id: str, level: int) -> bool:
        """Return whether orders of a service level are collected at a site."""
        return is_collected_at(self.kinds[self.site_rows[site_id]], self.methods[level])

    def compartments_at(self, site_id: str) -> list[CompartmentSize] | None:
        """Return the compartments of a site, None where parcels need none: at counters, and shelves without any."""
        found = [size for size in self.compartments.values() if size.site_id == site_id]
        return found if found or self.kinds[self.site_rows[site_id]] == "locker_bank" else None

    def by_distance(self, sites: Iterable[str], *, lat: float, lon: float) -> list[str]:
        """Return sites, the nearest to a door first."""
        rows = np.array(sorted(self.site_rows[site] for site in sites), dtype=np.int64)
        if not rows.size:
            return []
        door = Places(lat=np.array([lat]), lon=np.array([lon]))
        return [self.site_ids[row] for row in rows[nearest_places(door, self.places.take(rows), count=rows.size)[0]]]


def live_network(connection: Connection, tenant_id: str) -> LiveNetwork:
    """Return the tenant's network as of now."""
    version = reference_version(connection, tenant_id)
    return connection.memo(("network", tenant_id, version), lambda: _build(connection, tenant_id, version))


def _build(connection: Connection, tenant_id: str, version: int) -> LiveNetwork:
    tables = load_reference(connection, tenant_id)
    sites, levels = tables["sites"], tables["service_levels"]
    plans = plans_of(tables["membership_plans"])
    site_ids, places = tuple(sites["site_id"].to_list()), Places.from_table(sites)
    kinds = tuple(sites["kind"].cast(pl.String).to_list())
    return LiveNetwork(
        version=version,
        tables=tables,
        places=places,
        handing_out=_handing_out(kinds, site_ids, places),
        kinds=kinds,
        compartments=_compartments(tables["compartments"]),
        candidates=CandidateIndex(sites),
        site_ids=site_ids,
        site_rows={site: row for row, site in enumerate(site_ids)},
        levels={level: row for row, level in enumerate(levels["service_level_id"].to_list())},
        collected=tuple(method in COLLECTED for method in levels["method"].cast(pl.String).to_list()),
        fee_minor=tuple(levels["fee_minor"].to_list()),
        products=frozenset(tables["products"]["product_id"].to_list()),
        methods=tuple(levels["method"].cast(pl.String).to_list()),
        cutoffs=tuple(levels["cutoff"].to_list()),
        time_zones=tuple(sites["time_zone"].to_list()),
        next_day_cutoffs=tuple(sites["next_day_cutoff"].to_list()),
        margin_minor=dict(tables["products"].select("product_id", "margin_minor").iter_rows()),
        price_minor=dict(tables["products"].select("product_id", "price_minor").iter_rows()),
        rules=PriceRules.from_tables(tables["price_rules"], levels),
        plans=plans,
        members_only=opened_by(plans.values()),
        slots_for_members_pct=int(tables["policy"]["slots_for_members_pct"][0]),
        door=at_the_door(tables["extras"], levels, usual_s=int(tables["policy"]["door_service_s"][0])),
        words=frozenset(
            word
            for table, column in NETWORK_COLUMNS.items()
            for tags in tables[table][column].unique()
            for word in words_of(tags)
        ),
        closed=closed_days(tables),
        closed_everywhere=closed_everywhere(closed_days(tables)),
        pick_lines_per_day=ints_or(sites["pick_lines_per_day"], UNLIMITED),
        centres=frozenset(sites.filter(pl.col("kind").cast(pl.String) == "fc")["site_id"].to_list()),
        lanes_to={
            to: tuple(tables["lanes"].filter(pl.col("to_site_id") == to)["from_site_id"].to_list())
            for to in tables["lanes"]["to_site_id"].unique().to_list()
        },
    )


def _handing_out(
    kinds: Sequence[str], site_ids: Sequence[str], places: Places
) -> dict[str, tuple[tuple[str, ...], PlaceTree]]:
    groups: dict[str, list[int]] = {}
    for row, kind in enumerate(kinds):
        groups.setdefault(kind if kind in HANDING_OUT else "", []).append(row)
    return {
        kind: (tuple(site_ids[row] for row in rows), PlaceTree(places.take(np.array(rows))))
        for kind, rows in groups.items()
    }


def _compartments(table: pl.DataFrame) -> dict[str, CompartmentSize]:
    found = {}
    for name, site_id, *sides, count in table.iter_rows():
        longest, middle, shortest = sorted(sides, reverse=True)
        found[name] = CompartmentSize(
            compartment_id=name, site_id=site_id, sides=(longest, middle, shortest), count=count
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Windows promised to orders of one minute: (L, S) [epoch s], both ends belong to them."""

    start_at: Ints
    end_at: Ints


def windows_at(connection: Connection, tenant_id: str, network: LiveNetwork, now: int) -> Windows:
    """Return the window that each service level promises now, by the clock of each site."""
    moment = now if now % 60 == 0 else now - now % 60 + 59  # cut-offs are whole minutes: all of one minute are alike
    key = ("windows", tenant_id, network.version, moment)
    return connection.memo(key, lambda: _windows(network, moment))


def _windows(network: LiveNetwork, now: int) -> Windows:
    levels = network.tables["service_levels"]
    clocks = list(zip(network.time_zones, network.next_day_cutoffs, network.closed, strict=True))
    row_of = {clock: row for row, clock in enumerate(dict.fromkeys(clocks))}
    further = int(levels["promise_days"].max() or 0) + FURTHER_DAYS  # type: ignore[arg-type]
    zones, closed = [zone for zone, _, _ in row_of], [days for _, _, days in row_of]
    calendar = Calendar.spanning(zones, now, now, further_days=further, closed=closed)
    names = levels["service_level_id"].to_list()
    asked = pl.DataFrame(
        {
            "service_level_id": [name for name in names for _ in row_of],
            "placed_at": [now] * (len(names) * len(row_of)),
        }
    ).with_columns(window_start_at=pl.lit(None, pl.Int64), window_end_at=pl.lit(None, pl.Int64))
    clock = np.tile(np.arange(len(row_of)), len(names))
    later = [cutoff for _, cutoff, _ in row_of]
    plan = promised_windows(asked, levels, calendar, clock, next_day_cutoff=later)
    column = np.array([row_of[clock] for clock in clocks], dtype=np.int64)
    shape = (len(names), len(row_of))
    return Windows(
        start_at=plan.start_at.reshape(shape)[:, column],
        end_at=plan.end_at.reshape(shape)[:, column],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PickHours:
    """Working hours of all sites on the next days, from which the hours of picking are drawn."""

    clock: PreparationClock
    lines_per_day: Ints
    from_hour: int
    open_hours: Ints = field(init=False)
    found: dict[int, list[tuple[int, int, int, int, int]]] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        seconds = (self.clock.closes_at - self.clock.opens_at).max(axis=1)
        object.__setattr__(self, "open_hours", np.maximum(-(-seconds // HOUR_S), 1))

    def capacity(self, site: int) -> int:
        """Return the order lines that a site can pick in an hour."""
        return int(-(-self.lines_per_day[site] // self.open_hours[site]))

    def of(self, site: int, *, now: int) -> list[tuple[int, int]]:
        """Return the hours in which an order placed now can be picked at a site, each with when it is ready then.

        Hours go by their first second. An order is ready ``preparation_s`` after the start of its hour, before the site
        closes; one placed after the site's cut-off is picked on another day.
        """
        if site not in self.found:
            self.found[site] = self._all(site)
        work = int(self.clock.preparation_s[site])
        hours = []
        for start, ready, opens, cutoff, closes in self.found[site]:
            if opens <= now and now > cutoff:
                continue
            if now > start:
                ready = now + work
            if ready <= closes:
                hours.append((start, ready))
        return hours

    def after(self, site: int, moment: int, *, now: int) -> list[tuple[int, int]]:
        """Return the hours as ``of`` does, for units that come to a site at a moment [epoch s]."""
        if moment <= now:
            return self.of(site, now=now)
        return [(hour, ready_at) for hour, ready_at in self.of(site, now=moment) if hour + HOUR_S > moment]

    def _all(self, site: int) -> list[tuple[int, int, int, int, int]]:
        clock, work = self.clock, int(self.clock.preparation_s[site])
        rows = []
        for opens, closes, cutoff in zip(
            clock.opens_at[site].tolist(), clock.closes_at[site].tolist(), clock.cutoff_at[site].tolist(), strict=True
        ):
            start = max(opens, self.from_hour)
            rows += [(h, h + work, opens, cutoff, closes) for h in range(start, closes, HOUR_S)]
        return rows[:MOST_HOURS]


def pick_hours(connection: Connection, tenant_id: str, network: LiveNetwork, now: int) -> PickHours:
    """Return the working hours from the present hour on."""
    hour = now - now % HOUR_S

    def build() -> PickHours:
        sites = network.tables["sites"]
        calendar = Calendar.spanning(network.time_zones, hour, hour, further_days=FURTHER_DAYS, closed=network.closed)
        return PickHours(
            clock=PreparationClock.from_tables(sites, calendar),
            lines_per_day=network.pick_lines_per_day,
            from_hour=hour,
        )

    return connection.memo(("hours", tenant_id, network.version, hour), build)
