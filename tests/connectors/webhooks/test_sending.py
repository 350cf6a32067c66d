"""One attempt over a real connection: what is sent, what an answer means, and that no receiver can hold the sender."""

import socket
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from doorstep.connectors.webhooks import Sender, sign
from doorstep.connectors.webhooks.transport import NO_ANSWER, Sent
from tests.connectors.webhooks.receiver import BOUND_S, Certificate, Receiver, says
from tests.connectors.webhooks.test_signature import NEW, OLD

HOST = "hooks.example"
BODY = b'{"type":"order.placed"}'
SHORT_S = 0.3


def loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


LOCAL = Sender(allow_loopback=True, resolver=loopback)


def send(url: str, *, sender: Sender = LOCAL, timeout_s: float = BOUND_S) -> Sent:
    return sender.send(url, sign([NEW, OLD], "msg_1", 1_700_000_000, BODY), BODY, timeout_s=timeout_s)


def test_the_message_arrives_with_its_signatures_and_2xx_is_no_error():
    with Receiver(says(204)) as receiver:
        sent = send(receiver.url)
    assert (sent.status, sent.error, sent.retry_after_s) == (204, "", None)
    assert 0 <= sent.elapsed_ms < 1_000 * BOUND_S
    (heard,) = receiver.heard
    assert (heard.method, heard.path, heard.body) == ("POST", "/hooks?shop=1", BODY)
    assert heard.headers["webhook-id"] == "msg_1"
    assert heard.headers["webhook-timestamp"] == "1700000000"
    assert heard.headers["webhook-signature"].count("v1,") == 2
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["user-agent"].startswith("doorstep/")


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_any_other_status_is_told_as_an_error(status):
    with Receiver(says(status)) as receiver:
        sent = send(receiver.url)
    assert (sent.status, sent.error) == (status, f"answered {status}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with Receiver(says(200)) as elsewhere, Receiver(says(status, ("Location", elsewhere.url))) as receiver:
        sent = send(receiver.url)
    assert (sent.status, sent.error) == (status, f"answered {status}; redirects are not followed")
    assert (len(receiver.heard), elsewhere.heard) == (1, [])


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([("Retry-After", "120")], 120),
        ([("Retry-After", " 7 ")], 7),
        ([("Retry-After", "-5")], None),
        ([("Retry-After", "soon")], None),
        ([("Retry-After", "9" * 40)], 999_999_999),
        ([], None),
    ],
)
def test_what_the_receiver_asks_to_wait_is_told(headers, seconds):
    with Receiver(says(503, *headers)) as receiver:
        assert send(receiver.url).retry_after_s == seconds


@pytest.mark.parametrize(
    ("until", "seconds"), [("Wed, 21 Oct 2026 07:30:30 GMT", 150), ("Wed, 21 Oct 2026 07:00:00 GMT", 0)]
)
def test_a_date_to_wait_for_is_measured_by_the_receiver_s_own_clock(until, seconds):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(503)
        handler.send_header("Date", "Wed, 21 Oct 2026 07:28:00 GMT")
        handler.send_header("Retry-After", until)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with Receiver(answer) as receiver:
        assert send(receiver.url).retry_after_s == seconds


def test_nobody_at_the_port_is_an_outcome_and_not_an_error_raised():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        sent = send(f"http://127.0.0.1:{free.getsockname()[1]}/")
    assert sent.status == NO_ANSWER
    assert sent.error == "ConnectionRefusedError: Connection refused"


def test_a_receiver_that_hangs_up_is_an_outcome():
    with Receiver(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)) as receiver:
        sent = send(receiver.url)
    assert sent.status == NO_ANSWER
    assert sent.error.startswith(("RemoteDisconnected", "ConnectionResetError"))


def test_an_answer_that_is_not_http_is_an_outcome():
    with Receiver(lambda handler: handler.wfile.write(b"220 smtp ready\r\n")) as receiver:
        sent = send(receiver.url)
    assert (sent.status, sent.error) == (NO_ANSWER, "BadStatusLine: 220 smtp ready")


def test_a_url_that_the_guard_refuses_is_not_called():
    with Receiver(says(200)) as receiver:
        sent = send(receiver.url, sender=Sender(resolver=loopback))
        inside = send(f"https://{HOST}:{receiver.port}/", sender=Sender(resolver=loopback))
    assert (sent.status, sent.error) == (
        NO_ANSWER,
        "webhook URL has the scheme 'http'; it must begin with https://.",
    )
    assert inside.error == f"host {HOST} of the webhook URL has an address that is not public."
    assert receiver.heard == []


def test_a_receiver_that_says_nothing_is_left_in_time():
    with Receiver(lambda _: receiver.over.wait(BOUND_S)) as receiver:
        sent = send(receiver.url, timeout_s=SHORT_S)
    assert (sent.status, sent.error) == (NO_ANSWER, "no answer within 0.3 s")
    assert 1_000 * SHORT_S <= sent.elapsed_ms + 50 < 1_000 * BOUND_S


def dripping(receiver: Receiver, handler: BaseHTTPRequestHandler, drop: bytes) -> None:
    """Send a drop every now and then, each well within the timeout of a single read."""
    while not receiver.over.wait(SHORT_S / 20):
        handler.wfile.write(drop)
        handler.wfile.flush()


def test_headers_that_drip_do_not_outlast_the_limit_of_the_whole_attempt():
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        dripping(receiver, handler, b"x")

    with Receiver(answer) as receiver:
        sent = send(receiver.url, timeout_s=SHORT_S)
    assert (sent.status, sent.error) == (NO_ANSWER, "no answer within 0.3 s")
    assert sent.elapsed_ms < 1_000 * BOUND_S


def test_a_body_that_drips_is_cut_and_the_status_counts():
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n")
        dripping(receiver, handler, b"x")

    with Receiver(answer) as receiver:
        sent = send(receiver.url, timeout_s=SHORT_S)
    assert (sent.status, sent.error) == (202, "")
    assert sent.elapsed_ms < 1_000 * BOUND_S


def test_a_body_without_end_is_read_to_64_kb_and_no_further():
    written = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal written
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not receiver.over.is_set():
            written += handler.connection.send(b"x" * 65_536)

    with Receiver(answer) as receiver:
        sent = send(receiver.url)
    assert (sent.status, sent.error) == (200, "")
    assert written < 64 * 1_024 * 1_024  # what the buffers between took; it would have gone on for ten seconds


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Receiver(says(200)) as receiver:
        assert send(receiver.url).status == 200


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate.of(HOST, tmp_path)


def test_over_tls_the_checked_address_is_called_and_the_name_is_what_is_spoken_to(certificate):
    asked: list[tuple[str, int]] = []
    named: list[str | None] = []

    def once(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    serving = certificate.serving()
    serving.sni_callback = lambda _, name, __: named.append(name)
    with Receiver(says(200), tls=serving) as receiver:
        sender = Sender(allow_loopback=True, resolver=once, tls=certificate.trusted())
        sent = send(f"https://{HOST}:{receiver.port}/hooks", sender=sender)
    assert (sent.status, sent.error) == (200, "")
    assert asked == [(HOST, receiver.port)]
    assert named == [HOST]
    assert receiver.heard[0].headers["host"] == f"{HOST}:{receiver.port}"


def test_a_certificate_of_another_name_is_refused(certificate):
    with Receiver(says(200), tls=certificate.serving()) as receiver:
        sender = Sender(allow_loopback=True, resolver=loopback, tls=certificate.trusted())
        sent = send(f"https://other.example:{receiver.port}/", sender=sender)
    assert sent.status == NO_ANSWER
    assert sent.error.startswith("certificate refused: Hostname mismatch")
    assert receiver.heard == []


def test_a_certificate_that_nobody_trusts_is_refused(certificate):
    with Receiver(says(200), tls=certificate.serving()) as receiver:
        sent = send(f"https://{HOST}:{receiver.port}/")
    assert sent.error.startswith("certificate refused: self")
    assert receiver.heard == []


def test_a_handshake_that_never_ends_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sent = send(f"https://{HOST}:{silent.getsockname()[1]}/", timeout_s=SHORT_S)
    assert (sent.status, sent.error) == (NO_ANSWER, "no answer within 0.3 s")
