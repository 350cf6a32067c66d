"""The worker looks again at orders that are not yet picked, as often as it is told to."""

from doorstep.storage import ledger
from doorstep.storage.check import check_books
from doorstep.worker.periodic import reoptimising
from tests.databases import NOW
from tests.operations.fulfil.stage import allocated, open_stage, placed
from tests.worker.working import BOUND_S, Clock, worker_on


def test_orders_that_are_not_yet_picked_change_sites_without_being_asked(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "A"): 9})
    with database.writing() as connection:
        between, beside = allocated(connection, lat=41.08), allocated(connection, lat=41.01)
    clock = Clock(NOW + 60)
    worker = worker_on(database, clock, periodic=(reoptimising(period_s=300, threshold_minor=50),))
    for _ in range(2):
        worker.drain(BOUND_S)
        clock.now += 301
    with database.reading() as connection:
        held = [ledger.holdings(connection, [order_id]) for order_id in (between, beside)]
        assert [[h.place.site_id for h in mine] for mine in held] == [["S2"], ["S1"]]
        assert check_books(connection) == []


def test_where_no_order_waits_for_its_release_nothing_is_looked_at(database):
    open_stage(database)
    with database.writing() as connection:
        placed(connection)
    often = reoptimising(period_s=300, threshold_minor=50)
    with database.reading() as connection:
        assert often.wanted(connection, NOW) == []
