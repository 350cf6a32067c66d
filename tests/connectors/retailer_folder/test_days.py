"""Cells that are days: from text and from Parquet, with what cannot be one marked."""

from datetime import date

import dataframely as dy
import polars as pl
import pytest

from doorstep.connectors.retailer_folder.cells import hint_for_type, parse, wanted
from doorstep.connectors.retailer_folder.describe import describe_column

DAY = dy.Date(nullable=False, description="local day")


def test_days_are_read_as_people_write_them_and_nothing_else_is_a_day():
    text = pl.Series(["2026-03-02", " 2026-03-03 ", "", "2026-02-30", "02.03.2026", "20260302"])
    cells = parse(text, "day", DAY)
    assert cells.values.to_list() == [date(2026, 3, 2), date(2026, 3, 3), None, None, None, None]
    assert cells.broken.to_list() == [False, False, False, True, True, True]
    assert wanted("day", DAY) == "a day, YYYY-MM-DD"
    assert hint_for_type("02.03.2026", "day", DAY) == "Maybe write it like 2026-03-02."
    assert describe_column("day", DAY).wanted == "day, YYYY-MM-DD"


def test_a_column_of_days_stays_one():
    cells = parse(pl.Series([date(2026, 3, 2), None]), "day", DAY)
    assert cells.values.to_list() == [date(2026, 3, 2), None]
    assert not cells.broken.any()


@pytest.mark.parametrize("raw", [pl.Series([20_514]), pl.Series([1.5]), pl.Series([True])])
def test_a_column_of_another_type_is_refused_as_a_whole(raw: pl.Series):
    assert parse(raw, "day", DAY).whole_rule.endswith("must be a day, YYYY-MM-DD")
