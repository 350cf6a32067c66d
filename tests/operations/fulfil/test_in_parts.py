"""Orders whose units come from several sites, of which some arrive and some do not: never more, never fewer."""

import pytest
from sqlalchemy import func, select

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError
from doorstep.operations.bring import ReportedEvent, plan_routes, record_event
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.bring.problem import vehicles_taken
from doorstep.operations.bring.replan import replan
from doorstep.operations.fulfil import route_orders, sites
from doorstep.operations.fulfil.hand_over import hand_over_delivery
from doorstep.operations.orders import cancel_order, complete_short, hold_order, resume_order
from doorstep.operations.returns import Inspected, ReturnLine, receive_return, request_return
from doorstep.operations.stock import adjust_stock, count_stock
from doorstep.storage import Connection, ledger
from doorstep.storage.check import check_books
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.storage.schema.journal import jobs
from doorstep.storage.schema.ledger import STOCK
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, open_stage, placed, ready, state_of, to_dock
from tests.operations.shops import shelf
from tests.small import CHICAGO, table

CALLED_OFF = Decided(event="cancel", reason="van_broke_down")
THREE_SITES = table(
    "site_id kind lat lon time_zone pick_lines_per_day",
    ("S1", "store", 41.0, -87.0, CHICAGO, None),
    ("S2", "store", 41.1, -87.0, CHICAGO, None),
    ("S3", "store", 41.2, -87.0, CHICAGO, None),
)


def six_units_from_three_sites(connection: Connection) -> tuple[str, dict[str, str]]:
    """Return an order of six units, three, two and one of which lie at the docks of three sites, and its deliveries."""
    order_id = placed(connection, ("A", 6))
    route_orders(connection, CALLER, [order_id], now=NOW)
    to_dock(connection, order_id)
    plan_routes(connection, CALLER, now=NOW + 60, iterations=5)
    rows = connection.execute(select(deliveries.c.site_id, deliveries.c.delivery_id)).all()
    return order_id, {row.site_id: row.delivery_id for row in rows}


def tell(connection: Connection, delivery_id: str, *events: str, at: int = NOW + 900) -> None:
    for number, event in enumerate(events):
        fact = ReportedEvent(source="phone7", source_event_id=f"{delivery_id}/{event}", kind="delivery",
                             object_id=delivery_id, event=event, occurred_at=at + number)  # fmt: skip
        record_event(connection, CALLER, fact, now=at + number)


def claimed(connection: Connection, order_id: str) -> dict[str, int]:
    gone = ledger.holdings(connection, [order_id], ledger.CLAIMED)
    return {h.place.site_id: h.quantity for h in gone if h.place.kind == STOCK}


@pytest.fixture
def three(database):
    open_stage(database, {("S1", "A"): 3, ("S2", "A"): 2, ("S3", "A"): 1}, sites=THREE_SITES, **COURIER)
    yield database
    with database.reading() as connection:
        assert check_books(connection) == []


def test_what_left_from_several_sites_is_not_sent_again(three):
    with three.writing() as connection:
        order_id, by_site = six_units_from_three_sites(connection)
        for site in ("S1", "S2"):
            hand_over_delivery(connection, CALLER, by_site[site], now=NOW + 100)
        assert claimed(connection, order_id) == {"S1": 3, "S2": 2}
        hold_order(connection, CALLER, order_id, now=NOW + 200, reason="address_unclear")
        resume_order(connection, CALLER, order_id, now=NOW + 210)
        adjust_stock(connection, CALLER, site_id="S3", product_id="A", units=20, kind="receive", reason="r", now=NOW)
        route_orders(connection, CALLER, [order_id], now=NOW + 300)
        held = [h for h in ledger.holdings(connection, [order_id]) if h.place.kind == STOCK]
        assert [(h.place.site_id, h.quantity) for h in held] == [("S3", 1)]


def test_a_site_may_send_a_second_shipment_while_the_first_is_on_the_road(three):
    with three.writing() as connection:
        order_id, by_site = six_units_from_three_sites(connection)
        for site in by_site:
            hand_over_delivery(connection, CALLER, by_site[site], now=NOW + 100)
        tell(connection, by_site["S1"], "deliver")
        tell(connection, by_site["S2"], "deliver")
        tell(connection, by_site["S3"], "abandon")
        assert state_of(connection, order_id) == "on_hold"
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=9, kind="receive", reason="r", now=NOW)
        resume_order(connection, CALLER, order_id, now=NOW + 1_000)
        route_orders(connection, CALLER, [order_id], now=NOW + 1_000)
        to_dock(connection, order_id, now=NOW + 1_100)
        (again,) = plan_routes(connection, CALLER, now=NOW + 1_200, iterations=5).deliveries
        tell(connection, by_site["S1"], "attempt", at=NOW + 1_250)  # a late fact about the first takes nothing of it
        assert claimed(connection, order_id) == {"S1": 3, "S2": 2}
        tell(connection, again, "pick_up", "start_return", "take_back", at=NOW + 1_300)
        assert shelf(connection, "S1", "A")[1:3] == (9, 0)  # what came back is the second shipment's unit, no more
        resume_order(connection, CALLER, order_id, now=NOW + 1_400)
        route_orders(connection, CALLER, [order_id], now=NOW + 1_400)
        to_dock(connection, order_id, now=NOW + 1_500)
        (last,) = plan_routes(connection, CALLER, now=NOW + 1_600, iterations=5).deliveries
        tell(connection, last, "deliver", at=NOW + 1_700)
        assert state_of(connection, order_id) == "completed"
        units = connection.execute(select(func.count()).select_from(shipments).where(shipments.c.site_id == "S1"))
        assert units.scalar_one() == 3
        assert shelf(connection, "S1", "A")[1:3] == (8, 0)


def test_an_order_whose_rest_nobody_has_is_completed_short_and_only_what_arrived_can_come_back(three):
    with three.writing() as connection:
        order_id, by_site = six_units_from_three_sites(connection)
        tell(connection, by_site["S1"], "deliver")
        hand_over_delivery(connection, CALLER, by_site["S2"], now=NOW + 950)
        with pytest.raises(ConflictError, match="on its way"), connection.savepoint():
            complete_short(connection, CALLER, order_id, now=NOW + 960, reason="shopper_gave_up")
        tell(connection, by_site["S2"], "deliver", at=NOW + 970)
        tell(connection, by_site["S3"], "abandon")
        complete_short(connection, CALLER, order_id, now=NOW + 1_000, reason="nobody_has_it")
        assert state_of(connection, order_id) == "completed"
        returned = request_return(
            connection, CALLER, order_id, [ReturnLine(line_no=1, quantity=5)], now=NOW + 2_000, reason="damaged"
        )
        found = [
            Inspected(line_no=1, quantity=1, restockable=False),
            Inspected(line_no=1, quantity=4, restockable=True),
        ]
        assert receive_return(connection, CALLER, returned, now=NOW + 3_000, inspected=found).order_state == "returned"
        assert [shelf(connection, site, "A").on_hand for site in ("S1", "S2", "S3")] == [2, 2, 0]


def test_an_order_of_which_nothing_arrived_cannot_be_completed_short(three):
    with three.writing() as connection:
        order_id = placed(connection, ("A", 1))
        with pytest.raises(ConflictError, match="nothing of it"), connection.savepoint():
            complete_short(connection, CALLER, order_id, now=NOW, reason="shopper_gave_up")
        done = ready(connection, ("A", 1))
        plan_routes(connection, CALLER, now=NOW + 60, iterations=5)
        ((name,),) = connection.execute(select(deliveries.c.delivery_id).where(deliveries.c.order_id == done))
        tell(connection, name, "deliver")
        with pytest.raises(IllegalTransitionError), connection.savepoint():
            complete_short(connection, CALLER, done, now=NOW + 1_000, reason="again")


def two_on_a_route(connection: Connection) -> tuple[str, str, str]:
    """Bring one of two orders of a route, and return the other, its delivery and the route."""
    first, second = ready(connection), ready(connection)
    (route_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).routes
    rows = connection.execute(select(deliveries.c.order_id, deliveries.c.delivery_id)).all()
    by_order = {row.order_id: row.delivery_id for row in rows}
    tell(connection, by_order[first], "deliver")
    return second, by_order[second], route_id


def replans(connection: Connection) -> int:
    query = select(func.count()).select_from(jobs).where(jobs.c.kind == "replan_route")
    return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize("what", ["delivery", "order"])
def test_a_van_whose_last_stop_was_cancelled_is_free_again(database, what):
    open_stage(database)
    with database.writing() as connection:
        order_id, delivery_id, route_id = two_on_a_route(connection)
        assert vehicles_taken(connection, CALLER.tenant_id, NOW + 1_000)["V1"] == 1
        if what == "order":
            cancel_order(connection, CALLER, order_id, now=NOW + 1_000, reason="changed_my_mind")
        else:
            change_delivery(connection, CALLER, delivery_id, CALLED_OFF, now=NOW + 1_000)
        assert replans(connection) == 1
        assert replan(connection, CALLER, route_id, now=NOW + 1_001).state == "completed"
        assert vehicles_taken(connection, CALLER.tenant_id, NOW + 1_001)["V1"] == 0


def test_what_a_cancelled_delivery_was_to_bring_is_planned_again(database):
    open_stage(database)
    with database.writing() as connection:
        ready(connection)
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
        change_delivery(connection, CALLER, delivery_id, CALLED_OFF, now=NOW + 70)
        assert len(plan_routes(connection, CALLER, now=NOW + 80, iterations=5).deliveries) == 1


def test_the_lost_rest_of_a_line_is_tried_again_when_so_much_has_come(three):
    with three.writing() as connection:
        order_id, by_site = six_units_from_three_sites(connection)
        for site, event in (("S1", "deliver"), ("S2", "deliver"), ("S3", "abandon")):
            tell(connection, by_site[site], event)
        resume_order(connection, CALLER, order_id, now=NOW + 1_000)
        route_orders(connection, CALLER, now=NOW + 1_000)
        assert state_of(connection, order_id) == "backordered"
        adjust_stock(connection, CALLER, site_id="S2", product_id="A", units=1, kind="receive", reason="r", now=NOW)
        (outcome,) = route_orders(connection, CALLER, now=NOW + 1_100)
        assert (outcome.order_id, outcome.sites) == (order_id, ("S2",))


def test_what_nobody_came_for_is_prepared_anew_when_its_order_goes_on(database):
    open_stage(database)
    with database.writing() as connection:
        collected = {"service_level_id": "click_and_collect", "pickup_site_id": "S1"}
        order_id, other = ready(connection, **collected), placed(connection)
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
        tell(connection, delivery_id, "lapse")
        assert state_of(connection, order_id) == "on_hold"
        resume_order(connection, CALLER, order_id, now=NOW + 1_000)
        route_orders(connection, CALLER, now=NOW + 1_000)
        assert (state_of(connection, order_id), state_of(connection, other)) == ("allocated", "allocated")
        tell(connection, delivery_id, "restock", at=NOW + 1_100)  # it takes nothing from the new shipment
        to_dock(connection, order_id, now=NOW + 1_200)
        assert state_of(connection, order_id) == "ready"
        assert shelf(connection, "S1", "A")[1:3] == (100, 2)
    with database.reading() as connection:
        assert check_books(connection) == []


def test_an_order_whose_choice_cannot_be_stored_stops_no_other(database, monkeypatch):
    open_stage(database)
    with database.writing() as connection:
        poisoned, other = placed(connection), placed(connection)
    create = sites.Round._create_shipment

    def breaks_for_one(self, order, site_id):
        if order.order_id == poisoned:
            raise ValueError("no room")
        create(self, order, site_id)

    monkeypatch.setattr(sites.Round, "_create_shipment", breaks_for_one)
    with database.writing() as connection:
        outcomes = {o.order_id: (o.state, o.reason) for o in route_orders(connection, CALLER, now=NOW)}
        assert outcomes == {poisoned: ("on_hold", "storing_fails"), other: ("allocated", "")}
        assert state_of(connection, poisoned) == "on_hold"
    with database.reading() as connection:
        assert check_books(connection) == []


def test_units_in_packed_parcels_are_not_counted_away(database):
    open_stage(database, {("S1", "A"): 2}, **COURIER)
    with database.writing() as connection:
        order_id = ready(connection, ("A", 2))
        hold_order(connection, CALLER, order_id, now=NOW + 10, reason="address_unclear")
        with pytest.raises(ConflictError, match="not yet picked"), connection.savepoint():
            count_stock(connection, CALLER, site_id="S1", product_id="A", counted=1, reason="count", now=NOW + 20)
        assert shelf(connection, "S1", "A")[1:3] == (2, 2)
