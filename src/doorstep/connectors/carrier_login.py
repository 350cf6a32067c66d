"""Requests with a token of OAuth 2: kept until shortly before it ends, and asked for anew when refused."""

import threading
from collections.abc import Callable, Mapping
from typing import Literal

from doorstep.connectors.carrier_wire import Answer, Json, Wire, refusal, text_of, whole_of

EARLY_S = 300
"""How long before its end a token is renewed, or half its life if that is shorter."""


class LoggedIn:
    """Asks a carrier with a token for the credentials of a client; threads may share it.

    Parameters
    ----------
    wire, login
        Where requests go, and where tokens are asked for.
    path, form
        What is asked for a token, and with what.
    clock
        By which tokens expire [epoch s].
    """

    def __init__(
        self, wire: Wire, *, login: Wire, path: str, form: Mapping[str, str], clock: Callable[[], float]
    ) -> None:
        self._wire, self._login = wire, login
        self._path, self._form = path, {"grant_type": "client_credentials", **form}
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()
        self._login.close()

    def ask(
        self,
        method: str,
        path: str,
        said: Mapping[str, Json] | None = None,
        *,
        wants: Literal["object", "array", "nothing"] = "object",
    ) -> Answer:
        """Return the answer to a request; raises as ``Wire.ask`` does, and if our keys are refused."""
        answer = self._wire.ask(method, path, headers=self._bearer(), said=said, wants=wants)
        if answer.status == 401:
            self._renew_at = 0.0
            answer = self._wire.ask(method, path, headers=self._bearer(), said=said, wants=wants)
        return answer

    def picture(self, url: str) -> bytes:
        """Return the picture at an address that the carrier named."""
        return self._wire.picture(url)

    def _bearer(self) -> dict[str, str]:
        with self._lock:
            now = self._clock()
            if now >= self._renew_at:
                answer = self._login.ask("POST", self._path, form=self._form)
                self._token = text_of(answer.content, "access_token")
                if not answer.ok or not self._token:
                    raise refusal(self._login.carrier, answer, "unauthorised")
                life_s = whole_of(answer.content, "expires_in")
                self._renew_at = now + life_s - min(EARLY_S, life_s // 2)
            return {"Authorization": f"Bearer {self._token}"}
