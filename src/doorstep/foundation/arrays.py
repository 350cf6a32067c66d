"""Array names used across the house, and the few array operations that several rooms need."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from doorstep.foundation.errors import InputError

Ints: TypeAlias = npt.NDArray[np.int64]
SmallInts: TypeAlias = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]


def index_of(ids: pl.Series, universe: pl.Series, *, what: str) -> Ints:
    """Return the row of each id in ``universe``.

    Raises
    ------
    InputError
        If an id is not in the universe; the message lists up to five of them.
    """
    numbered = pl.DataFrame({"id": universe, "row": np.arange(universe.len(), dtype=np.int64)})
    rows = ids.rename("id").to_frame().join(numbered, on="id", how="left", maintain_order="left")["row"]
    if rows.null_count():
        missing = ids.filter(rows.is_null()).unique().sort().head(5).to_list()
        raise InputError(f"{what} {missing} not found among {universe.len()} known ones.")
    return ints(rows)


def ints(series: pl.Series) -> Ints:
    """Return a column without nulls as int64."""
    return series.cast(pl.Int64).to_numpy().astype(np.int64, copy=False)


def ints_or(series: pl.Series, default: int) -> Ints:
    """Return a column as int64, nulls replaced."""
    return ints(series.cast(pl.Int64).fill_null(default))


def floats(series: pl.Series) -> Floats:
    """Return a column without nulls as float64."""
    return series.cast(pl.Float64).to_numpy().astype(np.float64, copy=False)


def one_layout(array: Ints) -> Ints:
    """Return the array itself if it is contiguous and writable int64, else such a copy.

    Kernels are compiled once for every layout they meet, and a column of a table is now and then read-only.
    """
    return np.require(array, dtype=np.int64, requirements=["C", "W"])


def starts_of(sorted_groups: Ints, groups: int) -> Ints:
    """Return where each of ``groups`` consecutive groups starts in a sorted column, with the end appended (G + 1,)."""
    return np.searchsorted(sorted_groups, np.arange(groups + 1)).astype(np.int64)


def next_true(flags: Bools) -> Ints:
    """Return the first true place at or after each place of the last axis (..., D) and its end (..., D + 1), else D."""
    places = np.arange(flags.shape[-1] + 1, dtype=np.int64)
    ended = np.concatenate([flags, np.ones((*flags.shape[:-1], 1), dtype=np.bool_)], axis=-1)
    return np.minimum.accumulate(np.where(ended, places, places[-1])[..., ::-1], axis=-1)[..., ::-1]


def share_exactly(total: int, weights: Sequence[int] | Ints) -> Ints:
    """Return whole shares of ``total`` in proportion to ``weights`` that add up to it exactly.

    Largest remainders get the odd units; ties go to the earlier place. Weights that are all zero share equally.

    Parameters
    ----------
    total
        What is shared; may be negative.
    weights : (N,)
        Non-negative weights, N >= 1.

    Returns
    -------
    (N,)
        Shares whose sum is ``total``.
    """
    weight = np.asarray(weights, dtype=np.int64)
    if not weight.size or (weight < 0).any():
        raise InputError(f"weights {weight.tolist()} must be one or more non-negative integers.")
    if not weight.any():
        weight = np.ones_like(weight)
    sign, amount = (-1, -int(total)) if total < 0 else (1, int(total))
    exact = [amount * int(w) for w in weight]
    whole = int(weight.sum())
    share = np.array([e // whole for e in exact], dtype=np.int64)
    remainder = np.array([e % whole for e in exact], dtype=np.int64)
    odd = amount - int(share.sum())
    share[np.argsort(-remainder, kind="stable")[:odd]] += 1
    return sign * share
