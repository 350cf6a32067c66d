"""Plans for months, not for today: a network studied, routed with real days, compared, calibrated."""

from doorstep.operations.planning.calibrate import FittedVan, fit_van
from doorstep.operations.planning.routed import RoutedDays, SampleDoors, route_days
from doorstep.operations.planning.verify import PARTS, Comparison, Verification, verify

__all__ = [
    "PARTS",
    "Comparison",
    "FittedVan",
    "RoutedDays",
    "SampleDoors",
    "Verification",
    "fit_van",
    "route_days",
    "verify",
]
