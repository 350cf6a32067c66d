"""Orders that wait for their release change sites where that pays, all that depend on one another or none."""

import json

from sqlalchemy import select

from doorstep.operations.fulfil import release_wave, reoptimise_orders
from doorstep.operations.fulfil.reoptimising import decide_moves, load_unreleased, store_moves
from doorstep.operations.orders import cancel_order
from doorstep.operations.stock import adjust_stock
from doorstep.storage import ledger
from doorstep.storage.check import check_books
from doorstep.storage.schema.fulfilment import decisions
from doorstep.storage.schema.ledger import PICK
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import allocated, open_stage, shipments_in, state_of, steps_of
from tests.operations.fulfil.test_races import at_once
from tests.operations.shops import TWO_SITES, shelf
from tests.small import CHICAGO, table

BESIDE_S1, BETWEEN = 41.01, 41.08
SCARCE = {("S1", "A"): 1, ("S2", "A"): 9}


def open_crossed(database, **tables):
    """Open the stores with an order between them that has the last unit of S1; one beside S1 waits for it at S2."""
    open_stage(database, SCARCE, **tables)
    with database.writing() as connection:
        return allocated(connection, lat=BETWEEN), allocated(connection, lat=BESIDE_S1)


def sites(connection, order_id):
    return [h.place.site_id for h in ledger.holdings(connection, [order_id]) if h.place.kind != PICK]


def reoptimised(connection, threshold_minor=50):
    return reoptimise_orders(connection, CALLER, now=NOW, threshold_minor=threshold_minor)


def test_two_orders_swap_their_sites_where_that_saves_more_than_the_threshold(database):
    between, beside = open_crossed(database)
    with database.writing() as connection:
        assert (sites(connection, between), sites(connection, beside)) == (["S1"], ["S2"])
        moved = {order.order_id: order for order in reoptimised(connection)}
        assert (moved[between].sites, moved[beside].sites) == (("S2",), ("S1",))
        assert moved[between].gain_minor < 0 < moved[between].gain_minor + moved[beside].gain_minor
        assert (sites(connection, between), sites(connection, beside)) == (["S2"], ["S1"])
        assert (shelf(connection, "S1", "A").reserved, shelf(connection, "S2", "A").reserved) == (1, 1)
        assert [len(shipments_in(connection, order, "planned")) for order in (between, beside)] == [1, 1]
    with database.reading() as connection:
        assert steps_of(connection, between) == ["create", "allocate", "reroute", "allocate"]


def test_a_move_says_what_it_saves_and_leaves_the_window_as_it_is(database):
    between, _ = open_crossed(database)
    with database.writing() as connection:
        window = select(orders.c.window_start_at, orders.c.window_end_at).where(orders.c.order_id == between)
        promised = connection.execute(window).one()
        saved = sum(order.gain_minor for order in reoptimised(connection))
        latest = select(decisions).where(decisions.c.order_id == between).order_by(decisions.c.decision_id.desc())
        row = connection.execute(latest.limit(1)).one()
        assert connection.execute(window).one() == promised
    (chosen,) = [each for each in json.loads(row.alternatives) if each["chosen"]]
    assert (row.question, chosen["site_id"]) == ("site", "S2")
    assert chosen["why"].endswith(f"together they save {saved}.")


def test_nothing_moves_for_less_than_the_threshold(database):
    between, beside = open_crossed(database)
    with database.writing() as connection:
        assert reoptimised(connection, threshold_minor=5_000) == []
        assert (sites(connection, between), sites(connection, beside)) == (["S1"], ["S2"])


def test_looking_again_changes_nothing(database):
    open_crossed(database)
    with database.writing() as connection:
        assert len(reoptimised(connection)) == 2
        assert reoptimised(connection) == []


def test_where_nothing_waits_there_is_nothing_to_move(database):
    open_stage(database, SCARCE)
    with database.writing() as connection:
        assert reoptimised(connection) == []


def test_released_orders_stay(database):
    between, beside = open_crossed(database)
    with database.writing() as connection:
        release_wave(connection, CALLER, now=NOW, everything=True)
        assert reoptimised(connection) == []
        assert (sites(connection, between), sites(connection, beside)) == (["S1"], ["S2"])


def test_an_order_of_which_a_part_is_being_picked_stays_whole(database):
    open_stage(database, {**SCARCE, ("S2", "B"): 1})
    with database.writing() as connection:
        split = allocated(connection, ("A", 1), ("B", 1), lat=BETWEEN)
        release_wave(connection, CALLER, site_id="S2", now=NOW, everything=True)
        adjust_stock(connection, CALLER, site_id="S1", product_id="B", units=1, kind="receive", reason="", now=NOW)
        before = sites(connection, split)
        assert reoptimised(connection) == []
        assert sites(connection, split) == before


def test_pick_hours_move_with_the_units(database):
    limits = table(
        "site_id kind lat lon time_zone pick_lines_per_day",
        ("S1", "store", 41.0, -87.0, CHICAGO, 48),
        ("S2", "store", 41.3, -87.0, CHICAGO, 48),
    )
    _, beside = open_crossed(database, sites=limits)
    with database.writing() as connection:
        assert len(reoptimised(connection)) == 2
        hours = [h.place.site_id for h in ledger.holdings(connection, [beside]) if h.place.kind == PICK]
        assert hours == ["S1"]


def test_an_order_that_changed_meanwhile_keeps_both_where_they_are(database):
    between, beside = open_crossed(database)
    with database.writing() as connection:
        case = load_unreleased(connection, CALLER.tenant_id, now=NOW)
        found = decide_moves(case, threshold_minor=50)
        assert [len(move.order_ids) for move in found.moves] == [2]
        cancel_order(connection, CALLER, beside, now=NOW, reason="changed my mind")
        assert store_moves(connection, CALLER, case, found, now=NOW) == []
        assert (sites(connection, between), steps_of(connection, between)) == (["S1"], ["create", "allocate"])


def test_an_order_whose_new_unit_another_takes_meanwhile_stays(database):
    _, beside = open_crossed(database)
    with database.writing() as connection:
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=1, kind="receive", reason="", now=NOW)
        case = load_unreleased(connection, CALLER.tenant_id, now=NOW)
        found = decide_moves(case, threshold_minor=50)
        assert [move.order_ids for move in found.moves] == [(beside,)]
        allocated(connection, lat=BESIDE_S1)
        assert store_moves(connection, CALLER, case, found, now=NOW) == []
        assert sites(connection, beside) == ["S2"]


def test_beside_a_wave_that_is_released_every_order_is_picked_where_its_units_are(database):
    pair = open_crossed(database, sites=TWO_SITES)
    at_once(
        database,
        reoptimised,
        lambda connection: release_wave(connection, CALLER, now=NOW, everything=True),
    )
    with database.writing() as connection:
        release_wave(connection, CALLER, now=NOW, everything=True)
        assert check_books(connection) == []
        assert [state_of(connection, order_id) for order_id in pair] == ["preparing", "preparing"]
        assert sorted(site for order_id in pair for site in sites(connection, order_id)) == ["S1", "S2"]
        assert [len(shipments_in(connection, order_id, "picking")) for order_id in pair] == [1, 1]
