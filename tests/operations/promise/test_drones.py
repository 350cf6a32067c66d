"""Options that only drones may bring say why not, and live plans know the weather and the trips that are booked."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from doorstep.operations.bring import plan_routes
from doorstep.operations.promise.offers import offers_for
from doorstep.storage import Connection, Database
from doorstep.storage.reference_rows import upsert_row
from doorstep.storage.schema.fulfilment import decisions, deliveries
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import VANS, open_stage, ready
from tests.operations.shops import ordering
from tests.small import table

TABLES: dict[str, Any] = {
    "service_levels": table(
        "service_level_id method requirements", ("same_day", "same_day", ""), ("by_air", "same_day", "by_air")
    ),
    "carriers": table(
        "carrier_id kind lead_s max_weight_g skills",
        ("SKY", "on_demand", 0, 2_000, "by_air"),
        ("CO", "on_demand", 1_200, None, ""),
    ),
    "carrier_rates": table("carrier_id price_minor", ("SKY", 300), ("CO", 900)),
    "drones": table(
        "drone_id carrier_id site_id speed_kmh range_m max_wind_kmh", ("S1-air", "SKY", "S1", 72, 8_000, 40)
    ),
}
TRIP_S = 56 + 60 + 56 + 300
"""To the door 1,112 m away and back, a minute there, and a battery."""


@pytest.fixture
def airport(database: Database) -> Database:
    open_stage(database, vehicles=VANS.clear(), **TABLES)
    return database


def blow(connection: Connection, wind_kmh: int) -> None:
    """Note the wind of now."""
    upsert_row(connection, CALLER.tenant_id, "weather",
               {"weather_id": "now", "site_id": "S1", "from_at": NOW, "wind_kmh": wind_kmh})  # fmt: skip


def why_not(connection: Connection, units: int = 1, **changes: Any) -> dict[str, str]:
    """Return why each service level cannot be had, empty if it can."""
    order = ordering(("A", units), **{"landing_site": True, **changes})
    found = offers_for(connection, CALLER, order, at=NOW, now=NOW)
    return {one.service_level_id: one.refusal.code if one.refusal else "" for one in found}


def told(connection: Connection, order_id: str) -> list[dict[str, Any]]:
    """Return the alternatives of the last decision on who brings an order."""
    query = select(decisions.c.alternatives).where(decisions.c.order_id == order_id, decisions.c.question == "mode")
    found: list[dict[str, Any]] = json.loads(connection.execute(query).scalars().all()[-1])
    return found


def arrivals(connection: Connection, *order_ids: str) -> list[tuple[str, int]]:
    query = select(deliveries.c.order_id, deliveries.c.carrier_id, deliveries.c.arrive_at)
    found = {row.order_id: (row.carrier_id, row.arrive_at) for row in connection.execute(query)}
    return [found[order_id] for order_id in order_ids]


def test_an_option_for_drones_alone_says_why_they_do_not_come(airport: Database):
    with airport.writing() as connection:
        assert why_not(connection) == {"same_day": "", "by_air": ""}
        assert why_not(connection, landing_site=False) == {"same_day": "", "by_air": "drone_no_landing"}
        assert why_not(connection, 3)["by_air"] == "drone_too_heavy"
        assert why_not(connection, lat=41.03)["by_air"] == "drone_too_far"
        assert why_not(connection, lat=41.29)["by_air"] == "drone_too_far"
        blow(connection, 41)
        assert why_not(connection) == {"same_day": "", "by_air": "drone_wind"}
        blow(connection, 0)
        assert why_not(connection)["by_air"] == ""


def test_trips_wait_for_the_drone_that_is_away_also_for_one_of_an_earlier_plan(airport: Database):
    with airport.writing() as connection:
        first, second = (ready(connection, ("A", 1), service_level_id="by_air", landing_site=True) for _ in range(2))
        plan_routes(connection, CALLER, now=NOW, iterations=1)
        third = ready(connection, ("A", 1), service_level_id="by_air", landing_site=True)
        plan_routes(connection, CALLER, now=NOW, iterations=1)
        start = [("SKY", NOW + 56 + wait * TRIP_S) for wait in range(3)]
        assert sorted(arrivals(connection, first, second)) == start[:2]
        assert arrivals(connection, third) == start[2:]


def test_when_the_wind_rises_after_the_promise_the_decision_says_so(airport: Database):
    with airport.writing() as connection:
        flown = ready(connection, ("A", 1), service_level_id="by_air", landing_site=True)
        driven = ready(connection, ("A", 1), service_level_id="same_day", landing_site=True)
        blow(connection, 41)
        stored = plan_routes(connection, CALLER, now=NOW, iterations=1)
        assert stored.unserved == ((flown, "no_admissible_mode"),)
        (nobody,) = told(connection, flown)
        assert "drone_wind: the wind is too strong" in nobody["why"]
        codes = {
            row["carrier_id"]: (row["chosen"], row["code"]) for row in told(connection, driven) if row["carrier_id"]
        }
        assert codes == {"SKY": (False, "drone_wind"), "CO": (True, "")}
