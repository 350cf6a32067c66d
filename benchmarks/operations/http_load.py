"""Order POSTs through HTTP: ``doorstep serve`` in a process of its own, a plain client over open connections."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.operations.load import Measured, measured
from benchmarks.operations.shop import Shop, open_shop
from doorstep.domain.new_order import NewOrder
from doorstep.operations.access import create_key
from doorstep.storage import Database

CONNECTIONS = 32


@dataclass(frozen=True)
class Served:
    """A server, where it listens, and a key for it."""

    port: int
    key: str


@contextmanager
def serving(url: str, shop: Shop) -> Iterator[Served]:
    """Open a shop with full shelves in a database and run ``doorstep serve`` on it until the block ends."""
    database = Database(url)
    caller = open_shop(database, shop)
    with database.writing() as connection:
        key = create_key(connection, caller, name="bench", scopes=["admin"], now=shop.now)
    database.close()
    command = [sys.executable, "-m", "doorstep", "serve", "--port", "0", "--database-url", url, "--no-worker"]
    quiet = {
        "DOORSTEP_LOG_LEVEL": "error",
        "DOORSTEP_RATE_LIMIT_PER_S": "1000000",
        "DOORSTEP_RATE_LIMIT_BURST": "1000000",
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | quiet) as server:
        try:
            assert server.stdout is not None
            line = next(line for line in server.stdout if "listens on" in line)
            yield Served(int(line.split("http://")[1].split()[0].rsplit(":", 1)[1]), key.secret)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)


def body_of(order: NewOrder) -> bytes:
    """Return the JSON of an order as a shop sends it."""
    return json.dumps(
        {
            "external_id": order.external_id,
            "service_level_id": order.service_level_id,
            "place": {"lat": order.lat, "lon": order.lon, "postal_code": order.postal_code},
            "lines": [{"product_id": line.product_id, "quantity": line.quantity} for line in order.lines],
        }
    ).encode()


def measure_http(shop: Shop, count: int, seed: int) -> tuple[Measured, Measured, Measured]:
    """Return the figures of order POSTs, of quotes alone, and of quotes while orders are written."""
    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        url = f"sqlite:///{folder}/doorstep.db"
        with serving(url, shop) as served:
            asyncio.run(_post(served, "/v1/orders", [body_of(order) for order in shop.orders(1_000, -seed)]))
            orders = [body_of(order) for order in shop.orders(count, seed)]
            posts = asyncio.run(_post(served, "/v1/orders", orders))
            quotes = [_basket(order) for order in orders[:200]]
            alone = asyncio.run(_send(served, "/v1/options", quotes, 1))
            more = [body_of(order) for order in shop.orders(count, seed + 100)]
            both = asyncio.run(_beside(served, quotes, more))
    return posts, alone, both


def _basket(order: bytes) -> bytes:
    found = json.loads(order)
    return json.dumps({"place": found["place"], "lines": found["lines"]}).encode()


async def _post(served: Served, path: str, bodies: Sequence[bytes]) -> Measured:
    return await _send(served, path, bodies, CONNECTIONS)


async def _beside(served: Served, quotes: Sequence[bytes], orders: Sequence[bytes]) -> Measured:
    writing = asyncio.create_task(_send(served, "/v1/orders", orders, CONNECTIONS // 4))
    found = await _send(served, "/v1/options", quotes, 1)
    writing.cancel()
    return found


async def _send(served: Served, path: str, bodies: Sequence[bytes], connections: int) -> Measured:
    waits, failed = [0.0] * len(bodies), 0
    numbers = iter(range(len(bodies)))
    started = time.perf_counter()

    async def client() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        bad = 0
        for number in numbers:
            at = time.perf_counter()
            status, _ = await _ask(reader, writer, served, "POST", path, bodies[number])
            waits[number] = time.perf_counter() - at
            bad += status not in (200, 201)
        writer.close()
        return bad

    failed = sum(await asyncio.gather(*(client() for _ in range(connections))))
    return measured(waits, failed, time.perf_counter() - started, 0.0)


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, served: Served, method: str, path: str, body: bytes
) -> tuple[int, bytes]:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    headers = answer.decode("latin-1").lower()
    length = int(headers.split("content-length: ")[1].split("\r\n")[0])
    return int(headers.split(" ")[1]), await reader.readexactly(length)
