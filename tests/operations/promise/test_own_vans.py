"""A slot on the own fleet costs what its door adds to standing routes; without routes, what a drop usually costs."""

import polars as pl
from sqlalchemy import select

from doorstep.domain.new_order import NewOrder
from doorstep.operations.bring import dispatch_route, plan_routes, replan
from doorstep.operations.bring.standing import standing_routes
from doorstep.operations.fulfil.trial import free_units, try_order
from doorstep.operations.intake.network import live_network
from doorstep.operations.orders import cancel_order
from doorstep.operations.promise.costs import earnings_of
from doorstep.operations.promise.offers import offers_for
from doorstep.operations.promise.own_vans import OwnVan, own_vans_of
from doorstep.storage import Connection, Database
from doorstep.storage.schema.fulfilment import deliveries
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, VANS, open_stage, ready
from tests.operations.shops import ordering

ASKED_AT = NOW + 120


def vans(*, count: int = 1, max_parcels: int | None = None, max_reloads: int = 0) -> pl.DataFrame:
    """Return the vans of S1, each of which costs 4,000 for a day."""
    here = VANS.filter(VANS["site_id"] == "S1")
    return here.with_columns(
        count=pl.lit(count, pl.Int64),
        fixed_cost_minor=pl.lit(4_000, pl.Int64),
        max_parcels=pl.lit(max_parcels, pl.Int64),
        max_reloads=pl.lit(max_reloads, pl.Int64),
    )


def planned(connection: Connection, *, doors: int = 3) -> tuple[str, ...]:
    """Bring orders of a street at S1 to the dock, plan their route, and return it."""
    for n in range(doors):
        ready(connection, ("A", 1), lat=41.01 + n / 500)
    return plan_routes(connection, CALLER, now=NOW + 60, iterations=50).routes


def asked(connection: Connection, order: NewOrder | None = None, *, now: int = ASKED_AT) -> dict[str, OwnVan | None]:
    """Return the own van of every service level for a basket, by default one to the street."""
    order = order or ordering(("A", 1), lat=41.011)
    network = live_network(connection, CALLER.tenant_id)
    offered = offers_for(connection, CALLER, order, at=now, now=now)
    earned = earnings_of(connection, CALLER.tenant_id, network, order, offered, now=now)
    found = own_vans_of(connection, CALLER.tenant_id, network, order, offered, earned, now=now)
    return dict(zip([one.service_level_id for one in offered], found, strict=True))


def marginal(van: OwnVan | None) -> int:
    assert van is not None
    assert van.cost_minor is not None
    return van.cost_minor


def test_a_door_beside_a_standing_route_is_quoted_cheaper_than_one_far_from_it(database: Database):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        (route_id,) = planned(connection)
        beside = asked(connection)["next_day"]
        far = asked(connection, ordering(("A", 1), lat=41.0, lon=-87.15))["next_day"]
    assert beside is not None
    assert far is not None
    assert (beside.basis, beside.route_id, beside.feasible) == ("standing_route", route_id, True)
    assert (far.basis, far.route_id) == ("standing_route", route_id)
    assert 0 < marginal(beside) < marginal(far)
    assert marginal(beside) < 4_000  # the van goes anyway


def test_a_full_van_says_what_is_in_the_way(database: Database):
    open_stage(database, vehicles=vans(max_parcels=3))
    with database.writing() as connection:
        planned(connection)
        van = asked(connection)["next_day"]
    assert van == OwnVan(basis="standing_route", cost_minor=None, reason="no vehicle has room for it")
    assert not van.feasible


def test_where_one_van_is_full_another_that_is_at_home_is_priced_whole(database: Database):
    open_stage(database, vehicles=vans(count=2, max_parcels=3))
    with database.writing() as connection:
        planned(connection)
        van = asked(connection)["next_day"]
    assert van is not None
    assert (van.basis, van.route_id) == ("new_route", "")
    assert marginal(van) > 4_000


def test_without_standing_routes_the_drop_cost_that_sites_are_decided_by_is_told_as_an_estimate(database: Database):
    open_stage(database, vehicles=vans())
    order = ordering(("A", 1), lat=41.011)
    with database.writing() as connection:
        van = asked(connection, order)["next_day"]
        free = free_units(connection, CALLER.tenant_id, order.lines)
        decided = try_order(connection, CALLER.tenant_id, order, free, now=ASKED_AT)
    assert van == OwnVan(basis="estimate", cost_minor=decided.own_drops["own_minor"][0])
    assert marginal(van) > 0


def test_a_route_that_has_left_takes_nothing_more(database: Database):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        (route_id,) = planned(connection)
        dispatch_route(connection, CALLER, route_id, now=NOW + 90, driver="D1")
        van = asked(connection)["next_day"]
    assert van is not None
    assert van.basis == "estimate"


def test_who_collects_and_sites_without_vans_have_no_own_van(database: Database):
    open_stage(database, vehicles=VANS.clear(), **COURIER)
    with database.writing() as connection:
        assert asked(connection)["next_day"] is None


def test_the_plan_is_read_once_as_long_as_its_routes_stay(database: Database):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        planned(connection)
    with database.reading() as connection:
        first, again = (standing_routes(connection, CALLER.tenant_id, "S1", now=ASKED_AT) for _ in range(2))
        assert len(first) == 1
        assert first is again
        assert len(first[0].live.plan.routes[0].stops) == 3


def test_a_route_that_was_planned_again_is_read_anew(database: Database):
    open_stage(database, vehicles=vans())
    with database.writing() as connection:
        (route_id,) = planned(connection)
        first = standing_routes(connection, CALLER.tenant_id, "S1", now=ASKED_AT)
        order_id = connection.execute(
            select(deliveries.c.order_id).order_by(deliveries.c.order_id).limit(1)
        ).scalar_one()
        cancel_order(connection, CALLER, order_id, now=NOW + 90, reason="customer_changed_mind")
        replan(connection, CALLER, route_id, now=NOW + 90)
        again = standing_routes(connection, CALLER.tenant_id, "S1", now=ASKED_AT)
    assert [len(found[0].live.plan.routes[0].stops) for found in (first, again)] == [3, 2]
