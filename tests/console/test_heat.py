"""How long stock lasts: groups of products by what they sell, site by site, and what a page says of it."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from doorstep.api.models.stock_plans import StockPlanWishes
from doorstep.api.views.stock_plans import new_stock_plan
from doorstep.console.planner.heat import heat_of
from doorstep.operations.planning.kept_tables import Cells, keep_tables
from doorstep.operations.planning.stock_plans import ask_stock_plan
from doorstep.storage import Database
from doorstep.storage.schema.planning import stock_plans
from tests.console.browsing import browsing, words_of
from tests.databases import CALLER, NOW, Furnished
from tests.operations.dispatching.test_dispatching import planned

ROWS = (
    ("S1", "milk", 80.0, 20, 90), ("S2", "milk", 40.0, 60, 60), ("S1", "tea", 20.0, 100, 60),
    ("S2", "tea", 8.0, 100, 50), ("S1", "salt", 2.0, 0, 3), ("S2", "salt", 0.0, 4, 4),
)  # fmt: skip


def cells() -> Cells:
    columns = zip(*ROWS, strict=True)
    return dict(zip(("site_id", "product_id", "expected", "units_today", "units"), map(list, columns), strict=True))


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        yield found


def test_products_are_grouped_by_what_they_sell_and_each_site_says_how_long_units_last():
    heat = heat_of(cells(), days=4)
    assert heat is not None
    assert heat.sites == ("S1", "S2")
    assert [(name, products) for name, products, _ in heat.groups] == [("A", 1), ("B", 1), ("C", 1)]
    words = [[(cell.lasts_days, cell.word) for cell in row] for _, _, row in heat.groups]
    assert words[0] == [(1.0, "short"), (6.0, "enough")]
    assert words[1] == [(20.0, "enough"), (50.0, "plenty")]
    assert words[2] == [(0.0, "short"), (None, "nothing asked")]
    assert heat.groups[0][2][0].planned == 90


def test_where_nothing_is_expected_there_is_nothing_to_say():
    assert heat_of({name: [] for name in cells()}, days=4) is None
    assert heat_of(cells() | {"expected": [0.0] * len(ROWS)}, days=4) is None


def test_the_last_plan_that_was_worked_out_is_shown(database: Database):
    with browsing(database, role="planner", at=NOW + 3600) as browser:
        assert "Once a plan of the stock is worked out" in browser.see("/plan/stock")
        plan = new_stock_plan(StockPlanWishes(days=4), now=NOW)
        with database.writing() as connection:
            plan_id = ask_stock_plan(connection, CALLER, plan, now=NOW)
            keep_tables(connection, CALLER.tenant_id, plan_id, {"stock": json.dumps(cells())})
            connection.execute(update(stock_plans).where(stock_plans.c.plan_id == plan_id).values(state="done"))
        words = words_of(browser.see("/plan/stock"))
        assert "Products S1 S2 A 1 product 1.0 short 6.0 enough B 1 product 20.0 enough 50.0 plenty" in words
        assert "A plan covers 4 days." in words
