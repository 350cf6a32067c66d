"""A whole small day lived through the API of a platform in this process, whose clock the test moves."""

from dataclasses import replace
from pathlib import Path

import polars as pl
from starlette.testclient import TestClient

from doorstep.api.build import build_api
from doorstep.assembly import Platform
from doorstep.cli.running import open_first_shop, worker_of
from doorstep.cli.serve_day import day_settings, evening
from doorstep.simulation.day import Api, Day, Hours, day_shop, summary
from doorstep.simulation.day.board import THERE
from doorstep.simulation.day.shop import DAY
from doorstep.storage import Writer
from doorstep.storage.check import check_books
from tests.api.desks import Hand
from tests.databases import sqlite_copy

STEP_S, BOUND_S, PING_S = 1_800, 60.0, 600
ORDERS = 6


def test_a_small_day_with_trouble_is_lived_to_its_end_and_the_books_agree(sqlite_template: Path, tmp_path: Path):
    hours = Hours.of(DAY, "America/Chicago")
    clock, shop = Hand(hours.evening_at), day_shop(ORDERS, 1)
    retailer = replace(shop, carrier_rates=shop.carrier_rates.with_columns(pl.col("price_minor") * 100))  # all by van
    told: list[str] = []
    with sqlite_copy(sqlite_template, tmp_path) as database:
        settings = day_settings(str(database.url)).model_copy(
            update={"trusted_hosts": ("testserver",), "plan_routes_minutes": 120}
        )
        platform = Platform(settings=settings, clock=clock, database=database, writer=Writer(database))
        try:
            _, key = open_first_shop(platform, retailer)
            with TestClient(build_api(platform)) as http:
                day = Day(Api(http, key.secret), retailer, hours, orders=ORDERS, seed=1, trouble=True,
                          say=lambda _, words: told.append(words), ping_s=PING_S)  # fmt: skip
                worker = worker_of(platform, "test")
                day.begin(clock.now())
                assert worker_of(evening(platform), "evening").drain(BOUND_S)
                for clock.at in range(hours.begins_at, hours.ends_at + STEP_S, STEP_S):
                    day.step(clock.now())
                    assert worker.drain(BOUND_S)
                    if day.is_over(clock.now()):
                        break
                figures = dict(summary(day))
        finally:
            platform.writer.close()
        with database.reading() as connection:
            assert check_books(connection) == []
    assert any("breaks down" in words for words in told)
    assert day.board.open_orders == 0
    assert figures["served"].startswith(str(len(day.board.came_at)))
    assert day.board.in_states(THERE) == len(day.board.came_at) > 0
    assert day.drivers.positions > 0
    assert set(day.world.api.refused) <= {"conflict", "illegal_transition"}
