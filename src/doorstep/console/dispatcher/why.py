"""Why this and not another: what was weighed about an order, question by question."""

from dataclasses import dataclass

from doorstep.api.models.decisions import Alternative
from doorstep.api.views.decisions import list_decisions
from doorstep.storage import Connection

QUESTIONS = {"site": "Which site picks it", "mode": "Who brings it"}
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What was weighed about one question, the winner first, then by cost; ``most_minor`` is the dearest."""

    question: str
    at: int
    alternatives: tuple[Alternative, ...]
    most_minor: int


def why_of(connection: Connection, tenant_id: str, order_id: str, currency: str) -> list[Weighed]:
    """Return what was decided about an order, the newest first."""
    made = list_decisions(connection, tenant_id, currency=currency, limit=MOST, order_id=order_id)
    return [
        Weighed(
            question=QUESTIONS.get(decision.question, decision.question),
            at=decision.at,
            alternatives=tuple(sorted(decision.alternatives, key=_rank)),
            most_minor=max((each.cost.amount for each in decision.alternatives if each.cost), default=0),
        )
        for decision in reversed(made)
    ]


def _rank(one: Alternative) -> tuple[bool, bool, int]:
    return not one.chosen, one.cost is None, one.cost.amount if one.cost else 0
