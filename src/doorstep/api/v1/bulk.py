"""Many orders in one request, each with its own fate."""

import asyncio
from collections.abc import Sequence

from doorstep.api.desk import Desk, committed
from doorstep.api.models.orders import BulkRow, OrderCreate, OrdersBulkReply, RowFaults
from doorstep.api.new_orders import new_intake
from doorstep.api.problems.told import as_problem
from doorstep.domain.new_order import TakenOrder
from doorstep.foundation import DoorstepError
from doorstep.operations.intake.take import take_orders

Outcome = TakenOrder | DoorstepError | RowFaults


async def take_rows(desk: Desk, rows: Sequence[OrderCreate | RowFaults]) -> OrdersBulkReply:
    """Return what became of each row."""
    outcomes = await asyncio.gather(*(_take(desk, number, row) for number, row in enumerate(rows)))
    told = [_told(desk, number, outcome) for number, outcome in enumerate(outcomes)]
    accepted = sum(row.order_id is not None for row in told)
    return OrdersBulkReply(accepted=accepted, refused=len(told) - accepted, rows=told)


async def _take(desk: Desk, number: int, row: OrderCreate | RowFaults) -> Outcome:
    if isinstance(row, RowFaults):
        return row
    # A space cannot stand in a caller's own key, so the keys of rows are never those of other requests.
    key = f"{desk.named.key} {number}" if desk.named else None
    try:
        intake = new_intake(row, desk.caller, now=desk.now, key=key, secret=desk.offer_secret)
        return await committed(desk.platform.writer.together(take_orders, intake))
    except DoorstepError as fault:
        return fault


def _told(desk: Desk, number: int, outcome: Outcome) -> BulkRow:
    if isinstance(outcome, TakenOrder):
        status = 200 if outcome.repeated and not desk.named else 201
        return BulkRow(row=number, status=status, order_id=outcome.order_id, problem=None)
    problem = as_problem(outcome.faults if isinstance(outcome, RowFaults) else outcome, desk.request.scope)
    return BulkRow(row=number, status=problem.status, order_id=None, problem=problem)
