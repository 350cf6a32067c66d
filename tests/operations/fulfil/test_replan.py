"""Routes planned again: what is lost leaves, what joins finds its place, what is done stays."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from doorstep.foundation import NotFoundError
from doorstep.operations.bring import ReportedEvent, assign_route, dispatch_route, plan_routes, record_event, replan
from doorstep.operations.bring.plan_routes import store_plan
from doorstep.operations.bring.problem import load_problem, solve
from doorstep.operations.bring.rides import ride_along
from doorstep.operations.orders import cancel_order
from doorstep.operations.transitions import StaleVersionError, advance
from doorstep.storage.schema.fulfilment import deliveries, routes, shipments, stops
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, HOUR, VANS, deliveries_of, open_stage, ready, steps_of
from tests.small import table

ONE_VAN = VANS.filter(VANS["site_id"] == "S1").with_columns(count=table("n", (1,))["n"])


def planned(connection, orders: int = 3, **changes) -> tuple[str, list[str], list[str]]:
    """Plan orders along a street; return the route, the orders in its sequence, and their deliveries."""
    for n in range(orders):
        ready(connection, lat=41.02 + n / 100, **changes)
    (route_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=20).routes
    names = doors(connection, route_id)
    rows = connection.execute(select(deliveries.c.delivery_id, deliveries.c.order_id)).all()
    of = {row.delivery_id: row.order_id for row in rows}
    return route_id, [of[name] for name in names], names


def course(connection, route_id: str):
    return connection.execute(select(stops).where(stops.c.route_id == route_id).order_by(stops.c.sequence)).all()


def doors(connection, route_id: str) -> list[str]:
    return [row.delivery_id for row in course(connection, route_id) if row.delivery_id]


def row_of(connection, route_id: str):
    return connection.execute(select(routes).where(routes.c.route_id == route_id)).one()


def tell(connection, delivery_id: str, event: str, at: int) -> None:
    fact = ReportedEvent(source="phone7", source_event_id=f"{delivery_id}-{event}", kind="delivery",
                         object_id=delivery_id, event=event, occurred_at=at)  # fmt: skip
    record_event(connection, CALLER, fact, now=at)


def check_costs(connection, route_id: str) -> None:
    costs = select(deliveries.c.cost_parts, deliveries.c.cost_minor).where(
        deliveries.c.delivery_id.in_(doors(connection, route_id))
    )
    shared = 0
    for row in connection.execute(costs).all():
        parts = json.loads(row.cost_parts)
        assert sum(parts.values()) == row.cost_minor
        shared += parts.get("stem", 0) + parts.get("drop", 0)
    assert shared == row_of(connection, route_id).cost_minor


@pytest.mark.parametrize("state", ["planned", "assigned"])
def test_a_cancelled_delivery_leaves_its_route(database, state):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        route_id, orders, names = planned(connection)
        if state == "assigned":
            assign_route(connection, CALLER, route_id, driver="Ana", now=NOW + 70)
        before = row_of(connection, route_id)
        cancel_order(connection, CALLER, orders[1], now=NOW + 80, reason="changed my mind")
        found = replan(connection, CALLER, route_id, now=NOW + 90)
        assert (found.state, found.version, found.lost, found.late) == (state, before.version + 1, (names[1],), ())
        assert doors(connection, route_id) == [names[0], names[2]]
        after = row_of(connection, route_id)
        assert (after.stops, after.parcels) == (2, 2)
        assert after.ends_at - after.starts_at < before.ends_at - before.starts_at
        assert after.cost_minor < before.cost_minor
        check_costs(connection, route_id)
        assert replan(connection, CALLER, route_id, now=NOW + 95).version == found.version
    with database.reading() as connection:
        event = {"planned": "replan", "assigned": "replan_assigned"}[state]
        assert steps_of(connection, route_id)[-1] == event


def test_a_route_that_lost_everything_is_cancelled(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        route_id, orders, _ = planned(connection, 2)
        for order_id in orders:
            cancel_order(connection, CALLER, order_id, now=NOW + 80, reason="changed my mind")
        assert replan(connection, CALLER, route_id, now=NOW + 90).state == "cancelled"
        assert replan(connection, CALLER, route_id, now=NOW + 95).state == "cancelled"
        ready(connection)
        assert len(plan_routes(connection, CALLER, now=NOW + 99, iterations=20).routes) == 1  # the van is free again


def under_way(connection):
    """Return a route of three with its first stop done."""
    route_id, orders, names = planned(connection)
    dispatch_route(connection, CALLER, route_id, now=NOW + 70, driver="Ana")
    at = course(connection, route_id)[1].leave_at
    tell(connection, names[0], "deliver", at)
    return route_id, orders, names, at


def test_on_a_route_under_way_what_is_done_stays_and_the_rest_moves_up(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        route_id, _, names, at = under_way(connection)
        before = {row.delivery_id: row for row in course(connection, route_id)}
        advance(connection, CALLER, "delivery", names[1], "cancel", now=at)  # it was not on the van
        found = replan(connection, CALLER, route_id, now=at)
        assert (found.state, found.lost, found.late) == ("in_progress", (names[1],), ())
        after = {row.delivery_id: row for row in course(connection, route_id)}
        done, then = after[names[0]], after[names[2]]
        assert done[3:] == before[names[0]][3:]
        assert then.arrive_at < before[names[2]].arrive_at
        assert then.sequence == 2
        check_costs(connection, route_id)


def test_a_late_route_says_who_will_be_served_late(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        window = (NOW, NOW + 2 * HOUR)
        route_id, orders, names = planned(connection, window=window)
        cancel_order(connection, CALLER, orders[0], now=NOW + 80, reason="changed my mind")
        found = replan(connection, CALLER, route_id, now=NOW + 3 * HOUR)
        assert found.late == (names[1], names[2])
        assert row_of(connection, route_id).starts_at == NOW + 3 * HOUR


def test_the_last_lost_stop_completes_a_route_under_way(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        route_id, _, names, at = under_way(connection)
        for name in names[1:]:
            advance(connection, CALLER, "delivery", name, "cancel", now=at + 5)
        assert replan(connection, CALLER, route_id, now=at + 10).state == "completed"
        assert doors(connection, route_id) == names[:1]


def joining(connection, route_id: str, **changes) -> str:
    """Book a delivery by courier and give it to a route instead."""
    order_id = ready(connection, **{"lat": 41.025, **changes})
    problem = replace(load_problem(connection, CALLER.tenant_id, now=NOW + 80), standing={})  # so it rides on none
    rides = ride_along(problem, solve(problem, iterations=20, seed=1))
    (name,) = store_plan(connection, CALLER, problem, rides, now=NOW + 80).deliveries
    assert deliveries_of(connection, order_id) == [(name, "booked")]
    given = {"route_id": route_id, "mode": "own_fleet", "carrier_id": ""}
    connection.execute(update(deliveries).where(deliveries.c.delivery_id == name).values(given))
    return name


def test_a_delivery_given_to_a_route_joins_it_where_the_detour_is_least(database):
    open_stage(database, vehicles=ONE_VAN, **COURIER)
    with database.writing() as connection:
        route_id, _, names = planned(connection, 2)
        metres = row_of(connection, route_id).distance_m
        name = joining(connection, route_id)
        found = replan(connection, CALLER, route_id, now=NOW + 90)
        assert (found.added, found.refused, found.late) == ((name,), (), ())
        assert row_of(connection, route_id).distance_m == pytest.approx(metres, abs=3)  # it lies on the way
        assert sorted(doors(connection, route_id)) == sorted([*names, name])
        check_costs(connection, route_id)
        assert replan(connection, CALLER, route_id, now=NOW + 95).version == found.version


@pytest.mark.parametrize(
    ("changes", "vans"),
    [
        ({"window": (NOW, NOW + 2 * HOUR)}, {}),
        ({"requirements": "two_person"}, {}),
        ({}, {"max_parcels": 2, "max_reloads": 0}),
    ],
)
def test_a_delivery_without_a_place_is_refused(database, changes, vans):
    van = ONE_VAN.with_columns(**{n: table("n", (v,))["n"] for n, v in vans.items()})
    able = {"carriers": table("carrier_id name kind skills", ("CO", "Courier", "on_demand", "two_person"))}
    open_stage(database, vehicles=van, **{**COURIER, **able})
    with database.writing() as connection:
        route_id, _, names = planned(connection, 2)
        name = joining(connection, route_id, **changes)
        now = NOW + 2 * HOUR if "window" in changes else NOW + 90
        found = replan(connection, CALLER, route_id, now=now)
        assert (found.added, found.refused) == ((), (name,))
        assert doors(connection, route_id) == names


def test_a_route_planned_again_is_a_route_that_the_checkers_accept(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        route_id, orders, _ = planned(connection, 4)
        cancel_order(connection, CALLER, orders[2], now=NOW + 60, reason="changed my mind")
        replan(connection, CALLER, route_id, now=NOW + 60)
        stored = [tuple(row)[3:] for row in course(connection, route_id)]
        connection.execute(update(shipments).values(delivery_id=None))
        connection.execute(update(routes).values(state="cancelled"))
        problem = load_problem(connection, CALLER.tenant_id, now=NOW + 60)
        plan = solve(problem, iterations=50, seed=1)  # checked: and it finds the same route
        fresh = plan.stops.sort("sequence").drop("route_id", "sequence").rows()
        assert [row[2:] for row in fresh] == [row[2:] for row in stored]
        connection.execute(update(routes).values(state="planned"))


def test_only_the_version_that_was_seen_is_planned_again(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        route_id, _, _ = planned(connection, 1)
        with pytest.raises(StaleVersionError):
            replan(connection, CALLER, route_id, now=NOW, if_version=1)
        with pytest.raises(NotFoundError):
            replan(connection, CALLER, "rte_unknown", now=NOW)
