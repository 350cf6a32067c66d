"""Tables of sales become arrays, or every fault is told."""

import datetime

import numpy as np
import polars as pl
import pytest

from doorstep.demand import DemandHistory
from doorstep.demand.holidays import us_holidays
from doorstep.domain.tables.demand_history import CalendarEvents, SalesHistory
from doorstep.foundation import InputError

DAY = datetime.date(2024, 3, 1)


def sales(*rows: tuple[str, str, int, float], **more: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "product_id": [row[0] for row in rows],
            "zone_id": [row[1] for row in rows],
            "day": [DAY + datetime.timedelta(days=row[2]) for row in rows],
            "units": [float(row[3]) for row in rows],
            **more,
        }
    )


def test_days_without_a_row_are_days_without_a_sale_and_days_without_any_row_are_closed():
    found = DemandHistory.from_tables(sales(("a", "z", 0, 2), ("b", "z", 1, 1), ("a", "z", 3, 4)))
    assert found.units.tolist() == [[2, 0, 0, 4], [0, 1, 0, 0]]
    assert found.in_stock.tolist() == [[1, 1, 0, 1]] * 2
    assert "1 days have no sale of anything and count as closed: 2024-03-03" in found.notes[0]


def test_every_fault_is_told_at_once():
    table = sales(("a", "z", 0, -1), ("a", "z", 1, 1.5), ("b", "z", 1, 2), ("b", "z", 1, 3), promotion=[0, 0, 2, 0])
    with pytest.raises(InputError) as caught:
        DemandHistory.from_tables(table, products=pl.DataFrame({"product_id": ["a"], "type": ["t"]}))
    told = str(caught.value)
    assert "sales.units is negative in 1 rows: a/z/2024-03-01/-1.0" in told
    assert "sales.units is not whole in 1 rows: a/z/2024-03-02/1.5" in told
    assert "sales.promotion is not from 0 to 1 in 1 rows: b/z/2024-03-02/2" in told
    assert "1 days of a product and zone more than once: b/z/2024-03-02" in told
    assert "1 products are not in products: b" in told
    assert "Maybe returns" in told


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (sales(), "sales has no rows"),
        (sales(("a", "z", 0, 1)).drop("units"), "sales lacks column units"),
        (sales(("a", "z", 0, 1)).with_columns(day=pl.lit("1 March")), "sales.day is String, it must be a date"),
        (sales(("a", "z", 0, 1)).with_columns(units=pl.lit("few")), "sales.units is String, it must be a number"),
        (sales(("a", "z", 0, 1)).with_columns(zone_id=pl.lit(None, pl.String)), "sales.zone_id is empty in 1 rows"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        DemandHistory.from_tables(table)


def test_what_is_planned_but_never_sold_was_never_on_offer():
    planned = sales(("new", "z", 2, 0), ("a", "z", 2, 0), promotion=[1.0, 0.5]).drop("units")
    found = DemandHistory.from_tables(sales(("a", "z", 0, 2), ("a", "z", 1, 1)), planned=planned)
    assert found.product_ids == ("a", "new")
    assert found.in_stock.tolist() == [[1, 1], [0, 0]]
    assert found.promotion.tolist() == [[0, 0, 0.5], [0, 0, 1]]


def test_displays_are_read_beside_promotions_and_are_shares():
    table = sales(("a", "z", 0, 2), ("a", "z", 1, 1), promotion=[1.0, 0.0], display=[0.25, 0.0])
    planned = table.with_columns(day=pl.col("day") + datetime.timedelta(days=2)).drop("units")
    found = DemandHistory.from_tables(table, planned=planned)
    assert found.display.tolist() == [[0.25, 0, 0.25, 0]]
    assert found.until(found.first_day).display.tolist() == [[0.25, 0, 0.25, 0]]
    with pytest.raises(InputError, match="display is not from 0 to 1"):
        DemandHistory.from_tables(table.with_columns(display=pl.lit(1.5)))


def test_a_product_that_never_sold_is_kept_and_told():
    found = DemandHistory.from_tables(sales(("a", "z", 0, 0), ("b", "z", 0, 3)))
    assert found.units.tolist() == [[0], [3]]
    assert "1 series never sold" in found.notes[0]


def test_what_sold_was_on_offer_for_an_hour_and_a_minute_without_a_sale_is_none():
    found = DemandHistory.from_tables(
        sales(("a", "z", 0, 2), ("a", "z", 1, 0), ("a", "z", 2, 0), in_stock_share=[0.0, 0.01, 0.5])
    )
    assert found.in_stock.tolist() == [[1 / 24, 0.0, 0.5]]


def test_what_is_known_at_a_day_has_no_later_sales_or_prices_paid_but_promotions():
    whole = DemandHistory.from_tables(
        sales(("a", "z", 0, 2), ("a", "z", 1, 5), price_minor=[100, 90], promotion=[0.0, 1.0])
    )
    known = whole.until(whole.first_day)
    assert known.units.tolist() == [[2]]
    assert known.promotion.tolist() == [[0, 1]]
    assert known.price_minor[0, 0] == 100
    assert np.isnan(known.price_minor[0, 1])
    with pytest.raises(InputError, match="a day of the history"):
        whole.until(whole.last_day + 1)


def test_holidays_of_2017_fall_where_they_did():
    days = {row["name"]: row["day"].isoformat() for row in us_holidays(2017, 2017).iter_rows(named=True)}
    assert days["Easter"] == "2017-04-16"
    assert days["Memorial Day"] == "2017-05-29"
    assert days["Labor Day"] == "2017-09-04"
    assert days["Thanksgiving"] == "2017-11-23"
    assert days["Super Bowl"] == "2017-02-05"
    CalendarEvents.validate(us_holidays(2017, 2030))


def test_the_schema_takes_what_the_room_takes():
    table = sales(("a", "z", 0, 2)).with_columns(
        pl.col("units").cast(pl.Int64),
        price_minor=pl.lit(None, pl.Int64),
        promotion=0.0,
        display=0.0,
        in_stock_share=1.0,
    )
    SalesHistory.validate(table.select(SalesHistory.column_names()))
