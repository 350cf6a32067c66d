"""What doorstep is to a mail server."""

from dataclasses import dataclass, field

from doorstep.connectors.carrier_wire import is_loopback
from doorstep.foundation import InputError

SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A mail server, and from whom letters come.

    Parameters
    ----------
    sender
        Address that letters come from, which may have a name before it: ``Shop <orders@example.com>``.
    security
        ``starttls``, ``tls`` from the first byte, or ``none``, which passes on loopback only.
    user, password
        Who we are; empty where the server asks nobody.
    """

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 15.0

    def __post_init__(self) -> None:
        if not self.host or "@" not in self.sender:
            raise InputError("host must not be empty, and sender an e-mail address.")
        if self.security not in SECURITY:
            raise InputError(f"security {self.security!r} must be one of {', '.join(SECURITY)}.")
        if self.security == "none" and not is_loopback(self.host):
            raise InputError(f"security none is for loopback only, not for {self.host}.", hint="Maybe starttls.")
