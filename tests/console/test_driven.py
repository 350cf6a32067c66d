"""Pages of what vans drove: one route's streets and stops, and the speed of streets by the hour."""

from collections.abc import Iterator

import pytest

from doorstep.storage import Database
from tests.console.browsing import browsing, words_of
from tests.databases import Furnished
from tests.operations.test_streets import round_town
from tests.operations.tracking.test_follow import out, start
from tests.operations.tracking.test_street_speeds import drive, learn_at_night


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(out) as found:
        found.streets = round_town(north=0.05)
        yield found


def test_a_route_shows_what_its_van_drove(database: Database):
    with database.writing() as connection:
        route_id, _, ended_at = drive(connection)
    with browsing(database, at=ended_at + 60) as browser:
        path = f"/dispatch/routes/{route_id}"
        assert f'href="{path}/driven"' in browser.see(path)
        words = words_of(browser.see(f"{path}/driven"))
        assert "100 % of them on streets" in words
        assert "Streets in turn Round" in words
        layers = browser.ask(f"{path}/driven.json")
        lines = layers["lines"]["features"]  # type: ignore[index]
        assert max(len(line["geometry"]["coordinates"]) for line in lines) >= 4
        assert len(layers["stops"]["features"]) == 4  # type: ignore[index]
        assert browser.see("/dispatch/routes/rte_none/driven", status=404)


def test_without_a_device_the_page_says_that_nothing_is_known(database: Database):
    with database.writing() as connection:
        route_id = start(connection)[0]
    with browsing(database) as browser:
        words = words_of(browser.see(f"/dispatch/routes/{route_id}/driven"))
        assert "nothing is known of what was driven" in words


def test_the_speed_of_streets_is_shown_by_the_hour(database: Database):
    with browsing(database) as browser:
        assert "Nothing was learnt yet" in words_of(browser.see("/dispatch/streets"))
        with database.writing() as connection:
            _, leaves_at, _ = drive(connection)
        learn_at_night(database, leaves_at)
        words = words_of(browser.see("/dispatch/streets"))
        assert "from 1 route of the last four weeks" in words
        assert "Working days Hours Times seen Drives take" in words
        assert 'href="/dispatch/streets"' in browser.see("/dispatch/day")


def test_without_streets_the_page_says_what_an_administrator_can_do(database: Database):
    database.streets = None
    with browsing(database) as browser:
        assert "names an extract in the setting roads" in words_of(browser.see("/dispatch/streets"))
