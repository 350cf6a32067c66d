"""Sites whose packages come late are known by store and hour, and lose orders to dearer ones."""

import json

import numpy as np
import pytest
from sqlalchemy import select, update

from doorstep.operations.fulfil import route_orders
from doorstep.operations.fulfil.late import PUNCTUAL, outcomes, usual_punctuality
from doorstep.operations.fulfil.refused import FEWEST_SHIPMENTS
from doorstep.operations.fulfil.trial import free_units, try_order
from doorstep.operations.orders import cancel_order, hold_order
from doorstep.operations.transitions import tell_created
from doorstep.storage import Connection, Database
from doorstep.storage.schema.fulfilment import decisions, deliveries, shipments
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, allocated, open_stage, placed, ready, to_dock
from tests.operations.fulfil.test_refused import EIGHT, MANY, NEAR, TWO_DAYS_S
from tests.operations.shops import ordering
from tests.small import table

LATER = NOW + TWO_DAYS_S
DEAR_DELAYS = table("late_cost_minor", (3_000,))


def counted(database: Database, now: int = LATER) -> list[tuple[int, int, int, int]]:
    """Return site, local hour, shipments with an outcome and late ones, wherever there are any."""
    with database.reading() as connection:
        asked, late = outcomes(connection, CALLER.tenant_id, now=now)
    return [(s, h, int(asked[s, h]), int(late[s, h])) for s, h in np.argwhere(asked).tolist()]


def end_of(connection: Connection, order_id: str) -> int:
    """Return when the window of an order ends."""
    query = select(orders.c.window_end_at).where(orders.c.order_id == order_id)
    return int(connection.execute(query).scalar_one())


def brought(connection: Connection, order_id: str, at: int, *, kind: str = "door", state: str = "delivered") -> None:
    """Say that a delivery brought all of an order, or tried to, at a moment."""
    row = {"delivery_id": f"dlv_{order_id}", "tenant_id": CALLER.tenant_id, "order_id": order_id, "kind": kind,
           "state": state, "site_id": "S1", "mode": "own_fleet", "carrier_id": "", "event_at": at,
           "created_at": NOW}  # fmt: skip
    connection.execute(deliveries.insert().values(row))
    named = "collection" if kind == "collection" else "delivery"
    tell_created(connection, CALLER, named, str(row["delivery_id"]), state, now=NOW)
    mine = shipments.c.order_id == order_id
    connection.execute(update(shipments).where(mine).values(delivery_id=row["delivery_id"]))


def test_what_was_delivered_by_the_end_of_its_window_was_in_time_and_the_rest_was_late(database: Database):
    open_stage(database)
    with database.writing() as connection:
        for over_s in (0, 1):
            order_id = ready(connection)
            brought(connection, order_id, end_of(connection, order_id) + over_s)
        allocated(connection)  # nobody has even picked it
    assert counted(database) == [(0, EIGHT, 3, 2)]


def test_what_is_collected_was_in_time_if_it_was_packed_by_then(database: Database):
    open_stage(database)
    chosen = {"service_level_id": "click_and_collect", "pickup_site_id": "S1"}
    with database.writing() as connection:
        for over_s in (0, 1):
            order_id = allocated(connection, **chosen)
            to_dock(connection, order_id, now=end_of(connection, order_id) + over_s)
            brought(connection, order_id, LATER, kind="collection", state="collected")
    assert counted(database) == [(0, EIGHT, 2, 1)]


def test_what_was_brought_back_called_off_stopped_or_has_time_left_says_nothing(database: Database):
    open_stage(database)
    with database.writing() as connection:
        brought(connection, ready(connection), LATER - 1, state="returned")
        cancel_order(connection, CALLER, allocated(connection), now=NOW, reason="customer_changed_mind")
        hold_order(connection, CALLER, allocated(connection), now=NOW, reason="other")
        order_id = allocated(connection)
    end_at = end_at_of(database, order_id)
    assert counted(database, end_at) == []
    assert counted(database, end_at + 1) == [(0, EIGHT, 1, 1)]


def end_at_of(database: Database, order_id: str) -> int:
    with database.reading() as connection:
        return end_of(connection, order_id)


def late(connection: Connection, times: int) -> None:
    """Let S1 pack so many orders, and never send them."""
    for _ in range(times):
        ready(connection)


def test_with_too_few_outcomes_nothing_is_known(database: Database):
    open_stage(database, MANY)
    with database.writing() as connection:
        late(connection, FEWEST_SHIPMENTS - 1)
    with database.reading() as connection:
        assert usual_punctuality(connection, CALLER.tenant_id, now=LATER) is None


def test_one_hour_of_one_site_is_believed_late_and_the_others_hear_of_it_less(database: Database):
    open_stage(database, MANY)
    with database.writing() as connection:
        late(connection, FEWEST_SHIPMENTS)
    with database.reading() as connection:
        known = usual_punctuality(connection, CALLER.tenant_id, now=LATER)
    assert known is not None
    assert known[0, EIGHT] < known[0, EIGHT + 1] < known[1, EIGHT] == known[1, EIGHT + 1] < PUNCTUAL.accepted
    tail = [20, 20 + FEWEST_SHIPMENTS]  # twenty outcomes are what each belief is worth
    everywhere = PUNCTUAL.accepted * tail[0] / tail[1]
    assert known[0, EIGHT] == pytest.approx(everywhere * (tail[0] / tail[1]) ** 2)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_store_that_is_often_late_loses_its_orders_to_a_dearer_one_and_says_why(database: Database, is_late: bool):
    open_stage(database, MANY, sites=NEAR, policy=DEAR_DELAYS, **COURIER)
    with database.writing() as connection:
        late(connection, FEWEST_SHIPMENTS if is_late else 0)
        order_id = placed(connection, now=LATER)
        (outcome,) = route_orders(connection, CALLER, [order_id], now=LATER)
        assert outcome.sites == (("S2",) if is_late else ("S1",))
        kept = select(decisions.c.alternatives).where(decisions.c.order_id == order_id)
        weighed = {row["site_id"]: row for row in json.loads(connection.execute(kept).scalar_one())}
    assert ("did not come late" in weighed["S1"]["why"]) is is_late
    assert weighed["S2" if is_late else "S1"]["why"] == "Costs least for the whole order."


def test_a_policy_by_which_lateness_costs_nothing_changes_nothing(database: Database):
    open_stage(database, MANY, sites=NEAR, policy=table("late_cost_minor", (0,)), **COURIER)
    asked = ordering(("A", 1))
    with database.writing() as connection:
        late(connection, FEWEST_SHIPMENTS)
        free = free_units(connection, CALLER.tenant_id, asked.lines)
    with database.reading() as connection:
        found = try_order(connection, CALLER.tenant_id, asked, free, now=LATER)
    assert found.allocations["site_id"].to_list() == ["S1"]
