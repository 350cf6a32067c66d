"""How an OSRM server is asked."""

import re
from dataclasses import dataclass

from doorstep.connectors.road_answers import check_asking
from doorstep.foundation import InputError
from doorstep.geography.roads.times import SNAPPED_WITHIN_M


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server of one's own: ``osrm-routed``, or a service that speaks as it does.

    Parameters
    ----------
    base_url
        Up to where ``/table/v1`` begins.
    profile
        As in the address. ``osrm-routed`` answers for whatever its data was prepared for, under any name.
    block
        The server's ``--max-table-size``, or less.
    within_m
        Points farther from any street are refused.
    timeout_s, tries
        How long one table may take, and how often it is asked for where the server fails.
    at_once
        So many tables are asked for at a time; more than the server's threads is of no use.
    remembered
        So many pairs are kept in memory, 0 for none.
    """

    base_url: str
    profile: str = "driving"
    block: int = 100
    within_m: int = SNAPPED_WITHIN_M
    timeout_s: float = 30.0
    tries: int = 2
    at_once: int = 2
    remembered: int = 200_000

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", self.profile):
            raise InputError(f"profile {self.profile!r} must be letters, digits, - and _.")
        check_asking(
            base_url=self.base_url, block=self.block, within_m=self.within_m, timeout_s=self.timeout_s,
            tries=self.tries, at_once=self.at_once, remembered=self.remembered,
        )  # fmt: skip
