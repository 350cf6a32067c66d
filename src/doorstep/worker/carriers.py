"""The work with connected carriers: booked, called off and asked between two transactions, one after another."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.foundation import UpstreamError
from doorstep.operations.carriers import (
    Quoted,
    calls_due,
    calls_off_due,
    rivals_of,
    store_booking,
    store_called_off,
    store_comparison,
    store_refusal,
    store_silence,
    take_facts,
    unheard,
)
from doorstep.operations.carriers.calling import Call
from doorstep.operations.carriers.calling_off import CallOff
from doorstep.ports import Carrier, CarrierDelivery, CarrierFact, CarrierRefusedError
from doorstep.worker.task import Task

CALL_CARRIERS = "call_carriers"
PATIENCE_S = 900
"""How long a carrier may not answer before the next one is tried."""
NOT_NEEDED, NOT_FOUND = "not_needed", "not_found"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallsCarriers:
    """The handler of the periodic job; ``carriers`` are the connected ones by their id.

    ``compares`` says whether all that the plan weighed are asked for quotes before the first one is booked.
    """

    carriers: Mapping[str, Carrier] = field(repr=False)
    compares: bool = False

    def __call__(self, task: Task) -> None:
        """Book what is due, call off what nobody needs, and ask of what nothing was heard."""
        connected = sorted(self.carriers)
        began_at = task.now()
        calls = task.write(lambda connection: calls_due(connection, task.caller, connected, now=began_at))
        for call in calls:
            task.check()
            # One of before may have been booked already, though nobody heard the answer: it stays where it is.
            if not (self.compares and call.asked_at == began_at) or self._stays(task, call):
                self._book(task, call)
        off = task.read(lambda connection: calls_off_due(connection, task.caller, connected))
        for asked in off:
            task.check()
            self._call_off(task, asked)
        silent = task.read(lambda connection: unheard(connection, task.caller, connected, now=task.now()))
        for booking_id, carrier_id, carrier_ref in silent:
            task.check()
            self._ask(task, booking_id, carrier_id, carrier_ref)
        told = {"booked": len(calls), "called_off": len(off), "asked": len(silent)}
        task.repeat(lambda _connection: told)

    def _stays(self, task: Task, call: Call) -> bool:
        """Ask the carriers that the plan weighed for quotes; return whether the planned one keeps the delivery."""
        rivals = task.read(lambda connection: rivals_of(connection, call, self.carriers))
        if not rivals:
            return True
        quotes = [self._quoted(name, call) for name in (call.carrier_id, *rivals)]
        has_it = task.write(lambda connection: store_comparison(connection, task.caller, call, quotes, now=task.now()))
        return has_it == call.carrier_id

    def _quoted(self, carrier_id: str, call: Call) -> Quoted:
        try:
            quote = self.carriers[carrier_id].quote(call.shipping)
        except CarrierRefusedError as refused:
            return Quoted(carrier_id=carrier_id, refusal=refused.reason)
        except UpstreamError:
            return Quoted(carrier_id=carrier_id, refusal="no_answer")
        return Quoted(carrier_id=carrier_id, price_minor=quote.price_minor, dropoff_at=quote.dropoff_at)

    def _book(self, task: Task, call: Call) -> None:
        caller = task.caller
        try:
            found = self._found(task, call) or self.carriers[call.carrier_id].book(call.shipping)
        except CarrierRefusedError as refused:
            reason = refused.reason
            task.write(lambda connection: store_refusal(connection, caller, call, reason, now=task.now()))
        except UpstreamError as fault:
            _log.warning("carrier %s did not answer for %s: %s", call.carrier_id, call.booking_id, fault)
            if task.now() - call.asked_at > PATIENCE_S:
                task.write(lambda connection: store_silence(connection, caller, call, now=task.now()))
        else:
            task.write(lambda connection: store_booking(connection, caller, call, found, now=task.now()))

    def _found(self, task: Task, call: Call) -> CarrierDelivery | None:
        """Return the booking if it was asked for so long ago that the carrier may have forgotten our id of it."""
        if task.now() - call.asked_at <= PATIENCE_S:
            return None
        try:
            return self.carriers[call.carrier_id].find(call.booking_id)
        except CarrierRefusedError:
            return None

    def _call_off(self, task: Task, asked: CallOff) -> None:
        carrier, reason = self.carriers[asked.carrier_id], NOT_NEEDED
        fee_minor: int | None = None
        try:
            carrier_ref = asked.carrier_ref or carrier.find(asked.booking_id).carrier_ref
            there = carrier.cancel(carrier_ref, NOT_NEEDED)
            fee_minor = 0 if there.event == "reassign" else there.price_minor  # it has given it back itself meanwhile
        except CarrierRefusedError as refused:  # never booked, or it is too late
            reason = refused.reason
            fee_minor = 0 if reason == NOT_FOUND else None
        except UpstreamError as fault:
            _log.warning("carrier %s did not answer for %s: %s", asked.carrier_id, asked.booking_id, fault)
            return
        caller = task.caller
        task.write(
            lambda connection: store_called_off(
                connection, caller, asked, fee_minor=fee_minor, reason=reason, now=task.now()
            )
        )

    def _ask(self, task: Task, booking_id: str, carrier_id: str, carrier_ref: str) -> None:
        try:
            found = self.carriers[carrier_id].find(booking_id, carrier_ref)
        except UpstreamError as fault:
            _log.warning("carrier %s did not answer for %s: %s", carrier_id, booking_id, fault)
            return
        fact = CarrierFact(
            fact_id=f"{booking_id}:{found.event}:{found.event_at}",
            carrier_ref=found.carrier_ref,
            delivery_id=booking_id,
            event=found.event,
            occurred_at=found.event_at,
            reason=found.reason,
            price_minor=found.price_minor,
            dropoff_at=found.dropoff_at,
        )
        task.write(lambda connection: take_facts(connection, carrier_id, [fact], now=task.now()))
