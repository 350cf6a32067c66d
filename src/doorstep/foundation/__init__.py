"""What every room stands on: errors, units, stop criteria, progress, kernels and small array tools.

Nothing here knows what a store, an order or a van is.
"""

from doorstep.foundation.errors import (
    ConflictError,
    DoorstepError,
    InputError,
    InternalError,
    NotFoundError,
    UpstreamError,
)
from doorstep.foundation.progress import Progress, Silent
from doorstep.foundation.stop import AnyOf, Interrupt, Iterations, Seconds, Stop, UpTo

__all__ = [
    "AnyOf",
    "ConflictError",
    "DoorstepError",
    "InputError",
    "InternalError",
    "Interrupt",
    "Iterations",
    "NotFoundError",
    "Progress",
    "Seconds",
    "Silent",
    "Stop",
    "UpTo",
    "UpstreamError",
]
