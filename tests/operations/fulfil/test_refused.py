"""Sites that refuse what they are asked for are known by store and hour, and lose orders to dearer ones."""

import json

import numpy as np
import pytest
from sqlalchemy import select

from doorstep.operations.fulfil import route_orders
from doorstep.operations.fulfil.refused import FEWEST_SHIPMENTS, LAST_DAYS_S, outcomes, usual_acceptance
from doorstep.operations.fulfil.trial import free_units, try_order
from doorstep.operations.orders import cancel_order, reroute_order
from doorstep.operations.stock import count_stock
from doorstep.storage import Connection, Database
from doorstep.storage.schema.fulfilment import decisions
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, allocated, open_stage, placed, ready, shipments_in
from tests.operations.shops import ordering
from tests.small import CHICAGO, table

EIGHT = 8
"""The local hour of NOW."""
TWO_DAYS_S = 2 * 86_400
NEAR = table(
    "site_id kind lat lon time_zone pick_lines_per_day line_cost_minor",
    ("S1", "store", 41.0, -87.0, CHICAGO, None, 100),
    ("S2", "store", 41.0, -87.0, CHICAGO, None, 120),
)
DEAR_REFUSALS = table("refusal_cost_minor", (3_000,))
MANY = {(site, product): 500 for site in ("S1", "S2") for product in "ABC"}


def counted(database: Database, now: int = NOW) -> list[tuple[int, int, int, int]]:
    """Return site, local hour, asked and refused wherever anybody was asked."""
    with database.reading() as connection:
        asked, refused = outcomes(connection, CALLER.tenant_id, now=now)
    return [(s, h, int(asked[s, h]), int(refused[s, h])) for s, h in np.argwhere(asked).tolist()]


def test_a_packed_shipment_was_served_and_a_rerouted_one_refused(database: Database):
    open_stage(database)
    with database.writing() as connection:
        ready(connection)
        reroute_order(connection, CALLER, allocated(connection), now=NOW + 60, reason="asked_for")
    assert counted(database) == [(0, EIGHT, 2, 1)]


def test_a_count_that_found_less_than_orders_hold_is_a_refusal(database: Database):
    open_stage(database, {("S1", "A"): 1, ("S2", "A"): 5})
    with database.writing() as connection:
        allocated(connection)
        count_stock(connection, CALLER, site_id="S1", product_id="A", counted=0, reason="counted", now=NOW)
    assert counted(database) == [(0, EIGHT, 1, 1)]


def test_what_has_no_outcome_was_cancelled_or_is_long_ago_says_nothing(database: Database):
    open_stage(database)
    with database.writing() as connection:
        allocated(connection)
        cancel_order(connection, CALLER, allocated(connection), now=NOW, reason="customer_changed_mind")
    assert counted(database) == []
    with database.writing() as connection:
        ready(connection)
    assert counted(database, NOW + LAST_DAYS_S) == [(0, EIGHT, 1, 0)]
    assert counted(database, NOW + LAST_DAYS_S + 1) == []


def test_of_a_split_order_that_looks_for_other_sites_nobody_knows_who_refused(database: Database):
    open_stage(database, {("S1", "A"): 5, ("S2", "B"): 5})
    with database.writing() as connection:
        order_id = allocated(connection, ("A", 1), ("B", 1))
        assert len(shipments_in(connection, order_id, "planned")) == 2
        reroute_order(connection, CALLER, order_id, now=NOW, reason="asked_for")
    assert counted(database) == []


def refusing(connection: Connection, times: int) -> None:
    """Let S1 refuse so many orders, and serve none of them."""
    for _ in range(times):
        order_id = allocated(connection)
        reroute_order(connection, CALLER, order_id, now=NOW, reason="asked_for")
        cancel_order(connection, CALLER, order_id, now=NOW, reason="customer_changed_mind")


def test_with_too_few_outcomes_nothing_is_known(database: Database):
    open_stage(database, MANY)
    with database.writing() as connection:
        refusing(connection, FEWEST_SHIPMENTS - 1)
    with database.reading() as connection:
        assert usual_acceptance(connection, CALLER.tenant_id, now=NOW) is None


@pytest.mark.parametrize("refuses", [False, True])
def test_a_store_that_refuses_often_loses_its_orders_to_a_dearer_one_and_says_why(database: Database, refuses: bool):
    open_stage(database, MANY, sites=NEAR, policy=DEAR_REFUSALS, **COURIER)
    with database.writing() as connection:
        refusing(connection, FEWEST_SHIPMENTS if refuses else 0)
    later = NOW + TWO_DAYS_S  # when they no longer count as orders of a usual day
    with database.writing() as connection:
        order_id = placed(connection, now=later)
        (outcome,) = route_orders(connection, CALLER, [order_id], now=later)
        assert outcome.sites == (("S2",) if refuses else ("S1",))
        kept = select(decisions.c.alternatives).where(decisions.c.order_id == order_id)
        weighed = {row["site_id"]: row for row in json.loads(connection.execute(kept).scalar_one())}
    assert ("Would cost less if it did not refuse" in weighed["S1"]["why"]) is refuses
    assert weighed["S2" if refuses else "S1"]["why"] == "Costs least for the whole order."


def test_an_order_that_is_only_tried_hears_of_it_too(database: Database):
    open_stage(database, MANY, sites=NEAR, policy=DEAR_REFUSALS, **COURIER)
    asked = ordering(("A", 1))
    with database.writing() as connection:
        free = free_units(connection, CALLER.tenant_id, asked.lines)
        before = try_order(connection, CALLER.tenant_id, asked, free, now=NOW)
        refusing(connection, FEWEST_SHIPMENTS)
    with database.reading() as connection:
        after = try_order(connection, CALLER.tenant_id, asked, free, now=NOW + TWO_DAYS_S)
    assert (before.allocations["site_id"][0], after.allocations["site_id"][0]) == ("S1", "S2")
