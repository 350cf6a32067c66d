"""Whole-number units and the few conversions between them; see docs/units.md.

Rates that people write per kilometre or per hour stay so in the tables; costs are rounded once, half up, where a
route, a package or a parcel is priced, never along the way.
"""

METRES_PER_KM = 1_000
METRES_PER_MILE = 1_609.344
SECONDS_PER_HOUR = 3_600
SECONDS_PER_DAY = 86_400


def rounded_ratio(numerator: int, denominator: int) -> int:
    """Return ``numerator / denominator`` rounded half up, in exact integer arithmetic; the denominator is positive."""
    return (2 * numerator + denominator) // (2 * denominator)


def distance_cost_minor(distance_m: int, cost_per_km_minor: int) -> int:
    """Return what a distance costs [minor units]."""
    return rounded_ratio(distance_m * cost_per_km_minor, METRES_PER_KM)


def time_cost_minor(duration_s: int, cost_per_hour_minor: int) -> int:
    """Return what a duration costs [minor units]."""
    return rounded_ratio(duration_s * cost_per_hour_minor, SECONDS_PER_HOUR)
