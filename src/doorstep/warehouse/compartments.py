"""Which compartment each parcel lies in while it waits for its shopper."""

from collections.abc import Sequence

from doorstep.foundation.arrays import Ints
from doorstep.warehouse.plan import OWN_PACKAGING, ParcelPlan
from doorstep.warehouse.problem import PackingProblem

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


def parcel_sides(problem: PackingProblem, plan: ParcelPlan) -> list[Sides]:
    """Return the sides of each parcel of a plan: those inside its carton, or of the product in its own packaging."""
    content = dict(zip(plan.content_parcel.tolist(), plan.content_product.tolist(), strict=True))
    return [
        sides_of(problem.product_sides_mm[content[n]] if carton == OWN_PACKAGING else problem.carton_sides_mm[carton])
        for n, carton in enumerate(plan.carton.tolist())
    ]


def sides_of(row: Ints) -> Sides:
    """Return the sides of a row of sorted sides (3,)."""
    longest, middle, shortest = row.tolist()
    return longest, middle, shortest
