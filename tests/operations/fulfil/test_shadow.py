"""Other policies look at the orders as they stand, or as they were, and say what they would have cost."""

import pytest
from sqlalchemy import select, update

from doorstep.foundation import InputError, Iterations
from doorstep.operations.bring import plan_routes
from doorstep.operations.corridor.shadow import shadow_policies
from doorstep.operations.fulfil import hand_over_delivery, pack_shipment, release_wave, reoptimise_orders, route_orders
from doorstep.operations.fulfil import shadow as loading
from doorstep.operations.fulfil.shadow import load_open, load_period
from doorstep.operations.orders import cancel_order
from doorstep.order_routing.replay import POLICIES
from doorstep.storage.schema import metadata
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import allocated, open_stage, placed, shipments_in

BESIDE_S1, BETWEEN = 41.01, 41.08
SCARCE = {("S1", "A"): 1, ("S2", "A"): 9}
APART = {("S1", "A"): 9, ("S2", "A"): 9, ("S2", "B"): 9}
FOREVER = Iterations(limit=10**9)


def seen(case, *names, stop=FOREVER, most=5):
    return shadow_policies(case, [POLICIES[name] for name in names or POLICIES], most=most, stop=stop)


def open_crossed(database):
    """Give the last unit of S1 to an order between the stores; one beside S1 waits for S2."""
    open_stage(database, SCARCE)
    with database.writing() as connection:
        return allocated(connection, lat=BETWEEN), allocated(connection, lat=BESIDE_S1)


def everything(connection):
    return {
        t.name: connection.execute(select(t).order_by(*t.primary_key.columns)).all() for t in metadata.sorted_tables
    }


def test_the_live_policy_finds_no_difference_to_what_it_decided(database):
    open_stage(database, APART)
    with database.writing() as connection:
        for lines in ([("A", 1)], [("A", 2), ("B", 1)], [("B", 1)]):
            placed(connection, *lines)
        assert {order.state for order in route_orders(connection, CALLER, now=NOW)} == {"allocated"}
        report = seen(load_open(connection, CALLER.tenant_id, now=NOW), "reoptimised")
    (outcome,) = report.outcomes
    assert report.decided.orders == 3
    assert outcome.cost == report.decided
    assert (outcome.difference_minor, outcome.differing, outcome.most) == (0, 0, ())


def test_what_it_would_save_is_what_the_second_look_saves(database):
    between, beside = open_crossed(database)
    with database.writing() as connection:
        case = load_open(connection, CALLER.tenant_id, now=NOW)
        myopic, best = seen(case, "myopic", "reoptimised").outcomes
        gains = {m.order_id: m.gain_minor for m in reoptimise_orders(connection, CALLER, now=NOW, threshold_minor=0)}
    assert (myopic.difference_minor, myopic.differing) == (0, 0)  # the older order takes the last unit again
    assert best.difference_minor == -sum(gains.values()) < 0
    assert {d.order_id: -d.difference_minor for d in best.most} == gains
    first = best.most[0]
    assert (first.order_id, first.sites, first.shadow_sites) == (beside, ("S2",), ("S1",))
    assert between in gains


def test_a_rule_that_goes_by_the_nearest_splits_what_one_site_has(database):
    open_stage(database, APART)
    with database.writing() as connection:
        order_id = allocated(connection, ("A", 1), ("B", 1))
        report = seen(load_open(connection, CALLER.tenant_id, now=NOW), "nearest")
    (outcome,) = report.outcomes
    assert (report.decided.split, report.decided.packages) == (0, 1)
    assert (outcome.cost.split, outcome.cost.packages) == (1, 2)
    assert outcome.difference_minor == outcome.cost.cost_minor - report.decided.cost_minor > 0
    assert sum(outcome.cost.parts_minor.values()) == outcome.cost.cost_minor
    assert [(d.order_id, d.sites, d.shadow_sites) for d in outcome.most] == [(order_id, ("S2",), ("S1", "S2"))]


def test_orders_that_still_look_for_sites_compete_but_are_not_compared(database):
    open_stage(database, {("S1", "A"): 2})
    with database.writing() as connection:
        placed(connection)
        placed(connection, ("A", 2), if_short="backorder")
        route_orders(connection, CALLER, now=NOW)
        placed(connection)
        report = seen(load_open(connection, CALLER.tenant_id, now=NOW), "myopic")
    (outcome,) = report.outcomes
    assert (report.decided.orders, report.decided.served) == (2, 1)
    assert (outcome.cost.orders, outcome.cost.served, outcome.difference_minor) == (3, 2, 0)


def test_released_orders_and_late_ones_are_not_looked_at(database):
    open_stage(database)
    with database.writing() as connection:
        gone, late, open_one = allocated(connection), allocated(connection), None
        release_wave(connection, CALLER, now=NOW, everything=True)
        open_one = allocated(connection)
        connection.execute(update(orders).where(orders.c.order_id == late).values(window_end_at=NOW))
        case = load_open(connection, CALLER.tenant_id, now=NOW)
        none = load_open(connection, CALLER.tenant_id, now=NOW, due_before=NOW + 1)
    assert case.retailer.orders["order_id"].to_list() == [open_one]
    assert gone not in case.decided
    assert seen(none).outcomes == ()


def test_a_recorded_period_gets_back_what_its_orders_took(database):
    open_stage(database, {("S1", "A"): 2, ("S2", "A"): 9})
    with database.writing() as connection:
        taken = allocated(connection, ("A", 1), service_level_id="click_and_collect", pickup_site_id="S1")
        release_wave(connection, CALLER, now=NOW, everything=True)
        (shipment,) = shipments_in(connection, taken, "picking")
        pack_shipment(connection, CALLER, shipment, now=NOW)
        plan_routes(connection, CALLER, now=NOW, iterations=10)
        (delivery,) = connection.execute(select(deliveries.c.delivery_id)).scalars()
        hand_over_delivery(connection, CALLER, delivery, now=NOW)
        held = allocated(connection, ("A", 1))
        cancel_order(connection, CALLER, allocated(connection, ("A", 1)), now=NOW, reason="test")
        case = load_period(connection, CALLER.tenant_id, start_at=NOW, end_at=NOW + 1, now=NOW)
        before = load_period(connection, CALLER.tenant_id, start_at=NOW - 9, end_at=NOW, now=NOW)
    assert case.retailer.stock.select("site_id", "on_hand").rows() == [("S1", 2), ("S2", 9)]
    assert sorted(case.decided) == sorted([taken, held])
    report = seen(case)
    assert [outcome.policy for outcome in report.outcomes] == list(POLICIES)
    assert {outcome.difference_minor for outcome in report.outcomes} == {0}
    assert before.retailer.orders.height == 0


def test_nothing_is_written(database):
    open_crossed(database)
    with database.writing() as connection:
        placed(connection)
    with database.reading() as connection:
        before = everything(connection)
    with database.writing() as connection:  # it could write
        seen(load_open(connection, CALLER.tenant_id, now=NOW))
        seen(load_period(connection, CALLER.tenant_id, start_at=NOW, end_at=NOW + 1, now=NOW))
    with database.reading() as connection:
        assert everything(connection) == before


def test_too_many_orders_are_counted_in_the_error(database, monkeypatch):
    monkeypatch.setattr(loading, "MOST_ORDERS", 1)
    open_crossed(database)
    with database.reading() as connection:
        for load in (
            lambda: load_open(connection, CALLER.tenant_id, now=NOW),
            lambda: load_period(connection, CALLER.tenant_id, start_at=NOW, end_at=NOW + 1, now=NOW),
        ):
            with pytest.raises(InputError, match="2 orders are more than can be looked at together, 1"):
                load()


def test_policies_for_which_time_runs_out_are_named(database):
    open_crossed(database)
    with database.reading() as connection:
        case = load_open(connection, CALLER.tenant_id, now=NOW)
    report = seen(case, "myopic", "reoptimised", stop=Iterations(limit=3))
    assert ([outcome.policy for outcome in report.outcomes], report.not_reached) == (["myopic"], ("reoptimised",))
