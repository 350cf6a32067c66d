"""A platform with streets: routes, their times and who asks how far it is drive on them."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from doorstep.api.views.routes import find_route
from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.obstacles import ClosedLine, SlowCircle
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.geography.roads.digest import digest_of
from doorstep.geography.roads.learned import HOURS, Learned
from doorstep.operations.bring import plan_routes
from doorstep.operations.bring.problem import load_problem
from doorstep.operations.roads import RoadEvent, create_road_event, end_road_event, travel_now, usual_travel
from doorstep.operations.street_speeds import hours_of, store_speeds, zone_of
from doorstep.storage import Database
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import routes, stops
from tests.databases import CALLER, NOW, Furnished
from tests.geography.roads.towns import LAT, LON, degrees, town
from tests.operations.test_roads import dock

ROUND_M = 5_000
"""From the site one drives so far east, then north, then back west to reach the doors."""


def round_town(north: float = 0.03) -> RoadTimes:
    """Return one long street: from the site at 41.0/-87.0 round by the east to the doors so many degrees north of it.

    It ends at 41.02.
    """
    north_m, last_m = north * 111_195.0, 0.02 * 111_195.0
    corners = [(0.0, 0.0), (ROUND_M, 0.0), (ROUND_M, north_m), (0.0, north_m), (0.0, last_m)]
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
        metres, _ = usual_travel(connection, CALLER.tenant_id, tables).matrix(at)
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


def test_on_streets_a_closed_one_is_driven_round_and_slow_ones_count_where_they_lie(database: Database):
    detour = town(
        [(0.0, 0.0), (3_000.0, 0.0), (3_000.0, 500.0), (0.0, 500.0), (-100.0, 0.0), (3_100.0, 0.0)],
        [
            ([0, 1], {"highway": "primary"}, "Short"),
            ([0, 3, 2, 1], {"highway": "residential"}, "Long"),
            ([4, 0], {"highway": "primary"}, "West"),
            ([1, 5], {"highway": "primary"}, "East"),
        ],
    )
    database.streets = RoadTimes(build_graph(detour, PROFILES["van"]))
    lat, lon = zip(*(degrees(east, 0.0) for east in (-10.0, 3_010.0)), strict=True)
    a, b = (Places(lat=np.array([lat[k]]), lon=np.array([lon[k]])) for k in (0, 1))
    across = [degrees(1_500.0, north) for north in (-20.0, 20.0)]
    line = ClosedLine(points=Places(lat=np.array([p[0] for p in across]), lon=np.array([p[1] for p in across])))
    with database.writing() as connection:
        tables = load_reference(connection, CALLER.tenant_id)

        def metres() -> int:
            return int(travel_now(connection, CALLER.tenant_id, tables, now=NOW).between(a, b)[0][0])

        assert metres() == 3_020
        event = RoadEvent(obstacle=line, starts_at=NOW, ends_at=NOW + 60)
        closed = create_road_event(connection, CALLER, event, now=NOW)
        assert metres() == 4_020
        end_road_event(connection, CALLER, closed, now=NOW)
        assert metres() == 3_020
        slow = SlowCircle(lat=across[0][0], lon=across[0][1], radius_m=500, slower_pct=900)
        create_road_event(connection, CALLER, RoadEvent(obstacle=slow, starts_at=NOW, ends_at=NOW + 60), now=NOW)
        assert metres() == 4_020


class Server:
    """A road server to which all is as far."""

    within_m = 100

    def snapped_m(self, places: Places) -> Ints:
        return np.zeros(len(places), dtype=np.int64)

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        assert len(origins) == len(destinations)
        return np.full(len(origins), 7_777), np.full(len(origins), 777)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        return (np.full((len(places), len(places)), 7_777),) * 2


def test_a_road_server_is_asked_instead_of_the_streets(database: Database):
    database.road_server = Server()
    with database.reading() as connection:
        tables = load_reference(connection, CALLER.tenant_id)
        ends = (Places(lat=np.array([41.0 + k]), lon=np.array([-87.0])) for k in (0, 1))
        assert usual_travel(connection, CALLER.tenant_id, tables).between(*ends)[0].tolist() == [7_777]


def test_a_plan_drives_at_the_speeds_of_the_hours_that_it_is_for(database: Database):
    assert database.streets is not None
    with database.writing() as connection:
        problem = load_problem(connection, CALLER.tenant_id, now=NOW)
        begins = problem.retailer.orders["window_start_at"].to_list()
        tables = problem.retailer.tables()
        hour = hours_of(zone_of(tables), np.array([sorted(begins)[len(begins) // 2]]))[0]
        graph = database.streets.graph
        ratio = np.ones((HOURS + 1, graph.arcs))
        ratio[hour] = 3.0
        learnt = Learned(ratio=ratio, observations=np.ones(ratio.shape, dtype=np.int64), k=1.0)
        store_speeds(connection, CALLER.tenant_id, learnt, streets=digest_of(database.streets), drives=1, now=NOW)
        slower = load_problem(connection, CALLER.tenant_id, now=NOW).travel
        ends = Places(lat=np.array([41.0, 41.02]), lon=np.array([-87.0, -87.0]))
        assert slower.matrix(ends)[1][0, 1] == pytest.approx(3 * problem.travel.matrix(ends)[1][0, 1], abs=2)


def test_the_line_of_a_route_runs_along_the_streets(database: Database):
    with database.writing() as connection:
        plan_routes(connection, CALLER, now=NOW + 60, iterations=50)
        route_id = connection.execute(select(routes.c.route_id)).scalar_one()
        along = find_route(connection, CALLER.tenant_id, route_id, currency="USD")
        connection.streets = None
        straight = find_route(connection, CALLER.tenant_id, route_id, currency="USD")
        connection.streets, connection.road_server = round_town(), Server()
        by_server = find_route(connection, CALLER.tenant_id, route_id, currency="USD")
    assert by_server.line == straight.line
    assert along.line is not None
    assert straight.line is not None
    assert max(lon for lon, _ in straight.line.coordinates) <= -87.0
    east_m = (
        np.radians(max(lon for lon, _ in along.line.coordinates) + 87.0) * EARTH_RADIUS_M * np.cos(np.radians(41.0))
    )
    assert east_m == pytest.approx(ROUND_M, rel=0.01)
