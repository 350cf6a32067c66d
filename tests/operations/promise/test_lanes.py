"""Doors that only a lane leads to are promised while a departure in time has room."""

from typing import Any

import pytest

from doorstep.operations.bring import plan_routes
from doorstep.operations.promise.offers import offers_for
from doorstep.storage import Connection, Database
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import allocated, open_stage, ready
from tests.operations.shops import ordering
from tests.small import CHICAGO, table

FAR = {"lat": 39.01, "lon": -87.0}
SITES = table("site_id kind lat lon time_zone", ("S1", "fc", 41.0, -87.0, CHICAGO), ("H1", "hub", 39.0, -87.0, CHICAGO))
VAN = table(
    "vehicle_id site_id max_weight_g max_volume_ml max_distance_m cost_per_hour_minor",
    ("V1", "H1", 500_000, 5_000_000, 60_000, 2_000),
)


def lane(**limits: Any) -> dict[str, Any]:
    """Return a shop with an FC, a hub with a van 222 km away, and a lane by air between them on weekdays at 20:00."""
    columns = {"from_site_id": "S1", "to_site_id": "H1", "departs": "20:00", "duration_s": 3_600,
               "parcel_cost_minor": 60, "mode": "air", "weekdays": "12345"} | limits  # fmt: skip
    return {"sites": SITES, "vehicles": VAN, "lanes": table(" ".join(columns), tuple(columns.values()))}


def why_not(connection: Connection, **place: float) -> dict[str, str]:
    order = ordering(("A", 1), **place)
    found = offers_for(connection, CALLER, order, at=NOW, now=NOW)
    return {one.service_level_id: one.refusal.code if one.refusal else "" for one in found}


def test_a_far_door_is_promised_by_lane_and_in_time_only(database: Database):
    open_stage(database, {("S1", "A"): 100}, **lane())
    with database.writing() as connection:
        far = why_not(connection, **FAR)
        assert {level: far[level] for level in ("same_day", "next_day")} == {"same_day": "lane_late", "next_day": ""}
        assert why_not(connection, lat=37.0, lon=-87.0)["next_day"] == "not_here"


@pytest.mark.parametrize("limits", [{"capacity_parcels": 2}, {"capacity_g": 2_500}])
def test_a_full_departure_is_not_promised_whether_its_room_is_planned_or_only_waited_for(database: Database, limits):
    open_stage(database, {("S1", "A"): 100}, **lane(**limits))
    with database.writing() as connection:
        ready(connection, ("A", 1), **FAR)
        plan_routes(connection, CALLER, now=NOW, iterations=1)
        assert why_not(connection, **FAR)["next_day"] == ""
        allocated(connection, ("A", 1), **FAR)
        far = why_not(connection, **FAR)
        assert (far["next_day"], far["two_day"]) == ("lane_full", "")  # Wednesday's departure is in time for two days


def test_a_plan_does_not_give_a_departure_away_twice(database: Database):
    open_stage(database, {("S1", "A"): 100}, **lane(capacity_parcels=1))
    with database.writing() as connection:
        ready(connection, ("A", 1), **FAR)
        assert plan_routes(connection, CALLER, now=NOW, iterations=1).unserved == ()
        late = ready(connection, ("A", 1), **FAR)
        assert plan_routes(connection, CALLER, now=NOW, iterations=1).unserved == ((late, "no_capacity"),)
