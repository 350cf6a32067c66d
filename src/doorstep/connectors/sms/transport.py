"""Text messages handed to a gateway over HTTP."""

from dataclasses import dataclass, field

import httpx2

from doorstep.connectors.carrier_wire import Wire, text_of
from doorstep.connectors.sms.settings import Account
from doorstep.connectors.sms.translate import refused, request_of
from doorstep.foundation import UpstreamError
from doorstep.ports import Message

NOT_OURS = (401, 403, 404)
"""Answers that say something about our account, not about the message: people mend that, and it is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """Tells people by text message; ``transport`` is another way than the network."""

    account: Account
    transport: httpx2.BaseTransport | None = None
    _wire: Wire = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wire = Wire(carrier="the gateway of text messages", base_url=self.account.base_url,
                    timeout_s=self.account.timeout_s, transport=self.transport)  # fmt: skip
        object.__setattr__(self, "_wire", wire)

    def send(self, message: Message) -> str:
        """Return the gateway's id of a message; see ``doorstep.ports.Notifier``."""
        headers = {"Authorization": f"Bearer {self.account.key}"}
        said = request_of(message, self.account.sender)
        answer = self._wire.ask("POST", "/messages", headers=headers, said=said)
        if answer.status in NOT_OURS:
            raise UpstreamError(f"the gateway of text messages does not know us: {answer.status}.")
        if not answer.ok:
            raise refused(answer)
        return text_of(answer.content, "id")

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()
