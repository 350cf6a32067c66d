"""Where a carrier's files are, and how to read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from doorstep.connectors.rate_card.words import STATUSES
from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was agreed with a carrier that works by files.

    Parameters
    ----------
    folder
        Where ``carriers.csv``, ``carrier_rates.csv``, ``carrier_zones.csv`` and ``carrier_surcharges.csv`` are, as in a
        retailer folder; manifests are written there, and files named ``tracking*.csv`` are read.
    carrier_id
        Its row in these tables.
    currency, time_zone
        Of its prices, and of its hours.
    detour_pct
        How much longer roads are than the great circle [%], for a card by distance.
    return_fee_minor
        What is paid beside the delivery for one that comes back.
    statuses
        Its words by ours, such as ``{"OFD": "en_route_to_dropoff"}``; our own words need not be named.
    tracking_url
        Address of its page about a delivery, with ``{reference}`` for our id; empty: it has none.
    """

    folder: str
    carrier_id: str
    currency: str
    time_zone: str
    detour_pct: int = 130
    return_fee_minor: int = 0
    statuses: Mapping[str, str] = field(default_factory=dict)
    tracking_url: str = ""

    def __post_init__(self) -> None:
        if self.time_zone not in available_timezones():
            raise InputError(f"time_zone {self.time_zone!r} is no IANA time zone, such as America/Chicago.")
        if self.detour_pct < 100 or self.return_fee_minor < 0:
            raise InputError("detour_pct must be at least 100, and return_fee_minor not negative.")
        unknown = sorted(set(self.statuses.values()) - set(STATUSES))
        if unknown:
            raise InputError(f"statuses {', '.join(unknown)} are none of {', '.join(STATUSES)}.")

    @property
    def events(self) -> dict[str, str]:
        """The events of our lifecycle by the carrier's words, and by our own."""
        return STATUSES | {word: STATUSES[ours] for word, ours in self.statuses.items()}
