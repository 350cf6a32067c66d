"""The tutorial of the live platform, done as a newcomer would: a server, a key, an order, a webhook, the kerb."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from doorstep.client import Client
from examples.curbside import follow_to_the_kerb
from examples.live_order import follow_one_order


def empty_warehouses(url: str, key: str) -> None:
    """Let only stores have what is ordered at the kerb: in the evening it could come from a warehouse overnight."""
    with Client(url, key) as shop:
        stores = {site["site_id"] for site in shop.pages(shop.list_sites) if site["kind"] == "store"}
        stock = list(shop.pages(shop.read_stock))
        wanted = next(one["product_id"] for one in stock if one["available"] > 1 and one["site_id"] in stores)
        for one in stock:
            if one["product_id"] == wanted and one["site_id"] not in stores:
                shop.adjust_stock({"site_id": one["site_id"], "product_id": wanted, "counted": 0, "reason": "counted"})


def test_a_newcomer_follows_an_order_from_the_key_to_the_signed_webhook_and_another_to_the_kerb(tmp_path: Path) -> None:
    settings = {"DOORSTEP_WEBHOOK_ALLOW_LOOPBACK": "true", "DOORSTEP_LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "doorstep", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | settings, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        said = ""
        for line in server.stdout:
            said += line
            if "listens on" in line:
                break
        key, url = re.search(r"ds_live_\w+", said), re.search(r"http://[\d.:]+", said)
        assert key, said
        assert url, said
        try:
            assert follow_one_order(url[0], key[0])[:2] == ["order.created", "order.allocated"]
            empty_warehouses(url[0], key[0])
            assert follow_to_the_kerb(url[0], key[0]) == [
                "ready_for_collection", "customer_on_the_way", "customer_arrived", "handed_over"
            ]  # fmt: skip
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0, "a server that is told to end ends well"
