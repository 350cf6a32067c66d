"""A retailer's sales forecast: tables, figures, what is known afterwards, demand for placement, the report."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest

from doorstep.console.report import render_forecast
from doorstep.console.report.forecast_page import forecast_headline
from doorstep.domain import Retailer
from doorstep.foundation import InputError, Iterations, Silent
from doorstep.operations.planning.forecasting import (
    ForecastStudy,
    ForecastWishes,
    demand_of_forecast,
    figures,
    forecast_tables,
    study_demand,
)
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.simulation.sample.history import sales_history

LAST = date(2026, 3, 1)
NUMBER = (LAST - date(1970, 1, 1)).days


@cache
def shop() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 2, 1, 40, np.random.default_rng(1))


@cache
def sales() -> pl.DataFrame:
    return sales_history(shop(), LAST, 70, np.random.default_rng(2))


def studied(wishes: ForecastWishes, **tables: pl.DataFrame) -> ForecastStudy:
    return study_demand(
        {"sales": sales()} | tables, wishes, rng=np.random.default_rng(1), stop=Iterations(limit=20), progress=Silent()
    )


@cache
def known() -> ForecastStudy:
    return studied(ForecastWishes(days=14, cover_days=7, last_day=NUMBER - 14))


def test_the_tables_add_up_to_the_same_expectation():
    tables = forecast_tables(known())
    whole = float(known().plan.mean.sum())
    assert tables["days"]["expected"].sum() == pytest.approx(whole)
    for name in ("zones", "products"):
        assert tables[name]["expected_per_day"].sum() * 14 == pytest.approx(whole)
    assert tables["forecast"]["expected"].sum() == pytest.approx(known().plan.mean[:, :7].sum())
    covers = tables["forecast"].select(f"covers_{q}" for q in (50, 80, 95, 98)).to_numpy()
    assert (np.diff(covers, axis=1) >= 0).all()


def test_days_that_are_known_by_now_say_how_good_it_was():
    told = figures(known())
    judged = told["judged"]
    assert isinstance(judged, dict)
    later = sales().filter(pl.col("day") > LAST - timedelta(days=14))
    assert (judged["days"], judged["sold"]) == (14, later["units"].sum())
    assert abs(judged["bias_pct"]) < 20
    assert 0.8 <= judged["covered_95_share"] <= 1.0
    assert any("was off by" in line for line in forecast_headline(known()))
    days = forecast_tables(known())["days"]
    assert days.filter(pl.col("expected").is_not_null())["sold"].null_count() == 0
    assert "judged" not in figures(studied(ForecastWishes(days=7)))


def test_a_forecast_becomes_the_demand_near_sites():
    demand = demand_of_forecast(shop(), known().plan, 7)
    assert demand.mean.shape == (shop().products.height, shop().sites.height)
    assert demand.mean.sum() == pytest.approx(known().plan.mean[:, :7].sum())
    row = known().plan.series().row(0, named=True)
    product = shop().products["product_id"].to_list().index(row["product_id"])
    site = shop().sites["site_id"].to_list().index(row["zone_id"])
    assert demand.mean[product, site] == pytest.approx(known().plan.mean[0, :7].sum())
    assert demand.k[product, site] == known().plan.lead_time(7).k[0]
    elsewhere = sales().with_columns(zone_id="Mars-" + pl.col("zone_id"))
    with pytest.raises(InputError, match="zone_id of sales"):
        demand_of_forecast(shop(), studied(ForecastWishes(days=7), sales=elsewhere).plan, 7)


def test_the_report_shows_days_zones_products_and_reasons():
    html = render_forecast(known(), title="Forecast of <shop>")
    assert "Forecast of &lt;shop&gt;" in html
    for part in ('id="days"', 'id="zones"', 'id="products"', 'id="stock"', 'id="reasons"', "S0001"):
        assert part in html


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (ForecastWishes(days=7, cover_days=8), "cover_days 8 must be from 1 to the 7 days"),
        (ForecastWishes(days=0, cover_days=0), "cover_days 0 must be"),
        (ForecastWishes(last_day=NUMBER + 1), "a day of the history"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(wishes: ForecastWishes, told: str):
    with pytest.raises(InputError, match=told):
        studied(wishes)


def test_a_folder_without_sales_says_how_to_get_some():
    with pytest.raises(InputError, match="--history-days"):
        study_demand({}, ForecastWishes(), rng=np.random.default_rng(1), stop=Iterations(limit=1), progress=Silent())
