"""What doorstep is to an identity provider."""

from dataclasses import dataclass, field

from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Doorstep as registered with a provider.

    Parameters
    ----------
    client_id
        The name it was given.
    client_secret
        Empty for a public client, which proves itself by PKCE alone.
    scopes
        What is asked for; ``openid`` is always among it.
    timeout_s
        How long one request may take.
    allow_loopback
        For trials on one machine: http passes for a provider on loopback.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    timeout_s: float = 10.0
    allow_loopback: bool = False

    def __post_init__(self) -> None:
        if not self.client_id:
            raise InputError("client_id must not be empty.")
        if "openid" not in self.scopes:
            raise InputError(f"scopes {' '.join(self.scopes)!r} must hold openid.")
