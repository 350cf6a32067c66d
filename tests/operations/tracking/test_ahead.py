"""What a run has ahead: after what was reported of it, with a loading between trips."""

from dataclasses import replace

import pytest

from doorstep.operations.tracking.follow import ahead_of
from doorstep.operations.tracking.runs import Call, Reader, Run
from doorstep.tracking.events import Seen
from tests.databases import CALLER, Furnished
from tests.small import retailer

LOADED_AT = 5_000


def call(name: str, **told: int | bool) -> Call:
    usual = Call(delivery_id=name, lat=41.01, lon=-87.0, planned_at=1_000, service_s=180 if name else 900,
                 not_before_at=0 if name else LOADED_AT, due_at=9_000, version=1, level="", done=False,
                 left_for_at=None, came_at=None, left_at=None)  # fmt: skip
    return replace(usual, **told)  # type: ignore[arg-type]


def run(*trips: tuple[Call, ...]) -> Run:
    return Run(route_id="r", state="in_progress", version=1, site_id="S1", driver="Ana", vehicle_id="V1",
               zone="America/Chicago", lat=41.0, lon=-87.0, leaves_at=100, started_at=None, trips=trips,
               seen=())  # fmt: skip


@pytest.fixture
def reader(furnished: Furnished):
    with furnished(lambda _database: None) as database, database.reading() as connection:
        yield Reader(connection, CALLER.tenant_id, retailer().tables())


def ahead(reader: Reader, of: Run, now: int, *places: Seen) -> tuple[int, bool, list[str]]:
    """Return since when, whether it is at a door, and the stops ahead."""
    found, calls = ahead_of(reader, of, places, now)
    return found.since_at, found.serving, [one.delivery_id for one in calls]


def test_before_anything_is_told_it_leaves_as_planned_and_not_before(reader):
    course = run((call("A"), call("B")), (call(""), call("C")))
    assert ahead(reader, course, 300) == (100, False, ["A", "B", "", "C"])
    assert ahead(reader, course, 50) == (50, False, ["A", "B", "", "C"])


def test_where_all_were_loaded_at_once_no_trip_is_passed_over(reader):
    course = run((call("A", left_for_at=120), call("B", left_for_at=120)), (call(""), call("C", left_for_at=120)))
    assert ahead(reader, course, 300) == (120, False, ["A", "B", "", "C"])


def test_between_trips_it_loads_again_until_it_is_told_to_have_set_out(reader):
    done = (call("A", done=True, came_at=200, left_at=300), call("B", done=True, came_at=400, left_at=500))
    assert ahead(reader, run(done, (call(""), call("C"))), 600) == (500, False, ["", "C"])
    left = run(done, (call(""), call("C", left_for_at=5_900), call("D")))
    assert ahead(reader, left, 6_000) == (5_900, False, ["C", "D"])


def test_at_a_door_that_door_is_first_whatever_the_plan_says_and_positions_count_on_the_road_only(reader):
    course = run((call("A"), call("B", came_at=700)))
    assert ahead(reader, course, 800, Seen(790, 41.0, -87.0)) == (700, True, ["B", "A"])
    assert ahead(reader, run((call("A"),)), 800, Seen(790, 41.009, -87.0)) == (790, False, ["A"])
