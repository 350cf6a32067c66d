"""Ten kills: nothing promised is lost, nothing happens twice, and every book agrees afterwards.

``python3 run.py bench faults`` does the same five hundred times.
"""

import pytest

from benchmarks.faults.kills import kill_apis, kill_workers, kill_writers
from doorstep.operations.access import create_key
from doorstep.storage import Database
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop

PLENTY = {(site, product): 1_000_000 for site in ("S1", "S2") for product in "ABC"}


@pytest.fixture
def shop(database: Database) -> Database:
    open_shop(database, PLENTY)
    return database


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def test_no_order_is_lost_when_writers_are_killed(shop):
    report = kill_writers(address(shop), CALLER.tenant_id, kills=5, seed=1)
    assert (report.lost, report.doubled, report.faults) == ([], [], [])
    assert report.kills == 5
    assert report.promised >= 20


def test_no_order_is_lost_or_doubled_when_the_api_is_killed(shop):
    with shop.writing() as connection:
        key = create_key(connection, CALLER, name="shop", scopes=["orders:write"], now=NOW)
    report = kill_apis(address(shop), CALLER.tenant_id, key.secret, kills=3, seed=2)
    assert (report.lost, report.doubled, report.faults) == ([], [], [])
    assert report.kills == 3
    assert report.promised >= 5


def test_every_order_is_routed_in_the_end_when_workers_are_killed(shop):
    report = kill_workers(address(shop), CALLER.tenant_id, kills=2, seed=3)
    assert (report.lost, report.doubled, report.faults) == ([], [], [])
    assert report.kills == 2
    assert report.promised >= 40
