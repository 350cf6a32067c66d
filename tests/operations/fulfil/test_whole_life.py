"""One order from the basket to the door, every step of everything written down; and cancelled at every step."""

import json

import pytest
from sqlalchemy import select

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError
from doorstep.operations.bring import ReportedEvent, assign_route, dispatch_route, plan_routes, record_event
from doorstep.operations.fulfil import hand_over_delivery, pack_shipment, release_wave, route_orders
from doorstep.operations.orders import cancel_order
from doorstep.storage import ledger
from doorstep.storage.schema.fulfilment import deliveries, parcel_lines, parcels, routes, shipments, stops
from doorstep.storage.schema.journal import audit
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import (
    COURIER,
    VANS,
    deliveries_of,
    on_shelves,
    open_stage,
    placed,
    ready,
    shipments_in,
    state_of,
    steps_of,
)
from tests.operations.shops import TWO_SITES
from tests.small import table

BY_VAN = ("start_to_pickup", "arrive_at_pickup", "pick_up", "start_to_dropoff", "arrive_at_dropoff", "deliver")


def told(delivery_id: str, event: str, at: int, **changes: str) -> ReportedEvent:
    return ReportedEvent(source="phone7", source_event_id=f"{delivery_id}-{event}-{at}", kind="delivery",
                         object_id=delivery_id, event=event, occurred_at=at, **changes)  # fmt: skip


def test_an_order_by_van_from_the_basket_to_the_door(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = placed(connection, ("A", 2), ("B", 1))
    with database.writing() as connection:
        route_orders(connection, CALLER, now=NOW + 10)
    with database.writing() as connection:
        (released,) = release_wave(connection, CALLER, now=NOW + 20, everything=True)
    with database.writing() as connection:
        packed = pack_shipment(connection, CALLER, released.shipment_id, now=NOW + 1_000)
        assert (len(packed.parcel_ids), packed.order_state) == (1, "ready")
    with database.writing() as connection:
        plan = plan_routes(connection, CALLER, now=NOW + 1_100, iterations=20)
        assert (len(plan.routes), len(plan.deliveries), plan.unserved, plan.left_out) == (1, 1, (), ())
    (route_id,), (delivery_id,) = plan.routes, plan.deliveries
    with database.writing() as connection:
        assign_route(connection, CALLER, route_id, driver="Ana", now=NOW + 1_200)
    with database.writing() as connection:
        assert dispatch_route(connection, CALLER, route_id, now=NOW + 1_300).gone == (delivery_id,)
        assert state_of(connection, order_id) == "fulfilling"
    for number, event in enumerate(BY_VAN):
        with database.writing() as connection:
            at = NOW + 2_000 + 100 * number
            assert record_event(connection, CALLER, told(delivery_id, event, at), now=at + 5).outcome == "applied"
    with database.reading() as connection:
        shipment_id = released.shipment_id
        assert steps_of(connection, order_id) == [
            "create", "allocate", "release", "make_ready", "start_fulfilment", "complete"
        ]  # fmt: skip
        assert steps_of(connection, shipment_id) == ["create", "start_picking", "pack", "hand_over", "close"]
        assert steps_of(connection, delivery_id) == ["create", "book", "assign", *BY_VAN]
        assert steps_of(connection, route_id) == ["create", "plan", "assign", "dispatch", "start", "complete"]
        known = {order_id, shipment_id, delivery_id, route_id}
        assert set(connection.execute(select(audit.c.object_id)).scalars()) == known
        shelves = {place.item: count for place, count in on_shelves(connection).items() if place.site_id == "S1"}
        assert shelves == {"A": (98, 0), "B": (99, 0), "C": (100, 0)}


def test_what_is_stored_of_a_delivery_by_van(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection, ("A", 2), ("B", 1))
        plan = plan_routes(connection, CALLER, now=NOW + 60, iterations=20)
        parcel = connection.execute(select(parcels)).one()
        assert (parcel.order_id, parcel.site_id, parcel.requirements) == (order_id, "S1", "chilled")
        inside = connection.execute(select(parcel_lines.c.product_id, parcel_lines.c.quantity)).all()
        assert sorted(tuple(row) for row in inside) == [("A", 2), ("B", 1)]
        row = connection.execute(select(deliveries)).one()
        assert (row.kind, row.mode, row.carrier_id, row.route_id) == ("door", "own_fleet", "", plan.routes[0])
        assert (row.parcels, row.weight_g, row.volume_ml) == (1, parcel.weight_g, parcel.volume_ml)
        cost = json.loads(row.cost_parts)
        assert set(cost) == {"pick", "carton", "stem", "failure_risk", "drop"}
        assert cost["pick"] == 50 + 2 * 60 + 3 * 10
        assert row.cost_minor == sum(cost.values())
        route = connection.execute(select(routes)).one()
        assert route.cost_minor == cost["stem"] + cost["drop"]
        assert (route.vehicle_id, route.stops, route.parcels, route.trips) == ("V1", 1, 1, 1)
        assert route.starts_at >= NOW + 60
        kinds = connection.execute(select(stops.c.kind, stops.c.delivery_id).order_by(stops.c.sequence)).all()
        assert [tuple(k) for k in kinds] == [("start", ""), ("delivery", plan.deliveries[0]), ("end", "")]


def test_an_order_by_courier(database):
    open_stage(database, vehicles=VANS.clear(), **COURIER)
    with database.writing() as connection:
        order_id = ready(connection)
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=20).deliveries
        assert deliveries_of(connection, order_id) == [(delivery_id, "booked")]
        handed = hand_over_delivery(connection, CALLER, delivery_id, now=NOW + 900)
        assert (handed.state, handed.order_state, handed.units) == ("picked_up", "fulfilling", 1)
        again = hand_over_delivery(connection, CALLER, delivery_id, now=NOW + 900)
        assert (again.state, again.units) == ("picked_up", 0)
        record_event(connection, CALLER, told(delivery_id, "deliver", NOW + 2_000), now=NOW + 2_001)
        assert state_of(connection, order_id) == "completed"
    with database.reading() as connection:
        assert steps_of(connection, delivery_id) == ["create", "quote", "book", "pick_up", "deliver"]


def test_an_order_that_is_collected(database):
    open_stage(database, vehicles=VANS.clear())
    with database.writing() as connection:
        order_id = placed(connection, service_level_id="click_and_collect", pickup_site_id="S2")
        route_orders(connection, CALLER, now=NOW)
        (released,) = release_wave(connection, CALLER, now=NOW, everything=True)
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW, iterations=20).deliveries
        assert deliveries_of(connection, order_id) == [(delivery_id, "preparing")]
        with pytest.raises(Exception, match="are not packed"):
            hand_over_delivery(connection, CALLER, delivery_id, now=NOW)
        pack_shipment(connection, CALLER, released.shipment_id, now=NOW + 900)
        assert deliveries_of(connection, order_id) == [(delivery_id, "ready_for_collection")]
        handed = hand_over_delivery(connection, CALLER, delivery_id, now=NOW + 5_000)
        assert (handed.state, handed.order_state, handed.units) == ("handed_over", "completed", 1)
        assert hand_over_delivery(connection, CALLER, delivery_id, now=NOW + 5_001).units == 0


def test_an_order_from_two_sites_is_complete_when_both_parts_have_arrived(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "C"): 1})
    with database.writing() as connection:
        order_id = ready(connection, ("A", 1), ("C", 1))
        plan = plan_routes(connection, CALLER, now=NOW + 60, iterations=20)
        assert len(plan.deliveries) == 2
        for route_id in plan.routes:
            dispatch_route(connection, CALLER, route_id, now=NOW + 120, driver="Ana")
        first, second = plan.deliveries
        record_event(connection, CALLER, told(first, "deliver", NOW + 2_000), now=NOW + 2_000)
        assert state_of(connection, order_id) == "partially_completed"
        record_event(connection, CALLER, told(second, "deliver", NOW + 2_100), now=NOW + 2_100)
        assert state_of(connection, order_id) == "completed"


STAGES = ("placed", "allocated", "preparing", "ready", "planned", "assigned")


def up_to(connection, stage: str) -> str:
    """Bring a new order to a stage of its life."""
    order_id = placed(connection, ("A", 2))
    steps = STAGES[1 : STAGES.index(stage) + 1]
    for step in steps:
        if step == "allocated":
            route_orders(connection, CALLER, now=NOW)
        if step == "preparing":
            release_wave(connection, CALLER, now=NOW, everything=True)
        if step == "ready":
            pack_shipment(connection, CALLER, shipments_in(connection, order_id)[0], now=NOW)
        if step == "planned":
            plan = plan_routes(connection, CALLER, now=NOW + 60, iterations=20)
        if step == "assigned":
            assign_route(connection, CALLER, plan.routes[0], driver="Ana", now=NOW + 60)
    return order_id


@pytest.mark.parametrize("stage", STAGES)
def test_cancelling_gives_stock_and_hours_back_at_every_stage(database, stage):
    open_stage(database, sites=TWO_SITES.with_columns(pick_lines_per_day=table("n", (150,), (150,))["n"]))
    with database.writing() as connection:
        order_id = up_to(connection, stage)
        assert any(reserved for _, reserved in on_shelves(connection).values())
        cancel_order(connection, CALLER, order_id, now=NOW + 100, reason="changed my mind")
        assert all(reserved == 0 for _, reserved in on_shelves(connection).values())
        assert {count for place, (count, _) in on_shelves(connection).items() if place.kind == "stock"} == {100}
        assert {state for _, state in deliveries_of(connection, order_id)} <= {"cancelled"}
        assert shipments_in(connection, order_id) == shipments_in(connection, order_id, "cancelled")
        assert plan_routes(connection, CALLER, now=NOW + 200, iterations=20).deliveries == ()
        assert release_wave(connection, CALLER, now=NOW + 200, everything=True) == []
        assert route_orders(connection, CALLER, [order_id], now=NOW + 200) == []


def test_an_order_on_its_way_cannot_be_cancelled(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = up_to(connection, "planned")
        (route_id,) = connection.execute(select(routes.c.route_id)).scalars()
        dispatch_route(connection, CALLER, route_id, now=NOW + 100, driver="Ana")
        with pytest.raises(IllegalTransitionError):
            cancel_order(connection, CALLER, order_id, now=NOW + 200, reason="too late")


def test_an_order_of_which_a_part_has_left_cannot_be_cancelled(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = up_to(connection, "allocated")
        units = [h for h in ledger.holdings(connection, [order_id]) if h.place.kind == "stock"][:1]
        ledger.claim(connection, CALLER.tenant_id, units, "shp_1", now=NOW)
        with pytest.raises(ConflictError, match="have left"), connection.savepoint():
            cancel_order(connection, CALLER, order_id, now=NOW + 200, reason="changed my mind")
        assert state_of(connection, order_id) == "allocated"


def test_every_step_done_twice_is_done_once(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = placed(connection)
        for _ in range(2):
            route_orders(connection, CALLER, now=NOW)
        for _ in range(2):
            release_wave(connection, CALLER, now=NOW, everything=True)
        (shipment_id,) = shipments_in(connection, order_id)
        parcel_ids = {pack_shipment(connection, CALLER, shipment_id, now=NOW).parcel_ids for _ in range(2)}
        assert len(parcel_ids) == 1
        plans = [plan_routes(connection, CALLER, now=NOW + 60, iterations=20) for _ in range(2)]
        assert [len(plan.deliveries) for plan in plans] == [1, 0]
        (route_id,), (delivery_id,) = plans[0].routes, plans[0].deliveries
        for _ in range(2):
            assign_route(connection, CALLER, route_id, driver="Ana", now=NOW + 60)
        for _ in range(2):
            sent = dispatch_route(connection, CALLER, route_id, now=NOW + 70)
            assert (sent.state, sent.gone, sent.waiting) == ("dispatched", (delivery_id,), ())
        fact = told(delivery_id, "deliver", NOW + 900)
        facts = [record_event(connection, CALLER, fact, now=NOW + 900) for _ in range(2)]
        assert [(each.outcome, each.known) for each in facts] == [("applied", False), ("applied", True)]
        assert connection.execute(select(shipments.c.state)).scalar_one() == "closed"
    with database.reading() as connection:
        assert steps_of(connection, order_id) == [
            "create", "allocate", "release", "make_ready", "start_fulfilment", "complete"
        ]  # fmt: skip
