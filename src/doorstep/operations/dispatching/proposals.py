"""Proposals kept, taken up, refused and taken back; some are taken up at once, inside the dispatcher's limits.

Few and useful: what stands open already stays as it is, what was refused lately is not proposed again, and what no
longer helps expires.
"""

from collections.abc import Collection, Iterable, Sequence
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
    query = select(*names).order_by(_of.proposal_id)
    known = {
        _key(row, read(row.changes)): row for row in connection.execute(query.where(mine, _of.state == "proposed"))
    }
    lately = connection.execute(query.where(mine, _of.decided_at > now - REFUSED_S)).all()
    wanted = {_key(draft, draft.changes): draft for draft in drafts}
    for key, row in known.items():
        if key not in wanted:
            advance(connection, caller, PROPOSAL, row.proposal_id, "expire", now=now)
    unwanted = [(row, _key(row, read(row.changes))) for row in lately if row.state in ("refused", "undone")]
    called = {row.delivery_id for row in lately if row.kind == CALL and row.state == "accepted"}
    fresh = [
        draft
        for key, draft in wanted.items()
        if key not in known and draft.delivery_id not in called and not any(_alike(key, old) for _, old in unwanted)
    ]
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
    expire_about(connection, caller, row.site_id, _about(row.delivery_id, done), now=now)


def expire_about(connection: Connection, caller: Caller, site_id: str, about: Collection[str], *, now: int) -> None:
    """Let the open proposals of a site expire that are about one of some routes or deliveries."""
    mine = (_of.tenant_id == caller.tenant_id) & (_of.site_id == site_id) & (_of.state == "proposed")
    query = select(_of.proposal_id, _of.delivery_id, _of.changes).where(mine).order_by(_of.proposal_id)
    for row in connection.execute(query).all():
        if _about(row.delivery_id, read(row.changes)).intersection(about):
            advance(connection, caller, PROPOSAL, row.proposal_id, "expire", now=now)


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


_Key = tuple[str, str, str, frozenset[str]]


def _key(of: "Draft | Row[Any]", changes: Sequence[CourseChange]) -> _Key:
    """Return what makes two proposals the same: their kind, whom they are about, and what changes its route.

    Where nothing does, the routes that have another order. A call is the same whatever its later time.
    """
    joins = {
        name
        for change in changes
        for trip in change.after
        for name in trip
        if not any(name in before for before in change.before)
    }
    return of.kind, of.delivery_id or "", of.carrier_id, frozenset(joins or (change.route_id for change in changes))


def _alike(new: _Key, old: _Key) -> bool:
    """Return whether a proposal is the like of one that was turned down, or a part of it."""
    return new[:3] == old[:3] and new[3] <= old[3]


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
