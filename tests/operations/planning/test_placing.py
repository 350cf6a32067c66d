"""A plan of the stock: what units are worth from where, where they are wanted, tables, report, and the stock itself."""

import json
from functools import cache

import numpy as np
import polars as pl
import pytest

from doorstep.console.report import render_stock
from doorstep.console.report.stock_page import stock_headline
from doorstep.domain import Retailer
from doorstep.foundation import InputError, Interrupt, Iterations, Silent
from doorstep.operations.planning.placing import StockStudy, StockWishes, retailer_with, study_stock, valued
from doorstep.operations.planning.replenishing import proposals_of
from doorstep.operations.planning.site_demand import at_natural_sites, demand_of_orders, home_sites, natural_sites
from doorstep.operations.planning.stock_problem import regions_of, rest_of_orders, stock_of, stock_problem, tiers_of
from doorstep.operations.planning.stock_tables import figures, study_tables
from doorstep.placement.check import expected_value
from doorstep.simulation.sample import find_city, sample_retailer
from tests.small import CHICAGO, at, retailer, table


@cache
def shop() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 4, 1, 200, np.random.default_rng(1))


@cache
def studied(wishes: StockWishes | None = None) -> StockStudy:
    return study_stock(
        shop(), demand_of_orders(shop(), 1), wishes or StockWishes(), rng=np.random.default_rng(1),
        stop=Iterations(limit=10_000), progress=Silent(),
    )  # fmt: skip


def two_stores(*orders: tuple[str, float], **tables: pl.DataFrame) -> Retailer:
    """Return S1, of which a package costs 50, and S2 eleven kilometres north, where it costs 2,050, each with a van."""
    sites = table(
        "site_id kind lat lon time_zone package_cost_minor region",
        ("S1", "store", 41.0, -87.0, CHICAGO, 50, "a"),
        ("S2", "store", 41.1, -87.0, CHICAGO, 2_050, "b"),
    )
    vans = table(
        "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml",
        *[(f"V{site}", f"S{site}", 1, "08:00", "20:00", 500_000, 5_000_000) for site in (1, 2)],
    )
    placed = table(
        "order_id placed_at lat lon postal_code service_level_id",
        *[(name, at("08:00"), lat, -87.0, "60601", "same_day") for name, lat in orders],
    )
    lines = table("order_id line_no product_id quantity", *[(name, 1, "A", 2) for name, _ in orders])
    stock = table("site_id product_id on_hand", ("S1", "A", 4), ("S2", "A", 4), ("S1", "C", 1))
    return retailer(
        **{"sites": sites, "vehicles": vans, "orders": placed, "order_lines": lines, "stock": stock, **tables}
    )


def test_units_are_wanted_where_they_cost_least_and_not_at_the_nearest_site():
    asked = two_stores(("O1", 41.1), ("O2", 41.0))
    assert home_sites(asked.orders, asked.sites).tolist() == [1, 0]
    assert natural_sites(asked).tolist() == [0, 0]
    zones = np.array([[3.0, 5.0]])
    mean, k = at_natural_sites(two_stores(("O1", 41.1), ("O2", 41.0)), zones, np.array([[1.5, 1.5]]))
    assert mean.tolist() == [[8.0, 0.0]]
    assert k[0, 0] == pytest.approx(64 / (9 / 1.5 + 25 / 1.5))


def test_a_zone_without_orders_keeps_its_demand():
    mean, _ = at_natural_sites(two_stores(("O2", 41.0)), np.array([[3.0, 5.0]]), np.ones((1, 2)))
    assert mean.tolist() == [[3.0, 5.0]]


def test_the_farther_tiers_cost_more_and_reach_less():
    tiers = tiers_of(two_stores(("O1", 41.1), ("O2", 41.0)))
    own, region, beyond = tiers.cost_minor.tolist()
    assert own == region < beyond  # regions differ, so nothing else is in the region
    assert beyond - own > 900  # half of the 2,000 that a package of two units costs more
    assert tiers.reach.tolist() == [1.0, 1.0, 1.0]
    assert (np.diff(tiers_of(shop()).cost_minor) >= 0).all()
    assert (np.diff(tiers_of(shop()).reach) <= 0).all()


def test_what_is_lost_with_a_unit_is_the_rest_of_its_orders():
    orders = two_stores(("O1", 41.0))
    lines = table("order_id line_no product_id quantity", ("O1", 1, "A", 2), ("O1", 2, "C", 1))
    asked = two_stores(("O1", 41.0), order_lines=lines)
    # O1 holds 2 x 300 of A and 700 of C: 700 go with A, 600 with C; 1,300 for 3 units is usual
    usual = (700 + 600) / 3
    assert rest_of_orders(asked).tolist() == pytest.approx([(700 + usual) / 3, usual, (600 + usual) / 2])
    assert rest_of_orders(orders).tolist() == [0.0, 0.0, 0.0]


def test_a_plan_keeps_its_rules_and_is_worth_more_than_today():
    study = studied()
    assert study.faults == ()
    assert study.today.value <= study.plan.value <= study.plan.bound
    room = study.problem.cube @ study.plan.units
    assert (room <= study.problem.capacity + 1e-6).all()
    stores = (shop().sites["kind"].cast(str) == "store").to_numpy()
    kept = shop().stock.filter(pl.col("safety_stock") > 0)
    shown = study.plan.units[:, stores][study.problem.least[:, stores] > 0]
    assert kept.height > 0
    assert (shown >= 1).all()


def test_todays_stock_is_valued_as_the_check_does():
    study = studied()
    value = sum(expected_value(study.problem, study.problem.present, i) for i in range(study.problem.present.shape[0]))
    assert study.today.value == pytest.approx(value, rel=1e-4)
    same = valued(study.problem, study.plan.units, np.random.default_rng(1))
    moves = float((study.problem.receive_cost * np.maximum(study.plan.units - study.problem.present, 0)).sum())
    assert same.value == pytest.approx(study.plan.value + moves, rel=1e-6)


def test_with_only_moves_there_are_no_more_units_of_anything():
    study = studied(StockWishes(only_move=True))
    assert (study.plan.units.sum(axis=1) <= study.problem.present.sum(axis=1)).all()
    idle = int((study.problem.present - study.plan.units).sum())
    assert f"Nothing is bought. {idle:,} of today's units" in " ".join(study.notes)


def test_less_room_holds_less():
    days = demand_of_orders(shop(), 3)
    little, much = (
        study_stock(
            shop(), days, StockWishes(space=space, replay_days=0), rng=np.random.default_rng(1),
            stop=Iterations(limit=10_000), progress=Silent(),
        )
        for space in (0.35, 1.0)
    )  # fmt: skip
    assert little.replayed is None
    assert little.plan.units.sum() < much.plan.units.sum()
    assert little.plan.space_price.max() > 0
    with pytest.raises(InputError, match="least asks for more room"):
        studied(StockWishes(space=0.1, replay_days=0))


def test_the_tables_agree_with_the_plan_and_the_figures_are_json():
    study, tables = studied(), study_tables(shop(), studied())
    assert tables["stock"]["units"].sum() == study.plan.units.sum() == tables["sites"]["units"].sum()
    assert tables["stock"]["units_today"].sum() == shop().stock["on_hand"].sum()
    changed = tables["changes"]
    assert (changed["units"] != changed["units_today"]).all()
    assert changed["reason"].str.contains("expected to be wanted").any()
    assert set(tables["cover"]["stock"]) == {"today", "plan"}
    told = json.loads(json.dumps(figures(shop(), study)))
    assert told["violations"] == 0
    assert told["plan"]["replayed"]["orders"] == shop().orders.height
    assert told["today"]["units"] == shop().stock["on_hand"].sum()


def test_the_plan_becomes_the_stock_of_a_retailer():
    after = retailer_with(shop(), studied().plan.units)
    assert after.stock["on_hand"].sum() == studied().plan.units.sum()
    assert stock_of(shop(), studied().plan.units).height == after.stock.height
    assert (after.stock["on_hand"] > 0).all()


def test_the_report_shows_cover_sites_and_changes():
    todo = proposals_of(shop(), studied(), StockWishes())
    html = render_stock(shop(), studied(), todo, title="Stock of <shop>")
    for part in (
        "Stock of &lt;shop&gt;",
        "To do today, worth",
        'id="todo"',
        'id="cover"',
        'id="sites"',
        'id="changes"',
        'class="heatmap"',
    ):
        assert part in html
    assert any(line.startswith("Replayed with") for line in stock_headline(shop(), studied()))


def test_days_are_replayed_with_todays_stock_and_the_plans_each_filled_up_to_what_it_was():
    study = studied(StockWishes(replay_days=3))
    before, after = study.replayed_today, study.replayed
    assert before is not None
    assert after is not None
    assert study.faults == ()
    assert [day.stock_units for day in before.days] == [study.problem.present.sum()] * 3
    assert [day.stock_units for day in after.days] == [study.plan.units.sum()] * 3
    assert [day.units for day in before.days] == [day.units for day in after.days]
    table = study_tables(shop(), study)["replay"]
    assert table.select("stock", "day").rows() == [(name, day) for name in ("today", "plan") for day in (1, 2, 3)]
    told = json.loads(json.dumps(figures(shop(), study)))["plan"]["replayed"]
    assert told["orders"] == sum(day["orders"] for day in told["days"]) == 3 * shop().orders.height
    assert told["lost_share"] == sum(day["lost_units"] for day in told["days"]) / told["units"]
    html = render_stock(shop(), study, proposals_of(shop(), study, StockWishes(), to_plan=True), title="Days")
    assert html.count('class="lines"') == 2
    assert html.count('class="dot line-plan"') == 2 * 3
    assert "as today, day 2: " in html
    assert "Hand-offs of a parcel" in html
    single = render_stock(shop(), studied(), proposals_of(shop(), studied(), StockWishes()), title="A day")
    assert 'class="lines"' not in single
    assert "Hand-offs of a parcel" in single


def test_whoever_interrupts_has_the_plan_without_a_replay():
    study = study_stock(
        shop(), demand_of_orders(shop(), 1), StockWishes(), rng=np.random.default_rng(1),
        stop=Iterations(limit=10), progress=Silent(), interrupt=Interrupt(asked=True),
    )  # fmt: skip
    assert study.replayed is study.replayed_today is None
    assert "replay" not in study_tables(shop(), study)
    assert 'id="replay"' not in render_stock(shop(), study, proposals_of(shop(), study, StockWishes()), title="Cut off")


def test_a_small_site_has_nothing_but_what_it_keeps_and_the_report_says_what_that_completes():
    study = studied(StockWishes(assortment=(("fc", 120), ("store", 300)), replay_days=0))
    (centre,) = (each for each in study.assortments if each.size == 120)
    assert study.faults == ()
    assert not study.plan.units[~centre.chosen, centre.site].any()
    assert study.plan.units[:, centre.site].sum() > 0
    assert (study.plan.units >= study.problem.least).all()
    tables = study_tables(shop(), study)
    kept = tables["assortment"].filter(pl.col("site_id") == shop().sites["site_id"][centre.site])
    assert kept.height == 120
    assert kept["score"].is_sorted(descending=True)
    (told,) = (row for row in figures(shop(), study)["small_sites"] if row["products"] == 120)  # type: ignore[attr-defined]
    assert 0 <= told["complete_share"] <= told["past_share"] <= told["past_bound"] <= 1
    assert any("are complete from one with what it keeps" in line for line in stock_headline(shop(), study))
    html = render_stock(shop(), study, proposals_of(shop(), study, StockWishes()), title="Small")
    assert 'id="small"' in html
    assert "small_sites" not in figures(shop(), studied())


def test_room_that_is_scarce_has_a_price_that_the_report_tells():
    study = studied(StockWishes(space=0.35, replay_days=0))
    dearest = float(study_tables(shop(), study)["sites"]["litre_price_minor"].to_numpy().max())
    assert 100 * dearest > 1
    html = render_stock(shop(), study, proposals_of(shop(), study, StockWishes()), title="Little room")
    assert "100 litres more" in html
    assert f"€{dearest:,.2f}</td>" in html
    assert ">nothing</td>" in render_stock(
        shop(), studied(), proposals_of(shop(), studied(), StockWishes()), title="Much"
    )


def test_wishes_that_make_no_sense_are_refused_and_sites_without_a_region_are_in_one():
    with pytest.raises(InputError, match=r"space 0.* must be above 0"):
        studied(StockWishes(space=0.0))
    with pytest.raises(InputError, match="0 days"):
        demand_of_orders(shop(), 0)
    assert set(regions_of(shop().sites).tolist()) == {0}
    problem = stock_problem(shop(), demand_of_orders(shop(), 2), tiers_of(shop()), StockWishes())
    assert problem.mean.sum() == pytest.approx(2 * demand_of_orders(shop(), 1).mean.sum())
