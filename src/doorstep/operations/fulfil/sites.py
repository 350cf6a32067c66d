"""Sites for orders: decided together, reserved order by order, each order's shipments created with it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import update

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import ConflictError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.deciding import WAITING, Choice, OpenCase, OpenOrder, decide, load_case
from doorstep.operations.fulfil.explain import keep_decision
from doorstep.operations.fulfil.fit import Fit, fit_reservations, lines_by_site
from doorstep.operations.fulfil.hours import PickBook
from doorstep.operations.fulfil.parts import LEFT, Parts, ShipmentNow, holdings_of, lock_orders, parts_of
from doorstep.operations.fulfil.settle import settle_order
from doorstep.operations.replanning import replan_soon
from doorstep.operations.stations.expecting import withdraw_units
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Holding, Place, Want
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.ledger import PICK, STOCK
from doorstep.storage.writer import is_fatal

ROUNDS = 4
"""Times an order may be decided because the pickers of the sites chosen are busy."""
STORING_FAILS = "storing_fails"
_log = logging.getLogger(__name__)
REOPTIMISED = "reoptimised"
"""Why an order was rerouted that had sites already."""
FASTER, BUSY, LACKS = "another_was_faster", "pickers_busy", "units_not_free"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedOrder:
    """What became of an order: allocated, backordered, or left as it was for the next time, and why."""

    order_id: str
    state: str
    sites: tuple[str, ...] = ()
    reason: str = ""


def route_orders(
    connection: Connection, caller: Caller, order_ids: Sequence[str] | None = None, *, now: int, limit: int = 500
) -> list[RoutedOrder]:
    """Give orders that look for sites their sites, stock, pick hours and shipments, and return what became of each.

    An order that nobody can serve waits as backordered and holds nothing. One whose stock another writer took meanwhile
    is left for the next run.

    Parameters
    ----------
    order_ids
        None: all that look for sites, up to ``limit``; others of these ids are passed over.
    """
    case = load_case(connection, caller.tenant_id, order_ids, now=now, limit=limit)
    return store_sites(connection, caller, case, decide(case), now=now)


def store_sites(
    connection: Connection, caller: Caller, case: OpenCase, choices: Mapping[str, Choice], *, now: int
) -> list[RoutedOrder]:
    """Reserve and store what was decided for each order of a case; busy ones are decided again without those sites."""
    stored: dict[str, RoutedOrder] = {}
    full: set[str] = set()
    waiting = list(case.orders)
    for _ in range(ROUNDS):
        round_ = Round(connection, caller, waiting, now)
        stored |= round_.settle_all([(case.orders[order_id], choices[order_id]) for order_id in waiting])
        waiting = [order_id for order_id in waiting if stored[order_id].reason == BUSY]
        full |= {site for order_id in waiting for site in stored[order_id].sites}
        if not waiting:
            break
        choices = decide(case.only(waiting, full=full))
    return [stored[order_id] for order_id in case.orders]


class _Move(NamedTuple):
    """How an order's reservations change, and how many lines each site picks then."""

    fit: Fit
    lines_at: dict[str, int]
    ending: list[Holding]
    wants: list[Want]


class _LeftError(Exception):
    """The order stays as it is; never leaves this module."""

    def __init__(self, reason: str, sites: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sites = tuple(sites)


def is_unreleased(parts: Parts) -> bool:
    """Return whether an order has shipments, all of them neither being picked nor given to a route or carrier."""
    here = parts.shipments
    return bool(here) and all(s.state == "planned" and s.delivery_id is None for s in here)


class Round:
    """Orders locked with what they hold, settled one by one."""

    def __init__(self, connection: Connection, caller: Caller, order_ids: Sequence[str], now: int) -> None:
        self.connection, self.caller, self.now = connection, caller, now
        self.orders = lock_orders(connection, caller, order_ids)
        self.parts = parts_of(connection, order_ids)
        self.held = holdings_of(connection, order_ids)
        self.hours = PickBook(connection, caller.tenant_id, now=now)

    def settle_all(self, decided: Sequence[tuple[OpenOrder, Choice]]) -> dict[str, RoutedOrder]:
        """Store choices one by one; those that wait for one another's units are stored together.

        They were decided together, each with what the others hold: so one may have to move before another can.
        """
        found: dict[str, RoutedOrder] = {}
        pending = list(decided)
        while pending:
            found |= {order.order_id: self._settle(order, choice) for order, choice in pending}
            blocked = [pair for pair in pending if found[pair[0].order_id].reason == LACKS]
            if len(blocked) == len(pending):
                break
            pending = blocked
        if len(pending) > 1 and self._settled_together(pending):
            found |= {order.order_id: self._outcome(order, choice) for order, choice in pending}
        return {o: replace(r, reason=FASTER) if r.reason == LACKS else r for o, r in found.items()}

    def _settle(self, order: OpenOrder, choice: Choice) -> RoutedOrder:
        """Store a choice whole, or leave the order as it is."""
        try:
            self._check_as_read(order)
            with self.connection.savepoint():
                if choice.reason:
                    return self._refuse(order, choice)
                move = self._planned(order, choice)
                self._move(move.ending, move.wants)
                self._store(order, choice, move)
                return self._outcome(order, choice)
        except _LeftError as left:
            return RoutedOrder(order_id=order.order_id, state="left", sites=left.sites, reason=left.reason)
        except Exception as fault:
            if is_fatal(fault):
                raise
            return self._stop(order, fault)

    def _stop(self, order: OpenOrder, fault: Exception) -> RoutedOrder:
        """Put an order on hold whose choice cannot be stored, whatever the reason: the others must not wait for it."""
        _log.error("order %s is on hold: what was decided on it cannot be stored", order.order_id, exc_info=fault)
        advance(self.connection, self.caller, "order", order.order_id, "hold", now=self.now, reason=STORING_FAILS)
        return RoutedOrder(order_id=order.order_id, state="on_hold", reason=STORING_FAILS)

    def move_together(self, decided: Sequence[tuple[OpenOrder, Choice]], gains_minor: Sequence[int]) -> bool:
        """Move allocated orders that nobody has begun to pick to other sites, all or none; return whether they moved.

        An order that changed since it was read, lies on a route or is being picked stays, and the others with it.
        """
        try:
            with self.connection.savepoint():
                for (order, _), gain_minor in zip(decided, gains_minor, strict=True):
                    self._check_waits(order)
                    advance(self.connection, self.caller, "order", order.order_id, "reroute", now=self.now,
                            reason=REOPTIMISED, data={"gain_minor": gain_minor})  # fmt: skip
                self._store_all(decided)
        except _LeftError:
            return False
        except Exception as fault:
            if is_fatal(fault):
                raise
            _log.exception(
                "orders %s stay where they are: their move cannot be stored", [o.order_id for o, _ in decided]
            )
            return False
        return True

    def _settled_together(self, pending: Sequence[tuple[OpenOrder, Choice]]) -> bool:
        try:
            with self.connection.savepoint():
                self._store_all(pending)
        except _LeftError:
            return False
        return True

    def _store_all(self, decided: Sequence[tuple[OpenOrder, Choice]]) -> None:
        moves = [self._planned(order, choice) for order, choice in decided]
        self._move([h for move in moves for h in move.ending], [w for move in moves for w in move.wants])
        for (order, choice), move in zip(decided, moves, strict=True):
            self._store(order, choice, move)

    def _check_waits(self, order: OpenOrder) -> None:
        locked, parts = self.orders[order.order_id], self._parts(order)
        if locked.state != "allocated" or locked.version != order.version or not is_unreleased(parts):
            raise _LeftError(FASTER)

    def _check_as_read(self, order: OpenOrder) -> None:
        locked = self.orders[order.order_id]
        if locked.state not in WAITING or locked.version != order.version:
            raise _LeftError(FASTER)

    def _outcome(self, order: OpenOrder, choice: Choice) -> RoutedOrder:
        sites = {site for _, site in choice.wanted}
        return RoutedOrder(order_id=order.order_id, state="allocated", sites=tuple(sorted(sites)))

    def _refuse(self, order: OpenOrder, choice: Choice) -> RoutedOrder:
        outcome = RoutedOrder(order_id=order.order_id, state="backordered", reason=choice.reason)
        if order.state == "backordered":
            return outcome
        advance(self.connection, self.caller, "order", order.order_id, "backorder", now=self.now, reason=choice.reason)
        ledger.end_all(self.connection, self.caller.tenant_id, order.order_id, now=self.now)
        self._cancel_shipments(order.order_id, self._here(order))
        keep_decision(self.connection, self.caller, order.order_id, "site", choice.alternatives, now=self.now)
        return outcome

    def _planned(self, order: OpenOrder, choice: Choice) -> _Move:
        """Return the change of an order's reservations of stock and pick hours."""
        held = self.held.get(order.order_id, [])
        stock = [h for h in held if h.place.kind == STOCK]
        fit = fit_reservations(order.lines, choice.wanted, stock)
        lines_at = lines_by_site(order.lines, fit, stock)
        hours = [h for h in held if h.place.kind == PICK]
        booked = self.hours.fit(order.order_id, lines_at, hours, until=order.until)
        if booked.busy:
            raise _LeftError(BUSY, booked.busy)
        places = [Place(STOCK, piece.site_id, piece.product_id) for piece in fit.pieces]
        found = ledger.find(self.connection, self.caller.tenant_id, places)
        wants = [
            Want(order.order_id, piece.line_no, found[place].position_id, piece.quantity)
            for piece, place in zip(fit.pieces, places, strict=True)
        ]
        return _Move(fit, lines_at, [*fit.ending, *booked.ending], [*wants, *booked.wants])

    def _move(self, ending: Sequence[Holding], wants: Sequence[Want]) -> None:
        try:
            moved = ledger.move(self.connection, self.caller.tenant_id, ending, wants, now=self.now)
        except ConflictError:
            raise _LeftError(FASTER) from None
        if not moved:
            raise _LeftError(LACKS)

    def _store(self, order: OpenOrder, choice: Choice, move: _Move) -> None:
        """Store an order as allocated, with its shipments and the reason."""
        sites = set(move.lines_at)
        kept = self._keep_shipments(order, move.fit, sites)
        for site in sorted(sites - kept):
            self._create_shipment(order, site)
        advance(self.connection, self.caller, "order", order.order_id, "allocate", now=self.now,
                data={"sites": sorted(sites)})  # fmt: skip
        keep_decision(self.connection, self.caller, order.order_id, "site", choice.alternatives, now=self.now)
        if kept or not sites:  # it had parts already, some of them perhaps packed or gone
            settle_order(self.connection, self.caller, order.order_id, now=self.now)

    def _keep_shipments(self, order: OpenOrder, fit: Fit, sites: set[str]) -> set[str]:
        """Cancel the shipments that are not wanted any more, and return the sites whose shipments stay as they are."""
        changed = {h.place.site_id for h in fit.ending} | {piece.site_id for piece in fit.pieces}
        kept, lost = set(), []
        for shipment in self._here(order):
            touched = shipment.site_id in changed and shipment.state != "planned"
            if shipment.site_id in sites and not touched and shipment in self._parts(order).live():
                kept.add(shipment.site_id)
            else:
                lost.append(shipment)
        self._cancel_shipments(order.order_id, lost)
        return kept

    def _cancel_shipments(self, order_id: str, lost: Sequence[ShipmentNow]) -> None:
        """Cancel shipments, and the deliveries that were to bring them."""
        for shipment in lost:
            advance(self.connection, self.caller, "shipment", shipment.shipment_id, "cancel", now=self.now)
        for delivery_id in sorted({s.delivery_id for s in lost if s.delivery_id in self.parts[order_id].deliveries}):
            delivery = self.parts[order_id].deliveries[delivery_id]
            event = "lapse" if delivery.state == "ready_for_collection" else "cancel"
            if event in LIFECYCLES[delivery.lifecycle].allowed(delivery.state):  # nobody may have come for it
                advance(self.connection, self.caller, delivery.lifecycle, delivery_id, event, now=self.now)
            brought = [s.shipment_id for s in self.parts[order_id].shipments if s.delivery_id == delivery_id]
            withdraw_units(self.connection, self.caller, brought, now=self.now)
            mine = shipments.c.delivery_id == delivery_id
            self.connection.execute(update(shipments).where(mine).values(delivery_id=None))
            replan_soon(self.connection, self.caller, [delivery.route_id], now=self.now)

    def _create_shipment(self, order: OpenOrder, site_id: str) -> None:
        order_id = order.order_id
        shipment_id = self.connection.new_id("shp", self.now)
        row = {"shipment_id": shipment_id, "tenant_id": self.caller.tenant_id, "order_id": order_id,
               "site_id": site_id, "state": "planned", "version": 1, "delivery_id": None, "ready_at": None,
               "lane_departs_at": None, "lane_arrives_at": None, "created_at": self.now}  # fmt: skip
        self.connection.run(inserting(shipments), [row])
        known = {"order_id": order_id, "site_id": site_id}
        tell_created(self.connection, self.caller, "shipment", shipment_id, "planned", now=self.now, data=known)

    def _here(self, order: OpenOrder) -> list[ShipmentNow]:
        """Return the shipments that their sites still have, also those that nobody came for."""
        return [shipment for shipment in self._parts(order).shipments if shipment.state not in LEFT]

    def _parts(self, order: OpenOrder) -> Parts:
        return self.parts[order.order_id]
