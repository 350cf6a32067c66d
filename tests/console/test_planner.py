"""The planner's pages: what a parcel costs, studies of the network, and what is proposed about the stock."""

import json
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from doorstep.api.models.studies import FIGURES
from doorstep.storage import Database
from doorstep.storage.schema.planning import network_studies, plan_tables, stock_plans
from tests.api.desks import proposed
from tests.console.browsing import browsing, words_of
from tests.databases import CALLER, NOW, Furnished
from tests.operations.dispatching.test_dispatching import planned


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        yield found


def test_the_overview_has_the_cost_of_a_parcel_of_today_and_what_to_decide(database: Database):
    proposed(database)
    with browsing(database, role="planner", at=NOW + 3600) as browser:
        words = words_of(browser.see("/plan"))
        assert re.search(r"today 8 100 % \$\d+\.\d\d", words)
        assert "1 open proposal" in words
        assert "Move 1 A at S2, worth $1.20" in words
        assert "Network: 2 sites, 1 with vans" in words


def test_a_study_is_asked_for_shown_and_called_off(database: Database):
    with browsing(database, role="planner", at=NOW + 3600) as browser:
        assert "No study yet" in browser.see("/plan/network")
        page = browser.send("/plan/network", name="two regions", regions="2", tolerance="15")
        assert "being worked out" in page
        with database.reading() as connection:
            study_id = connection.execute(select(network_studies.c.study_id)).scalar_one()
        assert "two regions" in browser.see(f"/plan/network/{study_id}")
        assert "Called off." in browser.send(f"/plan/network/{study_id}/cancel")
        assert browser.client.get(f"/plan/network/{study_id}/map.json").status_code == 404
        assert len(browser.ask("/plan/network.json")["sites"]["features"]) == 2  # type: ignore[index]


@pytest.mark.parametrize(("field", "value"), [("regions", "many"), ("tolerance", "x"), ("patience_s", "999999")])
def test_a_wish_that_makes_no_sense_is_named_and_nothing_is_begun(database: Database, field: str, value: str):
    with browsing(database, role="planner", at=NOW + 3600) as browser:
        assert f"{field}: " in words_of(browser.send("/plan/network", status=200, **{field: value}))
        with database.reading() as connection:
            assert connection.execute(select(network_studies.c.study_id)).all() == []


def test_the_regions_of_the_network_in_force_are_on_the_map_and_one_click_from_the_overview(database: Database):
    with browsing(database, role="planner", at=NOW + 3600) as browser:
        browser.send("/plan/network", name="new")
        assert "areas" not in browser.ask("/plan/network.json")
        assert "In force" not in browser.see("/plan")
        with database.writing() as connection:
            study_id = connection.execute(select(network_studies.c.study_id)).scalar_one()
            connection.execute(update(network_studies).values(state="adopted", figures=json.dumps(FIGURES)))
            zones = {"cell": ["882664c1a9fffff", "882664c1abfffff"], "region": ["R1", "R2"], "parcels_per_day": [9, 4]}
            row = {"plan_id": study_id, "tenant_id": CALLER.tenant_id, "name": "zones", "rows": json.dumps(zones)}
            connection.execute(plan_tables.insert().values(row))
        assert "In force is new with 8 regions on the map" in words_of(browser.see("/plan"))
        areas = browser.ask("/plan/network.json")["areas"]["features"]  # type: ignore[index]
        assert [area["properties"]["hue"] for area in areas] == [0, 1]
        assert areas[0]["properties"]["label"] == "9.0 parcels a day, region R1"


def test_a_transfer_is_accepted_and_a_plan_asked_for(database: Database):
    proposal_id = proposed(database)
    with browsing(database, role="planner", at=NOW + 120) as browser:
        words = words_of(browser.see("/plan/stock"))
        assert "Move 1 " in words
        assert "S1 → S2 $1.20 It is expected to sell there." in words
        assert "Taken up." in browser.send(f"/plan/proposals/{proposal_id}/accept")
        assert "0 open proposals" in words_of(browser.see("/plan/stock"))
        assert "being worked out" in browser.send("/plan/stock", name="weekend", days="2", only_move="yes")
        with database.reading() as connection:
            assert len(connection.execute(select(stock_plans.c.plan_id)).all()) == 1


def test_who_may_only_read_sees_no_buttons_and_can_do_nothing(database: Database):
    proposal_id = proposed(database)
    with browsing(database, role="analyst", at=NOW + 120) as browser:
        assert "Accept" not in browser.see("/plan/stock")
        browser.send(f"/plan/proposals/{proposal_id}/accept", status=403)
