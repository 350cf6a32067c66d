"""What doorstep is to Stuart."""

from dataclasses import dataclass, field

from doorstep.connectors.carrier_wire import check_base_url
from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A client's access, as the vendor's dashboard shows it.

    Parameters
    ----------
    client_id, client_secret
        Who we are.
    authentication_key, authentication_header
        What the vendor sends with each webhook and under which name, as entered in its dashboard: it signs none.
    timeout_s
        How long one request may take.
    """

    client_id: str
    client_secret: str = field(repr=False)
    authentication_key: str = field(repr=False)
    authentication_header: str = "Authorization"
    base_url: str = "https://api.stuart.com"
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        for name in ("client_id", "client_secret", "authentication_key", "authentication_header"):
            if not getattr(self, name):
                raise InputError(f"{name} must not be empty.")
        check_base_url(self.base_url)
