"""Zones of a network study: cells with the parcels of each promise."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.tables import COLLECTED
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints, index_of, ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.geography import DensityField, Places, cell_numbers
from doorstep.geography.cells import DEMAND_RESOLUTION

SAME_DAY, LATER = 0, 1
TIERS = ("same_day", "later")
DEMANDS = ("orders", "population")
"""What zones are made of: the folder's orders, or areas where people live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots:
    """N places that zones are made of: orders, or areas where people live.

    ``zone`` (N,) is the zone of each, ``parcels`` (N,) how many it has in the days of the study; ``postal_code`` and
    ``group`` (a state, or whatever the demand is told by; may be empty) are texts (N,).
    """

    places: Places
    zone: Ints
    parcels: Floats
    postal_code: pl.Series
    group: pl.Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Z cells where orders are delivered: ``cell`` (Z,) H3 indices, ``places`` at the middle of their doors.

    ``parcels`` (T, Z) counts the orders of each tier in ``days`` days, ``doors_per_km2`` (T, Z) those of a day around.
    ``spots`` are what they are made of: a ``demand`` of ``DEMANDS``. ``doors`` are those of sample days, each with its
    ``tier``, ``zone`` and ``day`` (N,): the orders where they are the demand. ``notes`` say what was assumed.
    """

    cell: Ints
    places: Places
    parcels: Ints
    doors_per_km2: Floats
    days: int
    spots: Spots
    doors: Places
    tier: Ints
    zone: Ints
    day: Ints
    demand: str = "orders"
    notes: tuple[str, ...] = ()

    @property
    def waves(self) -> int:
        """How many tiers there are parcels of: each rides in vans of its own."""
        return max(1, int(self.parcels.any(axis=1).sum()))


def zones_of(retailer: Retailer) -> Zones:
    """Return the zones of all orders that come to the door.

    Raises
    ------
    InputError
        If no order does.
    """
    comes, tier = doors_and_tiers(retailer)
    orders, tier = retailer.orders.filter(pl.Series(comes, dtype=pl.Boolean)), tier[comes]
    if not orders.height:
        raise InputError("no order comes to the door: there is no network to design.")
    doors = Places.from_table(orders)
    number = cell_numbers(doors, resolution=DEMAND_RESOLUTION)
    cell, zone = np.unique(number, return_inverse=True)
    count = np.bincount(zone, minlength=cell.size)
    middle = Places(
        lat=np.bincount(zone, weights=doors.lat, minlength=cell.size) / count,
        lon=np.bincount(zone, weights=doors.lon, minlength=cell.size) / count,
    )
    placed_at = ints(orders["placed_at"])
    days = _days(placed_at)
    field = DensityField.around(tier, number)
    parcels, density = np.zeros((len(TIERS), cell.size), np.int64), np.zeros((len(TIERS), cell.size))
    for one in range(len(TIERS)):
        parcels[one] = np.bincount(zone[tier == one], minlength=cell.size)
        density[one] = field.at(np.full(cell.size, one), cell) / days
    return Zones(
        cell=cell,
        places=middle,
        parcels=parcels,
        doors_per_km2=density,
        days=days,
        spots=Spots(
            places=doors,
            zone=zone.astype(np.int64),
            parcels=np.ones(len(doors)),
            postal_code=orders["postal_code"],
            group=pl.Series([""] * len(doors), dtype=pl.String),
        ),
        doors=doors,
        tier=tier,
        zone=zone.astype(np.int64),
        day=np.minimum((placed_at - placed_at.min()) // SECONDS_PER_DAY, days - 1),
    )


def doors_and_tiers(retailer: Retailer) -> tuple[Bools, Ints]:
    """Return which orders come to the door, and the tier of each order, (O,) and (O,)."""
    levels = retailer.service_levels
    level = index_of(retailer.orders["service_level_id"], levels["service_level_id"], what="service_level_id")
    comes: Bools = ~levels["method"].cast(pl.String).is_in(list(COLLECTED)).to_numpy()[level]
    return comes, np.where(ints(levels["promise_days"])[level] == 0, SAME_DAY, LATER).astype(np.int64)


def _days(placed_at: Ints) -> int:
    """Return how many days the orders span, one at least."""
    return max(1, round(float(np.ptp(placed_at)) / SECONDS_PER_DAY))
