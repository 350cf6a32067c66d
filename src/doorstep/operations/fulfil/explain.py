"""Why something was decided: the alternatives of one question about one order, kept for those who ask."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import decisions

Alternatives = Sequence[Mapping[str, object]]


def keep_decision(
    connection: Connection, caller: Caller, order_id: str, question: str, alternatives: Alternatives, *, now: int
) -> None:
    """Store what was weighed, the chosen alternative marked."""
    row = {"decision_id": connection.new_id("dec", now), "tenant_id": caller.tenant_id, "order_id": order_id,
           "question": question, "at": now, "alternatives": canonical(list(alternatives))}  # fmt: skip
    connection.run(inserting(decisions), [row])


def keep_news(
    connection: Connection, caller: Caller, order_id: str, question: str, alternatives: Alternatives, *, now: int
) -> bool:
    """Store what was weighed unless it was the same the last time, and return whether it was news."""
    last = (
        select(decisions.c.alternatives)
        .where(decisions.c.order_id == order_id, decisions.c.question == question)
        .order_by(decisions.c.decision_id.desc())
        .limit(1)
    )
    if connection.execute(last).scalar() == canonical(list(alternatives)):
        return False
    keep_decision(connection, caller, order_id, question, alternatives, now=now)
    return True
