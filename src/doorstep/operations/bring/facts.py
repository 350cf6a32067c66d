"""What drivers, carriers, scanners and stores report: kept whatever it says, applied if it is news, followed up."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import bindparam, func, select, update

from doorstep.domain.lifecycles import Ignored
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.bring.at_the_door import check_fact
from doorstep.operations.bring.follow_up import follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.concierge import call_made
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import KINDS, report
from doorstep.storage import Connection
from doorstep.storage.prepared import Prepared, inserting
from doorstep.storage.schema.fulfilment import deliveries, tracking_events

ROUTE_FACTS = ("start", "complete")
_of = tracking_events.c
_TOLD_BEFORE = Prepared(
    select(_of.kind, _of.object_id, _of.event, _of.outcome).where(
        _of.tenant_id == bindparam("of_tenant"),
        _of.source == bindparam("source"),
        _of.source_event_id == bindparam("name"),
    )
)
CALL = "call"
"""The fact that the shopper was called before the van is there: it moves no delivery, but an errand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedEvent:
    """Something that has happened, as whoever saw it tells it; perhaps late, again, or out of order.

    Parameters
    ----------
    source, source_event_id
        Who tells it, and its name for it: the same two are the same fact, however often it is sent.
    kind
        ``delivery`` also stands for what is collected.
    event
        An event of the object's lifecycle, or of a delivery ``call``.
    occurred_at
        When it happened, by the clock of whoever saw it [epoch s].
    details
        JSON text: where, proofs, and whatever else was told.
    """

    source: str
    source_event_id: str
    kind: Literal["delivery", "route", "station_unit"]
    object_id: str
    event: str
    occurred_at: int
    reason: str = ""
    details: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a fact: ``applied``, or ``late``, ``repeated``, ``terminal``, ``unreachable``; the object by now.

    ``known`` says that it had been told before.
    """

    outcome: str
    state: str
    version: int
    known: bool = False


def record_event(connection: Connection, caller: Caller, event: ReportedEvent, *, now: int) -> Recorded:
    """Keep a fact, let it move its object if it is news, and follow it up.

    Raises
    ------
    NotFoundError
        If the tenant has no such object.
    InputError
        If the object's lifecycle has no such event, it is not one that is reported, or it lacks its proof.
    ConflictError
        If the source gave another fact the same name before, a neighbour may not have it, or the shopper has to be
        called first.
    """
    if event.kind == "route" and event.event not in ROUTE_FACTS:
        raise InputError(f"event {event.event!r} of a route is decided, not reported: {' or '.join(ROUTE_FACTS)} is.")
    kind: str = event.kind
    order_id = None
    if event.kind == "delivery":
        order_id, kind = lock_delivery(connection, caller, event.object_id)
    known = _known(connection, caller, event)
    if known is not None:
        return _recorded(connection, caller, kind, event.object_id, known, known=True)
    if order_id is not None and event.event == CALL:
        outcome = "applied" if call_made(connection, caller, order_id, now=now) else "repeated"
        _keep(connection, caller, event, outcome, now)
        return _recorded(connection, caller, kind, event.object_id, outcome, known=False)
    data: dict[str, object] = {"occurred_at": event.occurred_at, "source": event.source}
    if order_id is not None:
        data |= check_fact(connection, order_id, event.object_id, event.event, event.details)
    found = report(connection, caller, kind, event.object_id, event.event, occurred_at=event.occurred_at, now=now,
                   reason=event.reason, data=data)  # fmt: skip
    _keep(connection, caller, event, found.reason if isinstance(found, Ignored) else "applied", now)
    if order_id is not None and event.event == "attempt":
        _count_attempts(connection, caller, event.object_id)
    if isinstance(found, Ignored):
        return _recorded(connection, caller, kind, event.object_id, found.reason, known=False)
    if order_id is not None:
        follow_up(connection, caller, order_id, event.object_id, reason=event.reason, now=now)
    return Recorded(outcome="applied", state=found.to_state, version=found.version)


def _known(connection: Connection, caller: Caller, event: ReportedEvent) -> str | None:
    """Return the outcome of a fact that was told before, None if it is new."""
    named = {"of_tenant": caller.tenant_id, "source": event.source, "name": event.source_event_id}
    rows = connection.fetch(_TOLD_BEFORE, named)
    if not rows:
        return None
    kind, object_id, known, outcome = rows[0]
    if (kind, object_id, known) != (event.kind, event.object_id, event.event):
        raise ConflictError(
            f"{event.source} gave {known} of {object_id} the name {event.source_event_id} before.",
            hint="Maybe its counter started again.",
        )
    return str(outcome)


def _keep(connection: Connection, caller: Caller, event: ReportedEvent, outcome: str, now: int) -> None:
    row = {"tenant_id": caller.tenant_id, "source": event.source, "source_event_id": event.source_event_id,
           "kind": event.kind, "object_id": event.object_id, "event": event.event, "occurred_at": event.occurred_at,
           "recorded_at": now, "outcome": outcome, "reason": event.reason, "details": event.details}  # fmt: skip
    connection.run(inserting(tracking_events), [row])


def _count_attempts(connection: Connection, caller: Caller, delivery_id: str) -> None:
    """Count the attempts that were made, those included that became known too late to move anything."""
    told = select(func.count(tracking_events.c.occurred_at.distinct())).where(
        tracking_events.c.tenant_id == caller.tenant_id,
        tracking_events.c.object_id == delivery_id,
        tracking_events.c.event == "attempt",
    )
    mine = deliveries.c.delivery_id == delivery_id
    connection.execute(update(deliveries).where(mine).values(attempts=connection.execute(told).scalar_one()))


def _recorded(
    connection: Connection, caller: Caller, kind: str, object_id: str, outcome: str, *, known: bool
) -> Recorded:
    of = KINDS[kind]
    query = select(of.table.c.state, of.table.c.version).where(of.table.c[of.key] == object_id)
    row = connection.execute(query.where(of.table.c.tenant_id == caller.tenant_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"{kind} {object_id} does not exist.")
    return Recorded(outcome=outcome, state=row.state, version=row.version, known=known)
