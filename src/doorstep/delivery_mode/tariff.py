"""Prices by rate card, for many parcels at once, in whole minor units."""

import numpy as np

from doorstep.delivery_mode.rate_card import RateCards
from doorstep.foundation.arrays import Ints

IMPOSSIBLE = np.int64(1) << 40
"""Price of a way that does not exist."""

POSSIBLE, WINDOW, NO_MODE = 0, 1, 2
"""Why a way is not possible: it is, the window cannot be met, nobody may bring it. Drones have further reasons."""

NOWHERE = -2
"""Zone of a place where a carrier by zone does not go; -1 stands for carriers by distance."""


def half_up(numerator: Ints, denominator: int) -> Ints:
    """Return ratios rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def transits_of(cards: RateCards, carrier: int) -> list[int]:
    """Return the different transit times of a carrier's card, fastest first."""
    low, high = cards.rate_start[carrier], cards.rate_start[carrier + 1]
    return [int(transit) for transit in np.unique(cards.rate_transit[low:high])]


def zones_of(cards: RateCards, carrier: int, site: Ints, postal: Ints) -> Ints:
    """Return the zone number of each drop: -1 for a carrier by distance, ``NOWHERE`` where it does not go."""
    row = cards.zone_row[carrier, site]
    zone = cards.zone_of_place[np.maximum(row, 0), postal]
    return np.where(row < 0, -1, np.where(zone < 0, NOWHERE, zone))


def billable_g(cards: RateCards, carrier: int, weight_g: Ints, volume_ml: Ints) -> Ints:
    """Return the weight that a carrier bills, dimensional weight included [g]."""
    divisor = int(cards.dim_ml_per_kg[carrier])
    return np.maximum(weight_g, -(-volume_ml * 1000 // divisor)) if divisor else weight_g


def card_prices(
    cards: RateCards,
    carrier: int,
    transit: int,
    zone: Ints,
    metres: Ints,
    billable: Ints,
    weight_g: Ints,
    side_mm: Ints,
    requirements: Ints,
) -> Ints:
    """Return what a carrier asks for each parcel (or courier drop), fuel and surcharges included, (M,).

    The row with the nearest limits that hold zone, distance and billable weight applies; ``IMPOSSIBLE`` if none does.
    """
    rate = np.full(metres.shape, IMPOSSIBLE, dtype=np.int64)
    for row in reversed(_rows(cards, carrier, transit, billable)):
        holds = (metres <= cards.rate_max_m[row]) & (billable <= cards.rate_max_g[row])
        holds &= (zone == -1) | (zone == cards.rate_zone[row])
        beyond = np.maximum(0, metres - cards.rate_included_m[row])
        rate = np.where(holds, cards.rate_price[row] + half_up(beyond * cards.rate_per_km[row], 1000), rate)
    price = rate + half_up(rate * cards.fuel_bp[carrier], 10_000)
    for extra in range(int(cards.extra_start[carrier]), int(cards.extra_start[carrier + 1])):
        holds = (side_mm > cards.extra_over_mm[extra]) & (weight_g > cards.extra_over_g[extra])
        holds &= (cards.extra_requirement[extra] & ~requirements) == 0
        price = price + np.where(holds, cards.extra_amount[extra] + half_up(rate * cards.extra_bp[extra], 10_000), 0)
    return np.where(rate < IMPOSSIBLE, price, IMPOSSIBLE)


def _rows(cards: RateCards, carrier: int, transit: int, billable: Ints) -> list[int]:
    """Return the rows of one transit time that could hold these weights, nearest limits first.

    Where all weights are equal, only the nearest weight limit of each zone and distance is kept.
    """
    low, high = int(cards.rate_start[carrier]), int(cards.rate_start[carrier + 1])
    least = int(billable.min()) if billable.size else 0
    rows = [r for r in range(low, high) if cards.rate_transit[r] == transit and cards.rate_max_g[r] >= least]
    if not billable.size or least != int(billable.max()):
        return rows
    nearest: dict[tuple[int, int], int] = {}
    for row in rows:
        nearest.setdefault((int(cards.rate_zone[row]), int(cards.rate_max_m[row])), row)
    return list(nearest.values())
