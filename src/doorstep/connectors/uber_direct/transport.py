"""Requests to Uber Direct, below the address of our customer."""

import time
from collections.abc import Callable, Mapping

import httpx2

from doorstep.connectors.carrier_login import LoggedIn
from doorstep.connectors.carrier_wire import Answer, Json, Wire
from doorstep.connectors.uber_direct.settings import Account

NAME = "Uber Direct"
BUSY = frozenset(("couriers_busy", "robo_couriers_busy", "customer_limited"))


class Transport:
    """Asks Uber Direct in the name of one account; threads may share it.

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
        self._there = LoggedIn(
            Wire(carrier=NAME, base_url=account.base_url, timeout_s=account.timeout_s, busy_codes=BUSY, transport=http),
            login=Wire(carrier=NAME, base_url=account.login_url, timeout_s=account.timeout_s, transport=http),
            path="/oauth/v2/token",
            form={
                "client_id": account.client_id,
                "client_secret": account.client_secret,
                "scope": "eats.deliveries",
            },
            clock=clock,
        )

    def close(self) -> None:
        """Close the connections."""
        self._there.close()

    def ask(self, method: str, path: str, said: Mapping[str, Json] | None = None) -> Answer:
        """Return the answer at a path below our customer; raises as ``Wire.ask`` does, and if our keys are refused."""
        return self._there.ask(method, f"/v1/customers/{self._account.customer_id}{path}", said)
