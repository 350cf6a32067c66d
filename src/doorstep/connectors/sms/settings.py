"""What doorstep is to a gateway of text messages."""

from dataclasses import dataclass, field

from doorstep.connectors.carrier_wire import check_base_url
from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Access to a gateway; ``sender`` is the number or name that messages come from, empty for the gateway's own."""

    base_url: str
    key: str = field(repr=False)
    sender: str = ""
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        if not self.key:
            raise InputError("key must not be empty.")
        check_base_url(self.base_url)
