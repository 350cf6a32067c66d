"""Plans stored as they were made, or as they can still be driven when they are stored."""

import json
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, update

from doorstep.operations.bring import dispatch_route, plan_routes
from doorstep.operations.bring.cutting import planned_routes
from doorstep.operations.bring.plan_routes import store_plan, weigh_modes
from doorstep.operations.bring.problem import load_problem, solve
from doorstep.operations.bring.rides import ride_along
from doorstep.operations.bring.timing import Timer
from doorstep.operations.fulfil import pack_shipment, release_wave
from doorstep.operations.orders import cancel_order, hold_order
from doorstep.storage.schema.fulfilment import decisions, deliveries, routes, shipments, stops
from doorstep.storage.schema.journal import events
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import (
    COURIER,
    HOUR,
    VANS,
    allocated,
    deliveries_of,
    open_stage,
    ready,
    shipments_in,
    state_of,
)
from tests.small import at, table

ONE_VAN = VANS.filter(VANS["site_id"] == "S1").with_columns(count=table("n", (1,))["n"])


def load(connection, now=NOW + 60, **options):
    return load_problem(connection, CALLER.tenant_id, now=now, **options)


def several(connection, orders: int, **changes) -> list[str]:
    """Bring orders to the dock whose doors lie along a street."""
    return [ready(connection, ("A", 1), lat=41.01 + n / 500, **changes) for n in range(orders)]


def counted(connection, table_):
    return connection.execute(select(func.count()).select_from(table_)).scalar_one()


def test_an_order_that_changed_while_the_plan_was_made_is_left_out_and_its_route_timed_anew(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        first, second, third = several(connection, 3)
        problem = load(connection)
        plan = solve(problem, iterations=20, seed=1)
        cancel_order(connection, CALLER, second, now=NOW + 70, reason="changed my mind")
        stored = store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 90)
        assert (len(stored.routes), len(stored.deliveries), stored.left_out) == (1, 2, (second,))
        assert [len(deliveries_of(connection, order)) for order in (first, second, third)] == [1, 0, 1]
        row = connection.execute(select(routes)).one()
        assert (row.stops, row.starts_at >= NOW + 90) == (2, True)
        costs = [json.loads(c) for c in connection.execute(select(deliveries.c.cost_parts)).scalars()]
        assert sum(cost["stem"] + cost["drop"] for cost in costs) == row.cost_minor


@pytest.mark.parametrize("change", ["hold", "count"])
def test_what_is_planned_must_still_be_what_is_there(database, change):
    open_stage(database)
    with database.writing() as connection:
        (order_id,) = several(connection, 1)
        problem = load(connection)
        plan = solve(problem, iterations=20, seed=1)
        if change == "hold":
            hold_order(connection, CALLER, order_id, now=NOW + 70, reason="fraud check")
        else:
            connection.execute(update(shipments).values(state="cancelled"))
        assert store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 90).left_out == (order_id,)
        connection.execute(update(shipments).values(state="packed"))


def test_an_order_that_was_packed_meanwhile_is_planned_all_the_same(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection)
        release_wave(connection, CALLER, now=NOW, everything=True)
        problem = load(connection)
        plan = solve(problem, iterations=20, seed=1)
        pack_shipment(connection, CALLER, shipments_in(connection, order_id)[0], now=NOW + 80)
        assert len(store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 90).deliveries) == 1


def test_a_plan_is_stored_once(database):
    open_stage(database)
    with database.writing() as connection:
        several(connection, 2)
        problem = load(connection)
        plan = solve(problem, iterations=20, seed=1)
        assert len(store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 90).deliveries) == 2
        again = store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 90)
        assert (again.routes, again.deliveries, len(again.left_out)) == ((), (), 2)


def test_a_plan_that_took_so_long_that_a_window_is_missed_is_not_stored(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection, window=(NOW, NOW + 2 * HOUR))
        problem = load(connection)
        plan = solve(problem, iterations=20, seed=1)
        assert len(plan.routes) == 1
        stored = store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 2 * HOUR)
        assert (stored.routes, stored.left_out) == ((), (order_id,))


def test_a_van_on_a_planned_route_is_not_given_away_twice(database):
    full = ONE_VAN.with_columns(**{name: table("n", (n,))["n"] for name, n in (("max_parcels", 1), ("max_reloads", 0))})
    open_stage(database, vehicles=full, **COURIER)
    with database.writing() as connection:
        several(connection, 1)
        assert len(plan_routes(connection, CALLER, now=NOW + 60, iterations=20).routes) == 1
        late = several(connection, 1)
        assert plan_routes(connection, CALLER, now=NOW + 120, iterations=20).routes == ()
        assert deliveries_of(connection, late[0])[0][1] == "booked"
        modes = connection.execute(select(deliveries.c.mode).order_by(deliveries.c.delivery_id)).scalars()
        assert list(modes) == ["own_fleet", "on_demand"]


def test_a_van_that_another_plan_took_meanwhile_is_not_taken_again(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        first = several(connection, 1)
        problem = load(connection, order_ids=first)
        plan = solve(problem, iterations=20, seed=1)
        several(connection, 1)
        other = load(connection)
        other = replace(other, bundles={o: b for o, b in other.bundles.items() if o not in first})
        store_plan(connection, CALLER, other, ride_along(other, solve(other, iterations=20, seed=1)), now=NOW + 80)
        stored = store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 90)
        assert (stored.routes, list(stored.left_out)) == ((), first)


def test_routes_of_a_later_day_wait_for_more_orders(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection, window=(at("10:00", "2026-03-05"), at("12:00", "2026-03-05")))
        stored = plan_routes(connection, CALLER, now=NOW + 60, iterations=20)
        assert (stored.routes, stored.deliveries, stored.left_out) == ((), (), (order_id,))
        assert counted(connection, decisions) == 1  # on its site
        assert len(plan_routes(connection, CALLER, now=at("06:00", "2026-03-05"), iterations=20).routes) == 1


def test_an_order_that_nobody_can_bring_in_time_is_told_once(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection, window=(NOW, NOW + 2 * HOUR))
        for now in (NOW + 2 * HOUR, NOW + 3 * HOUR):
            stored = plan_routes(connection, CALLER, now=now, iterations=20)
            assert stored.unserved == ((order_id, "window_cannot_be_met"),)
        assert state_of(connection, order_id) == "ready"
    with database.reading() as connection:
        told = connection.execute(select(events.c.sequence).where(events.c.type == "order.delayed")).scalars().all()
        assert told == [4]


def test_only_orders_of_a_site_are_planned_where_one_is_named(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "C"): 1})
    with database.writing() as connection:
        near, far = ready(connection, ("A", 1)), ready(connection, ("C", 1))
        assert list(load(connection, site_id="S1").bundles) == [near]
        assert sorted(load(connection).bundles) == sorted([near, far])


def test_every_order_of_a_plan_says_which_modes_were_weighed(database):
    open_stage(database, **COURIER)
    with database.writing() as connection:
        (order_id,) = several(connection, 1)
        (weighed,) = weigh_modes(load(connection, order_ids=[order_id])).values()
        assert {(row["mode"], row["chosen"]) for row in weighed} == {("own_fleet", True), ("on_demand", False)}
        assert counted(connection, deliveries) == 0
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60).deliveries
        kept = select(decisions.c.alternatives).where(decisions.c.question == "mode")
        told = json.loads(connection.execute(kept).scalar_one())
        assert {(row["delivery_id"], row["mode"], row["chosen"]) for row in told} == {
            (delivery_id, "own_fleet", True),
            (delivery_id, "on_demand", False),
        }


def test_the_costs_of_deliveries_add_up_to_those_of_the_plan(database):
    open_stage(database, **COURIER)
    with database.writing() as connection:
        several(connection, 4)
        ready(connection, ("B", 2), service_level_id="click_and_collect", pickup_site_id="S1")
        ready(connection, ("C", 1), ("A", 3), lat=41.29)
        problem = load(connection)
        plan = solve(problem, iterations=20, seed=1)
        store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 60)
        stored = connection.execute(select(func.sum(deliveries.c.cost_minor))).scalar_one()
        assert stored == plan.order_outcomes["cost_minor"].sum()


def test_a_route_timed_anew_without_a_change_is_the_route_that_was_planned(database):
    open_stage(database)
    with database.writing() as connection:
        several(connection, 6)
        ready(connection, window=(NOW + 4 * HOUR, NOW + 5 * HOUR))
        problem = load(connection)
        plan = solve(problem, iterations=50, seed=1)
        timer = Timer(problem.retailer.tables())
        costs = {row["delivery_id"]: row for row in plan.deliveries.iter_rows(named=True)}
        for route in planned_routes(plan):
            row = plan.routes.filter(plan.routes["route_id"] == route.route_id).row(0, named=True)
            timed = timer.timed(route.site_id, route.vehicle_id, route.trips, day_at=route.starts_at, now=NOW + 60)
            assert timed is not None
            assert (timed.starts_at, timed.ends_at, timed.distance_m, timed.trips, timed.cost_minor) == (
                row["starts_at"], row["ends_at"], row["distance_m"], row["trips"], row["cost_minor"]
            )  # fmt: skip
            planned = plan.stops.filter(plan.stops["route_id"] == route.route_id).sort("sequence")
            names = ("kind", "delivery_id", "lat", "lon", "arrive_at", "service_at", "leave_at", "distance_m")
            assert [tuple(stop) for stop in timed.stops] == planned.select(names).rows()
            assert timed.stem_minor == {name: costs[name]["stem_minor"] for name in timed.stem_minor}
            assert timed.drop_minor == {name: costs[name]["drop_minor"] for name in timed.drop_minor}


def test_two_planners_never_plan_an_order_or_a_van_twice(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        several(connection, 3)
    with database.reading() as connection:
        problem = load(connection)
    plan = solve(problem, iterations=20, seed=1)
    together = Barrier(2)

    def store() -> None:
        together.wait()
        with database.writing() as connection:
            store_plan(connection, CALLER, problem, ride_along(problem, plan), now=NOW + 90)

    threads = [Thread(target=store) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert (counted(connection, routes), counted(connection, deliveries)) == (1, 3)
        assert counted(connection, stops) == 5


def test_what_is_not_packed_when_its_route_leaves_is_handed_over_by_dispatching_again(database):
    open_stage(database, vehicles=ONE_VAN)
    with database.writing() as connection:
        (first,) = several(connection, 1)
        second = allocated(connection)
        release_wave(connection, CALLER, now=NOW, everything=True)
        (route_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=20).routes
        ids = [deliveries_of(connection, order)[0][0] for order in (first, second)]
        sent = dispatch_route(connection, CALLER, route_id, now=NOW + 90, driver="Ana")
        assert (sent.gone, sent.waiting) == ((ids[0],), (ids[1],))
        pack_shipment(connection, CALLER, shipments_in(connection, second)[0], now=NOW + 100)
        sent = dispatch_route(connection, CALLER, route_id, now=NOW + 110)
        assert (sorted(sent.gone), sent.waiting) == (sorted(ids), ())
        assert state_of(connection, second) == "fulfilling"


def test_a_carrier_is_not_given_more_than_its_limit_of_a_day(database):
    few = {**COURIER, "carriers": table("carrier_id name kind daily_limit", ("CO", "Courier", "on_demand", 1))}
    open_stage(database, vehicles=VANS.clear(), **few)
    with database.writing() as connection:
        first, second = several(connection, 2)
        stored = plan_routes(connection, CALLER, now=NOW + 60, iterations=20)
        assert (len(stored.deliveries), len(stored.unserved)) == (1, 1)
        stored = plan_routes(connection, CALLER, now=NOW + 120, iterations=20)
        assert (stored.deliveries, len(stored.unserved)) == ((), 1)
        tomorrow = NOW + 24 * HOUR + 60
        assert len(plan_routes(connection, CALLER, now=tomorrow, iterations=20).deliveries) == 1
        assert {state_of(connection, first), state_of(connection, second)} == {"ready"}
