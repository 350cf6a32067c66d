"""Two writers at once: whoever comes second finds what the first one did."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from doorstep.foundation import ConflictError
from doorstep.operations.bring import ReportedEvent, dispatch_route, plan_routes, record_event
from doorstep.operations.fulfil import pack_shipment, release_wave, route_orders
from doorstep.operations.orders import cancel_order
from doorstep.operations.stock import count_stock
from doorstep.storage import Connection, Database, Writer
from doorstep.storage.check import check_books
from doorstep.storage.schema.fulfilment import parcels, tracking_events
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import allocated, deliveries_of, open_stage, placed, ready, shipments_in, state_of
from tests.operations.shops import shelf


def at_once(database: Database, *steps: Callable[[Connection], object]) -> list[object]:
    """Do each step in a transaction and a thread of its own, all at once, and return what each gave or raised."""
    together = Barrier(len(steps))
    answers: list[object] = [None] * len(steps)

    def run(number: int, step: Callable[[Connection], object]) -> None:
        together.wait()
        try:
            with database.writing() as connection:
                answers[number] = step(connection)
        except ConflictError as refused:
            answers[number] = refused

    threads = [Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_same_fact_told_by_two_is_one(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection)
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
    fact = ReportedEvent(source="phone7", source_event_id="1", kind="delivery", object_id=delivery_id,
                         event="deliver", occurred_at=NOW + 900)  # fmt: skip
    answers = at_once(database, *[lambda c: record_event(c, CALLER, fact, now=NOW + 901)] * 4)
    assert sorted(answer.known for answer in answers) == [False, True, True, True]  # type: ignore[attr-defined]
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(tracking_events)).scalar_one() == 1
        assert (state_of(connection, order_id), shelf(connection, "S1", "A")[1:3]) == ("completed", (99, 0))


def test_facts_of_one_order_in_any_order_at_once_claim_its_units_once(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection)
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
        ((name, _),) = deliveries_of(connection, order_id)

    def tell(event: str, at: int) -> Callable[[Connection], object]:
        fact = ReportedEvent(source="phone7", source_event_id=event, kind="delivery", object_id=name, event=event,
                             occurred_at=at)  # fmt: skip
        return lambda connection: record_event(connection, CALLER, fact, now=NOW + 2_000)

    events = ("pick_up", "start_to_dropoff", "arrive_at_dropoff", "deliver")
    at_once(database, *[tell(event, NOW + 900 + n) for n, event in enumerate(events)])
    with database.reading() as connection:
        assert deliveries_of(connection, order_id) == [(delivery_id, "delivered")]
        assert (state_of(connection, order_id), shelf(connection, "S1", "A")[1:3]) == ("completed", (99, 0))


def test_the_first_facts_of_two_stops_of_a_route_are_both_kept(database):
    open_stage(database)
    with database.writing() as connection:
        orders = [ready(connection, (product, 1)) for product in "AB"]
        plan_routes(connection, CALLER, now=NOW + 60, iterations=5)
        names = [deliveries_of(connection, order_id)[0][0] for order_id in orders]
    facts = [
        ReportedEvent(source="phone7", source_event_id=name, kind="delivery", object_id=name, event="pick_up",
                      occurred_at=NOW + 900) for name in names
    ]  # fmt: skip
    answers = at_once(database, *[lambda c, f=f: record_event(c, CALLER, f, now=NOW + 901) for f in facts])
    assert [answer.outcome for answer in answers] == ["applied", "applied"]  # type: ignore[attr-defined]


def test_a_count_sent_twice_counts_once(database):
    open_stage(database, {("S1", "A"): 8})
    at_once(database, *[lambda c: count_stock(c, CALLER, site_id="S1", product_id="A", counted=10, reason="count",
                                              now=NOW)] * 4)  # fmt: skip
    with database.reading() as connection:
        assert shelf(connection, "S1", "A")[1:3] == (10, 0)
        assert check_books(connection) == []


def counting(units: int) -> Callable[[Connection], object]:
    return lambda connection: count_stock(
        connection, CALLER, site_id="S1", product_id="A", counted=units, reason="count", now=NOW + 1
    )


def test_an_order_whose_stock_is_counted_away_while_it_is_routed_is_not_left_empty_handed(database):
    open_stage(database, {("S1", "A"): 30, ("S2", "A"): 30})
    with database.writing() as connection:
        placed_orders = [placed(connection, ("A", 2)) for _ in range(8)]
    writer, other = Writer(database), Writer(database)
    with closing(writer), closing(other):
        waiting: list[Future[Any]] = [writer.call(lambda c: route_orders(c, CALLER, placed_orders, now=NOW + 1))]
        for counted in (9, 3, 1):
            waiting.append(other.call(counting(counted)))
        for future in waiting:
            future.result(60)
    with database.writing() as connection:
        route_orders(connection, CALLER, now=NOW + 2)
    with database.reading() as connection:
        assert check_books(connection) == []
        assert {state_of(connection, order_id) for order_id in placed_orders} == {"allocated"}
        assert shelf(connection, "S1", "A").on_hand == 1


def test_either_an_order_leaves_or_it_is_cancelled(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection)
        (route_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).routes
    sent, gone = at_once(
        database,
        lambda c: dispatch_route(c, CALLER, route_id, now=NOW + 90, driver="Ana"),
        lambda c: cancel_order(c, CALLER, order_id, now=NOW + 90, reason="changed my mind"),
    )
    with database.reading() as connection:
        left = state_of(connection, order_id) == "fulfilling"
        assert isinstance(gone, ConflictError) is left
        assert bool(sent.gone) is left  # type: ignore[attr-defined]
        assert shelf(connection, "S1", "A")[1:3] == ((99, 0) if left else (100, 0))


@pytest.mark.parametrize("packers", [2, 4])
def test_a_shipment_is_packed_into_one_set_of_parcels(database, packers):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection)
        release_wave(connection, CALLER, now=NOW, everything=True)
        (shipment_id,) = shipments_in(connection, order_id)
    answers = at_once(database, *[lambda c: pack_shipment(c, CALLER, shipment_id, now=NOW)] * packers)
    assert len(set(answers)) == 1
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(parcels)).scalar_one() == 1


def test_a_wave_released_by_two_is_picked_once(database):
    open_stage(database)
    with database.writing() as connection:
        ids = sorted(allocated(connection) for _ in range(5))
    answers = at_once(database, *[lambda c: release_wave(c, CALLER, now=NOW, everything=True)] * 2)
    assert sorted(s.order_id for wave in answers for s in wave) == ids  # type: ignore[attr-defined]
