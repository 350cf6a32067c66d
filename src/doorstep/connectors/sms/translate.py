"""Messages as the gateway hears them, and what its refusals mean."""

from collections.abc import Mapping

from doorstep.connectors.carrier_wire import Answer, Json
from doorstep.ports import Message, NoticeRefusedError


def request_of(message: Message, sender: str) -> Mapping[str, Json]:
    """Return what is asked of the gateway; the same ``reference`` is the same message, however often it comes."""
    return {"to": message.to, "from": sender, "text": message.text, "reference": message.reference}


def refused(answer: Answer) -> NoticeRefusedError:
    """Return the error that says why the gateway will never take a message."""
    return NoticeRefusedError(f"the gateway refuses the message: {answer.status} {answer.code}.")
