"""What doorstep is to Uber Direct."""

from dataclasses import dataclass, field

from doorstep.connectors.carrier_wire import check_base_url
from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An organisation's access, as its dashboard shows it.

    Parameters
    ----------
    customer_id, client_id, client_secret
        Who we are; the customer is part of every address.
    webhook_secret
        The signing key of the webhook, which is not the client's secret.
    base_url, login_url
        Where requests and tokens are asked for; a simulator has both at one place.
    timeout_s
        How long one request may take.
    webhook_age_s
        How old a webhook may be; the vendor tries for about an hour.
    """

    customer_id: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base_url: str = "https://api.uber.com"
    login_url: str = "https://auth.uber.com"
    timeout_s: float = 10.0
    webhook_age_s: int = 7_200

    def __post_init__(self) -> None:
        for name in ("customer_id", "client_id", "client_secret", "webhook_secret"):
            if not getattr(self, name):
                raise InputError(f"{name} must not be empty.")
        check_base_url(self.base_url)
        check_base_url(self.login_url)
