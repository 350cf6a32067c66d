"""Units that can still be promised, now and when receipts have arrived."""

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints

NEVER = -1


def available_to_promise(on_hand: Ints, receipts: Ints, committed: Ints, *, safety_stock: Ints | None = None) -> Ints:
    """Return the units that a new order may take in each period without breaking a promise made before.

    What leaves in period t is missing in every later one, so what is free in t is the least that any period from t
    on can spare: cumulative available-to-promise with look-ahead.

    Parameters
    ----------
    on_hand : (S,)
        Units of each of S products at the start of the first period.
    receipts, committed : (S, T)
        Units that arrive before the goods of a period leave, and units promised to leave in it.
    safety_stock : (S,)
        Units that are never promised; None for none.

    Returns
    -------
    (S, T)
        Units free to promise: never negative, never fewer in a later period.

    Raises
    ------
    InputError
        If the shapes disagree, or any number is negative.

    References
    ----------
    Vollmann, Berry, Whybark, Jacobs (2005), Manufacturing Planning and Control: available-to-promise.
    """
    kept_back = np.zeros_like(on_hand) if safety_stock is None else safety_stock
    periods = on_hand.shape + receipts.shape[1:]
    if (
        receipts.ndim != 2
        or receipts.shape != periods
        or committed.shape != periods
        or kept_back.shape != on_hand.shape
    ):
        raise InputError(
            f"on_hand {on_hand.shape}, safety_stock {kept_back.shape}, receipts {receipts.shape} and committed "
            f"{committed.shape} must be (S,), (S,), (S, T) and (S, T)."
        )
    if any((units < 0).any() for units in (on_hand, receipts, committed, kept_back)):
        raise InputError("on_hand, safety_stock, receipts and committed must not be negative.")
    spare = (on_hand - kept_back)[:, None] + np.cumsum(receipts - committed, axis=1)
    least_from_here = np.minimum.accumulate(spare[:, ::-1], axis=1)[:, ::-1]
    return np.maximum(least_from_here, 0)


def first_period(available: Ints, wanted: Ints) -> int:
    """Return the first period in which everything wanted of all products is free, ``NEVER`` if there is none.

    Parameters
    ----------
    available : (S, T)
        As from ``available_to_promise``.
    wanted : (S,)
        Units of each product.

    Raises
    ------
    InputError
        If the shapes disagree.
    """
    if available.ndim != 2 or available.shape[0] != wanted.shape[0] or wanted.ndim != 1:
        raise InputError(f"available {available.shape} and wanted {wanted.shape} must be (S, T) and (S,).")
    enough: Bools = np.asarray((available >= wanted[:, None]).all(axis=0))
    return int(enough.argmax()) if enough.any() else NEVER
