"""Plans side by side on the planner's pages."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from doorstep.api.models.stock_plans import FIGURES as STOCK_FIGURES
from doorstep.api.models.studies import FIGURES, NETWORK
from doorstep.storage import Database
from doorstep.storage.schema.planning import network_studies, plan_tables, stock_plans
from tests.console.browsing import Browser, browsing, words_of
from tests.databases import CALLER, NOW, Furnished
from tests.operations.dispatching.test_dispatching import planned


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        yield found


def study(database: Database, browser: Browser, name: str, **figures: object) -> str:
    """Ask for a study and let it be done with some figures."""
    browser.send("/plan/network", name=name)
    with database.writing() as connection:
        key = network_studies.c.study_id
        study_id = str(connection.execute(select(key).where(network_studies.c.name == name)).scalar_one())
        told = json.dumps(FIGURES | figures)
        connection.execute(update(network_studies).where(key == study_id).values(state="done", figures=told))
        steps = json.dumps({"step": [1], "change": ["open"], "name": [f"Hub of {name}"], "option_id": ["x"]})
        row = {"plan_id": study_id, "tenant_id": CALLER.tenant_id, "name": "steps", "rows": steps}
        connection.execute(plan_tables.insert().values(row))
    return study_id


def test_studies_that_are_ticked_stand_beside_today_with_differences_in_words(database: Database):
    dear = NETWORK | {"cost_per_parcel_minor": 540.0}
    with browsing(database, role="analyst", at=NOW) as reader, browsing(database, role="planner", at=NOW) as browser:
        west, east = study(database, browser, "west"), study(database, browser, "east", plan=dear, regions=None)
        assert f'name="of" value="{west}"' in reader.see("/plan/network")
        words = words_of(reader.see(f"/plan/compare?of={west}&of={east}&of={west}"))
    assert "Measure Today west east" in words
    assert f"Cost of a parcel $5.14 $4.54 {MINUS}$0.60 better $5.40 +$0.26 worse" in words
    assert "Above that at most – 0.07\N{NO-BREAK SPACE}%".replace("\N{NO-BREAK SPACE}", " ") in words
    assert "Regions – 8 –" in words
    assert "1. open Hub of west" in words


def test_where_todays_differ_each_difference_is_to_its_own(database: Database):
    other = NETWORK | {"cost_per_parcel_minor": 500.0}
    with browsing(database, role="planner", at=NOW) as browser:
        ids = study(database, browser, "west"), study(database, browser, "east", today=other)
        words = words_of(browser.see(f"/plan/compare?of={ids[0]}&of={ids[1]}"))
    assert f"not the same $4.54 {MINUS}$0.60 better $4.54 {MINUS}$0.46 better" in words
    assert "each difference is to today as that plan saw it" in words


def test_what_is_not_worked_out_is_named_and_what_is_not_there_is_not_found(database: Database):
    with browsing(database, role="planner", at=NOW) as browser:
        assert "Nothing to compare yet" in browser.see("/plan/compare")
        browser.send("/plan/network", name="later")
        with database.reading() as connection:
            study_id = connection.execute(select(network_studies.c.study_id)).scalar_one()
        assert "Not worked out, so not shown: later." in words_of(browser.see(f"/plan/compare?of={study_id}"))
        browser.see("/plan/compare?of=nst_none", status=404)


def test_plans_of_the_stock_are_compared_by_the_same_table(database: Database):
    with browsing(database, role="planner", at=NOW) as browser:
        browser.send("/plan/stock", name="Easter")
        with database.writing() as connection:
            connection.execute(update(stock_plans).values(state="done", figures=json.dumps(STOCK_FIGURES)))
            plan_id = connection.execute(select(stock_plans.c.plan_id)).scalar_one()
        assert f'value="{plan_id}"' in browser.see("/plan/stock")
        words = words_of(browser.see(f"/plan/compare/stock?of={plan_id}"))
    assert f"Nobody can serve 2.1 % 1.2 % {MINUS}0.9 points better" in words
    assert "Units 32,100 33,900 1,800 more" in words


MINUS = "\N{MINUS SIGN}"
