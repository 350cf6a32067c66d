"""Follow one live order: register a webhook, post the order, watch it find its site, check the signature.

Start a server that may send webhooks to this machine, then run this beside it with the key that the server printed:

    DOORSTEP_WEBHOOK_ALLOW_LOOPBACK=true python3 run.py serve
    python examples/live_order.py http://127.0.0.1:8000 ds_live_...
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread

from standardwebhooks import Webhook

from doorstep.client import Client
from doorstep.client.types import OrderCreate

SECONDS = 60.0


class Receiver:
    """A shop's own server: takes webhooks on a free port and keeps those whose signature is right."""

    def __init__(self) -> None:
        self.secret = ""
        self.messages: Queue[dict[str, object]] = Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                Webhook(receiver.secret).verify(body, dict(self.headers.items()))  # raises if it is not ours
                receiver.messages.put(json.loads(body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        Thread(target=self.server.serve_forever, daemon=True).start()


def follow_one_order(base_url: str, key: str) -> list[str]:
    """Return the types of the signed messages about one order, up to its allocation."""
    receiver = Receiver()
    with Client(base_url, key) as shop:
        endpoint = shop.create_endpoint({"url": receiver.url, "types": ["order.*"]})
        receiver.secret = endpoint["secret"]
        order = shop.create_order(an_order(shop))
        print(f"order {order['code']} is {order['state']}, promised until {order['promise']['window']['end']}")
        seen: list[str] = []
        while "order.allocated" not in seen:
            message = receiver.messages.get(timeout=SECONDS)
            seen.append(str(message["type"]))
            print(f"a signed webhook: {message['type']}")
        sites = {allocation["site_id"] for allocation in shop.read_order(order["id"])["allocations"]}
        print(f"it is served from {', '.join(sorted(sites))}")
    receiver.server.shutdown()
    receiver.server.server_close()
    return seen


def an_order(shop: Client) -> OrderCreate:
    """Return an order for something that is in stock, to a door beside a site."""
    position = next(item for item in shop.pages(shop.read_stock) if item["available"] > 0)
    site = shop.read_site(position["site_id"])
    return {
        "service_level_id": "next_day",
        "place": {"lat": site["lat"] + 0.01, "lon": site["lon"]},
        "lines": [{"product_id": position["product_id"], "quantity": 1}],
    }


if __name__ == "__main__":
    follow_one_order(*sys.argv[1:3])
