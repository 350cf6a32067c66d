"""Proposals for the routes of the day, and what dispatchers allow, as they stand."""

from collections.abc import Collection
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.dispatching import CourseChangeShown, DispatchLimitsShown, DispatchProposal
from doorstep.api.models.parts import Money
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.operations.dispatching.limits import DispatchLimits
from doorstep.operations.dispatching.rewriting import read
from doorstep.storage import Connection
from doorstep.storage.schema.dispatching import dispatch_proposals as rows


def show_limits(limits: DispatchLimits) -> DispatchLimitsShown:
    """Return limits as callers see them."""
    return DispatchLimitsShown.model_validate(asdict(limits))


def find_proposal(connection: Connection, tenant_id: str, proposal_id: str, *, currency: str) -> DispatchProposal:
    """Return a proposal.

    Raises
    ------
    NotFoundError
        If the tenant has no such proposal.
    """
    found = _shown(connection, _mine(tenant_id).where(rows.c.proposal_id == proposal_id), currency)
    if not found:
        raise NotFoundError(f"dispatch proposal {proposal_id} does not exist.")
    return found[0]


def list_proposals(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    limit: int,
    before: str = "",
    state: str | None = None,
    kind: str | None = None,
    site_id: str | None = None,
    sites: Collection[str] = (),
) -> list[DispatchProposal]:
    """Return proposals, the newest first, with ``sites`` only of these; ``before`` is the id of the last one seen."""
    query = matching(_mine(tenant_id), {rows.c.state: state, rows.c.kind: kind, rows.c.site_id: site_id})
    if sites:
        query = query.where(rows.c.site_id.in_(sites))
    if before:
        query = query.where(rows.c.proposal_id < before)
    return _shown(connection, query.order_by(rows.c.proposal_id.desc()).limit(limit), currency)


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    return select(*rows.c).where(rows.c.tenant_id == tenant_id)


def _shown(connection: Connection, query: "sa.Select[tuple[object, ...]]", currency: str) -> list[DispatchProposal]:
    return [
        DispatchProposal(
            id=row.proposal_id, state=row.state, version=row.version, kind=row.kind, site_id=row.site_id,
            delivery_id=row.delivery_id, carrier_id=row.carrier_id or None, until_at=row.until_at,
            cost=Money(amount=row.cost_minor, currency=currency), gain=Money(amount=row.gain_minor, currency=currency),
            late_before=row.late_before, late_before_s=row.late_before_s, late_after=row.late_after,
            late_after_s=row.late_after_s, moved=row.moved, shift_s=row.shift_s,
            changes=[CourseChangeShown(route_id=change.route_id or None, vehicle_id=change.vehicle_id,
                                       before=[list(trip) for trip in change.before],
                                       after=[list(trip) for trip in change.after]) for change in read(row.changes)],
            reason=row.reason, decided_by=row.decided_by or None, created_at=row.created_at, decided_at=row.decided_at,
        )
        for row in connection.execute(query)
    ]  # fmt: skip
