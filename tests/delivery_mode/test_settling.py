"""Daily limits of carriers shared out by regret."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delivery_mode import settle_carriers
from doorstep.delivery_mode.rate_card import NO_LIMIT
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from tests.trials import trials

NO = int(IMPOSSIBLE)


def settled(cost, limit, *, units=None, day=None):
    table = np.array(cost, dtype=np.int64)
    return settle_carriers(
        table,
        np.array(units, dtype=np.int64) if units else np.ones_like(table),
        np.array(day, dtype=np.int64) if day else np.zeros_like(table),
        np.array(limit, dtype=np.int64),
    ).tolist()


def test_without_a_limit_everyone_takes_the_cheapest():
    assert settled([[300, 200], [100, 100], [NO, 400], [NO, NO]], [NO_LIMIT, NO_LIMIT]) == [1, 0, 1, -1]


def test_who_would_lose_most_by_waiting_chooses_first():
    """Carrier 0 takes one: the second drop saves 500 by it, the others 100 and 300."""
    assert settled([[200, 300], [200, 700], [200, 500]], [1, 9]) == [1, 0, 1]


def test_a_drop_with_one_carrier_only_comes_before_all_others():
    assert settled([[100, 900], [100, NO]], [1, 9]) == [1, 0]


def test_a_drop_that_finds_no_room_is_left_out():
    assert settled([[100, NO], [100, 500], [100, NO]], [1, 9]) == [0, 1, -1]


def test_limits_count_days_apart():
    assert settled([[100], [100]], [1], day=[[0], [1]]) == [0, 0]


def test_limits_count_units():
    assert settled([[100, 500], [100, 400]], [2, 9], units=[[3, 3], [2, 2]]) == [1, 0]


def test_nobody_to_choose_from_leaves_every_drop_out():
    none = np.empty((2, 0), np.int64)
    assert settle_carriers(none, none, none, np.empty(0, np.int64)).tolist() == [-1, -1]


tables = st.integers(1, 4).flatmap(
    lambda c: st.lists(st.lists(st.integers(1, 9) | st.just(NO), min_size=c, max_size=c), min_size=1, max_size=8)
)


@given(tables, st.data())
@settings(max_examples=trials(80))
def test_no_limit_is_passed_and_nobody_stays_out_while_a_carrier_has_room(cost, data):
    carriers = len(cost[0])
    limit = data.draw(st.lists(st.integers(0, 3), min_size=carriers, max_size=carriers))
    choice = settled(cost, limit)
    used = [choice.count(c) for c in range(carriers)]
    assert all(u <= most for u, most in zip(used, limit, strict=True))
    for row, chosen in zip(cost, choice, strict=True):
        assert chosen < 0 or row[chosen] < NO
        assert chosen >= 0 or all(row[c] >= NO or used[c] == limit[c] for c in range(carriers))
