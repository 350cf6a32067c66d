"""A parcel carrier that Karrio speaks to, and the account there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account with a parcel carrier.

    Parameters
    ----------
    gateway
        Karrio's name of the carrier, such as ``ups``; its package must be installed beside Karrio's own.
    credentials
        What Karrio asks for this carrier, by its names.
    folder
        Where bookings and labels are kept: Karrio itself remembers nothing.
    shipper
        The retailer's address by Karrio's names (``city``, ``state_code``, ``postal_code``, ``country_code``): what the
        table of sites does not tell.
    service
        The only service that is booked; empty: the cheapest that keeps the promise.
    """

    gateway: str
    credentials: Mapping[str, object] = field(repr=False)
    folder: str
    shipper: Mapping[str, str] = field(default_factory=dict)
    service: str = ""

    def __post_init__(self) -> None:
        for name in ("gateway", "folder"):
            if not getattr(self, name):
                raise InputError(f"{name} must not be empty.")
