"""The book of a day's shelves: units that appear, vanish or come when nothing was sent are told."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.operations.planning.stock_ledger import DayLedger, LedgerCheck, Movements

NONE = Movements.of([])


def book() -> tuple[LedgerCheck, DayLedger, DayLedger]:
    """Return a check and two days of a product at two sites: two units sent over on the first arrive on the second."""
    first = DayLedger(
        begin=np.array([[9, 0]]),
        arrived=np.array([[0, 0]]),
        shipped=np.array([[3, 0]]),
        sent=Movements.of([(0, 0, 1, 2, 1), (0, -1, 0, 5, 2)]),
        end=np.array([[4, 0]]),
    )
    second = DayLedger(
        begin=np.array([[4, 0]]),
        arrived=np.array([[0, 2]]),
        shipped=np.array([[1, 1]]),
        sent=Movements.of([(0, 0, -1, 1, 1)]),
        end=np.array([[2, 1]]),
    )
    return LedgerCheck(before=np.array([[9, 0]]), coming=NONE), first, second


def test_a_book_in_which_every_unit_is_somewhere_has_no_fault():
    check, first, second = book()
    assert check.faults(first) == check.faults(second) == []
    third = DayLedger(begin=np.array([[2, 1]]), arrived=np.array([[5, 0]]), shipped=np.array([[0, 0]]), sent=NONE,
                      end=np.array([[7, 1]]))  # fmt: skip
    assert check.faults(third) == []


@pytest.mark.parametrize(
    ("name", "units", "told"),
    [
        ("begin", [[5, 0]], "begins with 5 units, not 4"),
        ("arrived", [[0, 3]], "product 0 at site 1 is sent 3 units, not 2"),
        ("shipped", [[1, 2]], "product 0 at site 1 ends with 1 units, not 0"),
        ("end", [[1, 2]], "product 0 at site 0 ends with 1 units, not 2; 2 entries differ"),
    ],
)
def test_a_book_that_was_tampered_with_is_caught(name: str, units: list[list[int]], told: str):
    check, first, second = book()
    assert check.faults(first) == []
    faults = check.faults(replace(second, **{name: np.array(units)}))  # type: ignore[arg-type]
    assert any(fault.startswith("Day 1: ") and told in fault for fault in faults), faults


def test_units_below_none_and_units_that_travel_at_once_are_caught():
    check, first, _ = book()
    sold = replace(first, shipped=np.array([[10, 0]]), sent=NONE, end=np.array([[-1, 0]]))
    assert check.faults(sold) == ["Day 0: product 0 at site 0 has -1 units, not 0; 1 entries differ."]
    check, first, _ = book()
    at_once = replace(first, sent=Movements.of([(0, 0, 1, 2, 0)]))
    assert check.faults(at_once) == ["Day 0: what is sent must be units that take a day or more."]
