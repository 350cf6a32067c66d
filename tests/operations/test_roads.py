"""Roads that are closed for a while: plans go around them as long as they are, and everybody hears of it."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import select

from doorstep.foundation import InputError, NotFoundError
from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.obstacles import ClosedLine
from doorstep.operations.bring import plan_routes
from doorstep.operations.bring.problem import load_problem
from doorstep.operations.bring.standing import standing_routes
from doorstep.operations.caller import Caller
from doorstep.operations.housekeeping import Kept, purge
from doorstep.operations.roads import RoadEvent, create_road_event, end_road_event, roads_now, travel_now
from doorstep.storage import Connection, Database
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import routes
from doorstep.storage.schema.journal import audit, events
from tests.databases import CALLER, NOW, Furnished
from tests.operations.fulfil.stage import HOUR, VANS, open_stage, ready

STREET = ClosedLine(points=Places(lat=np.array([41.01, 41.01]), lon=np.array([-87.2, -86.9])))
"""Between the site, at 41.0/-87.0, and the doors north of it; its nearer end is in the east."""


def dock(database: Database) -> None:
    """Bring two orders to the dock, for doors north of their site."""
    open_stage(database, vehicles=VANS.filter(VANS["site_id"] == "S1"))
    with database.writing() as connection:
        for lat in (41.02, 41.03):
            ready(connection, lat=lat)


@pytest.fixture
def here(furnished: Furnished) -> Iterator[Connection]:
    with furnished(dock) as database, database.writing() as connection:
        yield connection


def closed(connection: Connection, starts_at: int = NOW, ends_at: int = NOW + HOUR) -> str:
    return create_road_event(
        connection, CALLER, RoadEvent(obstacle=STREET, starts_at=starts_at, ends_at=ends_at), now=NOW
    )


def told(connection: Connection) -> list[tuple[str, int, int]]:
    query = select(events.c.type, events.c.data).where(events.c.kind == "road_event").order_by(events.c.event_no)
    rows = [(row.type, json.loads(row.data)) for row in connection.execute(query)]
    return [(kind, data["starts_at"] - NOW, data["ends_at"] - NOW) for kind, data in rows]


def test_plans_and_quotes_go_around_a_closed_street_as_long_as_it_is(here):
    tables = load_reference(here, CALLER.tenant_id)
    usual = travel_now(here, CALLER.tenant_id, tables, now=NOW)
    assert isinstance(usual, GreatCircleTimes)
    closed(here)
    assert load_problem(here, CALLER.tenant_id, now=NOW + HOUR).travel == usual
    around = load_problem(here, CALLER.tenant_id, now=NOW + 60).travel
    (route_id,) = plan_routes(here, CALLER, now=NOW + 60, iterations=20).routes
    site, corner, door = (Places(lat=np.array([lat]), lon=np.array([lon]))
                          for lat, lon in ((41.0, -87.0), (41.01, -86.9), (41.02, -87.0)))  # fmt: skip
    by_corner = int(usual.between(site, corner)[0][0] + usual.between(corner, door)[0][0])
    assert around.between(site, door)[0].tolist() == [by_corner]
    driven_m = here.execute(select(routes.c.distance_m).where(routes.c.route_id == route_id)).scalar_one()
    assert driven_m >= 2 * by_corner
    (now_closed,) = standing_routes(here, CALLER.tenant_id, "S1", now=NOW + 60)
    assert now_closed.travel.between(site, door)[0].tolist() == [by_corner]
    for event in roads_now(here, CALLER.tenant_id, now=NOW + 60):
        end_road_event(here, CALLER, event, now=NOW + 60)
    (open_again,) = standing_routes(here, CALLER.tenant_id, "S1", now=NOW + 60)
    assert open_again.travel == usual


def test_what_begins_and_ends_is_told_and_what_is_over_is_forgotten(here):
    past, future = closed(here, ends_at=NOW + 60), closed(here, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    assert roads_now(here, CALLER.tenant_id, now=NOW + 59) == (past,)
    assert roads_now(here, CALLER.tenant_id, now=NOW + 60) == ()
    assert purge(here, now=NOW + 60, kept=Kept())["road_events"] == 1
    with pytest.raises(NotFoundError):
        end_road_event(here, Caller("ten_other", "test"), future, now=NOW + 90)
    end_road_event(here, CALLER, future, now=NOW + 90)
    with pytest.raises(NotFoundError, match="Maybe it is over"):
        end_road_event(here, CALLER, future, now=NOW + 90)
    here.journal.write(here)
    assert told(here) == [
        ("road_event.created", 0, 60),
        ("road_event.created", HOUR, 2 * HOUR),
        ("road_event.ended", 0, 60),
        ("road_event.ended", HOUR, 90),
    ]
    assert len(here.execute(select(audit).where(audit.c.kind == "road_event")).all()) == 4


def test_what_is_over_or_ends_before_it_starts_is_refused(here):
    with pytest.raises(InputError, match="is over"):
        closed(here, starts_at=NOW - HOUR, ends_at=NOW)
    with pytest.raises(InputError, match="must be after starts_at"):
        closed(here, starts_at=NOW, ends_at=NOW)
