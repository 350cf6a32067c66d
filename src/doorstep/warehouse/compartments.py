"""Which compartment each parcel lies in while it waits for its shopper."""

from collections.abc import Sequence

Sides = tuple[int, int, int]
"""Three sides, the longest first [mm]."""


def fits(parcel: Sides, compartment: Sides) -> bool:
    """Return whether a parcel fits, turned side against side."""
    return all(side <= room for side, room in zip(parcel, compartment, strict=True))


def choose_compartments(parcels: Sequence[Sides], sizes: Sequence[Sides], free: Sequence[int]) -> list[int] | None:
    """Return the size (P,) of the compartment that each parcel takes alone, None if they do not all find one.

    The parcels that fit the fewest sizes choose first, each the smallest size by volume. Where each size fits into the
    next larger one, this finds places for all whenever there are any.

    Parameters
    ----------
    sizes, free
        Sides of the compartments of each size, and how many of them are free.
    """
    left, taken = list(free), [-1] * len(parcels)
    by_volume = sorted(range(len(sizes)), key=lambda n: sizes[n][0] * sizes[n][1] * sizes[n][2])
    fitting = [[n for n in by_volume if fits(parcel, sizes[n])] for parcel in parcels]
    for row in sorted(range(len(parcels)), key=lambda row: len(fitting[row])):
        taken[row] = next((n for n in fitting[row] if left[n] > 0), -1)
        if taken[row] < 0:
            return None
        left[taken[row]] -= 1
    return taken
