"""A platform with streets decides by them which site serves an order, also one that is only tried."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.foundation import Iterations
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.operations.corridor.shadow import shadow_policies
from doorstep.operations.fulfil import route_orders
from doorstep.operations.fulfil.shadow import load_period
from doorstep.operations.fulfil.trial import free_units, try_order
from doorstep.order_routing.replay import POLICIES
from doorstep.storage import Database
from tests.databases import CALLER, NOW
from tests.geography.roads.towns import LAT, LON, town
from tests.operations.fulfil.stage import open_stage, placed
from tests.operations.shops import ordering

ROUND_M, S2_M, DOOR_M = 45_000, 33_359, 1_112
"""From S1 to the door that lies north of it one drives so far east, then north, back west to S2, and south again."""


def river_town() -> RoadTimes:
    """Return one long street from S1 round to S2 and from there to the door, as if a river ran before S1."""
    corners = [(0, 0), (ROUND_M, 0), (ROUND_M, S2_M), (0, S2_M), (0, DOOR_M)]
    street = town(corners, [([0, 1, 2, 3, 4], {"highway": "primary"}, "Round")])
    east = (street.lon - LON) * np.cos(np.radians(LAT)) / np.cos(np.radians(41.0))
    return RoadTimes(build_graph(replace(street, lat=street.lat - LAT + 41.0, lon=east - 87.0), PROFILES["van"]))


@pytest.mark.parametrize(("streets", "site"), [(False, "S1"), (True, "S2")])
def test_the_site_that_is_near_by_street_serves_the_order(database: Database, streets: bool, site: str):
    database.streets = river_town() if streets else None
    open_stage(database)
    with database.writing() as connection:
        units = free_units(connection, CALLER.tenant_id, ordering(("A", 1)).lines)
        tried = try_order(connection, CALLER.tenant_id, ordering(("A", 1)), units, now=NOW)
        assert tried.allocations["site_id"].to_list() == [site]
        order_id = placed(connection)
        (outcome,) = route_orders(connection, CALLER, now=NOW)
        assert (outcome.order_id, outcome.sites) == (order_id, (site,))
        case = load_period(connection, CALLER.tenant_id, start_at=0, end_at=NOW + 1, now=NOW)
        report = shadow_policies(case, [POLICIES["myopic"]], most=9, stop=Iterations(limit=1_000))
        assert report.outcomes[0].differing == 0
        assert report.decided.cost_minor == tried.decisions.filter("chosen")["cost_minor"][0]
