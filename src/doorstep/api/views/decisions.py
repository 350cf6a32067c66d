"""Why it was decided so, and what would be decided now."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from doorstep.api.models.decisions import (
    Alternative,
    Decision,
    Evaluation,
    EvaluationRequest,
    ModeEvaluation,
    WeighedModes,
)
from doorstep.api.models.orders import Allocation
from doorstep.api.models.parts import CostPart, Line, Money
from doorstep.api.views.matching import matching
from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.operations.fulfil.trial import free_units, try_order
from doorstep.operations.intake.errors import OrderFaultsError
from doorstep.operations.intake.faults import faults_of
from doorstep.operations.intake.network import live_network
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import decisions


def list_decisions(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    limit: int,
    after: str = "",
    order_id: str | None = None,
    question: str | None = None,
) -> list[Decision]:
    """Return decisions in the order in which they were made; ``after`` is the id of the last one seen."""
    query = select(decisions).where(decisions.c.tenant_id == tenant_id, decisions.c.decision_id > after)
    wanted = {decisions.c.order_id: order_id, decisions.c.question: question}
    query = matching(query, wanted)
    rows = connection.execute(query.order_by(decisions.c.decision_id).limit(limit))
    return [
        Decision(
            id=row.decision_id,
            order_id=row.order_id,
            question=row.question,
            at=row.at,
            alternatives=[_alternative(each, currency) for each in json.loads(row.alternatives)],
        )
        for row in rows
    ]


def evaluate_order(
    connection: Connection, tenant_id: str, asked: EvaluationRequest, *, now: int, currency: str
) -> Evaluation:
    """Return what would be decided about an order if it were placed now; nothing is written.

    Raises
    ------
    OrderFaultsError
        If the order cannot be right.
    """
    faults = faults_of(_order(asked), live_network(connection, tenant_id), now)
    if faults:
        raise OrderFaultsError(tuple(faults))
    order = _order(asked)
    decided = try_order(connection, tenant_id, order, free_units(connection, tenant_id, order.lines), now=now)
    reasons = decided.unserved["reason"].to_list()
    return Evaluation(
        reason=str(reasons[0]) if reasons else "",
        allocations=_by_line(asked.lines, decided.allocations.iter_rows(named=True)),
        alternatives=[_alternative(row, currency) for row in decided.decisions.to_dicts()],
    )


def show_modes(weighed: Mapping[str, Sequence[Mapping[str, object]]], currency: str) -> ModeEvaluation:
    """Return the ways of orders that were weighed, as callers read them."""
    return ModeEvaluation(
        orders=[
            WeighedModes(order_id=order_id, alternatives=[_alternative(row, currency) for row in rows])
            for order_id, rows in sorted(weighed.items())
        ]
    )


def _order(asked: EvaluationRequest) -> NewOrder:
    return NewOrder(
        service_level_id=asked.service_level_id,
        lat=asked.place.lat,
        lon=asked.place.lon,
        postal_code=asked.place.postal_code,
        lines=tuple(NewLine(product_id=line.product_id, quantity=line.quantity) for line in asked.lines),
        pickup_site_id=asked.pickup_site_id or "",
        requirements=";".join(asked.requirements),
    )


def _by_line(lines: Sequence[Line], allocated: Iterable[Mapping[str, Any]]) -> list[Allocation]:
    """Return allocations, decided by product, as pieces of lines."""
    left: dict[str, list[tuple[str, int]]] = {}
    for row in allocated:
        left.setdefault(row["product_id"], []).append((row["site_id"], row["quantity"]))
    pieces = []
    for number, line in enumerate(lines, 1):
        missing, sites = line.quantity, left.get(line.product_id, [])
        while missing and sites:
            site, units = sites.pop(0)
            taken = min(missing, units)
            pieces.append(Allocation(line_no=number, site_id=site, quantity=taken, receipt_id=None))
            missing -= taken
            if units > taken:
                sites.insert(0, (site, units - taken))
    return pieces


def _alternative(row: Mapping[str, object], currency: str) -> Alternative:
    cost, price, parts = row.get("cost_minor"), row.get("price_minor"), row.get("cost_parts")
    return Alternative(
        option=str(row.get("option", "")),
        site_id=_maybe(row, "site_id"),
        mode=_maybe(row, "mode"),
        carrier_id=_maybe(row, "carrier_id"),
        cost=Money(amount=cost, currency=currency) if isinstance(cost, int) else None,
        price=Money(amount=price, currency=currency) if isinstance(price, int) else None,
        cost_parts=[CostPart(part=part, amount=amount) for part, amount in sorted(parts.items())]
        if isinstance(parts, dict)
        else [],
        chosen=bool(row.get("chosen")),
        code=_maybe(row, "code"),
        why=str(row.get("why", "")),
    )


def _maybe(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    return str(value) if value else None
