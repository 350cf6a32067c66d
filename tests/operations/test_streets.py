"""A platform with streets: routes, their times and who asks how far it is drive on them."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.operations.bring import plan_routes
from doorstep.operations.roads import travel_now, usual_travel
from doorstep.storage import Database
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import routes, stops
from tests.databases import CALLER, NOW, Furnished
from tests.geography.roads.towns import LAT, LON, town
from tests.operations.test_roads import dock

ROUND_M = 5_000
"""From the site one drives so far east, then north, then back west to reach the doors."""


def round_town() -> RoadTimes:
    """Return one long street: from the site at 41.0/-87.0 round by the east to the doors north of it."""
    north_m = 0.03 * 111_195.0
    corners = [(0.0, 0.0), (ROUND_M, 0.0), (ROUND_M, north_m), (0.0, north_m), (0.0, north_m * 2 / 3)]
    street = town(corners, [([0, 1, 2, 3, 4], {"highway": "primary"}, "Round")])
    east = (street.lon - LON) * np.cos(np.radians(LAT)) / np.cos(np.radians(41.0))
    return RoadTimes(build_graph(replace(street, lat=street.lat - LAT + 41.0, lon=east - 87.0), PROFILES["van"]))


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(dock) as found:
        found.streets = round_town()
        yield found


def test_routes_are_planned_on_the_streets_there_are(database: Database):
    with database.writing() as connection:
        plan_routes(connection, CALLER, now=NOW + 60, iterations=50)
        query = select(stops).order_by(stops.c.route_id, stops.c.sequence)
        calls = connection.execute(query).all()
        (route,) = connection.execute(select(routes)).all()
        at = Places(lat=np.array([41.0, *(call.lat for call in calls)]), lon=np.array([-87.0, *(c.lon for c in calls)]))
        tables = load_reference(connection, CALLER.tenant_id)
        metres, _ = usual_travel(connection, tables).matrix(at)
    driven = [int(metres[k, k + 1]) for k in range(len(calls))]
    assert [call.distance_m for call in calls] == driven
    assert route.distance_m > 4 * ROUND_M


def test_without_streets_drives_are_estimated_and_with_them_also_where_there_are_none(database: Database):
    with database.reading() as connection:
        tables = load_reference(connection, CALLER.tenant_id)
        travel = travel_now(connection, CALLER.tenant_id, tables, now=NOW)
        assert isinstance(travel, StreetsOrEstimate)
        far = Places(lat=np.array([41.0, 43.0]), lon=np.array([-87.0, -87.0]))
        assert travel.matrix(far)[0].tolist() == travel.estimate.matrix(far)[0].tolist()
    database.streets = None
    with database.reading() as connection:
        assert isinstance(travel_now(connection, CALLER.tenant_id, tables, now=NOW), GreatCircleTimes)
