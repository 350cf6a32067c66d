"""Requests to DoorDash Drive: each bears a token of its own, signed by us, that lives for a minute."""

import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from doorstep.connectors.carrier_wire import Answer, Json, Wire
from doorstep.connectors.doordash_drive.settings import Account

NAME = "DoorDash Drive"
TOKEN_S = 60
HEADER = {"alg": "HS256", "dd-ver": "DD-JWT-V1"}
REGISTRY = JWSRegistry(algorithms=["HS256"], strict_check_header=False)  # dd-ver is a header of the vendor's own


class Transport:
    """Asks DoorDash Drive in the name of one account; threads may share it.

    Parameters
    ----------
    http
        Another way than the network.
    clock
        By which tokens expire [epoch s].
    """

    def __init__(
        self, account: Account, *, http: httpx2.BaseTransport | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._account = account
        self._clock = clock
        self._wire = Wire(carrier=NAME, base_url=account.base_url, timeout_s=account.timeout_s, transport=http)
        self._key = OctKey.import_key(account.key)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def ask(self, method: str, what: str, *path: str, said: Mapping[str, Json] | None = None) -> Answer:
        """Return the answer at ``/drive/v2`` and the parts of a path; raises as ``Wire.ask`` does."""
        where = "/".join(("/drive/v2", what, *(quote(part, safe="") for part in path)))
        return self._wire.ask(method, where, headers={"Authorization": f"Bearer {self._token()}"}, said=said)

    def picture(self, url: str) -> bytes:
        """Return the picture at an address that the vendor named."""
        return self._wire.picture(url)

    def _token(self) -> str:
        now = int(self._clock())
        claims = {
            "aud": "doordash",
            "iss": self._account.developer_id,
            "kid": self._account.key_id,
            "iat": now,
            "exp": now + TOKEN_S,
        }
        return jwt.encode(dict(HEADER), claims, self._key, registry=REGISTRY)
