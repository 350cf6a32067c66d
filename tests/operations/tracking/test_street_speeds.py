"""Streets learn from the vans that drove on them: at night, hour by hour, for their own tenant, and without names."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from doorstep.api.views.courses import show_course, show_street_speeds
from doorstep.domain.calendar import wall_clock
from doorstep.foundation import ConflictError, NotFoundError
from doorstep.geography import Places
from doorstep.geography.roads import find_way
from doorstep.geography.roads.digest import digest_of
from doorstep.geography.roads.learned import BEGINS, HOURS, Learned, Observed, hour_class, learn_week
from doorstep.operations import street_speeds as street_speeds_module
from doorstep.operations.access import hash_secret
from doorstep.operations.dispatching.halting import halt_route
from doorstep.operations.housekeeping import Kept, purge
from doorstep.operations.positions.devices import Riding, register_device
from doorstep.operations.positions.take import Report, take_positions
from doorstep.operations.roads import travel_now, usual_travel
from doorstep.operations.street_speeds import (
    DAY_S,
    FEWEST_KEPT,
    LAST_DAYS,
    hours_of,
    load_speeds,
    observed_lately,
    store_observed,
    store_speeds,
    streets_at,
    zone_of,
)
from doorstep.operations.tracking.courses import course_of
from doorstep.operations.tracking.learning import driven_lately
from doorstep.storage import Connection, Database
from doorstep.storage.packed_arrays import unpack
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import routes
from doorstep.storage.schema.journal import jobs
from doorstep.storage.schema.roads import driven_streets, street_speeds
from doorstep.tracking import Position
from doorstep.tracking.positions import Source
from doorstep.worker import PERIODIC
from doorstep.worker.tracking import LEARN_STREETS
from tests.databases import CALLER, NOW, Furnished
from tests.operations.test_streets import round_town
from tests.operations.tracking.test_follow import out, start, tell, the_route
from tests.worker.working import BOUND_S, Clock, worker_on

EVERY_S = 10
SITE = (41.0, -87.0)
SLOWER = 2.0
"""So many times what the streets usually take."""
NEARLY = 0.15


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(out) as found:
        found.streets = round_town(north=0.05)
        yield found


def drive(connection: Connection, *, slower: float = SLOWER) -> tuple[str, int, int]:
    """Drive the route as it is planned, along the streets, with a phone on board; return it, its start and its end."""
    streets = connection.streets
    assert streets is not None
    route_id, doors, leaves_at = start(connection)
    phone = register_device(connection, CALLER, "phone", "traccar", Riding(route_id=route_id), now=leaves_at)
    at, here, seen = float(leaves_at), SITE, []
    for door in doors:
        way = find_way(streets, here, (door.lat, door.lon))
        steps = np.hypot(np.diff(way.lat), np.diff(way.lon) * np.cos(np.radians(way.lat[:-1])))
        along = np.concatenate([[0.0], np.cumsum(steps)]) / max(steps.sum(), 1e-12)
        takes = way.seconds * slower
        for share in np.arange(0, max(takes, 1), EVERY_S) / max(takes, 1):
            seen.append((round(at + share * takes), float(np.interp(share, along, way.lat)),
                         float(np.interp(share, along, way.lon))))  # fmt: skip
        at, here = at + takes, (door.lat, door.lon)
        tell(connection, door.delivery_id, "arrive_at_dropoff", round(at))
        at += 180
        tell(connection, door.delivery_id, "deliver", round(at))
    positions = [Position(device=phone.name, at=t, lat=lat, lon=lon, source=Source.TRACCAR) for t, lat, lon in seen]
    told = Report(device_id=phone.name, token_hash=hash_secret(phone.secret), positions=positions)
    assert take_positions(connection, [told], now=round(at)) == [None]
    return route_id, leaves_at, round(at)


def learn_at_night(database: Database, after: int, *, nights: int = 1) -> int:
    """Let the worker learn in the nights after a moment, and return when it did last."""
    clock = Clock((after // DAY_S + 1) * DAY_S)
    mine = tuple(one for one in PERIODIC if one.kind == LEARN_STREETS)
    worker = worker_on(database, clock, periodic=mine)
    assert worker.drain(BOUND_S)
    clock.now += 3_600
    for _ in range(nights):
        assert worker.drain(BOUND_S)
        clock.now += DAY_S
    return clock.now - DAY_S


def seconds(travel: Any) -> int:
    far = Places(lat=np.array([41.02]), lon=np.array([-87.0]))
    return int(travel.between(Places(lat=np.array([41.0]), lon=np.array([-87.0])), far)[1][0])


def test_streets_take_what_vans_took_on_them_and_other_tenants_drive_as_ever(database: Database):
    with database.writing() as connection:
        _, leaves_at, _ = drive(connection)
        tables = load_reference(connection, CALLER.tenant_id)
        before = seconds(usual_travel(connection, CALLER.tenant_id, tables))
    learnt_at = learn_at_night(database, leaves_at)
    with database.reading() as connection:
        row = connection.execute(select(street_speeds)).one()
        assert (row.drives, row.learnt_at) == (1, learnt_at)
        then = seconds(travel_now(connection, CALLER.tenant_id, tables, now=leaves_at))
        usual = seconds(usual_travel(connection, CALLER.tenant_id, tables))
        sunday = seconds(usual_travel(connection, CALLER.tenant_id, tables, at=leaves_at + 5 * DAY_S))
        other = seconds(usual_travel(connection, "t-other", tables, at=leaves_at))
        told = show_street_speeds(connection, CALLER.tenant_id)
    assert before < sunday <= then <= SLOWER * before * (1 + NEARLY)
    assert then > before * 1.2
    assert usual == sunday
    assert other == before
    zone = zone_of(tables)
    assert told.hours[hours_of(zone, np.array([leaves_at]))[0]].percent > 120
    assert (told.drives, told.learnt_at) == (1, learnt_at)


def test_what_is_kept_of_drives_names_nobody_and_is_forgotten_after_some_weeks(database: Database):
    with database.writing() as connection:
        _, leaves_at, _ = drive(connection)
    learn_at_night(database, leaves_at, nights=2)
    with database.reading() as connection:
        kept = connection.execute(select(driven_streets).order_by(driven_streets.c.day_at)).all()
    assert [row.drives for row in kept] == [1, 0]
    assert set(kept[0]._mapping) == {"tenant_id", "day_at", "streets", "drives", "observations", "observed"}
    assert set(unpack(kept[0].observed)) == {"arc", "hour", "ratio"}
    assert kept[0].observations > 0
    learn_at_night(database, leaves_at + 30 * DAY_S)
    with database.reading() as connection:
        assert [row.drives for row in connection.execute(select(driven_streets))] == [0]


@pytest.mark.parametrize(("positions_days", "kept_days"), [(30, LAST_DAYS), (2, 2)])
def test_what_was_driven_is_forgotten_with_the_positions_and_also_where_nobody_learns_any_more(
    database: Database, positions_days: int, kept_days: int
):
    seen = Observed(arc=np.zeros(1, dtype=np.int64), hour=np.zeros(1, dtype=np.int64), ratio=np.ones(1))
    kept = Kept(positions_s=positions_days * DAY_S)
    over = NOW // DAY_S * DAY_S
    with database.writing() as connection:
        store_observed(connection, CALLER.tenant_id, over - DAY_S, streets="s", drives=1, seen=seen)
        assert purge(connection, now=over + kept_days * DAY_S, kept=kept)["driven_streets"] == 0
        assert purge(connection, now=over + kept_days * DAY_S + 1, kept=kept)["driven_streets"] == 1


def test_speeds_of_another_extract_are_worth_nothing(database: Database):
    with database.writing() as connection:
        _, leaves_at, _ = drive(connection)
    learn_at_night(database, leaves_at)
    with database.writing() as connection:
        tables = load_reference(connection, CALLER.tenant_id)
        assert streets_at(connection, CALLER.tenant_id, tables, at=leaves_at) is not connection.streets
        assert show_street_speeds(connection, CALLER.tenant_id).drives == 1
        connection.execute(street_speeds.update().values(streets="van-1-00000000", learnt_at=1))
    with database.reading() as connection:
        assert show_street_speeds(connection, CALLER.tenant_id).learnt_at is None
        assert streets_at(connection, CALLER.tenant_id, tables, at=leaves_at) is connection.streets


def test_a_route_shows_the_streets_that_were_driven_and_how_near_each_stop_was(database: Database):
    with database.writing() as connection:
        route_id, began_at, ended_at = drive(connection)
        at = [(41.0, -87.0), *((door.lat, door.lon) for door in the_route(connection)[1])]
        driven_m = sum(find_way(round_town(north=0.05), a, b).metres for a, b in pairwise(at))
    with database.reading() as connection:
        course = show_course(connection, CALLER.tenant_id, route_id, now=ended_at + 600)
        with pytest.raises(NotFoundError):
            show_course(connection, "t-other", route_id, now=ended_at)
    assert (course.began_at, course.ended_at) == (began_at, ended_at)
    assert {street.name for stretch in course.stretches for street in stretch.streets} == {"Round"}
    assert course.matched_pct >= 95
    assert course.distance_m == pytest.approx(driven_m, rel=0.02)
    assert [stop.sequence for stop in course.stops] == sorted(stop.sequence for stop in course.stops)
    assert course.stops[0].distance_m is not None
    assert course.stops[0].distance_m < 100


def test_without_a_device_or_a_start_there_is_no_course(database: Database):
    with database.writing() as connection:
        route_id = start(connection)[0]
        assert len(course_of(connection, CALLER.tenant_id, route_id, now=NOW).track) == 0
        bare = show_course(connection, CALLER.tenant_id, route_id, now=NOW)
        assert (bare.positions, bare.stretches, bare.stops[0].distance_m) == (0, [], None)
        connection.streets = None
        with pytest.raises(ConflictError):
            show_course(connection, CALLER.tenant_id, route_id, now=NOW)


def test_paces_are_learnt_beside_the_streets_that_were_driven(database: Database):
    with database.writing() as connection:
        _, leaves_at, ended_at = drive(connection)
        (on_streets,) = driven_lately(connection, CALLER.tenant_id, now=ended_at)
        tables = load_reference(connection, CALLER.tenant_id)
        first = seconds(usual_travel(connection, CALLER.tenant_id, tables, at=leaves_at))
    assert int(on_streets.drives.planned_s[0]) == pytest.approx(first, rel=0.5)
    assert on_streets.driven.actual_s[0] == pytest.approx(SLOWER * int(on_streets.drives.planned_s[0]), rel=0.1)


def test_hours_go_by_the_local_clock_and_weekends_are_apart():
    assert [hour_class(0, hour) for hour in (0, 5, 6, 17, 23)] == [0, 0, 1, 4, 6]
    assert hour_class(5, 6) == hour_class(6, 8) == len(BEGINS) + 1
    clock = wall_clock("America/Chicago", NOW)
    assert hours_of("America/Chicago", np.array([NOW, NOW + 1])).tolist() == [hour_class(clock.weekday, clock.hour)] * 2


def test_in_zones_that_are_half_an_hour_off_moments_are_of_the_hour_that_their_clocks_show():
    at = 1_772_422_200  # 3:30 UTC, a Monday: 9 o'clock in India
    assert hours_of("Asia/Kolkata", np.array([at - 1, at, at + 1_799])).tolist() == [1, 2, 2]


def test_a_route_that_ends_after_midnight_is_learnt_from_the_night_after(database: Database):
    with database.writing() as connection:
        _, leaves_at, _ = drive(connection)
        midnight = (leaves_at // DAY_S + 1) * DAY_S
        connection.execute(routes.update().values(event_at=midnight + 7_200, state="in_progress"))
    learn_at_night(database, leaves_at)
    with database.writing() as connection:
        assert connection.execute(select(driven_streets.c.drives)).scalars().all() == [0]
        connection.execute(routes.update().values(state="completed"))
    learn_at_night(database, leaves_at + DAY_S)
    with database.reading() as connection:
        assert connection.execute(select(driven_streets.c.drives)).scalars().all() == [0, 1]


def test_a_van_that_broke_down_before_its_first_door_does_not_stop_others_from_teaching(database: Database):
    with database.writing() as connection:
        route_id, _, leaves_at = start(connection)
        halt_route(connection, CALLER, route_id, parcels="back_at_site", reason="breakdown", now=leaves_at + 60)
    learn_at_night(database, leaves_at)
    with database.reading() as connection:
        (job,) = connection.execute(select(jobs).where(jobs.c.kind == LEARN_STREETS)).all()
        assert (job.error, connection.execute(select(driven_streets.c.drives)).scalars().all()) == ("", [0])


def test_what_was_learnt_is_the_same_when_it_is_read_again(database: Database):
    seen = Observed(arc=np.zeros(9, dtype=np.int64), hour=np.full(9, 3), ratio=np.full(9, 1.5))
    learnt = learn_week(round_town().graph, seen)
    with database.writing() as connection:
        store_observed(connection, CALLER.tenant_id, DAY_S, streets="s", drives=2, seen=seen)
        store_speeds(connection, CALLER.tenant_id, learnt, streets="s", drives=2, now=NOW)
        again, (kept, drives) = load_speeds(connection, CALLER.tenant_id), observed_lately(
            connection, CALLER.tenant_id, streets="s")  # fmt: skip
    assert again is not None
    assert np.allclose(again.learnt.ratio, learnt.ratio, rtol=1e-6)
    assert again.learnt.observations.tolist() == learnt.observations.tolist()
    assert (again.observations, again.drives, drives) == (9, 2, 2)
    assert (kept.arc.tolist(), kept.hour.tolist(), kept.ratio.tolist()) == ([0] * 9, [3] * 9, [1.5] * 9)


def test_of_streets_that_take_much_memory_the_times_of_few_hours_are_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    with database.writing() as connection:
        _, leaves_at, _ = drive(connection)
    learn_at_night(database, leaves_at)
    with database.reading() as connection:
        tables = load_reference(connection, CALLER.tenant_id)

        def times(hour: int) -> Any:
            return streets_at(connection, CALLER.tenant_id, tables, at=leaves_at + hour * 3_600)

        first = times(0)
        assert len({id(each) for each in [first, *(times(hour) for hour in (3, 6, 9))]}) == 4
        assert times(0) is first
        monkeypatch.setattr(street_speeds_module, "MOST_BYTES", 0)
        weekend = [times(24 * 5 + hour) for hour in (0, 3, 6, 9, 12)[: FEWEST_KEPT + 1]]
        assert times(24 * 5 + 12) is weekend[-1]
        assert times(0) is not first


def test_what_sets_out_later_drives_at_the_speeds_of_that_hour(database: Database):
    with database.writing() as connection:
        _, leaves_at, _ = drive(connection)
    learn_at_night(database, leaves_at)
    with database.writing() as connection:
        tables = load_reference(connection, CALLER.tenant_id)
        night = leaves_at - 8 * 3_600
        slow = seconds(travel_now(connection, CALLER.tenant_id, tables, now=leaves_at))
        assert seconds(travel_now(connection, CALLER.tenant_id, tables, now=night, sets_out_at=leaves_at)) == slow
        assert seconds(travel_now(connection, CALLER.tenant_id, tables, now=night)) <= slow
        faster = Learned(
            ratio=np.full((HOURS + 1, 2), 0.5), observations=np.ones((HOURS + 1, 2), dtype=np.int64), k=1.0
        )
        faster.ratio[hours_of(zone_of(tables), np.array([leaves_at]))[0]] = 3.0
        store_speeds(
            connection, CALLER.tenant_id, faster, streets=digest_of(round_town(north=0.05)), drives=1, now=leaves_at + 9
        )
        assert seconds(travel_now(connection, CALLER.tenant_id, tables, now=night)) * 5 < seconds(
            travel_now(connection, CALLER.tenant_id, tables, now=night, sets_out_at=leaves_at)
        )
