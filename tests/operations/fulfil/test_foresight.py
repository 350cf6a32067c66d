"""Live decisions look ahead: a scarce unit is kept for whoever needs it most, and nobody is refused for it."""

import json

from sqlalchemy import select

from doorstep.operations.fulfil import route_orders
from doorstep.operations.fulfil.foreseen import (
    FORESEE,
    OLDEST_PLAN_S,
    PLAN_STOCK,
    foreseen_prices,
    planned_prices,
    scarcity_prices,
)
from doorstep.storage import jobs
from doorstep.storage.jobs import NewJob
from doorstep.storage.schema.fulfilment import decisions
from doorstep.worker import PERIODIC
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import HOUR, open_stage, placed
from tests.operations.shops import TWO_SITES
from tests.worker.working import BOUND_S, Clock, worker_on

SEEN = 30
NEARER_S1 = 41.08
"""A door between the stores, a little nearer to S1."""


FORESEEING = tuple(periodic for periodic in PERIODIC if periodic.kind == FORESEE)


def open_with_history(database, stock, *, wanted=True):
    """Open the stores with some stock, after a day on which shoppers next to S1 wanted A, or B."""
    sold = {("S1", "A"): SEEN if wanted else 0, ("S1", "B"): 0 if wanted else SEEN}
    keys = sorted({*stock, *(key for key, units in sold.items() if units)})
    open_stage(database, {key: stock.get(key, 0) + sold.get(key, 0) for key in keys}, sites=TWO_SITES)
    with database.writing() as connection:
        for number in range(SEEN):
            placed(connection, ("A" if wanted else "B", 1), now=NOW - 20 * HOUR + number)
        route_orders(connection, CALLER, now=NOW - 19 * HOUR)
    worker_on(database, Clock(NOW - 60), periodic=FORESEEING).drain(BOUND_S)


def plan_stock(connection, *rows, at=NOW - HOUR):
    """Leave the result that the nightly plan of the stock leaves."""
    key = jobs.standing_key(PLAN_STOCK, CALLER.tenant_id)
    job = NewJob(tenant_id=CALLER.tenant_id, kind=PLAN_STOCK, run_at=at, payload={}, dedup_key=key)
    jobs.enqueue(connection, job, now=at)
    (claimed,) = jobs.claim(connection, "planner", [PLAN_STOCK], now=at)
    jobs.repeat(connection, claimed, run_at=at + 24 * HOUR, result={"prices": {"at": at, "units": list(rows)}})


def units_of(prices):
    return {(site, product): price for site, product, price in prices.units.iter_rows()}


def sites_of(connection, *, lat=NEARER_S1, lines=(("A", 1),)):
    order_id = placed(connection, *lines, lat=lat)
    (outcome,) = route_orders(connection, CALLER, [order_id], now=NOW)
    return outcome.state, outcome.sites


def last_weighed(connection):
    latest = select(decisions.c.alternatives).order_by(decisions.c.decision_id.desc()).limit(1)
    return json.loads(connection.execute(latest).scalar_one())


def test_without_history_an_order_takes_the_last_unit_of_the_cheapest_site(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "A"): 100})
    with database.writing() as connection:
        assert sites_of(connection) == ("allocated", ("S1",))


def test_the_last_unit_is_kept_for_those_who_are_far_from_any_other(database):
    open_with_history(database, {("S1", "A"): 1, ("S2", "A"): 100})
    with database.writing() as connection:
        assert sites_of(connection) == ("allocated", ("S2",))
        weighed = {each["site_id"]: each for each in last_weighed(connection)}
    assert weighed["S1"]["price_minor"] > weighed["S2"]["cost_minor"] - weighed["S1"]["cost_minor"] > 0
    assert (weighed["S1"]["chosen"], weighed["S2"]["chosen"]) == (False, True)


def test_what_was_foreseen_two_hours_ago_counts_no_more(database):
    open_with_history(database, {("S1", "A"): 1, ("S2", "A"): 100})
    with database.reading() as connection:
        assert foreseen_prices(connection, CALLER.tenant_id, now=NOW) is not None
        assert foreseen_prices(connection, CALLER.tenant_id, now=NOW + 2 * HOUR) is None


def test_what_nobody_wanted_is_kept_for_nobody(database):
    open_with_history(database, {("S1", "A"): 1, ("S2", "A"): 100}, wanted=False)
    with database.writing() as connection:
        assert sites_of(connection) == ("allocated", ("S1",))


def test_no_order_is_refused_for_what_a_unit_is_worth_to_others(database):
    open_with_history(database, {("S1", "A"): 1})
    with database.writing() as connection:
        assert sites_of(connection) == ("allocated", ("S1",))


def test_plenty_is_worth_nothing(database):
    open_with_history(database, {("S1", "A"): 500, ("S2", "A"): 100})
    with database.writing() as connection:
        assert sites_of(connection) == ("allocated", ("S1",))
        assert {each["price_minor"] for each in last_weighed(connection)} == {0}


def test_a_unit_that_the_stock_plan_says_will_be_missed_is_kept(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "A"): 100}, sites=TWO_SITES)
    with database.writing() as connection:
        plan_stock(connection, ("S1", "A", 100_000))
        assert sites_of(connection) == ("allocated", ("S2",))
        weighed = {each["site_id"]: each for each in last_weighed(connection)}
    assert (weighed["S1"]["price_minor"], weighed["S2"]["price_minor"]) == (100_000, 0)


def test_no_order_is_refused_for_what_the_stock_plan_says(database):
    open_stage(database, {("S1", "A"): 1}, sites=TWO_SITES)
    with database.writing() as connection:
        plan_stock(connection, ("S1", "A", 100_000_000))
        assert sites_of(connection) == ("allocated", ("S1",))


def test_what_was_foreseen_and_what_was_planned_count_half_each(database):
    open_with_history(database, {("S1", "A"): 1, ("S2", "A"): 100})
    with database.writing() as connection:
        seen = foreseen_prices(connection, CALLER.tenant_id, now=NOW)
        assert units_of(scarcity_prices(connection, CALLER.tenant_id, now=NOW)) == units_of(seen)
        plan_stock(connection, ("S1", "A", 7), ("S2", "B", 11))
        both = scarcity_prices(connection, CALLER.tenant_id, now=NOW)
    (foreseen,) = units_of(seen).values()
    assert foreseen > 0
    assert both is not None
    assert seen is not None
    assert units_of(both) == {("S1", "A"): foreseen // 2 + 7, ("S2", "B"): 11}
    assert both.picks.equals(seen.picks)


def test_a_stock_plan_counts_for_two_days(database):
    open_stage(database, {("S1", "A"): 1})
    with database.writing() as connection:
        assert planned_prices(connection, CALLER.tenant_id, now=NOW) is None
        plan_stock(connection, ("S1", "A", 7), at=NOW)
        planned = planned_prices(connection, CALLER.tenant_id, now=NOW + OLDEST_PLAN_S - 1)
        assert planned is not None
        assert planned.rows() == [("S1", "A", 7)]
        assert planned_prices(connection, CALLER.tenant_id, now=NOW + OLDEST_PLAN_S) is None
        assert scarcity_prices(connection, CALLER.tenant_id, now=NOW + OLDEST_PLAN_S) is None


def test_a_stock_plan_without_prices_says_nothing(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "A"): 100}, sites=TWO_SITES)
    with database.writing() as connection:
        plan_stock(connection)
        planned = planned_prices(connection, CALLER.tenant_id, now=NOW)
        assert planned is not None
        assert planned.rows() == []
        assert sites_of(connection) == ("allocated", ("S1",))
