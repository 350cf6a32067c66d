"""What happened, read in its order: for those who listen, and for those who copy events elsewhere.

Events are numbered in the order of commits, without gaps: who remembers the last number has missed nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from doorstep.storage import Connection
from doorstep.storage.schema.journal import events, journal_head, relays

ALL_OF_KIND = ".*"
SLACK_S = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """An event of the outbox; ``sequence`` is the version of its object, ``at`` when it happened [epoch s]."""

    event_no: int
    event_id: str
    tenant_id: str
    type: str
    kind: str
    object_id: str
    sequence: int
    at: int
    data: dict[str, object]


class EventPage(NamedTuple):
    """Some events, oldest first, and the cursor to go on with, also where nothing was found."""

    events: list[StreamEvent]
    cursor: int


def events_after(
    connection: Connection, tenant_id: str, cursor: int, *, types: Sequence[str] = (), limit: int = 100
) -> EventPage:
    """Return a tenant's events after a cursor.

    Parameters
    ----------
    types
        Types wanted, each exact or the beginning of types with ``.*`` behind it; empty: all.
    """
    last = latest_event_no(connection)
    after = select(events).where(events.c.tenant_id == tenant_id, events.c.event_no > cursor)
    if types:
        after = after.where(of_types(types))
    found = read_events(connection, after.where(events.c.event_no <= last).limit(limit))
    return EventPage(found, found[-1].event_no if len(found) == limit else max(cursor, last))


def latest_event_no(connection: Connection) -> int:
    """Return the number of the last event; 0 before the first."""
    return int(connection.execute(select(journal_head.c.event_no)).scalar_one())


def first_event_since(connection: Connection, moment: int) -> int:
    """Return a number such that all events of a moment and later come after it [epoch s].

    Events were numbered nearly in the order of their moments: halving finds the place, an hour allows for the rest.
    """
    low, high = 0, latest_event_no(connection)
    while low < high:
        middle = (low + high + 1) // 2
        at = connection.execute(select(events.c.at).where(events.c.event_no == middle)).scalar_one_or_none()
        if at is not None and at >= moment - SLACK_S:
            high = middle - 1
        else:
            low = middle
    return low


def matches(types: Sequence[str], event_type: str) -> bool:
    """Return whether an event's type is among those wanted: exact, ``prefix.*``, or none named, which means all."""
    return not types or any(
        event_type.startswith(wanted[:-1]) if wanted.endswith(ALL_OF_KIND) else event_type == wanted for wanted in types
    )


def of_types(types: Sequence[str]) -> "sa.ColumnElement[bool]":
    """Return the condition on ``events`` that means the same as ``matches`` with one type or more."""
    exact = [wanted for wanted in types if not wanted.endswith(ALL_OF_KIND)]
    beginnings = [wanted[:-1] for wanted in types if wanted.endswith(ALL_OF_KIND)]
    kinds = [sa.func.substr(events.c.type, 1, len(beginning)) == beginning for beginning in beginnings]
    return sa.or_(events.c.type.in_(exact), *kinds)  # LIKE would ignore case on SQLite


def read_events(connection: Connection, query: "sa.Select[Any]") -> list[StreamEvent]:
    """Return the events that a query of whole rows finds, in their order."""
    rows = connection.execute(query.order_by(events.c.event_no))
    return [StreamEvent(**{**row._mapping, "data": json.loads(row.data)}) for row in rows]


def relayed_up_to(connection: Connection, name: str, *, lock: bool = False) -> int:
    """Return the number of the last event that a relay has handed on; ``lock`` keeps others from doing so meanwhile."""
    query = select(relays.c.event_no).where(relays.c.name == name)
    if lock:
        connection.execute(insert(relays).values(name=name, event_no=0).on_conflict_do_nothing())
        query = query.with_for_update()
    return int(connection.execute(query).scalar_one_or_none() or 0)


def relay_moved(connection: Connection, name: str, event_no: int) -> None:
    """Remember how far a relay has come; it never goes back."""
    here = (relays.c.name == name) & (relays.c.event_no < event_no)
    connection.execute(insert(relays).values(name=name, event_no=event_no).on_conflict_do_nothing())
    connection.execute(update(relays).where(here).values(event_no=event_no))
