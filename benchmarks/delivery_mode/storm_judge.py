"""The judge of the fault storm: what the carriers' own books say against what doorstep's database says.

It reads the rows of both sides and shares no code with what wrote them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from benchmarks.delivery_mode.storm_town import Town
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.storage import Connection

OURS = """
SELECT b.booking_id, b.carrier_id, b.state, b.reason, b.delivery_id, d.order_id, d.state AS there,
  d.carrier_id AS has_it, COALESCE(m.minor, 0) AS owed
FROM carrier_bookings b JOIN deliveries d ON d.delivery_id = b.delivery_id
LEFT JOIN (SELECT subject_id, SUM(amount_minor) AS minor FROM money_entries WHERE account = 'carrier'
           GROUP BY subject_id) m ON m.subject_id = b.booking_id
WHERE b.asked_at >= :since"""
JOURNAL = """
SELECT audit_no, kind, object_id, event, from_state, to_state FROM audit WHERE audit_no > :after ORDER BY audit_no"""
AS_IT_ENDED = {
    "delivered": (("ended", "delivered"),),
    "returned": (("ended", "returned"),),
    "cancelled": (("called_off", ""), ("ended", "cancelled")),
    "no_courier": (("dropped", ""), ("called_off", "")),
}
"""States of our booking and of its delivery that agree with how the carrier ended it; empty: any."""
BROUGHT = ("delivered", "returned")
REPORTED = ("delivery", "route", "station_unit", "collection")
"""Kinds of objects that facts from outside move: what nobody told in between is skipped."""


class Theirs(NamedTuple):
    """A delivery in a carrier's own books: under which id of ours, how it ended, and what is charged for it."""

    carrier_id: str
    booking_id: str
    end: str
    charged_minor: int


class Ours(NamedTuple):
    """A booking in doorstep's database, with where its delivery is and what the books owe the carrier for it."""

    booking_id: str
    carrier_id: str
    state: str
    reason: str
    delivery_id: str
    order_id: str
    there: str
    has_it: str
    owed_minor: int


@dataclass(slots=True)
class Verdict:
    """What was found wrong, by kind, with some sentences; ``late`` counts what was called off too late."""

    double: int = 0
    lost: int = 0
    differ: int = 0
    illegal: int = 0
    money_off_minor: int = 0
    late: int = 0
    said: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """Keep a sentence, if there are few yet."""
        if len(self.said) < 20:
            self.said.append(sentence)


def their_books(town: Town) -> list[Theirs]:
    """Return all deliveries that the carriers have in their books."""
    found = []
    for carrier_id, there in town.there.items():
        terms = there.fleet.terms
        for booking in there.fleet.bookings.values():
            last = booking.journey.steps[-1]
            end = "no_courier" if last.reason == "no_courier" else last.state
            back_minor = terms.return_fee_minor if end == "returned" else 0
            charged = {"no_courier": 0, "cancelled": booking.fee_minor or 0}.get(end, booking.price_minor + back_minor)
            found.append(Theirs(carrier_id, booking.asked.caller_id or _in_metadata(booking.asked.said), end, charged))
    return found


def our_books(connection: Connection, *, since: int) -> list[Ours]:
    """Return the bookings that were asked for since a moment."""
    return [Ours._make(row) for row in connection.execute(sa.text(OURS), {"since": since})]


def judge_books(verdict: Verdict, theirs: Sequence[Theirs], ours: Sequence[Ours]) -> None:
    """Add to a verdict where the two sides differ."""
    known = {(row.carrier_id, row.booking_id): row for row in ours}
    made = Counter((one.carrier_id, one.booking_id) for one in theirs)
    for key, count in made.items():
        if count > 1:
            verdict.double += 1
            verdict.say(f"{key[0]} has {count} deliveries {key[1]}.")
    _brought_once(verdict, theirs, known)
    for one in theirs:
        row = known.get((one.carrier_id, one.booking_id))
        if row is None:
            verdict.lost += 1
            verdict.say(f"{one.carrier_id} has {one.booking_id}, which we do not know.")
        else:
            _agree(verdict, one, row)
    for row in ours:
        if (row.carrier_id, row.booking_id) not in made and not _never_made(row):
            verdict.lost += 1
            verdict.say(f"{row.booking_id} is {row.state} here, {row.carrier_id} does not know it.")


def journal_after(connection: Connection, audit_no: int) -> Iterator[Sequence[object]]:
    """Yield the rows of the journal after one of them: number, kind, object, event, and the states it led between."""
    yield from connection.execute(sa.text(JOURNAL), {"after": audit_no})


def replay(verdict: Verdict, rows: Iterable[Sequence[object]], standing: dict[str, str]) -> int:
    """Replay rows of the journal against the tables of the lifecycles, and return the number of the last one.

    ``standing`` has the states of objects that have not ended, and is kept up.
    """
    last = 0
    for number, kind, object_id, event, from_state, to_state in rows:
        last, name = int(str(number)), str(object_id)
        if kind not in LIFECYCLES:
            continue
        was = standing.get(name, "")
        if was != from_state or not _legal(str(kind), str(event), str(from_state), str(to_state)):
            verdict.illegal += 1
            verdict.say(f"{kind} {name} was {was or 'not there'}, then {from_state} -> {to_state} by {event}.")
        standing[name] = str(to_state)
    return last


def _brought_once(verdict: Verdict, theirs: Sequence[Theirs], known: Mapping[tuple[str, str], Ours]) -> None:
    """Count deliveries that two couriers have driven to the door with, and orders that were delivered twice."""
    of_delivery: dict[str, int] = defaultdict(int)
    of_order: dict[str, int] = defaultdict(int)
    for one in theirs:
        row = known.get((one.carrier_id, one.booking_id))
        if row is not None and one.end in BROUGHT:
            of_delivery[row.delivery_id] += 1
            of_order[row.order_id] += one.end == "delivered"
    for what in (of_delivery, of_order):
        for name, count in what.items():
            if count > 1:
                verdict.double += 1
                verdict.say(f"{name} was brought {count} times.")


def _agree(verdict: Verdict, one: Theirs, row: Ours) -> None:
    too_late = (
        row.state == "ended" and one.end in BROUGHT and (row.there == "cancelled" or row.has_it != one.carrier_id)
    )
    verdict.late += too_late
    agreeing = AS_IT_ENDED.get(one.end, ())
    if not too_late and not any(row.state == state and there in ("", row.there) for state, there in agreeing):
        verdict.differ += 1
        verdict.say(f"{row.booking_id} is {row.state} ({row.reason}), its delivery {row.there} with {row.has_it}; "
                    f"{one.carrier_id} says {one.end}.")  # fmt: skip
    if one.charged_minor != row.owed_minor:
        verdict.money_off_minor += abs(one.charged_minor - row.owed_minor)
        verdict.say(f"{row.booking_id} ({row.state}, {one.end}): {one.carrier_id} charges {one.charged_minor}, "
                    f"the books owe {row.owed_minor}.")  # fmt: skip


def _never_made(row: Ours) -> bool:
    """Return whether a carrier need not know a booking: it refused it, or a half of it was called off for nothing."""
    return row.state == "refused" or (row.state == "called_off" and not row.owed_minor)


def _legal(kind: str, event: str, from_state: str, to_state: str) -> bool:
    if event == "create":
        return from_state == ""
    step = {row.event: row for row in LIFECYCLES[kind].transitions}.get(event)
    if step is None or step.target != to_state:
        return False
    return from_state in step.sources or (kind in REPORTED and to_state in _ahead(kind, from_state))


@cache
def _ahead(kind: str, state: str) -> frozenset[str]:
    """Return the states that can still come after one."""
    ahead: set[str] = set()
    fresh = {state}
    while fresh:
        fresh = {row.target for row in LIFECYCLES[kind].transitions if fresh & set(row.sources)} - ahead
        ahead |= fresh
    return frozenset(ahead)


def _in_metadata(said: Mapping[str, object]) -> str:
    """Return our id where a carrier keeps it in the metadata of the task of pick-up."""
    pickup = said["pickup"]
    assert isinstance(pickup, dict)
    return str(next(entry["value"] for entry in pickup["metadata"] if entry["name"] == "doorstep_delivery"))
