"""A sample retailer's sixty orders from the basket to the door, every one of them, with all books in agreement."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from sqlalchemy import func, select

from doorstep.domain import Retailer
from doorstep.domain.new_order import NewLine, NewOrder, TakenOrder
from doorstep.operations.bring import ReportedEvent, dispatch_route, plan_routes, record_event
from doorstep.operations.bring.problem import load_problem, solve
from doorstep.operations.fulfil import hand_over_delivery, pack_shipment, release_wave, route_orders
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.storage import Database, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.retailers import save_reference
from doorstep.storage.schema.fulfilment import deliveries, parcels, routes, shipments
from doorstep.storage.schema.ledger import STOCK, reservations
from doorstep.storage.schema.orders import order_lines, orders
from tests.databases import CALLER
from tests.small import at

MORNING = at("09:00", "2026-03-02", "Europe/Paris")


@cache
def sample() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 4, 1, 60, np.random.default_rng(5))


def open_sample(database: Database) -> None:
    with database.writing() as connection:
        save_reference(connection, CALLER.tenant_id, sample())
        stock = sample().stock.select("site_id", "product_id", "on_hand").rows()
        units = {Place(STOCK, site, product): on_hand for site, product, on_hand in stock}
        ledger.open_positions(connection, CALLER.tenant_id, units, now=MORNING)


def asked() -> list[NewOrder]:
    lines: dict[str, list[NewLine]] = {}
    for order_id, product, quantity in sample().order_lines.select("order_id", "product_id", "quantity").iter_rows():
        lines.setdefault(order_id, []).append(NewLine(product_id=product, quantity=quantity))
    names = ("service_level_id", "lat", "lon", "postal_code", "pickup_site_id", "requirements")
    return [
        NewOrder(lines=tuple(lines[row["order_id"]]), external_id=row["order_id"], if_short="backorder",
                 **{name: row[name] for name in names})
        for row in sample().orders.iter_rows(named=True)
    ]  # fmt: skip


def states(connection, table) -> dict[str, int]:
    query = select(table.c.state, func.count()).group_by(table.c.state)
    return {row[0]: row[1] for row in connection.execute(query).all()}


@pytest.fixture
def at_dock(database):
    """Take, route, release and pack sixty orders."""
    open_sample(database)
    with database.writing() as connection:
        taken = take_orders(connection, [Intake(caller=CALLER, order=order, now=MORNING) for order in asked()])
        assert all(isinstance(answer, TakenOrder) for answer in taken)
    with database.writing() as connection:
        assert {o.state for o in route_orders(connection, CALLER, now=MORNING + 60)} == {"allocated"}
    with database.writing() as connection:
        wave = release_wave(connection, CALLER, now=MORNING + 120, everything=True)
    with database.writing() as connection:
        for shipment in wave:
            pack_shipment(connection, CALLER, shipment.shipment_id, now=MORNING + 3_000)
        assert states(connection, orders) == {"ready": 60}
    return database


def test_sixty_orders_arrive(at_dock):
    with at_dock.writing() as connection:
        plan = plan_routes(connection, CALLER, now=MORNING + 3_600, iterations=30)
        assert (plan.unserved, plan.left_out) == ((), ())
        assert len(plan.deliveries) >= 60
        for route_id in plan.routes:
            assert dispatch_route(connection, CALLER, route_id, now=MORNING + 3_700, driver="Ana").waiting == ()
        others = select(deliveries.c.delivery_id).where(deliveries.c.route_id.is_(None), deliveries.c.kind == "door")
        for delivery_id in connection.execute(others).scalars().all():
            hand_over_delivery(connection, CALLER, delivery_id, now=MORNING + 3_800)
        assert set(states(connection, orders)) <= {"fulfilling", "ready"}  # what is collected is still there
    with at_dock.writing() as connection:
        rows = connection.execute(select(deliveries)).all()
        for row in rows:
            event = "deliver" if row.kind == "door" else "hand_over"
            fact = ReportedEvent(source="all", source_event_id=row.delivery_id, kind="delivery",
                                 object_id=row.delivery_id, event=event, occurred_at=row.arrive_at)  # fmt: skip
            assert record_event(connection, CALLER, fact, now=row.arrive_at).outcome == "applied"
        assert states(connection, orders) == {"completed": 60}
        assert states(connection, shipments) == {"closed": len(connection.execute(select(shipments)).all())}
        assert set(states(connection, routes)) <= {"completed"}
        claimed = select(func.sum(reservations.c.quantity)).where(
            reservations.c.state == "claimed", reservations.c.line_no > 0
        )
        ordered = connection.execute(select(func.sum(order_lines.c.quantity))).scalar_one()
        assert connection.execute(claimed).scalar_one() == ordered
        stored = connection.execute(select(func.sum(deliveries.c.parcels))).scalar_one()
        assert stored == connection.execute(select(func.count()).select_from(parcels)).scalar_one()


def test_the_plan_packs_the_parcels_that_were_packed(at_dock):
    with at_dock.reading() as connection:
        plan = solve(load_problem(connection, CALLER.tenant_id, now=MORNING + 3_600), iterations=5, seed=1)
        names = ("order_id", "site_id", "carton_id", "weight_g", "volume_ml", "longest_side_mm", "requirements",
                 "carton_minor")  # fmt: skip
        packed = sorted(tuple(row) for row in connection.execute(select(*(parcels.c[name] for name in names))).all())
        kept = plan.order_outcomes.filter(pl.col("status").cast(pl.String) == "served")["order_id"].to_list()
        assert sorted(plan.parcels.select(names).rows()) == [row for row in packed if row[0] in kept]
