"""Requests to Stuart."""

import time
from collections.abc import Callable

import httpx2

from doorstep.connectors.carrier_login import LoggedIn
from doorstep.connectors.carrier_wire import Wire
from doorstep.connectors.stuart.settings import Account

NAME = "Stuart"


def connect(
    account: Account, *, http: httpx2.BaseTransport | None = None, clock: Callable[[], float] = time.time
) -> LoggedIn:
    """Return who asks Stuart in the name of one account; threads may share it.

    Parameters
    ----------
    http
        Another way than the network.
    clock
        By which tokens expire [epoch s].
    """

    def wire() -> Wire:
        return Wire(carrier=NAME, base_url=account.base_url, timeout_s=account.timeout_s, transport=http)

    keys = {"client_id": account.client_id, "client_secret": account.client_secret, "scope": "api"}
    return LoggedIn(wire(), login=wire(), path="/oauth/token", form=keys, clock=clock)
