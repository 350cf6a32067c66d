"""Shares, rows of ids and group starts, exactly."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.foundation.arrays import index_of, ints, ints_or, one_layout, share_exactly, starts_of
from doorstep.foundation.units import distance_cost_minor, rounded_ratio, time_cost_minor


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (10, [1, 1, 1], [4, 3, 3]),  # 3 1/3 each; the odd unit goes to the first of equal remainders
        (10, [1, 2, 3], [2, 3, 5]),  # 1 2/3, 3 1/3, 5: the largest remainder gets the odd unit
        (7, [0, 0], [4, 3]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (0, [5, 1], [0, 0]),
        (5, [3], [5]),
        (1, [0, 1, 0], [0, 1, 0]),
    ],
)
def test_a_total_is_shared_by_largest_remainders(total, weights, shares):
    assert share_exactly(total, weights).tolist() == shares


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**7), min_size=1, max_size=12))
def test_shares_add_up_and_none_is_a_unit_off_its_exact_value(total, weights):
    shares = share_exactly(total, weights)
    assert int(shares.sum()) == total
    even = weights if any(weights) else [1] * len(weights)
    for share, weight in zip(shares.tolist(), even, strict=True):
        assert abs(share * sum(even) - total * weight) < sum(even)


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_no_weights_or_a_negative_one_are_refused(weights):
    with pytest.raises(InputError, match="one or more non-negative integers"):
        share_exactly(3, weights)


def test_ids_become_rows_of_their_universe_in_their_own_order():
    rows = index_of(pl.Series(["c", "a", "c"]), pl.Series(["a", "b", "c"]), what="site_id")
    assert rows.tolist() == [2, 0, 2]
    assert rows.dtype == np.int64


def test_the_message_lists_at_most_five_missing_ids_once_each():
    ids = pl.Series(["z9", "z1", "z1", "z5", "z4", "z3", "z2", "a"])
    with pytest.raises(InputError) as caught:
        index_of(ids, pl.Series(["a"]), what="order_id")
    assert str(caught.value) == "order_id ['z1', 'z2', 'z3', 'z4', 'z5'] not found among 1 known ones."


def test_ids_of_an_empty_column_are_no_rows():
    assert index_of(pl.Series([], dtype=pl.String), pl.Series(["a"]), what="order_id").tolist() == []


def test_groups_without_members_start_where_the_next_one_does():
    assert starts_of(np.array([0, 0, 2, 2, 2]), 4).tolist() == [0, 2, 2, 5, 5]


def test_columns_of_tables_come_to_kernels_in_one_layout():
    column = ints(pl.Series([1, 2, 3]))
    column.flags.writeable = False
    found = [one_layout(array) for array in (column, np.arange(6)[::2], np.arange(3).astype(np.int64, order="F"))]
    assert all(array.flags.c_contiguous and array.flags.writeable and array.dtype == np.int64 for array in found)
    assert [array.tolist() for array in found] == [[1, 2, 3], [0, 2, 4], [0, 1, 2]]


def test_an_array_of_that_layout_is_not_copied():
    array = np.arange(3)
    assert one_layout(array) is array


def test_nulls_take_the_default_and_nothing_else_does():
    assert ints_or(pl.Series([1, None, 0]), 7).tolist() == [1, 7, 0]
    assert ints(pl.Series([3, 4], dtype=pl.Int16)).dtype == np.int64


@pytest.mark.parametrize(
    ("numerator", "denominator", "ratio"),
    [(5, 2, 3), (4, 3, 1), (-5, 2, -2), (-7, 2, -3), (0, 9, 0), (10**18 + 1, 2, 5 * 10**17 + 1)],
)
def test_ratios_are_rounded_half_up_in_exact_integers(numerator, denominator, ratio):
    assert rounded_ratio(numerator, denominator) == ratio


def test_distances_and_durations_are_priced_half_up():
    assert distance_cost_minor(1_250, 50) == 63  # 62.5
    assert time_cost_minor(61, 1_800) == 31  # 30.5
