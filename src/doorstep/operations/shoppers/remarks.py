"""What shoppers say of a delivery: how to bring it, where to leave it, how it was, and what was wrong.

What they said last of a kind counts. That they said something is published with its code or stars; their words are
kept where they can be erased.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import ConflictError, InputError
from doorstep.operations.bring.at_the_door import check_not_in_person
from doorstep.operations.caller import Caller
from doorstep.operations.exceptions import open_about_delivery
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.parts import DONE
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.shoppers import remarks

RemarkKind = Literal["instruction", "safe_place", "rating", "problem"]
KINDS: tuple[RemarkKind, ...] = get_args(RemarkKind)
BEFOREHAND = ("instruction", "safe_place")
"""Remarks for the driver; the others come after the delivery."""
REASONS = ("damaged", "missing", "wrong_item", "not_received", "late", "other")
"""What may be wrong."""
MOST_TEXT, MOST_STARS, MOST_REMARKS = 500, 5, 20
FEW_STARS = 2
"""A rating with so few stars, or fewer, is looked into."""
SAYS = {"damaged": "it is damaged", "missing": "something is missing", "wrong_item": "it is the wrong thing",
        "not_received": "they do not have it", "late": "it came late", "other": "something is wrong"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that a shopper says: ``stars`` (1 to 5) of a rating, the ``reason`` of a problem, and words.

    An instruction or a safe place without words takes back the one before.
    """

    kind: RemarkKind
    stars: int = 0
    reason: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        if len(self.text) > MOST_TEXT:
            raise InputError(f"text has {len(self.text)} characters; the most are {MOST_TEXT}.")
        if self.kind == "rating" and not 1 <= self.stars <= MOST_STARS:
            raise InputError(f"stars {self.stars} must be 1 to {MOST_STARS}.", hint="Maybe choose one first.")
        if self.kind == "problem" and self.reason not in REASONS:
            raise InputError(f"reason {self.reason!r} must be among {', '.join(REASONS)}.")


def record_remark(connection: Connection, caller: Caller, delivery_id: str, remark: Remark, *, now: int) -> None:
    """Keep what a shopper says of a delivery, and publish that they did; problems and few stars become exceptions.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    ConflictError
        If it is too late or too early for it, they have said enough, or the goods may only be given to themself.
    """
    order_id, kind = lock_delivery(connection, caller, delivery_id)
    columns = (deliveries.c.state, deliveries.c.version)
    row = connection.execute(select(*columns).where(deliveries.c.delivery_id == delivery_id)).one()
    if not may_remark(remark.kind, kind, row.state):
        late = remark.kind in BEFOREHAND
        raise ConflictError(f"the delivery is {row.state}: it is too {'late' if late else 'early'} for this.")
    if remark.kind == "safe_place" and remark.text:
        check_not_in_person(connection, order_id)
    mine = remarks.c.delivery_id == delivery_id
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= MOST_REMARKS:
        raise ConflictError(f"{MOST_REMARKS} remarks were made on this delivery.", hint="Maybe call the shop.")
    kept = {"remark_id": connection.new_id("rmk", now), "tenant_id": caller.tenant_id, "delivery_id": delivery_id,
            "kind": remark.kind, "stars": remark.stars, "reason": remark.reason, "text": remark.text,
            "at": now}  # fmt: skip
    connection.run(inserting(remarks), [kept])
    told: dict[str, object] = {"remark": remark.kind}
    told |= {name: value for name, value in (("stars", remark.stars), ("reason", remark.reason)) if value}
    connection.journal.publish(
        event_id=connection.new_id("evt", now), tenant_id=caller.tenant_id, type=f"{kind}.remarked", kind=kind,
        object_id=delivery_id, sequence=row.version, at=now,
        data={f"{kind}_id": delivery_id, "state": row.state} | told,
    )  # fmt: skip
    _tell_dispatch(connection, caller, delivery_id, remark, str(kept["remark_id"]), now)


def _tell_dispatch(
    connection: Connection, caller: Caller, delivery_id: str, remark: Remark, remark_id: str, now: int
) -> None:
    """Put before dispatch what needs somebody: their words stay with the order, where they can be erased."""
    if remark.kind == "problem":
        code, says = "shopper_problem", f"The shopper of order {{code}} says: {SAYS[remark.reason]}."
    elif remark.kind == "rating" and remark.stars <= FEW_STARS:
        code, says = "low_rating", f"The shopper of order {{code}} gave {remark.stars} of {MOST_STARS} stars."
    else:
        return
    open_about_delivery(connection, caller, code, delivery_id, ("remark", remark_id), says, now=now)


def may_remark(remark: RemarkKind, lifecycle: str, state: str) -> bool:
    """Return whether a delivery in a state still, or already, takes a remark of a kind."""
    if remark in BEFOREHAND:
        over = (*LIFECYCLES["delivery"].terminal, "returning", "at_return")
        return lifecycle == "delivery" and state not in over
    return state in DONE or (remark == "problem" and state in ("attempted", "returned", "abandoned"))


def remarks_of(connection: Connection, tenant_id: str, delivery_id: str) -> "list[sa.Row[Any]]":
    """Return what was said of a delivery, the newest first."""
    mine = (remarks.c.tenant_id == tenant_id) & (remarks.c.delivery_id == delivery_id)
    rows = connection.execute(select(remarks).where(mine).order_by(remarks.c.at.desc(), remarks.c.remark_id.desc()))
    return list(rows.all())
