"""No cell of an export is run as a formula by a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.api.conventions.csv_cells import STARTS_OF_FORMULAS, csv_lines, safe_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+12025550143", "'+12025550143"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1", "'＝1"),
        ("-5", "-5"),
        ("-5.25e3", "-5.25e3"),
        ("-٣", "'-٣"),
        ("a=b", "a=b"),
        ("", ""),
        (None, ""),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (True, "true"),
    ],
)
def test_a_cell_is_quoted_only_where_it_must_be(value, cell):
    assert safe_cell(value) == cell


@given(st.text())
def test_no_text_starts_a_formula(text):
    cell = safe_cell(text)
    assert not cell.startswith(STARTS_OF_FORMULAS) or float(cell) <= 0


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\x00")), min_size=2, max_size=2), max_size=5))
def test_a_reader_of_csv_gets_the_cells_back(rows):
    text = "".join(csv_lines(["a", "b"], rows))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["a", "b"],
        *[[safe_cell(x) for x in row] for row in rows],
    ]
