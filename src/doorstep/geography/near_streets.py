"""Points that lie too far from any street, refused in one voice whoever looks for the streets."""

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.geography.places import Places

NOWHERE_M = 10_000_000
"""Where no street was found at all, this is how far it is told to be."""
MOST_TOLD = 20


def check_near(places: Places, metres: Ints, *, within_m: int) -> None:
    """Check that N points lie near streets, of which they are ``metres`` (N,) away.

    Raises
    ------
    InputError
        If some are farther than ``within_m``; it names the first rows.
    """
    far = np.flatnonzero(metres > within_m)
    if not far.size:
        return
    told = ", ".join(
        f"{row_told(places, row)} by {metres[row]:,} m"
        if metres[row] < NOWHERE_M
        else f"{row_told(places, row)}, no street found"
        for row in far[:MOST_TOLD].tolist()
    )
    more = f", and {far.size - MOST_TOLD} more" if far.size > MOST_TOLD else ""
    raise InputError(
        f"{far.size} points are farther than {within_m:,} m from any street: {told}{more}.",
        hint="Maybe their coordinates are wrong, or the extract does not reach so far.",
    )


def row_told(places: Places, row: int) -> str:
    """Return one point as messages name it."""
    return f"row {row} ({places.lat[row]:.5f}, {places.lon[row]:.5f})"
