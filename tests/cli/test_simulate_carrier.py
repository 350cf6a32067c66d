"""``doorstep simulate-carrier`` as a process: booked over its API, it tells a delivery's life in webhooks."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from doorstep.cli.app import run
from doorstep.connectors.uber_direct import Account, UberDirect
from doorstep.simulation.carriers.uber_direct import Keys
from tests.cli.processes import running
from tests.connectors.carrier_desks import ASKED

WAIT_S = 30
Got = tuple[dict[str, str], bytes]


@contextmanager
def receiver() -> Iterator[tuple[str, "queue.Queue[Got]"]]:
    """Return the context in which somebody listens for webhooks: the address, and what came."""
    got: queue.Queue[Got] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it is called by
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hooks", got
        finally:
            server.shutdown()
            thread.join(WAIT_S)


def test_a_simulated_carrier_is_booked_and_tells_its_way_to_the_door(tmp_path):
    keys = Keys()
    with (
        receiver() as (hooks, got),
        running(
            tmp_path, "simulate-carrier", "uber-direct", "--port", "0", "--speed", "5000", "--webhook-url", hooks
        ) as carrier,
    ):
        url = carrier.url()
        account = Account(
            customer_id=keys.customer_id,
            client_id=keys.client_id,
            client_secret=keys.client_secret,
            webhook_secret=keys.webhook_secret,
            base_url=url,
            login_url=url,
        )
        uber = UberDirect(account)
        first = uber.book(ASKED)
        told = []
        while "deliver" not in told:
            headers, body = got.get(timeout=WAIT_S)
            (fact,) = uber.read_webhook(headers, body, now=0)
            told.append(fact.event)
        assert uber.find("dlv_1", first.carrier_ref).event == "deliver"
        uber.close()
        assert carrier.end() == 0
    assert list(dict.fromkeys(told)) == [
        "book",
        "start_to_pickup",
        "arrive_at_pickup",
        "pick_up",
        "start_to_dropoff",
        "arrive_at_dropoff",
        "deliver",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["pigeon"], "none of uber-direct, doordash-drive, stuart, onfleet"),
        (["uber-direct", "--faults", "rain=1"], "fault 'rain'"),
        (["uber-direct", "--speed", "0"], "--speed 0"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, told, capsys):
    assert run(["simulate-carrier", *arguments]) == 2
    assert told in capsys.readouterr().err
