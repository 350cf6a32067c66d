"""Orders that ride along on a route that was planned before them and has not left."""

import json
from importlib import import_module
from typing import Any

import polars as pl
import pytest
from sqlalchemy import func, select

from doorstep.operations.bring import assign_route, dispatch_route, plan_routes
from doorstep.operations.bring.plan_routes import store_plan, weigh_modes
from doorstep.operations.bring.problem import load_problem, solve
from doorstep.operations.bring.rides import ride_along
from doorstep.operations.dispatching.limits import DispatchLimits, store_limits
from doorstep.operations.dispatching.running import load_run
from doorstep.storage.check import check_books
from doorstep.storage.schema.fulfilment import decisions, deliveries, routes, stops
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, HOUR, VANS, open_stage, ready
from tests.operations.fulfil.test_replan import check_costs, doors, row_of


def vans(count: int = 1, **changes: int):
    """Return the vans of S1, each of which costs 4,000 for a day and leaves once."""
    here = VANS.filter(VANS["site_id"] == "S1")
    own = {"count": count, "fixed_cost_minor": 4_000, "max_reloads": 0} | changes
    return here.with_columns(**{name: pl.lit(value, pl.Int64) for name, value in own.items()})


def street(connection, count: int = 3, **changes) -> str:
    """Plan a route along a street and return it."""
    for n in range(count):
        ready(connection, lat=41.02 + n / 100, **changes)
    (route_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=50).routes
    return route_id


def of_order(connection, order_id: str):
    return connection.execute(select(deliveries).where(deliveries.c.order_id == order_id)).one()


def plan(connection, now: int = NOW + 300, **changes):
    return plan_routes(connection, CALLER, now=now, iterations=50, **changes)


def weighed(connection, order_id: str) -> list[dict[str, Any]]:
    query = select(decisions.c.alternatives).where(decisions.c.order_id == order_id, decisions.c.question == "mode")
    return list(json.loads(connection.execute(query.order_by(decisions.c.decision_id.desc()).limit(1)).scalar_one()))


def sound(database) -> None:
    with database.reading() as connection:
        assert check_books(connection) == []


@pytest.mark.parametrize("state", ["planned", "assigned"])
def test_what_no_free_van_can_bring_rides_along_on_the_route_that_stands(database, state):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        route_id = street(connection)
        if state == "assigned":
            assign_route(connection, CALLER, route_id, driver="Ana", now=NOW + 90)
        before = row_of(connection, route_id)
        order_id = ready(connection, lat=41.025)
        stored = plan(connection)
        assert (stored.routes, stored.joined, stored.unserved, stored.left_out) == ((), (route_id,), (), ())
        mine, after = of_order(connection, order_id), row_of(connection, route_id)
        assert (mine.route_id, mine.mode, mine.carrier_id) == (route_id, "own_fleet", "")
        assert mine.state == ("booked" if state == "planned" else "assigned")
        assert (after.state, after.version, after.stops, after.parcels) == (state, before.version + 1, 4, 4)
        assert mine.delivery_id in doors(connection, route_id)
        assert before.cost_minor < after.cost_minor < before.cost_minor + 1_000
        check_costs(connection, route_id)
        assert (
            mine.arrive_at
            == connection.execute(
                select(stops.c.service_at).where(stops.c.delivery_id == mine.delivery_id)
            ).scalar_one()
        )
        (chosen,) = [row for row in weighed(connection, order_id) if row["chosen"]]
        assert (chosen["mode"], chosen["delivery_id"]) == ("own_fleet", mine.delivery_id)
        assert chosen["why"] == f"Route {route_id} has not left and has a place for it; nobody else could bring it."
        assert chosen["cost_minor"] >= after.cost_minor - before.cost_minor
        dispatch_route(connection, CALLER, route_id, driver="Ana", now=NOW + 600)
        assert row_of(connection, route_id).state == "dispatched"
    sound(database)


def test_a_place_on_a_route_that_stands_is_taken_instead_of_a_dearer_carrier_or_a_van_more(database):
    open_stage(database, vehicles=vans(2), **COURIER)
    with database.writing() as connection:
        route_id = street(connection)
        beside, also = ready(connection, lat=41.025), ready(connection, lat=41.035)
        assert plan(connection).joined == (route_id,)
        assert {of_order(connection, name).route_id for name in (beside, also)} == {route_id}
        assert row_of(connection, route_id).stops == 5
        assert connection.execute(select(func.count()).select_from(routes)).scalar_one() == 1
        alternatives = weighed(connection, beside)
        courier = next(row for row in alternatives if row["carrier_id"] == "CO")
        chosen = next(row for row in alternatives if row["chosen"])
        assert chosen["cost_minor"] < courier["cost_minor"]
        check_costs(connection, route_id)
    sound(database)


def test_a_door_far_off_the_route_goes_by_the_cheaper_carrier(database):
    open_stage(database, vehicles=vans(), **COURIER)
    with database.writing() as connection:
        route_id = street(connection)
        before = row_of(connection, route_id)
        far = ready(connection, lat=40.5)
        stored = plan(connection)
        assert (stored.joined, stored.routes) == ((), ())
        assert of_order(connection, far).carrier_id == "CO"
        assert row_of(connection, route_id) == before


def test_a_route_that_is_full_or_whose_stops_may_not_move_takes_nobody(database):
    open_stage(database, vehicles=vans(max_parcels=3))
    with database.writing() as connection:
        street(connection)
        order_id = ready(connection, lat=41.025)
        assert [name for name, _ in plan(connection).unserved] == [order_id]


def test_no_stop_moves_farther_than_the_dispatcher_allows(database):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        route_id = street(connection)
        store_limits(connection, CALLER, DispatchLimits(shift_s=0), now=NOW)
        order_id = ready(connection, lat=41.0, lon=-87.2)
        stored = plan(connection)
        assert (stored.joined, [name for name, _ in stored.unserved]) == ((), [order_id])
        store_limits(connection, CALLER, DispatchLimits(shift_s=2 * HOUR), now=NOW)
        assert plan(connection).joined == (route_id,)


@pytest.mark.parametrize("what", ["left", "replanned"])
def test_who_was_to_ride_on_a_route_that_has_changed_waits_for_the_next_plan(database, what):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        route_id = street(connection)
        order_id = ready(connection, lat=41.025)
        problem = load_problem(connection, CALLER.tenant_id, now=NOW + 300)
        rides = ride_along(problem, solve(problem, iterations=50, seed=1))
        assert rides.route_of == {order_id: route_id}
        if what == "left":
            dispatch_route(connection, CALLER, route_id, driver="Ana", now=NOW + 310)
        else:
            ready(connection, lat=41.045)
            assert plan(connection, now=NOW + 310, seed=2).joined == (route_id,)
        before = row_of(connection, route_id)
        stored = store_plan(connection, CALLER, problem, rides, now=NOW + 320)
        assert (stored.joined, stored.left_out, stored.deliveries) == ((), (order_id,), ())
        assert row_of(connection, route_id) == before
    sound(database)


def test_what_is_weighed_for_an_order_names_the_route_it_could_ride_on(database):
    open_stage(database, vehicles=vans(), **COURIER)
    with database.writing() as connection:
        street(connection)
        order_id = ready(connection, lat=41.025)
        problem = load_problem(connection, CALLER.tenant_id, now=NOW + 300, order_ids=[order_id])
        (chosen,) = [row for row in weigh_modes(problem)[order_id] if row["chosen"]]
        assert (chosen["mode"], chosen["option"]) == ("own_fleet", "own fleet, on a route that stands")


def test_what_finds_no_place_after_all_is_seen_as_riding_with_nobody(database, monkeypatch):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        route_id = street(connection)
        order_id = ready(connection, lat=41.025)
        monkeypatch.setattr(import_module("doorstep.operations.bring.replan"), "joined", lambda *_, **__: None)
        before = row_of(connection, route_id)
        assert plan(connection).joined == (route_id,)
        assert row_of(connection, route_id) == before
        mine = of_order(connection, order_id)
        assert (mine.route_id, mine.state) == (None, "booked")
        run = load_run(connection, CALLER.tenant_id, "S1", now=NOW + 360)
        assert run is not None
        assert [run.names[stop] for stop in run.open] == [mine.delivery_id]
    sound(database)
