"""Kills victims at random moments and asks, each time, whether everything that was promised is there."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Thread

from sqlalchemy import func, select

from benchmarks.faults.nursery import new_order
from doorstep.operations.caller import Caller
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.orders import orders

SILENT_S = 60.0
"""A victim that says nothing for so long is stuck."""
RESENT = 10
"""Promised orders that are sent once more after each kill."""


@dataclass
class Report:
    """What came of some kills; everything but ``kills`` and ``promised`` must be empty."""

    kills: int = 0
    promised: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def violations(self) -> int:
        """How many promises were broken."""
        return len(self.lost) + len(self.doubled) + len(self.faults)


class Nursery:
    """The process that makes victims, and what they say."""

    def __init__(self, url: str, tenant_id: str) -> None:
        command = [sys.executable, "-m", "benchmarks.faults.nursery", url, tenant_id]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._said: Queue[str] = Queue()
        self._ear = Thread(target=self._listen, daemon=True)
        self._ear.start()

    def begin(self, kind: str, seed: int) -> int:
        """Make a victim and return its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{kind} {seed}\n")
        self._process.stdin.flush()
        while not (line := self.hear()).startswith("pid "):
            pass
        return int(line.split()[1])

    def hear(self, timeout_s: float = SILENT_S) -> str:
        """Return the next line that is said."""
        return self._said.get(timeout=timeout_s)

    def kill(self, pid: int) -> list[str]:
        """Kill a victim and return what it had said and nobody had heard."""
        os.kill(pid, signal.SIGKILL)
        rest = []
        while (line := self.hear()) != "gone":
            rest.append(line)
        return rest

    def end(self) -> None:
        """End the nursery."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=SILENT_S)
        self._ear.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line.strip())


@contextmanager
def nursery(url: str, tenant_id: str) -> Iterator[Nursery]:
    """Run a nursery."""
    made = Nursery(url, tenant_id)
    try:
        yield made
    finally:
        made.end()


def kill_writers(url: str, tenant_id: str, *, kills: int, seed: int) -> Report:
    """Kill processes that take, place and cancel orders through a writer."""
    rng, report, database = random.Random(seed), Report(), Database(url)
    with nursery(url, tenant_id) as victims:
        for number in range(kills):
            pid = victims.begin("writer", seed * 100_000 + number)
            said = [victims.hear()]
            until = time.monotonic() + rng.uniform(0.0, 0.4)
            while time.monotonic() < until:
                try:
                    said.append(victims.hear(max(0.001, until - time.monotonic())))
                except Empty:
                    break
            said += victims.kill(pid)
            said = [line for line in said if len(line.split()) == 3]  # the last one may be cut
            report.kills += 1
            _judge(report, database, tenant_id, said)
    database.close()
    return report


def _judge(report: Report, database: Database, tenant_id: str, said: list[str]) -> None:
    told = [line.split() for line in said]
    promised = {name: order_id for word, name, order_id in told if word == "taken"}
    report.promised += len([1 for word, *_ in told if word in ("taken", "placed", "cancelled")])
    with database.reading() as connection:
        query = select(orders.c.external_id, orders.c.order_id, orders.c.state).where(orders.c.tenant_id == tenant_id)
        there = {row.external_id: (row.order_id, row.state) for row in connection.execute(query)}
        report.faults += check_books(connection)
    for name, order_id in promised.items():
        if there.get(name, ("", ""))[0] != order_id:
            report.lost.append(f"order {name} was promised as {order_id}")
    for word, name, _ in told:
        state = there.get(name, ("", ""))[1]
        if (word == "cancelled" and state != "cancelled") or (word == "placed" and state == "draft"):
            report.lost.append(f"order {name} was {word}, is {state}")
    _send_again(report, database, Caller(tenant_id, "harness"), list(promised)[-RESENT:], promised)


def _send_again(report: Report, database: Database, caller: Caller, names: list[str], promised: dict[str, str]) -> None:
    asked = [
        Intake(
            caller=caller,
            order=new_order(name, "pending" if int(name.rsplit("-", 1)[1]) % 7 == 3 else "settled"),
            now=int(time.time()),
            key=f"key-{name}",
        )
        for name in names
    ]
    with database.writing() as connection:
        for name, answer in zip(names, take_orders(connection, asked), strict=True):
            if getattr(answer, "order_id", None) != promised[name]:
                report.doubled.append(f"order {name}, sent again, became {answer}")


def kill_apis(url: str, tenant_id: str, key: str, *, kills: int, seed: int) -> Report:
    """Kill API servers while a shop posts orders; what got no answer is posted again with its key to the next one."""
    rng, report, database = random.Random(seed), Report(), Database(url)
    pending: list[str] = []
    answered: dict[str, str] = {}
    with nursery(url, tenant_id) as victims:
        for number in range(kills):
            port = _free_port()
            pid = victims.begin("api", port)
            connection = _connected(port)
            last = rng.randint(1, 30)  # the kill comes soon after so many answers, at any point of a request
            for order in range(1_000_000):
                if order == last:
                    Thread(target=_kill_after, args=(pid, rng.uniform(0.0, 0.05)), daemon=True).start()
                name = pending.pop() if pending else f"api-{seed}-{number}-{order}"
                order_id = _post(connection, name, key)
                if order_id is None:
                    pending.append(name)
                    break
                answered[name] = order_id
                report.promised += 1
            while victims.hear() != "gone":
                pass
            connection.close()
            report.kills += 1
    with database.reading() as reading:
        mine = (orders.c.tenant_id == tenant_id) & orders.c.external_id.like(f"api-{seed}-%")
        there = {r.external_id: r.order_id for r in reading.execute(select(orders).where(mine))}
        count = reading.execute(select(func.count()).select_from(orders).where(mine)).scalar_one()
        report.faults += check_books(reading)
    report.lost += [f"order {name}" for name, order_id in answered.items() if there.get(name) != order_id]
    if count > len(answered) + len(pending):
        report.doubled.append(f"{count} orders for {len(answered)} answers")
    database.close()
    return report


def _post(connection: http.client.HTTPConnection, name: str, key: str) -> str | None:
    """Return the id of the order that was posted, None if the server died."""
    order = new_order(name)
    body = {
        "external_id": name,
        "service_level_id": order.service_level_id,
        "place": {"lat": order.lat, "lon": order.lon},
        "lines": [{"product_id": line.product_id, "quantity": line.quantity} for line in order.lines],
    }
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": f"key-{name}"}
    try:
        connection.request("POST", "/v1/orders", json.dumps(body), headers)
        answer = connection.getresponse()
        found = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    assert answer.status in (200, 201), found
    return str(found["id"])


def _kill_after(pid: int, seconds: float) -> None:
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)


def _connected(port: int) -> http.client.HTTPConnection:
    until = time.monotonic() + SILENT_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SILENT_S)
        try:
            connection.connect()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return connection


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_workers(url: str, tenant_id: str, *, kills: int, seed: int, batch: int = 20) -> Report:
    """Kill workers while orders come in; in the end one worker is left alone until every order has its sites."""
    rng, report, database = random.Random(seed), Report(), Database(url)
    caller = Caller(tenant_id, "harness")
    with nursery(url, tenant_id) as victims:
        for number in range(kills + 1):
            names = [f"work-{seed}-{number}-{order}" for order in range(batch)]
            asked = [Intake(caller=caller, order=new_order(name), now=int(time.time())) for name in names]
            with database.writing() as connection:
                report.promised += sum(hasattr(answer, "order_id") for answer in take_orders(connection, asked))
            pid = victims.begin("worker", number)
            victims.hear()
            if number < kills:
                time.sleep(rng.uniform(0.0, 1.0))
                report.kills += 1
            elif not _all_routed(database, tenant_id):
                report.lost.append("orders were never routed")
            victims.kill(pid)
            with database.reading() as connection:
                report.faults += check_books(connection)
    database.close()
    return report


def _all_routed(database: Database, tenant_id: str) -> bool:
    waiting = select(func.count()).where(orders.c.tenant_id == tenant_id, orders.c.state == "placed")
    until = time.monotonic() + SILENT_S
    while time.monotonic() < until:
        with database.reading() as connection:
            if not connection.execute(waiting).scalar_one():
                return True
        time.sleep(0.2)
    return False
