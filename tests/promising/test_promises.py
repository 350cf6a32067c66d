"""Promised windows from cut-offs, days and own windows; the checker reads the same promises off wall clocks."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from doorstep.domain.calendar import Calendar
from doorstep.foundation import InputError
from doorstep.promising import PromisePlan, check_promises, promised_windows
from tests.small import CHICAGO, at, retailer, table

LEVELS = table(
    "service_level_id method cutoff promise_days window_starts window_ends early_allowed within_minutes",
    ("same", "same_day", "13:00", 0, "14:00", "20:00", True, None),
    ("next", "next_day", "24:00", 1, "08:00", "24:00", False, None),
    ("two", "two_day", "12:00", 2, "09:00", "12:00", True, None),
    ("fast", "express", "19:00", 0, "09:00", "21:00", True, 120),
)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (f"2026-03-0{d}" for d in range(2, 7))


def orders(*rows):
    """Orders of (level, placed_at) and perhaps an own window."""
    full = [(f"O{n}", level, placed, *(own or (None, None))) for n, (level, placed, *own) in enumerate(rows)]
    base = table("order_id service_level_id placed_at window_start_at window_end_at", *full).with_columns(
        pl.col("window_start_at", "window_end_at").cast(pl.Int64), lat=pl.lit(41.0), lon=pl.lit(-87.0)
    )
    lines = base.select("order_id", line_no=pl.lit(1), product_id=pl.lit("A"), quantity=pl.lit(1))
    return retailer(orders=base, service_levels=LEVELS, order_lines=lines).orders


def levels() -> pl.DataFrame:
    return retailer(service_levels=LEVELS).service_levels


def promise(
    table_of_orders: pl.DataFrame, zones: tuple[str, ...] = (CHICAGO,), site: list[int] | None = None
) -> PromisePlan:
    placed = table_of_orders["placed_at"].to_numpy()
    calendar = Calendar.spanning(zones, int(placed.min()), int(placed.max()), further_days=5)
    sites = np.array(site if site is not None else [0] * table_of_orders.height, dtype=np.int64)
    return promised_windows(table_of_orders, levels(), calendar, sites)


def window(table_of_orders: pl.DataFrame) -> tuple[int, int]:
    plan = promise(table_of_orders)
    return int(plan.start_at[0]), int(plan.end_at[0])


def outcomes(table_of_orders: pl.DataFrame, plan: PromisePlan) -> pl.DataFrame:
    return table_of_orders.select("order_id").with_columns(
        window_start_at=pl.Series(plan.start_at),
        window_end_at=pl.Series(plan.end_at),
        delivered_at=pl.lit(None, dtype=pl.Int64),
        same_or_next_day=pl.lit(value=False),
    )


def test_an_order_at_the_cut_off_is_promised_for_today():
    assert window(orders(("same", at("13:00")))) == (at("14:00"), at("20:00"))


def test_an_order_a_second_after_the_cut_off_is_promised_a_day_later():
    assert window(orders(("same", at("13:00:01")))) == (at("14:00", WEDNESDAY), at("20:00", WEDNESDAY))


def test_promise_days_count_from_the_day_of_placing():
    assert window(orders(("two", at("12:00")))) == (at("09:00", THURSDAY), at("12:00", THURSDAY))
    assert window(orders(("two", at("12:00:01")))) == (at("09:00", FRIDAY), at("12:00", FRIDAY))


def test_a_cut_off_of_24_is_never_missed_and_a_window_may_end_at_midnight():
    assert window(orders(("next", at("23:59:59")))) == (at("08:00", WEDNESDAY), at("00:00", THURSDAY))


def test_the_day_is_that_of_the_local_clock_not_of_utc():
    late = at("19:00")  # 01:00 UTC on Wednesday
    assert window(orders(("next", late)))[0] == at("08:00", WEDNESDAY)


def test_an_own_window_replaces_that_of_the_service_level_and_allows_nobody_to_come_early():
    own = orders(("same", at("15:00"), at("18:00"), at("18:30")), ("same", at("09:00")))
    plan = promise(own)
    assert (plan.start_at[0], plan.end_at[0]) == (at("18:00"), at("18:30"))
    assert plan.early_allowed.tolist() == [False, True]


def test_early_delivery_is_what_the_service_level_says():
    assert promise(orders(("same", at("09:00")), ("next", at("09:00")))).early_allowed.tolist() == [True, False]


def test_the_night_of_the_clock_change_shortens_the_way_to_the_window_by_an_hour():
    saturday = orders(("next", at("08:00", "2026-03-07")))
    start, _ = window(saturday)
    assert start == at("08:00", "2026-03-08")
    assert start - saturday["placed_at"][0] == 23 * 3_600


def test_each_order_goes_by_the_clock_of_its_place():
    moment = at("12:30")  # 13:30 in New York, past the cut-off of 13:00 there
    both = orders(("same", moment), ("same", moment))
    plan = promise(both, (CHICAGO, "America/New_York"), [0, 1])
    assert plan.start_at.tolist() == [at("14:00"), at("14:00", WEDNESDAY, "America/New_York")]


def test_the_next_day_ends_a_second_before_its_midnight():
    assert promise(orders(("two", at("09:00")))).next_day_ends_at.tolist() == [at("00:00", THURSDAY) - 1]


def test_an_unknown_service_level_is_refused():
    known = orders(("same", at("09:00")))
    calendar = Calendar.spanning([CHICAGO], at("09:00"), at("09:00"), further_days=5)
    with pytest.raises(InputError, match=r"service_level_id \['never'\]"):
        promised_windows(known.with_columns(service_level_id=pl.lit("never")), levels(), calendar, np.array([0]))


def test_a_calendar_that_ends_before_the_promised_day_is_refused():
    placed = at("09:00")
    calendar = Calendar.spanning([CHICAGO], placed, placed, further_days=0)
    with pytest.raises(InputError, match="lies outside a calendar of 3 days"):
        promised_windows(orders(("two", placed)), levels(), calendar, np.array([0]))


def test_no_orders_have_no_promises():
    calendar = Calendar.spanning([CHICAGO], 0, 0, further_days=3)
    empty = orders(("same", 0)).clear()
    assert promised_windows(empty, levels(), calendar, np.empty(0, np.int64)).start_at.tolist() == []


MANY = [
    ("same", at("13:00")),
    ("same", at("13:00:01")),
    ("next", at("23:59")),
    ("two", at("12:00", MONDAY)),
    ("next", at("08:00", "2026-03-07")),
    ("same", at("11:00"), at("17:00"), at("18:00")),
]


def test_the_checker_agrees_with_every_promise():
    many = orders(*MANY)
    zones = (CHICAGO, "America/New_York")
    site = [0, 1, 0, 1, 1, 0]
    plan = promise(many, zones, site)
    assert check_promises(many, levels(), outcomes(many, plan), [zones[s] for s in site]) == []


@pytest.mark.parametrize("column", ["window_start_at", "window_end_at"])
@pytest.mark.parametrize("row", range(len(MANY)))
def test_the_checker_finds_a_window_moved_by_a_second(column, row):
    many = orders(*MANY)
    moved = pl.col(column) + (pl.col("order_id") == f"O{row}").cast(pl.Int64)
    faults = check_promises(many, levels(), outcomes(many, promise(many)).with_columns(moved), [CHICAGO] * len(MANY))
    assert len(faults) == 1
    assert faults[0].startswith(f"order O{row}: planned window ")


def test_a_site_with_a_later_cut_off_promises_later_days_to_orders_placed_until_then():
    placed = orders(*((level, at(clock)) for clock in ("20:00", "20:01") for level in ("same", "two")))
    calendar = Calendar.spanning([CHICAGO], at("20:00"), at("20:01"), further_days=5)
    plan = promised_windows(placed, levels(), calendar, np.zeros(4, np.int64), next_day_cutoff=["20:00"])
    days = [at("14:00", WEDNESDAY), at("09:00", THURSDAY), at("14:00", WEDNESDAY), at("09:00", FRIDAY)]
    assert plan.start_at.tolist() == days  # a promise of the same day keeps the cut-off of its level
    found = outcomes(placed, plan)
    assert check_promises(placed, levels(), found, [CHICAGO] * 4, later_of_order=["20:00"] * 4) == []
    assert len(check_promises(placed, levels(), found, [CHICAGO] * 4)) == 1


def test_the_checker_misses_an_order_that_the_plan_forgot():
    many = orders(*MANY)
    shorter = outcomes(many, promise(many)).slice(1)
    assert [fault[:9] for fault in check_promises(many, levels(), shorter, [CHICAGO] * len(MANY))] == ["order O0:"]


def test_the_checker_reads_the_clock_of_the_zone_it_is_given():
    one = orders(("same", at("12:30")))
    planned = outcomes(one, promise(one))
    assert check_promises(one, levels(), planned, [CHICAGO]) == []
    assert len(check_promises(one, levels(), planned, ["America/New_York"])) == 1


def test_the_checker_finds_an_order_called_next_day_that_never_came():
    one = orders(("same", at("13:00")))
    planned = outcomes(one, promise(one)).with_columns(same_or_next_day=pl.lit(value=True))
    (fault,) = check_promises(one, levels(), planned, [CHICAGO])
    assert fault.endswith("same_or_next_day is True, delivered at None.")


def test_the_checker_finds_an_order_with_two_outcomes():
    one = orders(("same", at("13:00")))
    planned = outcomes(one, promise(one))
    (fault,) = check_promises(one, levels(), pl.concat([planned, planned]), [CHICAGO])
    assert fault.endswith("has more than one outcome.")


@pytest.mark.parametrize(
    ("placed_at", "start_at", "end_at"),
    [
        (at("14:31") + 7, at("14:31"), at("16:45")),
        (at("14:30"), at("14:30"), at("16:30")),
        (at("07:10"), at("09:00"), at("11:00")),
        (at("18:59"), at("18:59"), at("21:00")),
        (at("19:00") + 1, at("09:00", WEDNESDAY), at("11:00", WEDNESDAY)),
    ],
)
def test_an_express_order_is_promised_within_so_many_minutes_to_the_next_quarter_of_an_hour(
    placed_at, start_at, end_at
):
    asked = orders(("fast", placed_at))
    assert window(asked) == (start_at, end_at)
    zone = [CHICAGO]
    assert check_promises(asked, levels(), outcomes(asked, promise(asked)), zone) == []
    whole = promise(asked)
    late = outcomes(asked, replace(whole, end_at=whole.end_at + 900))
    assert check_promises(asked, levels(), late, zone) != []
