"""Contractors as they are registered: what they can carry, where, and the link by which they look in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, func, select, update

from doorstep.domain.requirements import words_of
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.access import hash_secret
from doorstep.operations.caller import Caller
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.contractors import contractors

Step = Literal["pause", "resume", "end"]
_LEADS_TO = {"pause": "paused", "resume": "active", "end": "ended"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContractor:
    """Somebody who brings single deliveries with a vehicle of their own.

    Parameters
    ----------
    carrier_id
        The market that they work for: a carrier of the retailer's, which nobody else brings deliveries for.
    max_weight_g, max_volume_ml
        What their vehicle holds; None: any delivery.
    skills
        Requirements that they can keep.
    site_ids
        Where they load; none: everywhere.
    zones
        Beginnings of the postal codes that they go to; none: every place.
    most_at_once
        Deliveries that they may have accepted and not brought yet.
    """

    carrier_id: str
    name: str
    phone: str = ""
    vehicle: str = ""
    max_weight_g: int | None = None
    max_volume_ml: int | None = None
    skills: Sequence[str] = ()
    site_ids: Sequence[str] = ()
    zones: Sequence[str] = ()
    most_at_once: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractor:
    """A contractor who has come in by a link."""

    contractor_id: str
    tenant_id: str
    carrier_id: str
    name: str

    @property
    def caller(self) -> Caller:
        """On whose behalf what they do is done."""
        return Caller(self.tenant_id, f"contractor:{self.contractor_id}")


def register(connection: Connection, caller: Caller, new: NewContractor, *, now: int) -> str:
    """Store a contractor and return their id.

    Raises
    ------
    InputError
        If there is no such carrier, it takes parcels once a day, or a site is unknown.
    """
    tables = load_reference(connection, caller.tenant_id)
    kinds = dict(tables["carriers"].select("carrier_id", "kind").iter_rows())
    if kinds.get(new.carrier_id) != "on_demand":
        raise InputError(
            f"carrier_id {new.carrier_id!r} is no on-demand carrier of the retailer.",
            hint="Maybe add it to carriers first: its rate card is what contractors are paid.",
        )
    unknown = sorted(set(new.site_ids) - set(tables["sites"]["site_id"]))
    if unknown:
        raise InputError(f"site_ids {', '.join(unknown)} are no sites.")
    if any(";" in word for word in (*new.skills, *new.site_ids, *new.zones)):
        raise InputError("skills, site_ids and zones must not contain a semicolon.")
    contractor_id = connection.new_id("con", now)
    row = {"contractor_id": contractor_id, "tenant_id": caller.tenant_id, "carrier_id": new.carrier_id,
           "name": new.name, "phone": new.phone, "vehicle": new.vehicle, "state": "active", "version": 1,
           "max_weight_g": new.max_weight_g, "max_volume_ml": new.max_volume_ml, "skills": ";".join(new.skills),
           "site_ids": ";".join(new.site_ids), "zones": ";".join(new.zones), "most_at_once": new.most_at_once,
           "offered_at": 0, "link_hash": None, "created_at": now}  # fmt: skip
    connection.run(inserting(contractors), [row])
    known = {"carrier_id": new.carrier_id}
    tell_created(connection, caller, "contractor", contractor_id, "active", now=now, data=known)
    return contractor_id


def step_contractor(
    connection: Connection, caller: Caller, contractor_id: str, event: Step, *, now: int, reason: str = ""
) -> str:
    """Let a contractor pause, go on or end, and return their state; what was offered already runs out by itself.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If the tenant has no such contractor, or they have ended.
    ConflictError
        If they shall end but have deliveries in hand: without their link nobody would tell what becomes of those.
    """
    row = find_contractor(connection, caller.tenant_id, contractor_id, lock=True)
    if row.state == _LEADS_TO[event]:
        return str(row.state)
    has = in_hand(connection, contractor_id) if event == "end" else 0
    if has:
        raise ConflictError(
            f"contractor {contractor_id} has {has} deliveries in hand.", hint="Maybe pause them first, or recall these."
        )
    changes = {"link_hash": None} if event == "end" else {}
    return advance(
        connection, caller, "contractor", contractor_id, event, now=now, reason=reason, changes=changes
    ).to_state


def issue_link(connection: Connection, caller: Caller, contractor_id: str, *, now: int) -> str:
    """Return the token of a new link for a contractor; one that they had ends at once.

    Raises
    ------
    NotFoundError, ConflictError
        If the tenant has no such contractor, or they have ended.
    """
    row = find_contractor(connection, caller.tenant_id, contractor_id, lock=True)
    if row.state == "ended":
        raise ConflictError(f"contractor {contractor_id} has ended.")
    token = connection.new_secret()
    mine = contractors.c.contractor_id == contractor_id
    connection.execute(update(contractors).where(mine).values(link_hash=hash_secret(token)))
    connection.journal.audit(tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="contractor_link",
                             object_id=contractor_id, event="create")  # fmt: skip
    return token


def find_by_link(connection: Connection, token: str) -> Contractor:
    """Return whose link a token is.

    Raises
    ------
    NotFoundError
        If it is nobody's, or no longer.
    """
    row = connection.execute(select(contractors).where(contractors.c.link_hash == hash_secret(token))).one_or_none()
    if row is None:
        raise NotFoundError("this link leads nowhere.", hint="Maybe it was replaced by a newer one.")
    return as_contractor(row)


def as_contractor(row: "Row[Any]") -> Contractor:
    """Return who a row of the table is."""
    return Contractor(
        contractor_id=row.contractor_id, tenant_id=row.tenant_id, carrier_id=row.carrier_id, name=row.name
    )


def find_contractor(connection: Connection, tenant_id: str, contractor_id: str, *, lock: bool = False) -> "Row[Any]":
    """Return the row of a contractor.

    Raises
    ------
    NotFoundError
        If the tenant has no such contractor.
    """
    mine = (contractors.c.contractor_id == contractor_id) & (contractors.c.tenant_id == tenant_id)
    query = select(contractors).where(mine)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(f"contractor {contractor_id} does not exist.")
    return row


def in_hand(connection: Connection, contractor_id: str) -> int:
    """Return how many deliveries a contractor has accepted that have not ended."""
    of = carrier_bookings.c
    query = select(func.count()).select_from(carrier_bookings)
    return int(connection.execute(query.where(of.contractor_id == contractor_id, of.state == "confirmed")).scalar_one())


def can_bring(
    row: "Row[Any]", *, site_id: str, postal_code: str, weight_g: int, volume_ml: int, wanted: Sequence[str]
) -> bool:
    """Return whether a contractor loads at a site, goes to a postal code, and can carry a delivery."""
    sites, zones = words_of(row.site_ids), words_of(row.zones)
    return (
        (not sites or site_id in sites)
        and (not zones or postal_code.startswith(tuple(zones)))
        and (row.max_weight_g is None or weight_g <= row.max_weight_g)
        and (row.max_volume_ml is None or volume_ml <= row.max_volume_ml)
        and set(wanted) <= set(words_of(row.skills))
    )
