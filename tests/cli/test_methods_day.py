"""The shop with every method: each order comes inside its promise, by the means and with the proof of its method."""

from pathlib import Path
from typing import NamedTuple

import pytest

from doorstep.cli.methods_day import Lived, MethodsDay
from doorstep.simulation.sample import find_city
from doorstep.storage import Database
from doorstep.storage.check import check_books
from tests.databases import sqlite_copy
from tests.statements import full_scans, statements_heard


class Day(NamedTuple):
    """What became of the orders, and which statements read a whole table on the way."""

    lived: dict[str, Lived]
    scans: list[str]


@pytest.fixture(scope="module")
def day(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """The day of the shop, lived through once."""
    with statements_heard() as heard, sqlite_copy(sqlite_template, tmp_path_factory.mktemp("methods")) as database:
        day = MethodsDay(database, find_city("Denver, US"))
        assert [line.split()[0] for line in day.options() if "no:" in line] == ["by_air"]
        day.order()
        day.live()
        assert books(database) == []
        return Day({one.name: one for one in day.told()}, full_scans(database, heard))


@pytest.fixture(scope="module")
def lived(day: Day) -> dict[str, Lived]:
    return day.lived


def books(database: Database) -> list[str]:
    with database.reading() as connection:
        return check_books(connection)


def test_every_order_came_inside_the_window_that_was_promised(lived):
    assert len(lived) == 15
    outside = [
        name
        for name, one in lived.items()
        if one.came_at is None
        or one.came_at > one.window_end_at
        or (name in ("window", "evening, crew") and one.came_at < one.window_start_at)
    ]
    assert outside == []


def test_who_brought_it_and_by_what_proof(lived):
    assert {lived[name].by for name in ("next day", "next day, member", "subscription")} == {"station-van from P1"}
    assert {lived[name].by for name in ("window", "white-glove", "concierge")} == {"crew-van from S1"}
    assert {name: lived[name].by for name in ("drone", "no driver", "evening, crew")} == {
        "drone": "sky", "no driver": "kerb", "evening, crew": "crew"
    }  # fmt: skip
    assert lived["evening, crew"].proof.startswith("one declined, one let it expire, Contractor ")
    assert lived["concierge"].proof == "called ahead, photo at the door"
    assert lived["curbside"].proof == "handed into a blue van in bay 1"
    assert lived["locker"].proof == "opened compartment L1-small 1 with a code"
    assert lived["pick-up point"].by == "collected at K1"


def test_members_pay_less_and_work_at_the_door_is_paid(lived):
    assert (lived["next day"].fee_minor, lived["next day, member"].fee_minor) == (390, 0)
    assert lived["next day"].margin_minor - lived["next day, member"].margin_minor == 390
    assert lived["white-glove"].fee_minor == 6_900 + 4_900 + 2_900


def test_no_statement_of_the_day_reads_a_whole_table_that_grows_with_the_orders(day):
    assert day.scans == []
