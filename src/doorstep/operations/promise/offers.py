"""Every option of a basket, worked out as intake would take it, with nothing written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from doorstep.domain.new_order import NewOrder
from doorstep.operations.caller import Caller
from doorstep.operations.intake.balances import Balances
from doorstep.operations.intake.draft import Draft, Intake, prepare
from doorstep.operations.intake.errors import NotEnoughStockError, OrderFaultsError
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.operations.intake.offered_slots import Slot, slots_near, work_of
from doorstep.operations.intake.prices import Asked, fees_of
from doorstep.operations.promise.arrivals import arrival_of
from doorstep.operations.promise.kept import MINUTE_S, door_hour, keeping_of
from doorstep.operations.promise.reach import reach_of
from doorstep.promising import Keeping
from doorstep.storage import Connection

MOST_PICKUPS = 5
"""Nearest sites at which a basket is tried for collection."""
Code = Literal["out_of_stock", "pickers_busy", "after_cutoff", "slot_full", "not_here", "no_way"]
"""Why an option cannot be had."""


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
        Requirements that nobody can keep.
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
    keeping = keeping_of(connection, caller.tenant_id, network, now=now)
    desk, memorable = _Desk(connection, caller, network, order, at), connection.memorable
    if at != now:  # windows of a minute to come are not worth keeping for others
        connection.memorable = False
    offered = [*desk.levels(), *desk.slots()]
    connection.memorable = memorable
    return _with_chances(offered, keeping, network, hour=door_hour(at, order.lon))


class _Desk:
    """One basket at one moment; balances are read once for all its options, and none counts for the others.

    Sites depend on where the basket goes, not on the service level: for the door, or a place of collection, they are
    chosen once, for the earliest end that they can keep.
    """

    def __init__(self, connection: Connection, caller: Caller, network: LiveNetwork, order: NewOrder, at: int) -> None:
        self._connection, self._caller, self._network = connection, caller, network
        self._order, self._at = order, at
        self._reach = reach_of(connection, caller.tenant_id, network)
        self._clock = network.near([(order.lat, order.lon)])[0].clock
        self._is_here: bool | None = None
        self._good: dict[str, Draft] = {}
        self._lacking: dict[str, Refusal] = {}
        self._balances = Balances(connection, caller.tenant_id, network, at)

    def levels(self) -> Iterator[Offered]:
        """Yield every service level: at the door, or at the nearest sites for collection."""
        network, order = self._network, self._order
        pickups = network.nearest(lat=order.lat, lon=order.lon, count=MOST_PICKUPS) if any(network.collected) else []
        tried = {
            level: [self._draft(replace(order, service_level_id=level, pickup_site_id=site))
                    for site in (pickups if network.collected[row] else [""])]
            for level, row in network.levels.items()
        }  # fmt: skip
        self._prepare([draft for drafts in tried.values() for draft in drafts])
        self._balances.read_ahead([draft for drafts in tried.values() for draft in drafts])
        refusals = {
            id(draft): self._weigh(draft) for draft in _by_end(draft for each in tried.values() for draft in each)
        }
        for drafts in tried.values():
            weighed = [(draft, refusals[id(draft)]) for draft in drafts]
            best, refusal = next((pair for pair in weighed if pair[1] is None), weighed[0])
            sites = _sites(best)
            if best.intake.order.pickup_site_id:
                sites = tuple(draft.intake.order.pickup_site_id for draft, refused in weighed if refused is None)
            yield self._offered(best, refusal, sites=sites, fee_minor=best.fee_minor, rule_id=best.rule_id)

    def slots(self) -> Iterator[Offered]:
        """Yield the slots of the zones that the place lies in, the earliest first."""
        network, order = self._network, self._order
        found = slots_near(
            self._connection, self._caller.tenant_id, order.postal_code, list(network.levels), now=self._at
        )
        drafts = [self._draft(self._in_slot(slot)) for slot in found]
        self._prepare(drafts)
        asked = [Asked(d.intake.order, slot.fee_minor, slot.load_pct) for d, slot in zip(drafts, found, strict=True)]
        for slot, draft, fee in zip(found, drafts, fees_of(network, asked), strict=True):
            refusal = self._slot_refusal(slot) or self._weigh(draft)
            yield self._offered(draft, refusal, slot=slot, sites=_sites(draft), fee_minor=fee.fee_minor,
                                rule_id=fee.rule_id)  # fmt: skip

    def _in_slot(self, slot: Slot) -> NewOrder:
        collected = self._network.collected[self._network.levels[slot.service_level_id]]
        return replace(
            self._order,
            service_level_id=slot.service_level_id,
            pickup_site_id=slot.site_id if collected else "",
            window=(slot.starts_at, slot.ends_at - 1),
        )

    def _draft(self, order: NewOrder) -> Draft:
        return Draft(Intake(caller=self._caller, order=order, now=self._at), "")

    def _prepare(self, drafts: Sequence[Draft]) -> None:
        prepare(self._connection, self._caller.tenant_id, self._network, drafts, self._at)
        for draft in drafts:
            if isinstance(draft.answer, OrderFaultsError):
                raise draft.answer

    def _slot_refusal(self, slot: Slot) -> Refusal | None:
        if slot.cutoff_at <= self._at:
            return Refusal(code="after_cutoff")
        needed = work_of(slot.unit, lines=len(self._order.lines), network=self._network)
        return Refusal(code="slot_full") if slot.free < needed else None

    def _weigh(self, draft: Draft) -> Refusal | None:
        """Give a draft its sites and pick hours, or return why it has none."""
        order, reach = draft.intake.order, self._reach
        if not order.pickup_site_id:
            words = reach.missing(draft.products, order.service_level_id)
            if words:
                return Refusal(code="no_way", words=words)
            if self._is_here is None:
                self._is_here = reach.is_here(self._network, draft.sites, lat=order.lat, lon=order.lon)
            if not self._is_here:
                return Refusal(code="not_here")
        twin = self._good.get(order.pickup_site_id)
        if twin is not None and twin.end_at <= draft.end_at:  # who is ready for an earlier end is ready for this one
            draft.pieces, draft.ready_at, draft.awaits = twin.pieces, twin.ready_at, twin.awaits
            return None
        lacking = self._lacking.get(order.pickup_site_id)
        if lacking is not None and (lacking.available_from or draft.end_at) >= draft.end_at:
            return lacking
        self._balances.weigh(draft)
        if not isinstance(draft.answer, NotEnoughStockError):
            self._good[order.pickup_site_id] = draft
            return None
        if not draft.answer.short:
            return Refusal(code="pickers_busy" if self._balances.has_hours(draft) else "after_cutoff")
        come_at = arrival_of(draft, self._balances.free_of(draft), self._balances.coming(draft))
        lacking = Refusal(code="out_of_stock", short=draft.answer.short, available_from=come_at)
        self._lacking[order.pickup_site_id] = lacking
        return lacking

    def _offered(
        self, draft: Draft, refusal: Refusal | None, *, sites: tuple[str, ...], fee_minor: int, rule_id: str,
        slot: Slot | None = None,
    ) -> Offered:  # fmt: skip
        order, splits = draft.intake.order, len(_sites(draft))
        home = slot.site_id if slot else order.pickup_site_id
        return Offered(
            service_level_id=order.service_level_id,
            start_at=draft.start_at,
            end_at=draft.end_at,
            fee_minor=fee_minor,
            rule_id=rule_id,
            clock=self._network.site_rows[home] if home else self._clock,
            slot=slot,
            sites=sites if refusal is None else (),
            splits=splits if refusal is None else 0,
            ready_at=draft.ready_at if refusal is None else None,
            awaits=max(draft.awaits.values(), default=None) if refusal is None else None,
            refusal=refusal,
        )


def _with_chances(offered: Sequence[Offered], keeping: Keeping, network: LiveNetwork, *, hour: int) -> list[Offered]:
    """Return options with the probability that each is kept; where readiness is not known, with that of no slack."""
    rows = [one for one in offered if one.refusal is None]
    slack = [(one.end_at - (one.end_at if one.ready_at is None else one.ready_at)) // MINUTE_S for one in rows]
    columns = ([network.levels[one.service_level_id] for one in rows], [max(one.splits, 1) for one in rows], slack)
    level, splits, slack_min = (np.array(column, dtype=np.int64) for column in columns)
    hours = np.full(len(rows), hour, dtype=np.int64)
    chances = iter(keeping.probability(level=level, splits=splits, slack_min=slack_min, hour=hours).tolist())
    return [replace(one, kept=next(chances)) if one.refusal is None else one for one in offered]


def _by_end(drafts: Iterable[Draft]) -> list[Draft]:
    return sorted(drafts, key=lambda draft: draft.end_at)


def _sites(draft: Draft) -> tuple[str, ...]:
    return tuple(dict.fromkeys(piece.site_id for piece in draft.pieces))
