"""Positions through HTTP into SQLite: ``doorstep serve`` in a process of its own, durable before each answer."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from benchmarks.tracking.load import Told, batches, drive
from doorstep.operations.access import create_tenant
from doorstep.operations.caller import Caller
from doorstep.operations.positions.devices import Riding, register_device
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.tracking import device_positions, last_positions

Row = dict[str, object]
QUIET = {
    "DOORSTEP_LOG_LEVEL": "error",
    "DOORSTEP_RATE_LIMIT_PER_S": "1000000",
    "DOORSTEP_RATE_LIMIT_BURST": "1000000",
    "DOORSTEP_ADDRESS_RATE_LIMIT_PER_S": "1000000",
    "DOORSTEP_ADDRESS_RATE_LIMIT_BURST": "1000000",
}


@dataclass(frozen=True)
class Served:
    """A server, its process, and the tokens of its phones."""

    port: int
    pid: int
    tokens: list[str]


@contextmanager
def serving(url: str, phones: int) -> Iterator[Served]:
    """Register phones in a new database and run ``doorstep serve`` on it until the block ends."""
    database, now = Database(url), int(time.time())
    upgrade(database)
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, "bench", now=now), "bench")
        made = [register_device(connection, caller, "bench", "driver_page", Riding(), now=now) for _ in range(phones)]
    database.close()
    with listening(url) as (port, pid):
        yield Served(port, pid, [each.secret for each in made])


@contextmanager
def listening(url: str) -> Iterator[tuple[int, int]]:
    """Run ``doorstep serve`` on a database until the block ends, and yield its port and its process."""
    command = [sys.executable, "-m", "doorstep", "serve", "--port", "0", "--database-url", url, "--no-worker"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | QUIET) as server:
        try:
            assert server.stdout is not None
            line = next(line for line in server.stdout if "listens on" in line)
            yield int(line.split("http://")[1].split()[0].rsplit(":", 1)[1]), server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)


def measure(phones: int, size: int, requests: int) -> Row:
    """Return the figures of phones that send so many requests in all, and whether all that was answered is there."""
    each = max(1, requests // phones)
    begins_at = int(time.time()) - 20 * 86_400
    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        url = f"sqlite:///{folder}/doorstep.db"
        with serving(url, phones) as served:
            bodies = [batches(device, each + 1, size, begins_at) for device in range(phones)]
            asyncio.run(drive(served.port, served.tokens, [mine[:1] for mine in bodies], served.pid, size))
            told = asyncio.run(drive(served.port, served.tokens, [mine[1:] for mine in bodies], served.pid, size))
        kept, current = _counted(url)
        stored_mb = (Path(folder) / "doorstep.db").stat().st_size / 1e6
    missing = told.positions + phones * size - kept + phones - current
    return _row(phones, size, told, missing, stored_mb / max(kept, 1) * 1e6)


def _counted(url: str) -> tuple[int, int]:
    database = Database(url)
    with database.reading() as connection:
        counts = [connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                  for table in (device_positions, last_positions)]  # fmt: skip
    database.close()
    return counts[0], counts[1]


def _row(phones: int, size: int, told: Told, missing: int, bytes_each: float) -> Row:
    return {
        "instance": f"{size} a request, {phones} phones",
        "solver": "doorstep, sqlite FULL",
        "requests": told.requests,
        "refused": told.failed,
        "positions_per_s": round(told.positions / told.wall_s),
        "requests_per_s": round(told.requests / told.wall_s),
        "positions_per_cpu_s": round(told.positions / told.server_cpu_s),
        "requests_per_cpu_s": round(told.requests / told.server_cpu_s),
        "p50_ms": round(told.p50_ms, 1),
        "p99_ms": round(told.p99_ms, 1),
        "cpu_s": round(told.server_cpu_s, 1),
        "wall_s": round(told.wall_s, 1),
        "bytes_each": round(bytes_each),
        "violations": missing,
    }
