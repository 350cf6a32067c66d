"""Live decisions look ahead: a scarce unit is kept for whoever needs it most, and nobody is refused for it."""

import json

from sqlalchemy import select

from doorstep.operations.fulfil import route_orders
from doorstep.operations.fulfil.foreseen import FORESEE, foreseen_prices
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
