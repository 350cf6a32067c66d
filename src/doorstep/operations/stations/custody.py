"""Who has a parcel: the chain of hand-overs by when they were made, and where it does not hold together."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select, update

from doorstep.operations.caller import Caller
from doorstep.operations.exceptions import EXPLAINED, OPEN, open_exception
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import exceptions, parcels, tracking_events

HAND_OVERS = ("unload", "receive", "load")
"""Scans by which a parcel changes hands; of two in one second, the first in this list was first."""
PARCEL = "parcel"
"""The kind of object that scans are about among facts."""
BROKEN = "broken_custody"


class Hop(NamedTuple):
    """A hand-over: the scan that tells it, when it was made, and who gave to whom.

    One that nobody scanned, but that must have been, is ``inferred``: it explains where a parcel is and accuses nobody.
    """

    source: str
    source_event_id: str
    site_id: str
    at: int
    kind: str
    giver: str
    taker: str
    inferred: bool = False

    @property
    def place(self) -> tuple[int, int, str, str]:
        """Its place among the hops of a parcel."""
        return self.at, HAND_OVERS.index(self.kind), self.source, self.source_event_id


def follow_hands(hops: Iterable[Hop], first: str) -> tuple[str, list[Hop]]:
    """Return who has a parcel, and the hops by which somebody gave what he did not have.

    Every hop is believed about who has it afterwards: the parcel is where it was scanned. Both parties may scan one
    hand-over. The order in which hops are told makes no difference.

    Parameters
    ----------
    first
        Who had it when it was packed; empty: nobody knows any more.
    """
    holder, last, broken = first, ("", ""), []
    for hop in sorted(hops, key=lambda hop: hop.place):
        if hop.inferred:
            holder = hop.taker
            continue
        if holder and hop.giver != holder and (hop.giver, hop.taker) != last:
            broken.append(hop)
        holder, last = hop.taker, (hop.giver, hop.taker)
    return holder, broken


def settle_custody(connection: Connection, caller: Caller, parcel_id: str, *, now: int) -> tuple[str, list[str]]:
    """Bring a parcel's holder and its exceptions in line with its hops; return the holder and what is open."""
    parcel = connection.execute(select(parcels).where(parcels.c.parcel_id == parcel_id)).one()
    hops, forgotten = _hops(connection, caller.tenant_id, parcel_id)
    holder, broken = follow_hands(hops, "" if forgotten else f"site:{parcel.site_id}")
    connection.execute(update(parcels).where(parcels.c.parcel_id == parcel_id).values(holder=holder))
    mine = (exceptions.c.parcel_id == parcel_id) & (exceptions.c.code == BROKEN)
    known = {(row.source, row.source_event_id): row for row in connection.execute(select(exceptions).where(mine)).all()}
    open_ = []
    for hop in broken:
        row = known.pop((hop.source, hop.source_event_id), None)
        if row is None:
            detail = f"{hop.giver} handed it to {hop.taker}, and did not have it."
            open_.append(
                open_exception(connection, caller, BROKEN, site_id=hop.site_id, sscc=parcel.sscc or "", now=now,
                               parcel_id=parcel_id, scan=(hop.source, hop.source_event_id), detail=detail)
            )  # fmt: skip
        elif row.state in (OPEN, EXPLAINED):
            open_.append(row.exception_id)
            if row.state == EXPLAINED:
                advance(connection, caller, "exception", row.exception_id, "reopen", now=now)
    for row in known.values():
        if row.state == OPEN:
            advance(connection, caller, "exception", row.exception_id, "explain", now=now)
    return holder, open_


def _hops(connection: Connection, tenant_id: str, parcel_id: str) -> tuple[list[Hop], bool]:
    """Return the hops of a parcel, and whether some are known no more: who had it is forgotten after a while."""
    query = select(tracking_events).where(
        tracking_events.c.tenant_id == tenant_id,
        tracking_events.c.object_id == parcel_id,
        tracking_events.c.kind == PARCEL,
        tracking_events.c.event.in_(HAND_OVERS),
    )
    found, forgotten = [], False
    for row in connection.execute(query).all():
        told = json.loads(row.details)
        if "from" not in told:
            forgotten = True
            continue
        at = min(row.occurred_at, row.recorded_at)
        found.append(Hop(row.source, row.source_event_id, told["at"], at, row.event, told["from"], told["to"],
                         row.reason == "inferred"))  # fmt: skip
    return found, forgotten
