"""Every option of a basket, worked out as intake would take it, with nothing written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, cast

import numpy as np

from doorstep.domain.new_order import NewOrder
from doorstep.operations.caller import Caller
from doorstep.operations.intake.balances import Balances
from doorstep.operations.intake.draft import Draft, Intake
from doorstep.operations.intake.errors import NoCompartmentError, NotEnoughStockError, OrderFaultsError
from doorstep.operations.intake.faults import basket_faults
from doorstep.operations.intake.network import LiveNetwork, live_network, windows_at
from doorstep.operations.intake.offered_slots import Slot, slots_near, work_of
from doorstep.operations.intake.prices import Asked, Fee, fees_of
from doorstep.operations.intake.stock_index import stock_index
from doorstep.operations.promise.arrivals import arrival_of
from doorstep.operations.promise.drones import DroneDesk
from doorstep.operations.promise.kept import MINUTE_S, door_hour, keeping_of
from doorstep.operations.promise.lanes import LaneDesk
from doorstep.operations.promise.reach import reach_of
from doorstep.promising import Keeping
from doorstep.storage import Connection

MOST_PICKUPS = 5
"""Nearest sites at which a basket is tried for collection."""
Code = Literal[
    "out_of_stock", "pickers_busy", "after_cutoff", "slot_full", "not_here", "no_way", "no_place", "no_compartment",
    "too_big", "members_only", "closed",
    "drone_too_heavy", "drone_too_big", "drone_no_landing", "drone_too_far", "drone_wind", "drone_rain",
    "drone_visibility", "drone_temperature", "drone_curfew", "drone_busy", "lane_late", "lane_full",
]  # fmt: skip
"""Why an option cannot be had."""
_AS_OPTION = {"window_cannot_be_met": "after_cutoff", "no_admissible_mode": "not_here"}
"""What planning calls a reason that options call otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an option cannot be had, and what is known about what would work.

    Parameters
    ----------
    short
        Line, product, units wanted and units free of each line that is short.
    available_from
        When all of it is expected to be in stock [epoch s], too late for the window.
    words
        Requirements that nobody can keep, or plans whose members can have it.
    """

    code: Code
    short: tuple[tuple[int, str, int, int], ...] = ()
    available_from: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An option: both ends of its window belong to it, ``clock`` is the row of the site by whose clock it goes.

    ``kept`` is the probability that the promise is kept, None where the option cannot be had; ``awaits`` is when the
    last units come that it waits for [epoch s], None if all are there.
    """

    service_level_id: str
    start_at: int
    end_at: int
    fee_minor: int
    rule_id: str
    clock: int
    discount_minor: int = 0
    slot: Slot | None = None
    sites: tuple[str, ...] = ()
    splits: int = 0
    ready_at: int | None = None
    awaits: int | None = None
    kept: float | None = None
    refusal: Refusal | None = None


def offers_for(connection: Connection, caller: Caller, order: NewOrder, *, at: int, now: int) -> list[Offered]:
    """Return every service level and every slot near the place for a basket, in the order of the retailer's table.

    Parameters
    ----------
    order
        The basket and its door, of any service level.
    at
        When it would be placed [epoch s].

    Raises
    ------
    OrderFaultsError
        If the basket itself cannot be right.
    """
    network = live_network(connection, caller.tenant_id)
    if not network.site_ids:
        return []
    faults = basket_faults(order, network)
    if faults:
        raise OrderFaultsError(tuple(faults))
    keeping = keeping_of(connection, caller.tenant_id, network, now=now)
    desk, memorable = _Desk(connection, caller, network, order, at), connection.memorable
    if at != now:  # windows of a minute to come are not worth keeping for others
        connection.memorable = False
    weighed = [*desk.levels(), *desk.slots()]
    connection.memorable = memorable
    asked = [Asked(order, one.wish.service_level_id, one.wish.own_fee_minor, one.wish.load_pct) for one in weighed]
    kept = _chances(weighed, keeping, network, hour=door_hour(at, order.lon))
    return [desk.offered(*one) for one in zip(weighed, fees_of(network, asked), kept, strict=True)]


@dataclass(frozen=True, slots=True)
class _Wish:
    """A window at the door, or at the site where it is collected, before anybody knows whether it can be had."""

    service_level_id: str
    pickup_site_id: str
    start_at: int
    end_at: int
    own_fee_minor: int
    slot: Slot | None = None

    @property
    def load_pct(self) -> int:
        return self.slot.load_pct if self.slot else 0


@dataclass(frozen=True, slots=True)
class _Way:
    """Sites that can have a basket ready by an end, when they will, and when the last units come that they wait for."""

    end_at: int
    sites: tuple[str, ...]
    ready_at: int | None
    awaits: int | None


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A wish with the way to keep it, or why there is none."""

    wish: _Wish
    found: _Way | Refusal
    sites: tuple[str, ...] = ()


class _Desk:
    """One basket at one moment; balances are read once for all its options, and none counts for the others.

    Sites depend on where the basket goes, not on the service level: for the door, or a place of collection, they are
    chosen once, for the earliest end that they can keep.
    """

    def __init__(self, connection: Connection, caller: Caller, network: LiveNetwork, order: NewOrder, at: int) -> None:
        self._connection, self._caller, self._network = connection, caller, network
        self._order, self._at = order, at
        self._reach = reach_of(connection, caller.tenant_id, network)
        (self._near,) = network.near([(order.lat, order.lon)])
        self._products = {line.product_id for line in order.lines}
        self._is_here: bool | None = None
        self._flies = bool(network.tables["drones"].height)
        self._intakes: dict[str, Intake] = {}
        self._good: dict[str, _Way] = {}
        self._lacking: dict[str, Refusal] = {}
        self._lane_desks: dict[tuple[str, ...], LaneDesk] = {}
        index = stock_index(connection, caller.tenant_id, network)
        self._balances = Balances(connection, caller.tenant_id, network, at, index=index)

    def levels(self) -> Iterator[_Weighed]:
        """Yield every service level: at the door, or at the nearest sites for collection."""
        network = self._network
        places = self._places()
        pickups = list(dict.fromkeys(site for sites in places.values() for site in sites))
        windows = windows_at(self._connection, self._caller.tenant_id, network, self._at)
        clocks = [self._near.clock, *(network.site_rows[site] for site in pickups)]
        starts, ends = windows.start_at[:, clocks].tolist(), windows.end_at[:, clocks].tolist()
        column = {home: n for n, home in enumerate(("", *pickups))}
        tried = []
        for level, row in network.levels.items():
            homes = places[network.methods[row]] if network.collected[row] else [""]
            times = [(home, starts[row][column[home]], ends[row][column[home]]) for home in homes or [""]]
            tried.append([_Wish(level, *each, network.fee_minor[row]) for each in times])
        self._balances.read_ahead([self._draft(home) for home in ("", *pickups)])
        by_end = sorted((wish for wishes in tried for wish in wishes), key=lambda wish: wish.end_at)
        found = {id(wish): self._weigh(wish) for wish in by_end}
        for wishes in tried:
            weighed = [(wish, found[id(wish)]) for wish in wishes]
            best, way = next((pair for pair in weighed if isinstance(pair[1], _Way)), weighed[0])
            if best.pickup_site_id:
                yield _Weighed(best, way, tuple(wish.pickup_site_id for wish, way in weighed if isinstance(way, _Way)))
            else:
                yield _Weighed(best, way, way.sites if isinstance(way, _Way) else ())

    def _places(self) -> dict[str, list[str]]:
        """Return the sites at which orders of each method may be collected, nearest first."""
        network, order = self._network, self._order
        methods = {method for method, come in zip(network.methods, network.collected, strict=True) if come}
        return {m: network.nearest(m, lat=order.lat, lon=order.lon, count=MOST_PICKUPS) for m in sorted(methods)}

    def slots(self) -> Iterator[_Weighed]:
        """Yield the slots of the zones that the place lies in, the earliest first."""
        network, levels = self._network, self._network.levels
        found = slots_near(
            self._connection, self._caller.tenant_id, self._order.postal_code, list(levels), now=self._at
        )
        for slot in found:
            home = slot.site_id if network.collected[levels[slot.service_level_id]] else ""
            wish = _Wish(slot.service_level_id, home, slot.starts_at, slot.ends_at - 1, slot.fee_minor, slot)
            way = self._slot_refusal(slot) or self._weigh(wish)
            yield _Weighed(wish, way, way.sites if isinstance(way, _Way) else ())

    def offered(self, weighed: _Weighed, fee: Fee, kept: float | None) -> Offered:
        """Return a wish as it is offered, for a fee."""
        wish, way = weighed.wish, weighed.found
        home = wish.slot.site_id if wish.slot else wish.pickup_site_id
        return Offered(
            service_level_id=wish.service_level_id,
            start_at=wish.start_at,
            end_at=wish.end_at,
            fee_minor=fee.fee_minor,
            rule_id=fee.rule_id,
            discount_minor=fee.discount_minor,
            clock=self._network.site_rows[home] if home else self._near.clock,
            slot=wish.slot,
            sites=weighed.sites,
            splits=len(way.sites) if isinstance(way, _Way) else 0,
            ready_at=way.ready_at if isinstance(way, _Way) else None,
            awaits=way.awaits if isinstance(way, _Way) else None,
            kept=kept,
            refusal=way if isinstance(way, Refusal) else None,
        )

    def _draft(self, home: str, end_at: int = 0) -> Draft:
        if home not in self._intakes:
            order = replace(self._order, pickup_site_id=home)
            self._intakes[home] = Intake(caller=self._caller, order=order, now=self._at)
        serving = self._network.serving(self._near, home)
        return Draft(self._intakes[home], "", end_at=end_at, first_sites=serving.first, sites=serving.sites)

    def _slot_refusal(self, slot: Slot) -> Refusal | None:
        if slot.cutoff_at <= self._at:
            return Refusal(code="after_cutoff")
        if self._network.is_closed(self._network.site_rows.get(slot.site_id, self._near.clock), slot.starts_at):
            return Refusal(code="closed")
        needed = work_of(slot, self._order, self._network)
        kept = self._network.kept_of_slot(slot.capacity, self._order.membership)
        return Refusal(code="slot_full") if slot.free - kept < needed else None

    def _weigh(self, wish: _Wish) -> _Way | Refusal:
        """Return the sites and pick hours of a wish, or why it has none."""
        home, plans = wish.pickup_site_id, self._network.members_only.get(wish.service_level_id, ())
        if plans and self._order.membership not in plans:
            return Refusal(code="members_only", words=" or ".join(plans))
        if not home and self._network.collected[self._network.levels[wish.service_level_id]]:
            return Refusal(code="no_place")
        refusal = None if home else self._out_of_reach(wish.service_level_id)
        if refusal is not None:
            return refusal
        words = None if home or not self._flies else self._reach.only_drones(
            self._products, wish.service_level_id, self._network.door.requirements(self._order)
        )  # fmt: skip
        if words is not None:
            return self._by_drones(wish, words)
        return self._hauled(wish, self._by_others(wish, () if home or self._is_here else self._senders()))

    def _hauled(self, wish: _Wish, way: _Way | Refusal) -> _Way | Refusal:
        """Return a way if lanes bring in time what does not go straight to the door or place of collection."""
        home, order = wish.pickup_site_id, self._order
        if isinstance(way, Refusal) or not self._network.lanes_to:
            return way
        astray = [site for site in way.sites if not self._goes(site, home, order.lat, order.lon)]
        stations = (home,) if home else self._stations if astray else ()
        hauled = [s for s in astray if any(s in self._network.lanes_to.get(to, ()) for to in stations)]
        if not hauled:
            return way
        if stations not in self._lane_desks:
            tenant_id = self._caller.tenant_id
            self._lane_desks[stations] = LaneDesk(
                self._connection, tenant_id, self._network, stations, self._goes, self._at
            )
        why = self._lane_desks[stations].refusal(order, hauled, ready_at=way.ready_at or self._at, end_at=wish.end_at)
        return Refusal(code=cast("Code", why)) if why else way

    @cached_property
    def _stations(self) -> tuple[str, ...]:
        """The ends of lanes from which somebody goes to the door."""
        order = self._order
        return tuple(to for to in self._network.lanes_to if self._goes(to, "", order.lat, order.lon))

    def _senders(self) -> tuple[str, ...]:
        """Return the sites near the door whose lanes lead there."""
        senders = {site for to in self._stations for site in self._network.lanes_to[to]}
        return tuple(site for site in self._near.sites if site in senders)

    def _goes(self, site: str, pickup_site_id: str, lat: float, lon: float) -> bool:
        """Return whether what lies at a site needs no lane to a place of collection or door."""
        if pickup_site_id:
            return pickup_site_id == site
        return self._reach.is_here(self._network, [site], lat=lat, lon=lon)

    def _by_drones(self, wish: _Wish, words: frozenset[str]) -> _Way | Refusal:
        """Return the sites whose drones keep a wish, or why none do."""
        drones = DroneDesk(self._connection, self._caller.tenant_id, self._network, self._order, self._at)
        sites, why = drones.sites(lambda skills: words <= skills, self._near.sites)
        if not sites:
            return Refusal(code=cast("Code", why))
        way = self._by_others(wish, sites)
        if isinstance(way, Refusal):
            return way
        times = {"ready_at": way.ready_at or self._at, "start_at": wish.start_at, "end_at": wish.end_at}
        why = drones.refusal(way.sites, **times)
        return Refusal(code=cast("Code", _AS_OPTION.get(why, why))) if why else way

    def _by_others(self, wish: _Wish, sites: tuple[str, ...] = ()) -> _Way | Refusal:
        """Return the way to have a wish picked in time, at these sites only if any are given."""
        home = f"{wish.pickup_site_id} {';'.join(sites)}"
        way = self._good.get(home)
        if way is not None and way.end_at <= wish.end_at:  # who is ready for an earlier end is ready for this one
            return way
        lacking = self._lacking.get(home)
        if lacking is not None and (lacking.available_from or wish.end_at) >= wish.end_at:
            return lacking
        draft = self._draft(wish.pickup_site_id, wish.end_at)
        draft = replace(draft, first_sites=sites[:1], sites=sites) if sites else draft
        self._balances.weigh(draft)
        if isinstance(draft.answer, NoCompartmentError):
            return Refusal(code="too_big" if draft.answer.too_big else "no_compartment")
        if not isinstance(draft.answer, NotEnoughStockError):
            awaits = max(draft.awaits.values(), default=None)
            way = self._good[home] = _Way(wish.end_at, _sites(draft), draft.ready_at, awaits)
            return way
        if not draft.answer.short:
            return Refusal(code="pickers_busy" if self._balances.has_hours(draft) else "after_cutoff")
        come_at = arrival_of(draft, self._balances.free_of(draft), self._balances.coming(draft))
        lacking = self._lacking[home] = Refusal(code="out_of_stock", short=draft.answer.short, available_from=come_at)
        return lacking

    def _out_of_reach(self, level: str) -> Refusal | None:
        words = self._reach.missing(self._products, level, self._network.door.requirements(self._order))
        if words:
            return Refusal(code="no_way", words=words)
        if self._is_here is None:
            order, sites = self._order, self._near.sites
            self._is_here = self._reach.is_here(self._network, sites, lat=order.lat, lon=order.lon)
        return None if self._is_here or self._senders() else Refusal(code="not_here")


def _chances(
    weighed: Sequence[_Weighed], keeping: Keeping, network: LiveNetwork, *, hour: int
) -> Iterator[float | None]:
    """Yield the probability that each wish is kept, None without a way; if readiness is not known, that of no slack."""
    good = [(one.wish, one.found) for one in weighed if isinstance(one.found, _Way)]
    slack = [0 if way.ready_at is None else (wish.end_at - way.ready_at) // MINUTE_S for wish, way in good]
    columns = (
        [network.levels[wish.service_level_id] for wish, _ in good], [max(len(way.sites), 1) for _, way in good], slack
    )  # fmt: skip
    level, splits, slack_min = (np.array(column, dtype=np.int64) for column in columns)
    hours = np.full(len(good), hour, dtype=np.int64)
    chances = iter(keeping.probability(level=level, splits=splits, slack_min=slack_min, hour=hours).tolist())
    return (next(chances) if isinstance(one.found, _Way) else None for one in weighed)


def _sites(draft: Draft) -> tuple[str, ...]:
    return tuple(dict.fromkeys(piece.site_id for piece in draft.pieces))
