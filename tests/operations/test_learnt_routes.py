"""What stored routes teach about own drops, once there are enough of them."""

import pytest
from sqlalchemy import update

from doorstep.operations.corridor.learn_drops import FEWEST_STOPS
from doorstep.operations.fulfil.learnt import learnt_from_routes
from doorstep.operations.fulfil.usual import usual_density
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, routes, stops
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, placed

DAY, SERVICE_S, LEG_M, LEG_S = 86_400, 180, 400, 48
DOORS = 50


def drive(connection, orders: list[str], number: int, *, starts_at: int) -> None:
    """Store a route past the doors of the orders, a step of 400 m in 48 s from each to the next."""
    route, tenant = f"rte_{number:04d}", {"tenant_id": CALLER.tenant_id}
    clock, rows = starts_at, []
    for sequence, order in enumerate(["", *orders, ""]):
        clock += LEG_S if sequence else 0
        here = {"lat": 41.0 + 0.003 * (sequence % 26), "lon": -87.0, "arrive_at": clock, "service_at": clock}
        clock += SERVICE_S if order else 0
        kind = "delivery" if order else "end" if sequence else "start"
        rows.append(
            {"route_id": route, "sequence": sequence, "kind": kind,
             "delivery_id": f"dlv_{number}_{sequence}" if order else "",
             "leave_at": clock, "distance_m": LEG_M if sequence else 0, **tenant, **here}
        )  # fmt: skip
    cost = 50 * LEG_M * (len(orders) + 1) // 1000 + 2_000 * (clock - starts_at) // 3_600
    connection.run(
        inserting(routes),
        [{"route_id": route, "site_id": "S1", "vehicle_id": "V1", "driver": "", "state": "completed", "version": 1,
          "event_at": None, "starts_at": starts_at, "ends_at": clock, "distance_m": LEG_M * (len(orders) + 1),
          "stops": len(orders), "parcels": len(orders), "trips": 1, "cost_minor": cost, "driver_minor": 0,
          "created_at": starts_at,
          **tenant}],
    )  # fmt: skip
    connection.run(inserting(stops), rows)
    connection.run(
        inserting(deliveries),
        [{"delivery_id": f"dlv_{number}_{n + 1}", "order_id": order, "kind": "door", "state": "delivered", "version": 1,
          "event_at": None, "site_id": "S1", "mode": "own_fleet", "carrier_id": "", "route_id": route, "attempts": 1,
          "pin_tries": 0, "ready_at": None, "arrive_at": None, "parcels": 1, "weight_g": 1, "volume_ml": 1,
          "cost_minor": 0, "cost_parts": "{}", "created_at": starts_at, **tenant} for n, order in enumerate(orders)],
    )  # fmt: skip


@pytest.fixture
def connection(database):
    open_stage(database)
    with database.writing() as found:
        yield found


@pytest.fixture
def known(connection):
    """The orders of a day, placed in the last hours."""
    return [placed(connection, ("A", 1), lat=41.0 + 0.003 * n, now=NOW - 60 * n) for n in range(DOORS)]


def learn(connection, known, now=NOW):
    retailer = live_retailer(connection, CALLER.tenant_id, known)
    return learnt_from_routes(connection, CALLER.tenant_id, retailer, now=now)


def test_enough_stops_of_the_last_days_teach_what_drops_cost(connection, known):
    for day in range(1, FEWEST_STOPS // DOORS + 1):
        drive(connection, known, day, starts_at=NOW - day * DAY)
    learnt = learn(connection, known)
    assert learnt is not None
    assert learnt.fitted.drops == FEWEST_STOPS
    assert learnt.stops_per_route.tolist() == [DOORS, 0.0]
    assert learnt.fitted.errors.mape < 0.35
    assert abs(learnt.fitted.errors.bias) < 0.05


def test_stops_one_short_of_enough_teach_nothing(connection, known):
    for day in range(1, FEWEST_STOPS // DOORS):
        drive(connection, known, day, starts_at=NOW - day * DAY)
    drive(connection, known[1:], 99, starts_at=NOW - DAY // 2)
    assert learn(connection, known) is None


def test_cancelled_old_and_coming_routes_teach_nothing(connection, known):
    for day in range(1, 5):
        drive(connection, known, day, starts_at=NOW - day * DAY)
    assert learn(connection, known, now=NOW + 9 * DAY) is None
    assert learn(connection, known, now=NOW - 4 * DAY - 1) is None
    connection.execute(update(routes).values(state="cancelled"))
    assert learn(connection, known) is None


def test_a_usual_day_is_priced_by_what_was_learnt(connection, known):
    for day in range(1, 5):
        drive(connection, known, day, starts_at=NOW - day * DAY)
    usual = usual_density(connection, CALLER.tenant_id, now=NOW)
    assert usual is not None
    assert usual.learnt is not None
    assert usual.learnt.fitted.drops == FEWEST_STOPS
