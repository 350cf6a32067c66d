"""Memberships of the shop's customers: what they pay for is the shop's affair, what it opens is known here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Row, select

from doorstep.domain.lifecycles.membership import HOLDING
from doorstep.domain.new_order import AHEAD_S, NewOrder
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.faults import Fault
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.operations.transitions import StaleVersionError, advance, tell_created
from doorstep.promising.membership import Plan
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.orders import memberships

DAY_S = 86_400
Step = Literal["renew", "fall_due", "cancel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMembership:
    """A customer, by the shop's own name, who becomes a member at a moment [epoch s], on trial or paying."""

    customer_id: str
    plan_id: str
    starts_at: int
    on_trial: bool = False


def create_membership(connection: Connection, caller: Caller, new: NewMembership, *, now: int) -> str:
    """Store a membership of one period, or of the plan's trial, and return its id.

    Raises
    ------
    InputError
        If there is no such plan, it has no trial, or the start is too far off.
    ConflictError
        If the customer has a membership that is not cancelled.
    """
    plan = _plan(live_network(connection, caller.tenant_id), new.plan_id)
    if not now - AHEAD_S <= new.starts_at <= now + AHEAD_S:
        raise InputError(f"starts_at {new.starts_at} must lie within {AHEAD_S // DAY_S} days of now.")
    if new.on_trial and not plan.trial_days:
        raise InputError(f"on_trial: plan {plan.plan_id} has no trial.", hint="Maybe set its trial_days.")
    mine = (memberships.c.tenant_id == caller.tenant_id) & (memberships.c.customer_id == new.customer_id)
    query = select(memberships.c.membership_id).where(mine, memberships.c.state != "cancelled")
    other = connection.execute(query).scalar_one_or_none()
    if other is not None:
        raise ConflictError(f"this customer has membership {other}.", hint="Maybe renew that, or cancel it first.")
    membership_id, state = connection.new_id("mbr", now), "trial" if new.on_trial else "active"
    days = plan.trial_days if new.on_trial else plan.period_days
    row = {"membership_id": membership_id, "tenant_id": caller.tenant_id, "customer_id": new.customer_id,
           "plan_id": plan.plan_id, "state": state, "version": 1, "starts_at": new.starts_at,
           "ends_at": new.starts_at + days * DAY_S, "created_at": now}  # fmt: skip
    connection.run(inserting(memberships), [row])
    known = {"plan_id": plan.plan_id, "ends_at": row["ends_at"]}
    tell_created(connection, caller, "membership", membership_id, state, now=now, data=known)
    return membership_id


def step_membership(
    connection: Connection,
    caller: Caller,
    membership_id: str,
    event: Step,
    *,
    now: int,
    reason: str = "",
    if_version: int | None = None,
) -> str:
    """Renew a membership by a period of its plan, call it past due or cancel it, and return its state.

    A period follows the last one, or begins now if that has ended. One that is cancelled or past due already stays so.

    Raises
    ------
    NotFoundError, IllegalTransitionError, StaleVersionError
        If the tenant has no such membership, it was cancelled, or it was changed meanwhile.
    InputError
        If its plan is gone.
    """
    row = _locked(connection, caller, membership_id)
    if if_version is not None and row.version != if_version:
        raise StaleVersionError("membership", membership_id, row.version)
    if row.state == {"fall_due": "past_due", "cancel": "cancelled"}.get(event):
        return str(row.state)
    changes: dict[str, object] = {}
    if event == "renew":
        plan = _plan(live_network(connection, caller.tenant_id), row.plan_id)
        changes["ends_at"] = max(row.ends_at, now) + plan.period_days * DAY_S
    change = advance(connection, caller, "membership", membership_id, event, now=now, reason=reason,
                     changes=changes, data=changes)  # fmt: skip
    return change.to_state


def fall_due(connection: Connection, caller: Caller, *, now: int, limit: int = 1_000) -> list[str]:
    """Call memberships past due whose period has ended, and return their ids."""
    due = select(memberships.c.membership_id).where(
        memberships.c.tenant_id == caller.tenant_id, memberships.c.state.in_(HOLDING), memberships.c.ends_at <= now
    )
    query = due.order_by(memberships.c.ends_at, memberships.c.membership_id).limit(limit).with_for_update()
    ids = list(connection.execute(query).scalars())
    for membership_id in ids:
        advance(connection, caller, "membership", membership_id, "fall_due", now=now, reason="period_is_over")
    return ids


def as_members(
    connection: Connection, tenant_id: str, orders: Sequence[NewOrder], *, now: int
) -> list[tuple[NewOrder, list[Fault]]]:
    """Return orders with the plan of their membership, and what is wrong with those that name none of the tenant's.

    A membership that does not hold now makes nobody a member, and is no fault.
    """
    ids = {order.member_id for order in orders if order.member_id}
    if not ids:
        return [(order, []) for order in orders]
    query = select(memberships).where(memberships.c.tenant_id == tenant_id, memberships.c.membership_id.in_(ids))
    known = {row.membership_id: row for row in connection.execute(query)}
    return [_as_member(order, known.get(order.member_id or ""), now) for order in orders]


def plan_of(connection: Connection, tenant_id: str, membership_id: str | None, *, now: int) -> str:
    """Return the plan of a membership that holds, empty if it holds no more or none is named.

    Raises
    ------
    InputError
        If the tenant has no such membership.
    """
    mine = (memberships.c.tenant_id == tenant_id) & (memberships.c.membership_id == membership_id)
    row = connection.execute(select(memberships).where(mine)).one_or_none() if membership_id else None
    if membership_id and row is None:
        raise InputError(f"member_id {membership_id} is no membership.")
    return _held_plan(row, now) if row else ""


def _as_member(order: NewOrder, row: "Row[Any] | None", now: int) -> tuple[NewOrder, list[Fault]]:
    if order.member_id is None:
        return order, []
    if row is None:
        return order, [("member_id", order.member_id, "is no membership")]
    plan_id = _held_plan(row, now)
    if order.membership not in ("", plan_id):
        return order, [("membership", order.membership, f"is not the plan of {order.member_id}")]
    return replace(order, membership=plan_id), []


def _held_plan(row: "Row[Any]", now: int) -> str:
    return str(row.plan_id) if row.state in HOLDING and row.starts_at <= now < row.ends_at else ""


def _plan(network: LiveNetwork, plan_id: str) -> Plan:
    plan = network.plans.get(plan_id)
    if plan is None:
        raise InputError(f"plan_id {plan_id!r} is none of {', '.join(network.plans) or 'no plans'}.")
    return plan


def _locked(connection: Connection, caller: Caller, membership_id: str) -> "Row[Any]":
    query = select(memberships).where(
        memberships.c.membership_id == membership_id, memberships.c.tenant_id == caller.tenant_id
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"membership {membership_id} does not exist.")
    return row
