"""What dispatchers let doorstep change by itself, and how much of the plan may change at a time."""

import json
from dataclasses import asdict, dataclass

from sqlalchemy import select, update

from doorstep.foundation import InputError
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.dispatching import dispatch_limits

REORDER, SWAP, HELP, CARRIER, CALL = KINDS = ("reorder", "swap", "help", "carrier", "call")
"""Kinds of proposals: another order of stops on a route, stops that change routes, a vehicle more, a carrier that
brings it, a call to the customer that tells the later time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchLimits:
    """How routes may change during the day.

    Parameters
    ----------
    automatic
        Kinds of proposals that are taken up at once if they cost at most ``most_cost_minor`` more.
    moved_pct
        Share of the stops ahead that one proposal may move [%].
    shift_s
        By how much it may move the time of a stop that nobody asked to move [s].
    margin_s
        Stops are planned so long before their promise ends where that is possible; less is a risk [s].
    late_per_hour_minor
        What an hour of lateness at a door counts.
    call_minor
        What a call to a customer counts.
    least_gain_minor
        A proposal worth less is not made.
    version
        1 where nothing was said and ours hold.
    """

    automatic: tuple[str, ...] = (REORDER, SWAP)
    most_cost_minor: int = 1_000
    moved_pct: int = 5
    shift_s: int = 1_800
    margin_s: int = 600
    late_per_hour_minor: int = 6_000
    call_minor: int = 200
    least_gain_minor: int = 100
    version: int = 1

    def __post_init__(self) -> None:
        faults = [f"{name} is {value}, less than 0." for name, value in asdict(self).items()
                  if isinstance(value, int) and value < 0]  # fmt: skip
        faults += [f"automatic has {kind!r}, no kind of proposal." for kind in self.automatic if kind not in KINDS]
        if self.moved_pct > 100:
            faults.append(f"moved_pct is {self.moved_pct}, more than 100.")
        if faults:
            strange = any(kind not in KINDS for kind in self.automatic)
            raise InputError(" ".join(faults), hint=f"Maybe one of {', '.join(KINDS)}." if strange else "")


def load_limits(connection: Connection, tenant_id: str) -> DispatchLimits:
    """Return a tenant's limits."""
    row = connection.execute(select(dispatch_limits).where(dispatch_limits.c.tenant_id == tenant_id)).one_or_none()
    if row is None:
        return DispatchLimits()
    told = json.loads(row.limits)
    return DispatchLimits(**told | {"automatic": tuple(told["automatic"]), "version": row.version})


def store_limits(connection: Connection, caller: Caller, wanted: DispatchLimits, *, now: int) -> DispatchLimits:
    """Keep limits in place of those before, and return them with their version."""
    mine = dispatch_limits.c.tenant_id == caller.tenant_id
    row = {"tenant_id": caller.tenant_id, "limits": "{}", "version": 1}
    connection.run(inserting(dispatch_limits, ignore=True), [row])
    version = connection.execute(select(dispatch_limits.c.version).where(mine).with_for_update()).scalar_one()
    told = {name: value for name, value in asdict(wanted).items() if name != "version"}
    connection.execute(update(dispatch_limits).where(mine).values(limits=canonical(told), version=version + 1))
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="dispatch_limits", object_id=caller.tenant_id,
        event="change",
    )  # fmt: skip
    return DispatchLimits(**{**told, "automatic": tuple(wanted.automatic)}, version=version + 1)
