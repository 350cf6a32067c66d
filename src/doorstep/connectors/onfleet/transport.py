"""Requests to Onfleet: each bears the key."""

import base64
from collections.abc import Mapping
from typing import Literal

import httpx2

from doorstep.connectors.carrier_wire import Answer, Json, Wire
from doorstep.connectors.onfleet.settings import Account

NAME = "Onfleet"


class Transport:
    """Asks Onfleet in the name of one account; threads may share it.

    Parameters
    ----------
    http
        Another way than the network.
    """

    def __init__(self, account: Account, *, http: httpx2.BaseTransport | None = None) -> None:
        self._wire = Wire(carrier=NAME, base_url=account.base_url, timeout_s=account.timeout_s, transport=http)
        key = base64.b64encode(f"{account.api_key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {key}"}

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def ask(
        self,
        method: str,
        path: str,
        said: Mapping[str, Json] | list[Json] | None = None,
        *,
        wants: Literal["object", "array", "nothing"] = "object",
    ) -> Answer:
        """Return the answer to a request; raises as ``Wire.ask`` does."""
        return self._wire.ask(method, path, headers=self._headers, said=said, wants=wants)

    def picture(self, url: str) -> bytes:
        """Return the picture at an address."""
        return self._wire.picture(url)
