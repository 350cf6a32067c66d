"""What a subscription at a broker may be told."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from doorstep.foundation import InputError

PORTS = {"mqtt": 1_883, "mqtts": 8_883}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the broker is, as whom we speak to it, and with how much patience.

    Parameters
    ----------
    tls
        Encrypted, and the broker's certificate checked against those that this machine trusts.
    client_id
        Under which the broker keeps messages while nobody listens; two connections cannot have one at a time.
    most
        How many messages are taken at a time.
    """

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    topic: str
    client_id: str
    most: int = 1_000
    connect_timeout_s: int = 5
    keepalive_s: int = 60


def settings_of(url: str, *, topic: str, client_id: str) -> Settings:
    """Return the settings in ``mqtt://USER:PASSWORD@HOST:PORT``, or ``mqtts://`` for TLS; marks are %-escaped.

    Raises
    ------
    InputError
        If it is no such address.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:  # its words would show the password
        scheme, host, port = "", None, None
    if scheme not in PORTS or not host:
        raise InputError(
            "mqtt_url must be mqtt://USER:PASSWORD@HOST:PORT, or mqtts:// for TLS.",
            hint="Maybe a mark in the password is to be %-escaped.",
        )
    return Settings(host=host, port=port or PORTS[scheme], tls=scheme == "mqtts", user=unquote(parts.username or ""),
                    password=unquote(parts.password or ""), topic=topic, client_id=client_id)  # fmt: skip
