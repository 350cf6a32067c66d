"""What doorstep is to a party on Onfleet, and what was agreed with it."""

from dataclasses import dataclass, field

from doorstep.connectors.carrier_wire import check_base_url
from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An access to the organisation of a party, as its dashboard shows it, and the rate that was agreed.

    Parameters
    ----------
    api_key
        Who we are.
    webhook_secret
        With which webhooks are signed, in hexadecimal.
    currency, base_minor, per_km_minor
        The price of a delivery, and of each kilometre of the great circle between its ends.
    cancel_fee_minor, return_fee_minor
        What is paid for a cancellation once a driver has the tasks, and beside the delivery for a return.
    team
        The team that gets our tasks; without one the whole organisation does.
    attachments_url
        Where pictures are.
    timeout_s
        How long one request may take.
    """

    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    currency: str
    base_minor: int
    per_km_minor: int
    cancel_fee_minor: int = 0
    return_fee_minor: int = 0
    team: str = ""
    base_url: str = "https://onfleet.com/api/v2"
    attachments_url: str = "https://d15p8tr8p0vffz.cloudfront.net"
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        for name in ("api_key", "webhook_secret", "currency"):
            if not getattr(self, name):
                raise InputError(f"{name} must not be empty.")
        for name in ("base_minor", "per_km_minor", "cancel_fee_minor", "return_fee_minor"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} {getattr(self, name)} must not be negative.")
        check_base_url(self.base_url)
        _ = self.webhook_key

    @property
    def webhook_key(self) -> bytes:
        """The bytes of the webhooks' secret.

        Raises
        ------
        InputError
            If it is not hexadecimal.
        """
        try:
            return bytes.fromhex(self.webhook_secret)
        except ValueError as fault:
            raise InputError("webhook_secret is not hexadecimal.") from fault
