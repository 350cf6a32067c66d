"""Orders on which nothing can be decided: found by halves and put on hold, so that they stop no other."""

from collections.abc import Iterable, Sequence

from doorstep.foundation import ConflictError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.deciding import Choice, OpenCase, decide
from doorstep.operations.transitions import advance
from doorstep.storage import Connection

DECIDING_FAILS = "deciding_fails"
"""Why such an order is on hold."""


def decide_apart(case: OpenCase) -> tuple[dict[str, Choice], dict[str, Exception]]:
    """Return the choices for all orders that can be decided, and what deciding each of the others raises.

    All are decided together. Where that fails they are decided by halves, and those again: whatever fits together stays
    together, and two parts that want the same units find out when they are stored.

    Raises
    ------
    Exception
        Whatever deciding raises, if it fails for every order: the fault lies elsewhere then, or the order stops nobody.
    """
    try:
        return decide(case), {}
    except Exception:  # whatever an order may bring about
        choices, faults = _by_halves(case, list(case.orders))
        if not choices:
            raise
        return choices, faults


def hold_undecidable(
    connection: Connection, caller: Caller, case: OpenCase, order_ids: Iterable[str], *, now: int
) -> list[str]:
    """Put orders on hold for people to look at, unless they have changed since they were read; return which."""
    held = []
    for order_id in order_ids:
        version = case.orders[order_id].version
        try:
            advance(connection, caller, "order", order_id, "hold", now=now, reason=DECIDING_FAILS, if_version=version)
        except ConflictError:
            continue
        held.append(order_id)
    return held


def _by_halves(case: OpenCase, order_ids: Sequence[str]) -> tuple[dict[str, Choice], dict[str, Exception]]:
    middle = len(order_ids) // 2
    choices: dict[str, Choice] = {}
    faults: dict[str, Exception] = {}
    for half in (order_ids[:middle], order_ids[middle:]):
        try:
            choices |= decide(case.only(half, full=()))
        except Exception as fault:
            if len(half) == 1:
                faults[half[0]] = fault
            else:
                more, other = _by_halves(case, half)
                choices |= more
                faults |= other
    return choices, faults
