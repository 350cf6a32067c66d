"""The worker keeps the books of money, and leaves them alone where nothing has happened."""

from sqlalchemy import func, select

from doorstep.storage.schema.money import money_entries
from doorstep.worker import PERIODIC
from doorstep.worker.handlers import KEEP_BOOKS
from tests.databases import Furnished
from tests.operations.money.market import CALL_AT, balances, furnish
from tests.worker.working import BOUND_S, Clock, worker_on


def test_what_moves_money_is_posted_within_seconds_once(furnished: Furnished):
    with furnished(furnish) as database:
        clock = Clock(CALL_AT + 3_600)
        (mine,) = (one for one in PERIODIC if one.kind == KEEP_BOOKS)
        counts = []
        for _ in range(2):
            clock.now += 10
            assert worker_on(database, clock, periodic=(mine,)).drain(BOUND_S)
            with database.reading() as connection:
                counts.append(connection.execute(select(func.count()).select_from(money_entries)).scalar_one())
                assert balances(connection)["carrier"] == 4_400
        assert counts[0] == counts[1]
