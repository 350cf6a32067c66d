"""The stock ledger against a dictionary, and its rules one by one, on both databases."""

from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from doorstep.foundation import ConflictError
from doorstep.storage import Connection, Database, ledger
from doorstep.storage.ledger import CLAIMED, Holding, Place, Want
from doorstep.storage.schema.ledger import PICK, STOCK, ledger_entries, positions, reservations
from tests.databases import CALLER, NOW
from tests.trials import trials

TENANT = CALLER.tenant_id
MILK = Place(STOCK, "S1", "milk")
EGGS = Place(STOCK, "S2", "eggs")
HOUR = Place(PICK, "S1", "3600")


def stocked(connection: Connection, **units: int) -> dict[Place, int]:
    """Receive units of places named in lower case and return the ids of their positions."""
    places = {"milk": MILK, "eggs": EGGS, "hour": HOUR}
    deltas = {places[name]: quantity for name, quantity in units.items()}
    ledger.change_on_hand(connection, TENANT, deltas, "receive", "test", now=NOW)
    return {place: p.position_id for place, p in ledger.find(connection, TENANT, deltas).items()}


def standing(connection: Connection, place: Place) -> tuple[int, int]:
    """Return what is on hand and what of it is reserved."""
    position = ledger.find(connection, TENANT, [place])[place]
    return position.on_hand, position.reserved


def assert_folds(connection: Connection) -> None:
    """Every position is the sum of its entries, and its reserved quantity that of its held reservations."""
    entered = select(
        ledger_entries.c.position_id,
        func.sum(ledger_entries.c.on_hand_delta).label("there"),
        func.sum(ledger_entries.c.reserved_delta).label("spoken"),
        func.sum(ledger_entries.c.safety_delta).label("kept"),
    ).group_by(ledger_entries.c.position_id)
    held = (
        select(reservations.c.position_id, func.sum(reservations.c.quantity).label("units"))
        .where(reservations.c.state == "held")
        .group_by(reservations.c.position_id)
    )
    sums = {r.position_id: (int(r.there), int(r.spoken), int(r.kept)) for r in connection.execute(entered)}
    spoken = {r.position_id: int(r.units) for r in connection.execute(held)}
    for row in connection.execute(select(positions)):
        assert sums.get(row.position_id, (0, 0, 0)) == (row.on_hand, row.reserved, row.safety)
        assert spoken.get(row.position_id, 0) == row.reserved


def test_an_order_gets_everything_or_nothing(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=5, eggs=1)
        wants = [Want("o1", 1, ids[MILK], 3), Want("o1", 2, ids[EGGS], 2)]
        assert not ledger.reserve(connection, TENANT, wants, now=NOW)
        assert standing(connection, MILK) == (5, 0)
        assert ledger.holdings(connection, ["o1"]) == []
        assert ledger.reserve(connection, TENANT, [wants[0], Want("o1", 2, ids[EGGS], 1)], now=NOW)
        assert standing(connection, MILK) == (5, 3)
        assert_folds(connection)


def test_the_same_product_on_two_lines_counts_twice(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=5)
        twice = [Want("o1", 1, ids[MILK], 3), Want("o1", 2, ids[MILK], 3)]
        assert not ledger.reserve(connection, TENANT, twice, now=NOW)
        assert ledger.reserve(connection, TENANT, [twice[0], Want("o1", 2, ids[MILK], 2)], now=NOW)
        assert standing(connection, MILK) == (5, 5)
        assert [h.quantity for h in ledger.holdings(connection, ["o1"])] == [3, 2]
        assert_folds(connection)


def test_claimed_units_leave_the_shelf_and_released_ones_stay(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=5, hour=9)
        ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], 2), Want("o1", 0, ids[HOUR], 1)], now=NOW)
        ledger.reserve(connection, TENANT, [Want("o2", 1, ids[MILK], 1)], now=NOW)
        ledger.claim(connection, TENANT, ledger.holdings(connection, ["o1"]), "s1", now=NOW)
        ledger.end(connection, TENANT, ledger.holdings(connection, ["o2"]), now=NOW)
        assert standing(connection, MILK) == (3, 0)
        assert standing(connection, HOUR) == (8, 0)  # capacity that was used does not come back
        assert_folds(connection)


def test_nothing_ends_twice(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=5)
        ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], 2)], now=NOW)
        held = ledger.holdings(connection, ["o1"])
        ledger.end(connection, TENANT, held, now=NOW)
        with pytest.raises(ConflictError, match="changed meanwhile"):
            ledger.claim(connection, TENANT, held, "s1", now=NOW)
        assert standing(connection, MILK) == (5, 0)


def test_what_left_with_one_shipment_is_not_forgotten_when_another_takes_more_from_the_same_shelf(
    database: Database,
) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=9)
        for shipment, units in (("s1", 3), ("s2", 2)):
            ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], units)], now=NOW)
            ledger.claim(connection, TENANT, ledger.holdings(connection, ["o1"]), shipment, now=NOW)
        gone = ledger.holdings(connection, ["o1"], CLAIMED)
        assert [(h.taken_by, h.quantity) for h in gone] == [("s1", 3), ("s2", 2)]
        assert standing(connection, MILK) == (4, 0)
        ledger.forget_claims(connection, gone[:1])
        assert ledger.holdings(connection, ["o1"], CLAIMED) == gone[1:]
        with pytest.raises(ConflictError, match="changed meanwhile"):
            ledger.forget_claims(connection, gone[:1])
        assert_folds(connection)


def test_a_move_between_sites_happens_whole_or_not_at_all(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=2, eggs=1)
        ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], 2)], now=NOW)
        held = ledger.holdings(connection, ["o1"])
        assert not ledger.move(connection, TENANT, held, [Want("o1", 1, ids[EGGS], 2)], now=NOW)
        assert standing(connection, MILK) == (2, 2)
        assert ledger.move(connection, TENANT, held, [Want("o1", 1, ids[EGGS], 1)], now=NOW)
        assert (standing(connection, MILK), standing(connection, EGGS)) == ((2, 0), (1, 1))
        back = ledger.holdings(connection, ["o1"])
        assert ledger.move(connection, TENANT, back, [Want("o1", 1, ids[MILK], 2)], now=NOW)
        assert standing(connection, MILK) == (2, 2)
        assert_folds(connection)


def test_what_is_reserved_cannot_be_taken_off_the_books(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=5)
        ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], 4)], now=NOW)
        with pytest.raises(ConflictError, match="4 of them reserved"):
            ledger.change_on_hand(connection, TENANT, {MILK: -2}, "adjust", "count", now=NOW)
        ledger.change_on_hand(connection, TENANT, {MILK: -1}, "adjust", "count", now=NOW)
        assert standing(connection, MILK) == (4, 4)


def test_what_is_kept_back_is_promised_to_nobody(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=5, eggs=2)
        assert ledger.keep_back(connection, TENANT, {MILK: 2, EGGS: 2}, "test", now=NOW)[MILK].free == 3
        assert ledger.holders(connection, TENANT, ["milk", "eggs"]) == [MILK]
        both = [Want("o1", 1, ids[MILK], 3), Want("o1", 2, ids[EGGS], 1)]
        assert not ledger.reserve(connection, TENANT, both, now=NOW)
        assert not ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], 4)], now=NOW)
        assert ledger.reserve(connection, TENANT, both[:1], now=NOW)
        assert not ledger.reserve(connection, TENANT, [Want("o2", 1, ids[MILK], 1)], now=NOW)
        assert_folds(connection)


def test_a_count_may_eat_into_what_is_kept_back_and_takes_nothing_from_orders(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=5)
        ledger.keep_back(connection, TENANT, {MILK: 2}, "test", now=NOW)
        ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], 3)], now=NOW)
        ledger.change_on_hand(connection, TENANT, {MILK: -2}, "adjust", "count", now=NOW)
        position = ledger.find(connection, TENANT, [MILK])[MILK]
        assert position[1:] == (3, 3, 2)
        assert (position.spare, position.free) == (0, 0)
        ledger.change_on_hand(connection, TENANT, {MILK: 3}, "receive", "", now=NOW)
        assert ledger.find(connection, TENANT, [MILK])[MILK].free == 1
        assert_folds(connection)


def test_an_order_that_holds_what_is_now_kept_back_may_keep_a_part_of_it_but_take_no_more(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=3, eggs=3)
        ledger.reserve(connection, TENANT, [Want("o1", 1, ids[MILK], 3)], now=NOW)
        ledger.keep_back(connection, TENANT, {MILK: 9}, "test", now=NOW)
        held = ledger.holdings(connection, ["o1"])
        part = [Want("o1", 1, ids[MILK], 2), Want("o1", 1, ids[EGGS], 1)]
        assert ledger.move(connection, TENANT, held, part, now=NOW)
        held = ledger.holdings(connection, ["o1"])
        assert not ledger.move(connection, TENANT, held, [Want("o1", 1, ids[MILK], 3)], now=NOW)
        assert (standing(connection, MILK), standing(connection, EGGS)) == ((3, 2), (3, 1))
        assert_folds(connection)


def test_overdue_reservations_are_found_longest_overdue_first(database: Database) -> None:
    with database.writing() as connection:
        ids = stocked(connection, milk=9)
        for holder, expires_at in (("late", NOW - 5), ("later", NOW - 9), ("due", NOW), ("not yet", NOW + 1)):
            ledger.reserve(connection, TENANT, [Want(holder, 1, ids[MILK], 1, expires_at)], now=NOW)
        ledger.reserve(connection, TENANT, [Want("paid", 1, ids[MILK], 1)], now=NOW)
        assert ledger.overdue(connection, now=NOW, limit=9) == ["later", "late", "due"]
        ledger.keep(connection, "late")
        assert ledger.overdue(connection, now=NOW, limit=9) == ["later", "due"]


def test_two_tenants_never_see_each_others_stock(database: Database) -> None:
    with database.writing() as connection:
        stocked(connection, milk=5)
        assert ledger.find(connection, "ten_other", [MILK]) == {}
        assert ledger.holders(connection, "ten_other", ["milk"]) == []


class LedgerMachine(RuleBasedStateMachine):
    """Any sequence of reservations, ends and adjustments leaves the ledger where a dictionary says."""

    database: Database
    holders = Bundle("holders")

    def __init__(self) -> None:
        super().__init__()
        self.on_hand: dict[Place, int] = {}
        self.safety: dict[Place, int] = {}
        self.held: dict[str, dict[tuple[int, Place], int]] = {}
        self.claimed: dict[str, dict[str, dict[tuple[int, Place], int]]] = {}
        self.ids: dict[Place, int] = {}
        self.number = 0

    @initialize(milk=st.integers(0, 6), eggs=st.integers(0, 6))
    def receive(self, milk: int, eggs: int) -> None:
        with self.database.writing() as connection:
            for table in (reservations, ledger_entries, positions):
                connection.execute(table.delete())
            self.ids = stocked(connection, milk=milk, eggs=eggs)
        self.on_hand = {MILK: milk, EGGS: eggs}
        self.safety = {MILK: 0, EGGS: 0}

    def free(self, place: Place) -> int:
        return max(0, self.spare(place) - self.safety[place])

    def spare(self, place: Place) -> int:
        return self.on_hand[place] - sum(q for lines in self.held.values() for (_, p), q in lines.items() if p == place)

    @rule(
        target=holders,
        lines=st.lists(st.tuples(st.sampled_from([MILK, EGGS]), st.integers(1, 3)), min_size=1, max_size=4),
    )
    def reserve(self, lines: list[tuple[Place, int]]) -> str:
        self.number += 1
        holder = f"o{self.number}"
        wants = [Want(holder, n, self.ids[place], units) for n, (place, units) in enumerate(lines, 1)]
        fits = all(sum(u for p, u in lines if p == place) <= self.free(place) for place in (MILK, EGGS))
        with self.database.writing() as connection:
            assert ledger.reserve(connection, TENANT, wants, now=NOW) == fits
        self.held[holder] = {(n, place): units for n, (place, units) in enumerate(lines, 1)} if fits else {}
        return holder

    def holding(self, holder: str) -> list[Holding]:
        return [
            Holding(holder, n, self.ids[place], units, place) for (n, place), units in sorted(self.held[holder].items())
        ]

    @rule(holder=holders, place=st.sampled_from([MILK, EGGS]), units=st.integers(1, 2))
    def reserve_more_for_the_first_line(self, holder: str, place: Place, units: int) -> None:
        fits = units <= self.free(place)
        with self.database.writing() as connection:
            assert ledger.reserve(connection, TENANT, [Want(holder, 1, self.ids[place], units)], now=NOW) == fits
        if fits:
            mine = self.held[holder]
            mine[1, place] = mine.get((1, place), 0) + units

    @rule(holder=holders, kind=st.sampled_from(["release", "expire"]))
    def end(self, holder: str, kind: Literal["release", "expire"]) -> None:
        with self.database.writing() as connection:
            held = ledger.holdings(connection, [holder])
            assert sorted(held) == sorted(self.holding(holder))
            ledger.end(connection, TENANT, held, kind, now=NOW)
        self.held[holder] = {}

    @rule(holder=holders)
    def claim(self, holder: str) -> None:
        self.number += 1
        with self.database.writing() as connection:
            ledger.claim(connection, TENANT, self.holding(holder), f"s{self.number}", now=NOW)
        for (_, place), units in self.held[holder].items():
            self.on_hand[place] -= units
        self.claimed.setdefault(holder, {})[f"s{self.number}"] = self.held[holder]
        self.held[holder] = {}

    @rule(holder=holders)
    def put_a_shipment_back(self, holder: str) -> None:
        shipment, lines = self.claimed.get(holder, {}).popitem() if self.claimed.get(holder) else ("", {})
        with self.database.writing() as connection:
            gone = [h for h in ledger.holdings(connection, [holder], CLAIMED) if h.taken_by == shipment]
            assert {(h.line_no, h.place): h.quantity for h in gone} == lines
            ledger.forget_claims(connection, gone)
            for (_, place), units in lines.items():
                ledger.change_on_hand(connection, TENANT, {place: units}, "restock", shipment, now=NOW)
                self.on_hand[place] += units

    @rule(holder=holders)
    def move_to_the_other_site(self, holder: str) -> None:
        if not self.held.get(holder):
            return
        swap = {MILK: EGGS, EGGS: MILK}
        moved: dict[tuple[int, Place], int] = {}
        for (n, place), quantity in self.held[holder].items():
            moved[n, swap[place]] = quantity
        kept = self.held.pop(holder)
        units = {place: sum(u for (_, p), u in moved.items() if p == place) for place in swap}
        back = {place: sum(u for (_, p), u in kept.items() if p == place) for place in swap}
        fits = all(units[place] <= max(self.free(place), back[place]) for place in swap)
        self.held[holder] = kept
        wants = [Want(holder, n, self.ids[place], quantity) for (n, place), quantity in moved.items()]
        with self.database.writing() as connection:
            assert ledger.move(connection, TENANT, self.holding(holder), wants, now=NOW) == fits
        if fits:
            self.held[holder] = moved

    @rule(place=st.sampled_from([MILK, EGGS]), delta=st.integers(-3, 3))
    def adjust(self, place: Place, delta: int) -> None:
        possible = self.spare(place) + delta >= 0
        with self.database.writing() as connection:
            try:
                ledger.change_on_hand(connection, TENANT, {place: delta}, "adjust", "count", now=NOW)
            except ConflictError:
                assert not possible
                return
        assert possible
        self.on_hand[place] += delta

    @rule(place=st.sampled_from([MILK, EGGS]), units=st.integers(0, 4))
    def keep_back(self, place: Place, units: int) -> None:
        with self.database.writing() as connection:
            kept = ledger.keep_back(connection, TENANT, {place: units}, "test", now=NOW)
        self.safety[place] = units
        assert kept[place].free == self.free(place)

    @invariant()
    def agrees(self) -> None:
        if not self.ids:
            return
        with self.database.reading() as connection:
            assert_folds(connection)
            for place, there in self.on_hand.items():
                position = ledger.find(connection, TENANT, [place])[place]
                assert position[1:] == (there, there - self.spare(place), self.safety[place])
                assert position.free == self.free(place)


def test_the_ledger_agrees_with_a_dictionary(database: Database) -> None:
    class Machine(LedgerMachine):
        pass

    Machine.database = database
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Machine, settings=settings(max_examples=trials(25), stateful_step_count=20))
