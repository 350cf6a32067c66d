"""The copy of the stock in memory against the ledger that it follows, on both databases."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from doorstep.operations.intake.network import live_network
from doorstep.operations.intake.shelves import MOST
from doorstep.operations.intake.stock_index import StockIndex, stock_index
from doorstep.operations.promise.offers import offers_for
from doorstep.storage import Connection, Database, ledger
from doorstep.storage.ledger import Place, Want
from doorstep.storage.schema.ledger import STOCK
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering
from tests.storage.test_ledger import EGGS, MILK, LedgerMachine
from tests.trials import trials

TENANT = CALLER.tenant_id
A1, A2 = Place(STOCK, "S1", "A"), Place(STOCK, "S2", "A")


class FollowingMachine(LedgerMachine):
    """Whatever becomes of reservations, a copy that follows agrees with the dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.index = StockIndex(TENANT, ["S1"])

    @initialize()
    def begin_anew(self) -> None:
        self.index = StockIndex(TENANT, ["S1"])

    @invariant()
    def follows(self) -> None:
        if not self.ids:
            return
        with self.database.reading() as connection:
            assert self.index.follow(connection)
        assert self.index.free([MILK, EGGS]) == {place: self.free(place) for place in (MILK, EGGS)}
        holders = {place for place in (MILK, EGGS) if self.free(place) > 0}
        assert set(self.index.holders(["milk", "eggs"])) == holders


def test_a_copy_follows_any_sequence_of_changes(database: Database):
    class Machine(FollowingMachine):
        pass

    Machine.database = database
    run_state_machine_as_test(Machine, settings=settings(max_examples=trials(25), stateful_step_count=20))


@pytest.fixture
def shop(database: Database) -> Database:
    open_shop(database, {("S1", "A"): 5, ("S2", "A"): 7})
    return database


def copied(database: Database, index: StockIndex) -> dict[Place, int] | None:
    """Return what an index says after following once, None if it cannot say anything yet."""
    with database.reading() as connection:
        return index.free([A1, A2]) if index.follow(connection) else None


def take(connection: Connection, place: Place, units: int) -> None:
    position = ledger.find(connection, TENANT, [place])[place].position_id
    assert ledger.reserve(connection, TENANT, [Want("o1", 1, position, units)], now=NOW)


def test_a_transaction_that_commits_after_one_with_higher_numbers_is_seen(shop: Database):
    if shop.dialect == "sqlite":
        pytest.skip("on SQLite one transaction writes at a time.")
    index = StockIndex(TENANT, ["S1", "S2"])
    assert copied(shop, index) == {A1: 5, A2: 7}
    with shop.writing() as slow:
        take(slow, A1, 2)
        with shop.writing() as quick:
            take(quick, A2, 3)
        assert copied(shop, index) == {A1: 5, A2: 4}
        with shop.writing() as quick:
            take(quick, A2, 1)
        assert copied(shop, index) == {A1: 5, A2: 3}
    assert copied(shop, index) == {A1: 3, A2: 3}
    assert copied(shop, index) == {A1: 3, A2: 3}


def test_no_copy_is_made_while_somebody_writes_who_began_before_it(shop: Database):
    if shop.dialect == "sqlite":
        pytest.skip("on SQLite one transaction writes at a time.")
    index = StockIndex(TENANT, ["S1", "S2"])
    with shop.writing() as slow:
        take(slow, A1, 2)
        with shop.writing() as quick:
            take(quick, A2, 3)
        assert copied(shop, index) is None
        assert copied(shop, index) is None
    assert copied(shop, index) == {A1: 3, A2: 4}


def test_what_was_taken_back_never_reaches_the_copy(shop: Database):
    class TakenBackError(Exception):
        pass

    def take_and_look() -> None:
        with shop.writing() as connection:
            take(connection, A1, 2)
            assert stock_index(connection, TENANT, live_network(connection, TENANT)) is None
            raise TakenBackError

    index = StockIndex(TENANT, ["S1", "S2"])
    with pytest.raises(TakenBackError):
        take_and_look()
    assert copied(shop, index) == {A1: 5, A2: 7}
    with shop.writing() as connection:  # on SQLite its entry has the number of the one taken back
        take(connection, A1, 1)
    assert copied(shop, index) == {A1: 4, A2: 7}


def test_options_see_stock_as_soon_as_it_has_come(shop: Database):
    order = replace(ordering(("A", 13)), service_level_id="")
    for units, feasible in ((0, False), (1, True), (2 * MOST, True)):
        with shop.writing() as connection:
            ledger.change_on_hand(connection, TENANT, {A1: units}, "receive", "test", now=NOW)
        with shop.reading() as connection:
            offered = offers_for(connection, CALLER, order, at=NOW, now=NOW)
        assert any(one.refusal is None for one in offered) is feasible


def test_more_than_can_be_told_apart_is_left_to_the_ledger(shop: Database):
    with shop.writing() as connection:
        ledger.change_on_hand(connection, TENANT, {A1: 2 * MOST}, "receive", "test", now=NOW)
    assert copied(shop, StockIndex(TENANT, ["S1"])) == {A2: 7}
