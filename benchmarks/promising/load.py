"""``POST /v1/options`` at national size under an open loop: the latency at a rate, and the largest rate it is kept at.

``others_cpu_pct`` is the share of the machine that other work had meanwhile: latencies are those of what was left.
Several ``doorstep serve`` share one database, and connections are spread over them as a proxy would. Shoppers come
independently of each other (exponential gaps), and a latency counts from the moment at which its shopper came.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.operations.shop import sqlite_url
from benchmarks.promising.client import Driven, drive
from benchmarks.promising.national import PRODUCTS, SITES, Nation, nation
from doorstep.operations.access import create_key, create_tenant
from doorstep.operations.caller import Caller
from doorstep.operations.onboarding import import_steps
from doorstep.operations.slots import define_slots
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade

Row = dict[str, object]
GOAL_MS = 20.0
STEP, STEPS = 1.2, 8
"""Factor between two rates that are tried, and how many are tried at most."""
WARM_UP_S = 5.0
SLOTS_AT_ONCE = 500
CLOCK_HZ = os.sysconf("SC_CLK_TCK")
QUIET = {
    "DOORSTEP_LOG_LEVEL": "warning",
    "DOORSTEP_RATE_LIMIT_PER_S": "1000000",
    "DOORSTEP_RATE_LIMIT_BURST": "1000000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How long each rate is kept up [s], the first rate [requests/s], servers, and where the stores come from."""

    seconds: float
    rate: float
    servers: int
    data: Path | None
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Servers that listen: their ports and process ids, and a key for them."""

    ports: list[int]
    pids: list[int]
    key: str

    def cpu_s(self) -> float:
        """Return the CPU seconds that they have used."""
        ticks = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / CLOCK_HZ


def load_rows(asked: Asked) -> tuple[list[Row], Row]:
    """Return one row for each rate that was tried, and the summary; the first row is that of the rate asked for."""
    shop = nation(asked.data, seed=asked.seed)
    with ExitStack() as parts:
        url = os.environ.get("DOORSTEP_DATABASE_URL") or parts.enter_context(sqlite_url())
        key = _open(url, shop)
        served = parts.enter_context(_serving(url, key, asked.servers))
        client = parts.enter_context(ProcessPoolExecutor(1, multiprocessing.get_context("spawn")))
        run = _Runs(asked, shop, served, client)
        run.at(asked.rate, seconds=WARM_UP_S)
        first = run.at(asked.rate)
        rows, best = _search(run, first, asked.rate)
    summary = {
        "options_p99_ms": first["p99_ms"],
        "options_server_cpu_ms": first["server_cpu_ms"],
        "options_per_s": best,
    }
    return rows, summary


def _search(run: "_Runs", first: Row, rate: float) -> tuple[list[Row], object]:
    """Return the rows of rates, up from one that was kept or down from one that was not, and the largest kept one."""
    rows, best = [first], float(str(first["per_s"])) if _kept(first) else 0.0
    up = _kept(first)
    for _ in range(STEPS):
        rate = rate * STEP if up else rate / STEP
        row = run.at(rate)
        rows.append(row)
        if _kept(row):
            best = float(str(row["per_s"]))
        if _kept(row) != up:
            break
    return rows, round(best)


def _kept(row: Row) -> bool:
    return float(str(row["p99_ms"])) < GOAL_MS and not row["failed"]


class _Runs:
    """Runs of different rates on the same servers."""

    def __init__(self, asked: Asked, shop: Nation, served: Served, client: ProcessPoolExecutor) -> None:
        self._asked, self._shop, self._served, self._client = asked, shop, served, client
        self._rng = np.random.default_rng(asked.seed)

    def at(self, rate: float, *, seconds: float | None = None) -> Row:
        """Keep up a rate and return its row."""
        count = max(int(rate * (seconds or self._asked.seconds)), 1)
        due = np.cumsum(self._rng.exponential(1 / rate, count))
        print(f"options at {rate:.0f}/s, {count:,} requests ...", file=sys.stderr, flush=True)
        bodies = self._shop.baskets(count, self._rng)
        before, machine = self._served.cpu_s(), _machine_s()
        driven = self._client.submit(drive, self._served.ports, self._served.key, bodies, due).result()
        server_cpu_s, (busy_s, all_s) = self._served.cpu_s() - before, np.subtract(_machine_s(), machine)
        others = (busy_s - server_cpu_s - driven.cpu_s) / max(all_s, 1.0)
        return self._row(rate, driven, server_cpu_s) | {"others_cpu_pct": max(round(100 * float(others)), 0)}

    def _row(self, rate: float, driven: Driven, server_cpu_s: float) -> Row:
        count = driven.waits.size
        p50, p95, p99 = (round(1_000 * float(np.quantile(driven.waits, share)), 2) for share in (0.5, 0.95, 0.99))
        return {
            "instance": f"{SITES:,} sites, {PRODUCTS:,} products",
            "solver": f"POST /v1/options, {len(self._served.ports)} servers",
            "seed": self._asked.seed,
            "rate_per_s": round(rate),
            "requests": count,
            "failed": driven.failed + driven.lost,
            "per_s": round(count / driven.wall_s),
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
            "server_cpu_ms": round(1_000 * server_cpu_s / count, 3),
            "client_cpu_ms": round(1_000 * driven.cpu_s / count, 3),
        }


def _machine_s() -> tuple[float, float]:
    """Return the CPU seconds that all processors of the machine have been busy, and that there have been."""
    fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]
    ticks = [int(field) / CLOCK_HZ for field in fields]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _open(url: str, shop: Nation) -> str:
    """Bring the retailer into a database as any other comes in, and return the secret of a key."""
    now, started = int(time.time()), time.perf_counter()
    database = Database(url)
    upgrade(database)
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, f"nation-{now}", now=now), "bench")
        key = create_key(connection, caller, name="bench", scopes=["admin"], now=now)
    for step in import_steps(caller, shop.retailer, now=now):
        with database.writing() as connection:
            step(connection)
    slots = shop.slots(now)
    for low in range(0, len(slots), SLOTS_AT_ONCE):
        with database.writing() as connection:
            define_slots(connection, caller, slots[low : low + SLOTS_AT_ONCE], now=now)
    database.close()
    took = time.perf_counter() - started
    print(f"{shop.retailer.stock.height:,} shelves, {len(slots):,} slots in {took:.0f} s", file=sys.stderr, flush=True)
    return key.secret


@contextmanager
def _serving(url: str, key: str, count: int) -> Iterator[Served]:
    """Run so many servers on a database until the block ends."""
    command = [sys.executable, "-m", "doorstep", "serve", "--port", "0", "--no-worker", "--database-url", url]
    servers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | QUIET) for _ in range(count)
    ]
    try:
        yield Served(ports=[_port(server.stdout or ()) for server in servers], pids=[s.pid for s in servers], key=key)
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
        for server in servers:
            server.wait(timeout=60)


def _port(said: "Sequence[str] | object") -> int:
    line = next(line for line in said if "listens on" in line)  # type: ignore[attr-defined]
    return int(line.split("http://")[1].split()[0].rsplit(":", 1)[1])
