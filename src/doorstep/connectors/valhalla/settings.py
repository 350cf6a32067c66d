"""How a Valhalla server is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.connectors.carrier_wire import Json
from doorstep.connectors.road_answers import check_asking
from doorstep.foundation import InputError
from doorstep.geography.roads.times import SNAPPED_WITHIN_M


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server of one's own: ``valhalla_service``, or one that speaks as it does.

    Parameters
    ----------
    base_url
        Up to where ``/sources_to_targets`` begins.
    costing, options
        What is driven, ``auto``, ``truck`` or ``bicycle``, and its costing options, such as ``{"height": 3.2}``.
    block
        So that its square is the server's ``max_matrix_location_pairs``, or less.
    within_m
        Points farther from any street are refused.
    timeout_s, tries
        How long one table may take, and how often it is asked for where the server fails.
    at_once
        So many tables are asked for at a time.
    remembered
        So many pairs are kept in memory, 0 for none.
    """

    base_url: str
    costing: str = "auto"
    options: Mapping[str, Json] = field(default_factory=dict)
    block: int = 50
    within_m: int = SNAPPED_WITHIN_M
    timeout_s: float = 60.0
    tries: int = 2
    at_once: int = 1
    remembered: int = 200_000

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z_]+", self.costing):
            raise InputError(f"costing {self.costing!r} must be small letters and _.")
        if not isinstance(self.options, Mapping):
            raise InputError(f"options {self.options!r} must be an object.")
        check_asking(
            base_url=self.base_url, block=self.block, within_m=self.within_m, timeout_s=self.timeout_s,
            tries=self.tries, at_once=self.at_once, remembered=self.remembered,
        )  # fmt: skip
