"""What doorstep is to DoorDash Drive."""

import base64
import binascii
from dataclasses import dataclass, field

from doorstep.connectors.carrier_wire import check_base_url
from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An access key, as the vendor's portal shows it.

    Parameters
    ----------
    developer_id, key_id, signing_secret
        Who we are; the secret is base64.
    webhook_authorization
        What the vendor sends as ``Authorization`` with each webhook, as entered in its portal: it signs none.
    timeout_s
        How long one request may take.
    """

    developer_id: str
    key_id: str
    signing_secret: str = field(repr=False)
    webhook_authorization: str = field(repr=False)
    base_url: str = "https://openapi.doordash.com"
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        for name in ("developer_id", "key_id", "signing_secret", "webhook_authorization"):
            if not getattr(self, name):
                raise InputError(f"{name} must not be empty.")
        check_base_url(self.base_url)
        _ = self.key

    @property
    def key(self) -> bytes:
        """The bytes of the secret, in either alphabet of base64, padded or not.

        Raises
        ------
        InputError
            If it is not base64.
        """
        plain = self.signing_secret.rstrip("=").replace("+", "-").replace("/", "_")
        try:
            return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
        except binascii.Error as fault:
            raise InputError("signing_secret is not base64.") from fault
