"""Audit rows and outbox events of a transaction, kept aside and written at its end in one go.

Written last, the journal's lock is held only while the transaction commits; so numbers have no gaps, their order is the
order of commits, a reader that remembers the last number misses nothing, and writers cannot wait for one another in a
circle.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from doorstep.storage.prepared import Prepared, inserting
from doorstep.storage.schema.journal import audit, events, journal_head

if TYPE_CHECKING:
    from doorstep.storage.connection import Connection

HEAD = 1
GENESIS = "0" * 64
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_READ_HEAD = Prepared(
    select(journal_head.c.audit_no, journal_head.c.hash, journal_head.c.event_no)
    .where(journal_head.c.head_id == HEAD)
    .with_for_update()
)
_MOVE_HEAD = Prepared(
    update(journal_head)
    .where(journal_head.c.head_id == HEAD)
    .values(audit_no=bindparam("to_audit_no"), hash=bindparam("to_hash"), event_no=bindparam("to_event_no"))
)
_HASHED = ("audit_no", "tenant_id", "at", "actor", "kind", "object_id", "event", "from_state", "to_state", "reason")


def canonical(value: object) -> str:
    """Return JSON text with sorted keys and no spaces: equal values give equal text."""
    return _canonical(value)


def chained_hash(previous: str, row: Mapping[str, object]) -> str:
    """Return the hash of an audit row and, through ``previous``, of all rows before it."""
    words = _canonical([previous, *(row[name] for name in _HASHED)])
    return hashlib.sha256(words.encode()).hexdigest()


class Journal:
    """What a transaction will have to say when it commits."""

    def __init__(self) -> None:
        self._audits: list[dict[str, object]] = []
        self._events: list[dict[str, object]] = []

    def audit(
        self,
        *,
        tenant_id: str,
        at: int,
        actor: str,
        kind: str,
        object_id: str,
        event: str,
        from_state: str = "",
        to_state: str = "",
        reason: str = "",
    ) -> None:
        """Add a row to the audit chain: who did what to which object, and why."""
        self._audits.append(
            {
                "tenant_id": tenant_id,
                "at": at,
                "actor": actor,
                "kind": kind,
                "object_id": object_id,
                "event": event,
                "from_state": from_state,
                "to_state": to_state,
                "reason": reason,
            }
        )

    def publish(
        self,
        *,
        event_id: str,
        tenant_id: str,
        type: str,  # noqa: A002 - the word of CloudEvents and of Standard Webhooks
        kind: str,
        object_id: str,
        sequence: int,
        at: int,
        data: Mapping[str, object],
    ) -> None:
        """Add an event to the outbox; ``sequence`` is the object's version after the change."""
        self._events.append(
            {
                "event_id": event_id,
                "tenant_id": tenant_id,
                "type": type,
                "kind": kind,
                "object_id": object_id,
                "sequence": sequence,
                "at": at,
                "data": canonical(data),
            }
        )

    def mark(self) -> tuple[int, int]:
        """Return how much has been said so far."""
        return len(self._audits), len(self._events)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Take back what was said after a mark."""
        del self._audits[mark[0] :], self._events[mark[1] :]

    def write(self, connection: "Connection") -> None:
        """Write everything, numbered and chained; the last thing that a transaction does."""
        if not self._audits and not self._events:
            return
        ((audit_no, previous, event_no),) = connection.fetch(_READ_HEAD, {"head_id_1": HEAD})
        for audit_no, row in enumerate(self._audits, audit_no + 1):  # noqa: B020 - it goes on from the head's
            row["audit_no"] = audit_no
            previous = row["hash"] = chained_hash(previous, row)
        for event_no, row in enumerate(self._events, event_no + 1):  # noqa: B020
            row["event_no"] = event_no
        head = {"to_audit_no": audit_no, "to_hash": previous, "to_event_no": event_no, "head_id_1": HEAD}
        with connection.pipelined():
            connection.run(inserting(audit), self._audits)
            connection.run(inserting(events), self._events)
            connection.run(_MOVE_HEAD, [head])
        self._audits, self._events = [], []
