"""Orders find their sites: at least cost, reserved before anybody is told, nothing taken twice."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, update

from doorstep.operations.caller import Caller
from doorstep.operations.fulfil import route_orders
from doorstep.operations.fulfil.deciding import decide, load_case
from doorstep.operations.fulfil.hours import PickBook
from doorstep.operations.fulfil.sites import store_sites
from doorstep.operations.intake.take import take_order
from doorstep.operations.orders import cancel_order, hold_order, reroute_order, resume_order
from doorstep.operations.stock import adjust_stock, count_stock
from doorstep.storage import ledger
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.fulfilment import decisions
from doorstep.storage.schema.ledger import PICK, positions
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import (
    HOUR,
    PLENTY,
    VANS,
    allocated,
    open_stage,
    placed,
    ready,
    shipments_in,
    state_of,
    steps_of,
    to_dock,
)
from tests.operations.shops import TWO_SITES, ordering, shelf
from tests.small import table


def held(connection, order_id):
    return [(h.line_no, *h.place, h.quantity) for h in ledger.holdings(connection, [order_id])]


def test_an_order_is_allocated_with_a_shipment_and_the_reason(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = placed(connection, ("A", 2), ("B", 1))
        (outcome,) = route_orders(connection, CALLER, now=NOW)
        assert (outcome.order_id, outcome.state, outcome.sites) == (order_id, "allocated", ("S1",))
        (shipment,) = shipments_in(connection, order_id, "planned")
        row = connection.execute(select(decisions)).one()
        assert (row.order_id, row.question, row.at) == (order_id, "site", NOW)
        assert '"chosen":true' in row.alternatives
    with database.reading() as connection:
        assert steps_of(connection, order_id) == ["create", "allocate"]
        assert steps_of(connection, shipment) == ["create"]


def test_routing_again_changes_nothing(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection)
        assert route_orders(connection, CALLER, now=NOW) == []
        assert route_orders(connection, CALLER, [order_id, "ord_unknown"], now=NOW) == []


def test_stock_moves_from_the_site_that_intake_chose_to_the_one_that_costs_less(database):
    sites = TWO_SITES.with_columns(package_cost_minor=table("n", (900_000,), (0,))["n"])
    open_stage(database, sites=sites)
    with database.writing() as connection:
        order_id = placed(connection, ("A", 2))
        assert held(connection, order_id) == [(1, "stock", "S1", "A", 2)]
        assert route_orders(connection, CALLER, now=NOW)[0].sites == ("S2",)
        assert held(connection, order_id) == [(1, "stock", "S2", "A", 2)]
        assert (shelf(connection, "S1", "A").reserved, shelf(connection, "S2", "A").reserved) == (0, 2)


def test_two_lines_of_one_product_keep_their_units(database):
    open_stage(database, {("S1", "A"): 3, ("S2", "A"): 2, ("S2", "B"): 1})
    with database.writing() as connection:
        order_id = allocated(connection, ("A", 2), ("A", 3), ("B", 1))
        units = ledger.holdings(connection, [order_id])
        assert {n: sum(h.quantity for h in units if h.line_no == n) for n in (1, 2, 3)} == {1: 2, 2: 3, 3: 1}
        assert len(shipments_in(connection, order_id, "planned")) == 2


def test_an_order_that_nobody_can_serve_waits_and_holds_nothing_until_stock_comes(database):
    open_stage(database, {("S2", "A"): 1}, vehicles=VANS.filter(VANS["site_id"] == "S1"))
    with database.writing() as connection:
        order_id = placed(connection)
        assert [(o.state, o.reason) for o in route_orders(connection, CALLER, now=NOW)] == [
            ("backordered", "no_admissible_mode")
        ]
        assert held(connection, order_id) == []
        assert route_orders(connection, CALLER, [order_id], now=NOW)[0].state == "backordered"
        assert connection.execute(select(func.count()).select_from(decisions)).scalar_one() == 1
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=1, kind="receive", reason="", now=NOW)
        assert route_orders(connection, CALLER, now=NOW)[0].sites == ("S1",)
    with database.reading() as connection:
        assert steps_of(connection, order_id) == ["create", "backorder", "allocate"]


def test_backordered_orders_are_tried_only_when_stock_for_them_has_come(database):
    open_stage(database, {("S1", "B"): 1})
    with database.writing() as connection:
        waiting = placed(connection, ("A", 1), if_short="backorder")
        fresh = placed(connection, ("B", 1))
        assert [o.order_id for o in route_orders(connection, CALLER, now=NOW)] == [fresh]
        assert state_of(connection, waiting) == "backordered"


def test_the_oldest_orders_come_first_and_placed_ones_before_those_that_wait(database):
    open_stage(database, {("S1", "A"): 2})
    with database.writing() as connection:
        waiting = placed(connection, ("A", 5), if_short="backorder")
        first, second = placed(connection), placed(connection, now=NOW + 1)
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=5, kind="receive", reason="", now=NOW)
        routed = [o.order_id for _ in range(3) for o in route_orders(connection, CALLER, now=NOW + 1, limit=1)]
        assert routed == [first, second, waiting]


def test_an_order_whose_product_is_gone_does_not_spoil_the_others(database):
    open_stage(database)
    with database.writing() as connection:
        strange, sound = placed(connection), placed(connection)
        gone = update(orders).where(orders.c.order_id == strange).values(service_level_id="gone")
        connection.execute(gone)
        outcomes = {o.order_id: (o.state, o.reason) for o in route_orders(connection, CALLER, now=NOW)}
        assert outcomes == {strange: ("backordered", "not_in_catalogue"), sound: ("allocated", "")}


def limited(lines_per_day: int | None):
    return TWO_SITES.with_columns(pick_lines_per_day=table("n", (lines_per_day,), (15,))["n"])


def hours(connection):
    query = select(positions.c.site_id, positions.c.item, positions.c.reserved).where(positions.c.kind == PICK)
    return sorted(tuple(row) for row in connection.execute(query.where(positions.c.reserved > 0)))


def test_pick_hours_of_a_site_that_stays_are_kept_and_those_of_a_site_left_are_free_again(database):
    costly = limited(15).with_columns(package_cost_minor=table("n", (900_000,), (0,))["n"])
    open_stage(database, sites=limited(15))
    with database.writing() as connection:
        allocated(connection)
        assert hours(connection) == [("S1", str(NOW), 1)]
    open_stage(database, {}, sites=costly)
    with database.writing() as connection:
        allocated(connection)
        assert hours(connection) == [("S1", str(NOW), 1), ("S2", str(NOW), 1)]


def test_an_order_whose_cheapest_site_has_no_picker_in_time_is_decided_again(database):
    costly = limited(15).with_columns(package_cost_minor=table("n", (0,), (900_000,))["n"])
    open_stage(database, PLENTY | {("S1", "A"): 0}, sites=costly)
    soon = (NOW, NOW + 3 * HOUR - 1)
    with database.writing() as connection:
        first = [placed(connection, ("B", 1), window=soon) for _ in range(2)]  # both hours of S1
        second = placed(connection, window=soon)
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=9, kind="receive", reason="", now=NOW)
        outcomes = {o.order_id: o.sites for o in route_orders(connection, CALLER, now=NOW)}
        assert outcomes == {first[0]: ("S1",), first[1]: ("S1",), second: ("S2",)}


def test_an_order_that_picks_more_lines_at_its_site_may_use_its_own_hour_again(database):
    open_stage(database, sites=limited(30))  # two lines an hour
    with database.writing() as connection:
        one, two = allocated(connection, ("A", 1)), allocated(connection, ("B", 1))
        holding = [h for h in ledger.holdings(connection, [two]) if h.place.kind == PICK]
        book = PickBook(connection, CALLER.tenant_id, now=NOW)
        assert book.fit(two, {"S1": 1}, holding, until=NOW + 4 * HOUR) == ([], [], [])
        moved = book.fit(two, {"S1": 2}, holding, until=NOW + 4 * HOUR)
        assert moved.ending == holding
        assert moved.wants[0].position_id != holding[0].position_id  # the first order has the rest of that hour
        cancel_order(connection, CALLER, one, now=NOW, reason="changed my mind")
        again = book.fit(two, {"S1": 2}, holding, until=NOW + 4 * HOUR)
        assert again.wants[0].position_id == holding[0].position_id


def test_a_backordered_order_whose_promise_has_passed_is_not_tried_again(database):
    open_stage(database, {("S1", "B"): 1})
    with database.writing() as connection:
        order_id = placed(connection, ("A", 1), if_short="backorder", window=(NOW, NOW + HOUR))
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=1, kind="receive", reason="", now=NOW)
        assert route_orders(connection, CALLER, now=NOW + 2 * HOUR) == []
        assert [o.reason for o in route_orders(connection, CALLER, [order_id], now=NOW + 2 * HOUR)] == [
            "window_cannot_be_met"
        ]


def test_an_order_that_changed_since_it_was_read_is_left_alone(database):
    open_stage(database)
    with database.writing() as connection:
        order_id, other = placed(connection), placed(connection)
        case = load_case(connection, CALLER.tenant_id, None, now=NOW, limit=9)
        cancel_order(connection, CALLER, order_id, now=NOW, reason="changed my mind")
        outcomes = {
            o.order_id: (o.state, o.reason) for o in store_sites(connection, CALLER, case, decide(case), now=NOW)
        }
        assert outcomes == {order_id: ("left", "another_was_faster"), other: ("allocated", "")}


def test_an_order_whose_units_went_to_another_meanwhile_is_left_for_the_next_run(database):
    sites = TWO_SITES.with_columns(package_cost_minor=table("n", (900_000,), (0,))["n"])
    open_stage(database, {("S1", "A"): 1, ("S2", "A"): 1}, sites=sites)
    with database.writing() as connection:
        order_id = placed(connection)
        case = load_case(connection, CALLER.tenant_id, None, now=NOW, limit=9)
        placed(connection)  # takes the unit at S2
        (outcome,) = store_sites(connection, CALLER, case, decide(case), now=NOW)
        assert (outcome.state, outcome.reason) == ("left", "another_was_faster")
        assert held(connection, order_id) == [(1, "stock", "S1", "A", 1)]
        assert shipments_in(connection, order_id) == []
        assert sorted(o.state for o in route_orders(connection, CALLER, now=NOW)) == ["allocated", "allocated"]


def test_an_order_that_lost_its_stock_is_routed_anew_even_to_the_same_site(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection)
        reroute_order(connection, CALLER, order_id, now=NOW, reason="declined")
        assert route_orders(connection, CALLER, now=NOW)[0].sites == ("S1",)
        assert len(shipments_in(connection, order_id, "planned")) == 1


def test_a_count_sends_an_allocated_order_to_the_other_site(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection, ("A", 5))
        count_stock(connection, CALLER, site_id="S1", product_id="A", counted=4, reason="count", now=NOW)
        (outcome,) = route_orders(connection, CALLER, now=NOW)
        assert (outcome.order_id, outcome.sites) == (order_id, ("S2",))


def test_a_held_order_goes_on_where_it_was(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection)
        hold_order(connection, CALLER, order_id, now=NOW, reason="fraud check")
        resume_order(connection, CALLER, order_id, now=NOW)
        route_orders(connection, CALLER, now=NOW)
        assert state_of(connection, order_id) == "ready"
        assert len(shipments_in(connection, order_id, "packed")) == 1


def test_a_held_order_whose_site_changes_is_prepared_anew(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection)
        hold_order(connection, CALLER, order_id, now=NOW, reason="fraud check")
        count_stock(connection, CALLER, site_id="S1", product_id="A", counted=0, reason="stolen", now=NOW)
        resume_order(connection, CALLER, order_id, now=NOW)
        assert route_orders(connection, CALLER, now=NOW)[0].sites == ("S2",)
        assert state_of(connection, order_id) == "allocated"
        to_dock(connection, order_id)
        assert state_of(connection, order_id) == "ready"


@pytest.mark.parametrize("stock", [1, 8])
def test_two_writers_never_give_a_unit_to_two_orders(database, stock):
    sites = TWO_SITES.with_columns(package_cost_minor=table("n", (900_000,), (0,))["n"])
    open_stage(database, {("S1", "A"): 20, ("S2", "A"): stock}, sites=sites)
    together = Barrier(2)
    with database.writing() as connection:
        groups = [[placed(connection, now=NOW + n) for n in range(4)] for _ in range(2)]
    outcomes: list[str] = []

    def route(group: list[str]) -> None:
        together.wait()
        with database.writing() as connection:
            outcomes.extend(o.state for o in route_orders(connection, CALLER, group, now=NOW + 9))

    threads = [Thread(target=route, args=(group,)) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.writing() as connection:
        again = route_orders(connection, CALLER, now=NOW + 9)
        assert sorted({*outcomes, *(o.state for o in again)}) in (["allocated"], ["allocated", "left"])
        assert shelf(connection, "S1", "A").reserved + shelf(connection, "S2", "A").reserved == 8


def test_an_order_taken_by_another_tenant_is_not_seen(database):
    open_stage(database)
    with database.writing() as connection:
        take_order(connection, CALLER, ordering(("A", 1)), now=NOW)
        connection.execute(tenants.insert().values(tenant_id="ten_2", name="", created_at=NOW))
        assert route_orders(connection, Caller("ten_2", "test"), now=NOW) == []
