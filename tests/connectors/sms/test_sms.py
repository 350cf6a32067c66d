"""Text messages through the simulated gateway."""

import pytest

from doorstep.connectors.sms import Account, Sms
from doorstep.foundation import UpstreamError
from doorstep.ports import CarrierBusyError, Message, NoticeRefusedError
from doorstep.simulation.carriers import InProcess
from doorstep.simulation.notices import Gateway, TextMessage


def message(to: str = "+12025550143") -> Message:
    return Message(to=to, subject="", text="Almost there.", reference="ntc_1")


def sms(gateway: Gateway, key: str = "simulated") -> Sms:
    account = Account(base_url="http://127.0.0.1:9", key=key, sender="Shop")
    return Sms(account=account, transport=InProcess(gateway.app))


def test_a_message_that_is_sent_twice_reaches_the_telephone_once():
    gateway = Gateway()
    channel = sms(gateway)
    assert channel.send(message()) == channel.send(message()) == "sms-ntc_1"
    assert list(gateway.messages.values()) == [
        TextMessage(to="+12025550143", sender="Shop", text="Almost there.", reference="ntc_1")
    ]
    channel.close()


def test_what_is_no_number_is_refused_for_good_and_what_is_not_about_the_message_is_not():
    with pytest.raises(NoticeRefusedError, match="invalid_number"):
        sms(Gateway()).send(message("12"))
    with pytest.raises(CarrierBusyError):
        sms(Gateway(busy=1)).send(message())
    with pytest.raises(UpstreamError) as caught:
        sms(Gateway(), key="wrong").send(message())
    assert not isinstance(caught.value, NoticeRefusedError)
