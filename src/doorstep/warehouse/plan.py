"""What packing returns."""

from dataclasses import dataclass

from doorstep.foundation.arrays import Ints

OWN_PACKAGING = -1
"""Carton number of a product that fits no carton and travels in its own packaging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPlan:
    """Q parcels, sorted by package, with their contents, sorted by parcel.

    ``package``, ``carton`` (``OWN_PACKAGING`` for none), ``weight_g``, ``volume_ml``, ``longest_side_mm``,
    ``carton_minor``, ``requirements`` (bit sets) are (Q,); ``content_parcel``, ``content_product``,
    ``content_quantity`` (M,).
    """

    package: Ints
    carton: Ints
    weight_g: Ints
    volume_ml: Ints
    longest_side_mm: Ints
    carton_minor: Ints
    requirements: Ints
    content_parcel: Ints
    content_product: Ints
    content_quantity: Ints
