"""Requests to Uber Direct: a token that is kept until shortly before it ends, and asked for anew when refused."""

import threading
import time
from collections.abc import Callable, Mapping

import httpx2

from doorstep.connectors.carrier_wire import Answer, Json, Wire, refusal, text_of, whole_of
from doorstep.connectors.uber_direct.settings import Account

NAME = "Uber Direct"
BUSY = frozenset(("couriers_busy", "robo_couriers_busy", "customer_limited"))
EARLY_S = 300
"""How long before its end a token is renewed, or half its life if that is shorter."""


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
        self.account = account
        self._clock = clock
        self._wire = Wire(
            carrier=NAME, base_url=account.base_url, timeout_s=account.timeout_s, busy_codes=BUSY, transport=http
        )
        self._login = Wire(carrier=NAME, base_url=account.login_url, timeout_s=account.timeout_s, transport=http)
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()
        self._login.close()

    def ask(self, method: str, path: str, said: Mapping[str, Json] | None = None) -> Answer:
        """Return the answer at a path below our customer; raises as ``Wire.ask`` does, and if our keys are refused."""
        where = f"/v1/customers/{self.account.customer_id}{path}"
        answer = self._wire.ask(method, where, headers=self._bearer(), said=said)
        if answer.status == 401:
            self._renew_at = 0.0
            answer = self._wire.ask(method, where, headers=self._bearer(), said=said)
        return answer

    def _bearer(self) -> dict[str, str]:
        with self._lock:
            now = self._clock()
            if now >= self._renew_at:
                answer = self._login.ask("POST", "/oauth/v2/token", form=self._form())
                self._token = text_of(answer.content, "access_token")
                if not answer.ok or not self._token:
                    raise refusal(NAME, answer, "unauthorised")
                life_s = whole_of(answer.content, "expires_in")
                self._renew_at = now + life_s - min(EARLY_S, life_s // 2)
            return {"Authorization": f"Bearer {self._token}"}

    def _form(self) -> dict[str, str]:
        return {
            "client_id": self.account.client_id,
            "client_secret": self.account.client_secret,
            "grant_type": "client_credentials",
            "scope": "eats.deliveries",
        }
