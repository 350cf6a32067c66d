"""Letters that a mail server on loopback takes, and refuses."""

import pytest

from doorstep.connectors.smtp import Account, Smtp
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import Message, NoticeRefusedError
from tests.mail import MailServer, mail_server

MESSAGE = Message(to="ann@example.com", subject="Über 5 €", text="Gleich da.\n.\n", reference="ntc_1",
                  stop_url="https://shop.example/n/1")  # fmt: skip


@pytest.fixture
def server():
    with mail_server() as found:
        yield found


def smtp(server: MailServer) -> Smtp:
    account = Account(host="127.0.0.1", port=server.port, sender="Shop <hi@shop.example>", security="none", timeout_s=5)
    return Smtp(account=account, clock=lambda: 1_772_546_400)


def test_a_message_arrives_as_a_letter_that_says_how_to_stop_it(server):
    assert smtp(server).send(MESSAGE) == "<ntc_1@shop.example>"
    (letter,) = server.letters
    named = ("To", "Subject", "Message-ID", "List-Unsubscribe", "Auto-Submitted", "Date")
    assert [letter[name] for name in named] == [
        "ann@example.com", "Über 5 €", "<ntc_1@shop.example>", "<https://shop.example/n/1>", "auto-generated",
        "Tue, 03 Mar 2026 14:00:00 -0000",
    ]  # fmt: skip
    assert letter.get_content().replace("\r\n", "\n") == "Gleich da.\n.\n"


@pytest.mark.parametrize(
    ("refusals", "for_good"),
    [
        ({"RCPT": "550 no such user"}, True),
        ({"RCPT": "451 try later"}, False),
        ({"DATA": "554 spam"}, True),
        ({"DATA": "452 full"}, False),
        ({"MAIL": "550 not you"}, False),  # our account is at fault, which people mend
    ],
)
def test_a_refusal_is_for_good_only_if_it_is_of_this_letter(server, refusals, for_good):
    server.refusals = refusals
    with pytest.raises(UpstreamError) as caught:
        smtp(server).send(MESSAGE)
    assert isinstance(caught.value, NoticeRefusedError) is for_good
    assert "ann@" not in caught.value.message


def test_an_address_with_a_line_break_is_refused_before_anything_is_sent(server):
    with pytest.raises(NoticeRefusedError):
        smtp(server).send(Message(to="a@example.com\nBcc: b@example.com", subject="s", text="t", reference="r"))
    assert server.letters == []


def test_a_server_that_is_away_is_tried_again():
    with mail_server() as gone:
        away = smtp(gone)
    with pytest.raises(UpstreamError) as caught:
        away.send(MESSAGE)
    assert not isinstance(caught.value, NoticeRefusedError)


def test_letters_in_clear_go_to_this_machine_only():
    with pytest.raises(InputError, match="loopback"):
        Account(host="mail.example.com", sender="a@example.com", security="none")
