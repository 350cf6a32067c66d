"""Routes under way followed: their times move with what is reported, and nothing is told twice."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from doorstep.api.views.deliveries import find_delivery
from doorstep.api.views.routes import find_route
from doorstep.geography.obstacles import SlowCircle
from doorstep.operations.access import Shown, hash_secret
from doorstep.operations.bring import ReportedEvent, dispatch_route, plan_routes, record_event
from doorstep.operations.positions.devices import Riding, register_device
from doorstep.operations.positions.take import Report, take_positions
from doorstep.operations.roads import RoadEvent, create_road_event
from doorstep.operations.tracking import (
    driven_lately,
    follow_route,
    foresee,
    look_at_route,
    routes_to_follow,
    store_paces,
    tell_foreseen,
)
from doorstep.operations.tracking.follow import tenants_with_routes
from doorstep.operations.tracking.learning import load_paces
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.etas import etas, paces, watches
from doorstep.storage.schema.fulfilment import routes, stops
from doorstep.storage.schema.journal import events
from doorstep.tracking import Position, learn
from doorstep.tracking.eta import STATED_PACES
from doorstep.tracking.positions import Source
from doorstep.worker import PERIODIC
from doorstep.worker.tracking import FOLLOW, LEARN
from tests.databases import CALLER, NOW, Furnished
from tests.operations.fulfil.stage import VANS, open_stage, ready
from tests.worker.working import BOUND_S, Clock, worker_on

MINUTE = 60


def out(database: Database) -> None:
    """Send a van out to four doors along a street."""
    open_stage(database, vehicles=VANS.filter(VANS["site_id"] == "S1"))
    with database.writing() as connection:
        for n in range(4):
            ready(connection, lat=41.02 + n / 100)
        (route_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=20).routes
        dispatch_route(connection, CALLER, route_id, driver="Ana", now=NOW + 120)


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(out) as found:
        yield found
        with found.reading() as connection:
            assert check_books(connection) == []


def the_route(connection) -> tuple[str, list[Any]]:
    route_id = connection.execute(select(routes.c.route_id)).scalar_one()
    doors = select(stops).where(stops.c.route_id == route_id, stops.c.delivery_id != "").order_by(stops.c.sequence)
    return route_id, connection.execute(doors).all()


def report(connection, phone: Shown, there: tuple[int, float, float], *, now: int) -> None:
    at, lat, lon = there
    position = Position(device=phone.name, at=at, lat=lat, lon=lon, source=Source.TRACCAR)
    told = Report(device_id=phone.name, token_hash=hash_secret(phone.secret), positions=[position])
    assert take_positions(connection, [told], now=now) == [None]


def tell(connection, delivery_id: str, event: str, at: int) -> None:
    point = {"point": {"type": "Point", "coordinates": [-87.0, 41.02]}} if event == "arrive_at_dropoff" else {}
    fact = ReportedEvent(source="phone7", source_event_id=f"{delivery_id}-{event}", kind="delivery",
                         object_id=delivery_id, event=event, occurred_at=at, details=json.dumps(point))  # fmt: skip
    record_event(connection, CALLER, fact, now=at)


def start(connection) -> tuple[str, list[Any], int]:
    """Let the van leave with everything on board, as planned."""
    route_id, doors = the_route(connection)
    leaves_at = doors[0].arrive_at - 120
    for door in doors:
        for event in ("start_to_pickup", "arrive_at_pickup", "pick_up", "start_to_dropoff"):
            tell(connection, door.delivery_id, event, leaves_at)
    return route_id, doors, leaves_at


def expected(connection) -> dict[str, int]:
    return {row.delivery_id: row.expected_at for row in connection.execute(select(etas))}


def heard(database: Database, *types: str) -> list[tuple[str, str, dict[str, Any]]]:
    with database.reading() as connection:
        query = select(events).where(events.c.type.in_(types)).order_by(events.c.event_no)
        return [(row.type, row.object_id, json.loads(row.data)) for row in connection.execute(query)]


def test_times_are_there_when_a_van_is_out_and_move_with_what_is_reported(database):
    with database.writing() as connection:
        route_id, doors = the_route(connection)
        assert follow_route(connection, CALLER, route_id, now=NOW + 200).doors == 0
        _, _, leaves_at = start(connection)
        assert follow_route(connection, CALLER, route_id, now=leaves_at + 30).doors == 4
        before = expected(connection)
        assert [before[door.delivery_id] for door in doors] == sorted(before.values())
        assert abs(before[doors[3].delivery_id] - doors[3].arrive_at) < 15 * MINUTE
        shown = find_route(connection, CALLER.tenant_id, route_id, currency="USD").stops
        assert {s.delivery_id: s.eta.expected_at for s in shown if s.eta} == before
        eta = find_delivery(connection, CALLER.tenant_id, doors[0].delivery_id, currency="USD").eta
        assert eta is not None
        assert eta.from_at <= eta.expected_at <= eta.until_at
        tell(connection, doors[0].delivery_id, "arrive_at_dropoff", leaves_at + 40 * MINUTE)
        now = leaves_at + 45 * MINUTE
        follow_route(connection, CALLER, route_id, now=now)
        after = expected(connection)
        assert after[doors[0].delivery_id] == leaves_at + 40 * MINUTE
        assert after[doors[3].delivery_id] > before[doors[3].delivery_id] + 25 * MINUTE
        tell(connection, doors[0].delivery_id, "deliver", now)
        follow_route(connection, CALLER, route_id, now=now + 10)
        assert set(expected(connection)) == {door.delivery_id for door in doors[1:]}


def test_following_again_tells_nothing_again_and_changes_no_time(database):
    with database.writing() as connection:
        route_id, doors, leaves_at = start(connection)
        follow_route(connection, CALLER, route_id, now=leaves_at + 30)
        now = leaves_at + 80 * MINUTE  # and it has not been anywhere
        first = follow_route(connection, CALLER, route_id, now=now)
        known = expected(connection)
        again = follow_route(connection, CALLER, route_id, now=now)
        assert (again.told, expected(connection)) == ((), known)
        assert first.told
        later = follow_route(connection, CALLER, route_id, now=now + MINUTE)
        assert later.told == ()
    told = heard(database, "delivery.eta_changed", "delivery.delay_predicted")
    assert len(told) == len(first.told)
    assert {object_id for _, object_id, _ in told} <= {door.delivery_id for door in doors}
    assert all(data["from_at"] <= data["expected_at"] <= data["until_at"] for _, _, data in told)


def test_what_was_foreseen_of_a_route_that_has_changed_since_is_left_for_the_next_time(database):
    with database.writing() as connection:
        route_id, doors, leaves_at = start(connection)
        look = look_at_route(connection, CALLER.tenant_id, route_id, now=leaves_at + 30)
        assert look is not None
        foreseen = foresee(look)
        tell(connection, doors[0].delivery_id, "arrive_at_dropoff", leaves_at + 40)
        assert tell_foreseen(connection, CALLER, foreseen).doors == 0
        assert expected(connection) == {}
        look = look_at_route(connection, CALLER.tenant_id, route_id, now=leaves_at + 60)
        assert look is not None
        foreseen = foresee(look)
        assert tell_foreseen(connection, CALLER, foreseen).doors == 4
        assert tell_foreseen(connection, CALLER, foreseen).doors == 0  # followed since then


def test_arrivals_follow_slow_traffic_and_its_end(database):
    with database.writing() as connection:
        route_id, doors, leaves_at = start(connection)
        follow_route(connection, CALLER, route_id, now=leaves_at + 30)
        before = expected(connection)
        jam = SlowCircle(lat=doors[0].lat, lon=doors[0].lon, radius_m=20_000, slower_pct=200)
        event = RoadEvent(obstacle=jam, starts_at=leaves_at, ends_at=leaves_at + 9 * MINUTE)
        create_road_event(connection, CALLER, event, now=NOW)
        follow_route(connection, CALLER, route_id, now=leaves_at + 30)
        slow = expected(connection)
        last = doors[3].delivery_id
        assert slow[last] > before[last] + MINUTE
        follow_route(connection, CALLER, route_id, now=leaves_at + 9 * MINUTE)
        assert expected(connection)[last] < slow[last]


def test_a_van_that_will_be_too_late_is_told_once_with_the_new_time(database):
    with database.writing() as connection:
        route_id, doors, leaves_at = start(connection)
        end_at = NOW + 40 * 3_600  # beyond every window of the next day
        follow_route(connection, CALLER, route_id, now=leaves_at + 30)
        follow_route(connection, CALLER, route_id, now=end_at)
        follow_route(connection, CALLER, route_id, now=end_at + MINUTE)
    told = heard(database, "delivery.delay_predicted")
    assert sorted(object_id for _, object_id, _ in told) == sorted(door.delivery_id for door in doors)
    assert {data["late"] for _, _, data in told} == {"surely"}
    assert all(data["expected_at"] >= end_at for _, _, data in told)


def test_positions_say_that_it_arrives_and_however_often_they_come_it_is_told_once(database):
    with database.writing() as connection:
        route_id, doors, leaves_at = start(connection)
        phone = register_device(connection, CALLER, "Ana's phone", "traccar", Riding(driver="Ana"), now=NOW)
        there = (leaves_at + 100, doors[0].lat, doors[0].lon)
        for now in (leaves_at + 101, leaves_at + 130):
            report(connection, phone, there, now=now)
            follow_route(connection, CALLER, route_id, now=now)
        report(connection, phone, (leaves_at + 50, doors[0].lat - 0.0005, doors[0].lon), now=leaves_at + 140)
        follow_route(connection, CALLER, route_id, now=leaves_at + 140)
    told = heard(database, "delivery.arriving", "route.fence_entered")
    assert [(kind, data.get("delivery_id")) for kind, _, data in told] == [
        ("route.fence_entered", doors[0].delivery_id),
        ("delivery.arriving", doors[0].delivery_id),
    ]


def test_what_was_driven_teaches_and_what_has_ended_is_forgotten(database):
    with database.writing() as connection:
        route_id, doors, leaves_at = start(connection)
        follow_route(connection, CALLER, route_id, now=leaves_at + 30)
        at = leaves_at
        for door in doors:
            at += 10 * MINUTE
            tell(connection, door.delivery_id, "arrive_at_dropoff", at)
            at += 4 * MINUTE
            tell(connection, door.delivery_id, "deliver", at)
        assert routes_to_follow(connection, CALLER.tenant_id) == [route_id]
        follow_route(connection, CALLER, route_id, now=at + MINUTE)
        assert expected(connection) == {}
        assert connection.execute(select(watches)).all() == []
        assert tenants_with_routes(connection) == []
        (driven,) = driven_lately(connection, CALLER.tenant_id, now=at + 3_600)
        assert driven.driven.actual_s.tolist() == [10 * MINUTE] * 4
        assert driven.served.actual_s.tolist() == [4 * MINUTE] * 4
        assert load_paces(connection, CALLER.tenant_id) is STATED_PACES
        learnt = learn([driven], rng=np.random.default_rng(1))
        store_paces(connection, CALLER.tenant_id, learnt, trips=1, now=at)
        kept = load_paces(connection, CALLER.tenant_id)
    assert kept.drives.mean == pytest.approx(learnt.drives.mean)
    assert kept.drives.effects["driver"]["Ana"].mean == pytest.approx(
        learnt.drives.effects["driver"]["Ana"].mean, abs=1e-4
    )
    assert kept.calibration.errors == pytest.approx(learnt.calibration.errors, abs=1e-4)


def test_the_worker_follows_every_minute_and_learns_every_night(database):
    with database.writing() as connection:
        _, _, leaves_at = start(connection)
    clock = Clock(leaves_at + 30)
    mine = tuple(one for one in PERIODIC if one.kind in (FOLLOW, LEARN))
    worker = worker_on(database, clock, periodic=mine)
    assert worker.drain(BOUND_S)
    with database.reading() as connection:
        first = {row.made_at for row in connection.execute(select(etas))}
        assert connection.execute(select(paces)).all() == []
    clock.now += MINUTE
    assert worker.drain(BOUND_S)
    with database.reading() as connection:
        assert {row.made_at for row in connection.execute(select(etas))} == {min(first) + MINUTE}
    clock.now += 24 * 3_600
    assert worker.drain(BOUND_S)
    with database.reading() as connection:
        (row,) = connection.execute(select(paces)).all()
    assert (row.trips, row.learnt_at) == (0, clock.now)
