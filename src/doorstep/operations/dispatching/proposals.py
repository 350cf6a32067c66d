"""Proposals kept, taken up, refused and taken back; some are taken up at once, inside the dispatcher's limits.

Few and useful: what stands open already stays as it is, what was refused lately is not proposed again, and what no
longer helps expires.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from doorstep.foundation import ConflictError
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.handing import hand_to_carrier
from doorstep.operations.dispatching.limits import CALL, CARRIER, DispatchLimits
from doorstep.operations.dispatching.rewriting import CourseChange, read, rewrite, written
from doorstep.operations.dispatching.weighing import Draft
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.dispatching import dispatch_proposals

PROPOSAL = "dispatch_proposal"
REFUSED_S = 2 * 3_600
"""What was refused is not proposed again for so long."""
BY_ITSELF = "dispatch"
"""The actor of what is taken up at once."""
_of = dispatch_proposals.c


def store_drafts(
    connection: Connection, caller: Caller, site_id: str, drafts: Sequence[Draft], limits: DispatchLimits, *, now: int
) -> tuple[str, ...]:
    """Keep what is proposed for a site now and return the ids of what is new; open proposals that it lacks expire.

    The best ways that the limits allow are taken up at once, as far as they do not change the same routes.
    """
    mine = (_of.tenant_id == caller.tenant_id) & (_of.site_id == site_id)
    names = (_of.proposal_id, _of.state, _of.kind, _of.delivery_id, _of.carrier_id, _of.changes)
    recent = (_of.state == "refused") & (_of.decided_at > now - REFUSED_S)
    told = (_of.state == "accepted") & (_of.kind == CALL) & (_of.created_at > now - REFUSED_S)
    before = connection.execute(select(*names).where(mine, (_of.state == "proposed") | recent | told)).all()
    known = {_key(row.kind, row.delivery_id, row.carrier_id, row.changes): row for row in before}
    wanted = {_key(d.kind, d.delivery_id, d.carrier_id, canonical(written(d.changes))): d for d in drafts}
    called = {row.delivery_id for row in before if row.kind == CALL and row.state == "accepted"}
    for key, row in known.items():
        if row.state == "proposed" and key not in wanted:
            advance(connection, caller, PROPOSAL, row.proposal_id, "expire", now=now)
    fresh = [draft for key, draft in wanted.items() if key not in known and draft.delivery_id not in called]
    ids = tuple(_keep(connection, caller, site_id, draft, now) for draft in fresh)
    touched: set[str] = set()
    for proposal_id, draft in zip(ids, fresh, strict=True):
        about = _about(draft.delivery_id, draft.changes)
        if draft.kind in limits.automatic and draft.cost_minor <= limits.most_cost_minor and not about & touched:
            touched |= about
            _take_up(connection, caller, proposal_id, now=now)
    return ids


def sites_proposed(connection: Connection, tenant_id: str) -> set[str]:
    """Return the sites for which proposals stand open."""
    query = select(_of.site_id).where(_of.tenant_id == tenant_id, _of.state == "proposed").distinct()
    return set(connection.execute(query).scalars())


def accept_proposal(connection: Connection, caller: Caller, proposal_id: str, *, now: int) -> None:
    """Take a proposal up: its routes have the course that it proposes, its delivery the carrier.

    Raises
    ------
    NotFoundError
        If the tenant has no such proposal.
    IllegalTransitionError
        If it is not open.
    ConflictError
        If the day has gone on and its routes are not as they were.
    """
    _decide(connection, caller, proposal_id, "accept", now)
    row = _row(connection, proposal_id)
    changes = read(row.changes)
    done = rewrite(connection, caller, row.site_id, changes, now=now, reason=row.kind) if changes else ()
    if row.kind == CARRIER:
        hand_to_carrier(connection, caller, str(row.delivery_id), row.carrier_id, now=now)
    if done:
        connection.execute(update(dispatch_proposals).where(_of.proposal_id == proposal_id)
                           .values(changes=canonical(written(done))))  # fmt: skip
    _expire_others(connection, caller, row, done, now)


def refuse_proposal(connection: Connection, caller: Caller, proposal_id: str, *, reason: str, now: int) -> None:
    """Turn a proposal down; the like is not proposed again for a while.

    Raises
    ------
    NotFoundError
        If the tenant has no such proposal.
    IllegalTransitionError
        If it is not open.
    """
    _decide(connection, caller, proposal_id, "refuse", now, reason=reason)


def undo_proposal(connection: Connection, caller: Caller, proposal_id: str, *, now: int) -> None:
    """Take back what was taken up: its routes have the course that they had, as far as it is still ahead.

    Raises
    ------
    NotFoundError
        If the tenant has no such proposal.
    IllegalTransitionError
        If it was not taken up.
    ConflictError
        If a carrier has it, the routes have changed since, or a stop that would go back has left the site.
    """
    _decide(connection, caller, proposal_id, "undo", now)
    row = _row(connection, proposal_id)
    if row.kind == CARRIER:
        raise ConflictError(f"{row.carrier_id} has delivery {row.delivery_id}.", hint="Maybe call it off there.")
    changes = read(row.changes)
    if changes:
        rewrite(connection, caller, row.site_id, [change.back for change in changes], now=now, reason="undo")


def _key(kind: str, delivery_id: str | None, carrier_id: str, changes: str) -> tuple[str, str, str, str]:
    """Return what makes two proposals the same; a call is the same whatever its later time."""
    return kind, delivery_id or "", carrier_id, changes


def _keep(connection: Connection, caller: Caller, site_id: str, draft: Draft, now: int) -> str:
    proposal_id = connection.new_id("dpr", now)
    same = ("kind", "delivery_id", "carrier_id", "until_at", "cost_minor", "moved", "shift_s", "gain_minor", "reason")
    row = {name: getattr(draft, name) for name in same} | {
        "proposal_id": proposal_id, "tenant_id": caller.tenant_id, "state": "proposed", "version": 1,
        "site_id": site_id, "late_before": len(draft.late_before_s), "late_before_s": sum(draft.late_before_s),
        "late_after": len(draft.late_after_s), "late_after_s": sum(draft.late_after_s),
        "changes": canonical(written(draft.changes)), "decided_by": "", "created_at": now, "decided_at": None,
    }  # fmt: skip
    connection.run(inserting(dispatch_proposals), [row])
    known = {"site_id": site_id, "kind": draft.kind, "delivery_id": draft.delivery_id, "late": len(draft.late_before_s)}
    tell_created(connection, caller, PROPOSAL, proposal_id, "proposed", now=now, data=known)
    return proposal_id


def _take_up(connection: Connection, caller: Caller, proposal_id: str, *, now: int) -> None:
    """Take a proposal up without asking; it expires if the day has gone on meanwhile."""
    try:
        with connection.savepoint():
            accept_proposal(connection, Caller(caller.tenant_id, BY_ITSELF), proposal_id, now=now)
    except ConflictError:
        advance(connection, caller, PROPOSAL, proposal_id, "expire", now=now)


def _decide(
    connection: Connection, caller: Caller, proposal_id: str, event: str, now: int, *, reason: str = ""
) -> None:
    changes = {"decided_by": caller.actor, "decided_at": now}
    advance(connection, caller, PROPOSAL, proposal_id, event, now=now, reason=reason, changes=changes)


def _about(delivery_id: str | None, changes: Iterable[CourseChange]) -> set[str]:
    """Return the routes and deliveries that a proposal is about."""
    about = {delivery_id} if delivery_id else set()
    for change in changes:
        about |= {change.route_id, *(name for trip in (*change.before, *change.after) for name in trip)}
    return about - {""}


def _row(connection: Connection, proposal_id: str) -> "Row[Any]":
    return connection.execute(select(dispatch_proposals).where(_of.proposal_id == proposal_id)).one()


def _expire_others(
    connection: Connection, caller: Caller, taken: "Row[Any]", done: Iterable[CourseChange], now: int
) -> None:
    """Let the proposals expire that are about a route or a delivery of one that was taken up."""
    touched = _about(taken.delivery_id, done)
    mine = (_of.tenant_id == caller.tenant_id) & (_of.site_id == taken.site_id) & (_of.state == "proposed")
    for row in connection.execute(select(_of.proposal_id, _of.delivery_id, _of.changes).where(mine)).all():
        if touched & _about(row.delivery_id, read(row.changes)):
            advance(connection, caller, PROPOSAL, row.proposal_id, "expire", now=now)
