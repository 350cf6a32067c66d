"""Thousands who look at moving vans: when they are told, and how old what they see is by then.

Dispatchers listen to a stream, as the map of their page does; shoppers ask every two seconds.
"""

import asyncio
import gzip
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.faces.day import Day, Row, furnish, step_of, van_at
from benchmarks.tracking.load import cpu_of
from benchmarks.tracking.positions import listening

EVERY_S = 2.0
"""A shopper's map asks so often, and a phone tells as often where it is."""
WARM_S = 6.0
MOST_FRAME = 4_000_000
TICK = re.compile(rb'"tick":(\d+)')
ETAG, LENGTH = re.compile(rb"(?i)\r\netag: (\S+)"), re.compile(rb"(?i)\r\ncontent-length: (\d+)")
Steps = dict[int, int]
Read = Callable[[bytes], Steps]


@dataclass(frozen=True)
class Asks:
    """What a viewer asks for, and what reads the steps of vans in the answer."""

    path: str
    read: Read


@dataclass
class Seen:
    """What one viewer got: when it asked and was answered, and which steps of which vans it saw from then on.

    Who listens asks nothing: both moments are the same.
    """

    asked_at: list[float] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)
    showed: list[Steps] = field(default_factory=list)
    refused: int = 0
    unchanged: int = 0


def staleness(seen: Seen, told_at: Sequence[Sequence[float]]) -> Iterator[tuple[float, float]]:
    """Yield for each answer how long the oldest position that it lacks had been told when it came, and at the next one.

    The first is how old the answer was, the second how old the map became before it was renewed [s].

    Parameters
    ----------
    told_at
        For each van when the position of each step was sent, by the same clock.
    """
    known: dict[int, float] = {}
    for answered_at, next_at, steps in zip(seen.answered_at, seen.answered_at[1:], seen.showed, strict=False):
        lacks_at = known.get(id(steps))
        if lacks_at is None:
            later = (told_at[van][step + 1] for van, step in steps.items() if step + 1 < len(told_at[van]))
            lacks_at = known[id(steps)] = min(later, default=float("inf"))
        yield max(0.0, answered_at - lacks_at), max(0.0, next_at - lacks_at)


def measure(vans: int, viewers: int, seconds: float, *, shoppers: bool) -> Row:
    """Return the figures of so many viewers of the dispatcher's map, or of as many shoppers, for some seconds."""
    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        url = f"sqlite:///{folder}/doorstep.db"
        day = furnish(url, vans, 0 if shoppers else viewers, viewers if shoppers else 0)
        with listening(url) as (port, pid):
            return asyncio.run(_watched(day, port, pid, seconds, shoppers=shoppers))


async def _watched(day: Day, port: int, pid: int, seconds: float, *, shoppers: bool) -> Row:
    told_at: list[list[float]] = [[time.perf_counter() - 30] for _ in day.phones]
    begins_at = time.perf_counter() + 1
    ends_at = begins_at + WARM_S + seconds
    phones = [asyncio.create_task(_phone(port, token, van, told_at[van], begins_at, ends_at))
              for van, token in enumerate(day.phones)]  # fmt: skip
    bodies: dict[bytes, Steps] = {}
    heard = Heard()
    asked = [Asks(f"/t/{token}/map.json", _van_reader(van)) for token, van in day.links]
    looking = [
        asyncio.create_task(_viewer(port, one, bodies, begins_at + EVERY_S * n / len(asked), ends_at))
        for n, one in enumerate(asked)
    ] + [
        asyncio.create_task(_watcher(port, secret, heard, begins_at + WARM_S / 2 * n / len(day.sessions), ends_at))
        for n, secret in enumerate(day.sessions)
    ]
    await asyncio.sleep(begins_at + WARM_S - time.perf_counter())
    started, cpu_s, own_s = time.perf_counter(), cpu_of(pid), time.process_time()
    await asyncio.sleep(ends_at - time.perf_counter())
    wall_s, cpu_s, own_s = time.perf_counter() - started, cpu_of(pid) - cpu_s, time.process_time() - own_s
    found = await asyncio.gather(*looking)
    refused = sum(await asyncio.gather(*phones))
    return _row(found, told_at, started, refused, {"wall_s": wall_s, "cpu_s": cpu_s, "load_cpu_s": own_s},
                "shoppers, a link each" if shoppers else "dispatchers, a session each")  # fmt: skip


async def _phone(port: int, token: str, van: int, told_at: list[float], begins_at: float, ends_at: float) -> int:
    """Tell every two seconds where a van is, and return how often that was refused."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (f"POST /ingest/positions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: ").encode()  # fmt: skip
    refused, due = 0, begins_at + EVERY_S * (van * 0.618 % 1)
    while due < ends_at:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        lat, lon = van_at(van, len(told_at))
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = json.dumps(
            {"positions": [{"at": at, "lat": lat, "lon": lon, "speed_mps": 4.5, "accuracy_m": 5}]}
        ).encode()
        told_at.append(time.perf_counter())
        writer.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        refused += (await _answer(reader))[0] != 200
        due += EVERY_S
    writer.close()
    return refused


async def _viewer(port: int, asks: Asks, bodies: dict[bytes, Steps], begins_at: float, ends_at: float) -> Seen:
    """Ask every two seconds, on one connection; what is the same as before is not sent again."""
    await asyncio.sleep(max(0.0, begins_at - time.perf_counter()))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (f"GET {asks.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n"
            "Accept-Encoding: gzip\r\n").encode()  # fmt: skip
    seen, due, etag, steps = Seen(), begins_at, b"", Steps()
    while due < ends_at:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked_at = time.perf_counter()
        writer.write(head + (b"If-None-Match: %b\r\n\r\n" % etag if etag else b"\r\n"))
        status, etag_now, body = await _answer(reader)
        if status == 200:
            etag = etag_now
            steps = bodies.get(etag or body) or bodies.setdefault(etag or body, asks.read(body))
        seen.refused += status not in (200, 304)
        seen.unchanged += status == 304
        seen.asked_at.append(asked_at)
        seen.answered_at.append(time.perf_counter())
        seen.showed.append(steps)
        due = max(due + EVERY_S, time.perf_counter() - EVERY_S)
    writer.close()
    return seen


async def _watcher(port: int, secret: str, heard: "Heard", begins_at: float, ends_at: float) -> Seen:
    """Listen to vehicles as they move."""
    await asyncio.sleep(max(0.0, begins_at - time.perf_counter()))
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MOST_FRAME)
    writer.write((f"GET /dispatch/vehicles HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                  f"Cookie: doorstep_session={secret}\r\nAccept: text/event-stream\r\n\r\n").encode())  # fmt: skip
    seen = Seen()
    seen.refused += int((await reader.readuntil(b"\r\n\r\n"))[9:12]) != 200
    while not seen.refused and time.perf_counter() < ends_at:
        size = int(await reader.readuntil(b"\r\n"), 16)
        steps = heard.after((await reader.readexactly(size + 2))[:-2])
        seen.refused += not size  # it broke off
        seen.asked_at.append(time.perf_counter())
        seen.answered_at.append(seen.asked_at[-1])
        seen.showed.append(steps)
    writer.close()
    return seen


@dataclass
class Heard:
    """Which steps of which vans are known after each tick: all who listen hear the same, so it is worked out once."""

    vans: dict[int, int] = field(default_factory=dict)
    ticks: dict[int, Steps] = field(default_factory=dict)

    def after(self, frame: bytes) -> Steps:
        """Return the steps of all vans after a frame of the stream."""
        tick = TICK.search(frame)
        if tick is None:
            return {}
        known = self.ticks.get(int(tick[1]))
        return known if known is not None else self._read(int(tick[1]), json.loads(frame.removeprefix(b"data: ")))

    def _read(self, tick: int, told: dict[str, Any]) -> Steps:
        steps = Steps() if told.get("whole") else dict(self.ticks[tick - 1])
        for one in told["features"]:
            van = self.vans[one["properties"]["n"]] = int(one["properties"]["label"][1:])
            steps[van] = step_of(van, one["geometry"]["coordinates"][1])
        for n, _, lat, _ in told.get("moves", ()):
            steps[self.vans[n]] = step_of(self.vans[n], lat)
        self.ticks[tick] = steps
        return steps


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status, etag, length = int(head[9:12]), ETAG.search(head), LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length and status != 304 else b""
    return status, etag[1] if etag else b"", body


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def _van_reader(van: int) -> Read:
    """Return what tells at which step a shopper's van is."""

    def read(body: bytes) -> Steps:
        found = json.loads(_plain(body))["vehicles"]["features"]
        return {van: step_of(van, found[0]["geometry"]["coordinates"][1])} if found else {}

    return read


def _row(
    found: Sequence[Seen], told_at: Sequence[Sequence[float]], since: float, refused: int, spent: Row, who: str
) -> Row:
    ages = np.array([pair for seen in found for pair in staleness(_since(seen, since), told_at)])
    waits = np.array(
        [b - a for seen in found for a, b in zip(seen.asked_at, seen.answered_at, strict=True) if a > since]
    )
    wall_s, cpu_s, own_s = (float(str(spent[name])) for name in ("wall_s", "cpu_s", "load_cpu_s"))
    blind = sum(not steps for seen in found for steps in seen.showed)
    p50, p99 = np.percentile(ages[:, 0], [50, 99]).tolist()
    return {
        "instance": f"{len(told_at):,} vans tell every {EVERY_S:g} s, {len(found):,} {who}",
        "solver": "doorstep serve, sqlite",
        "answers": len(waits),
        "viewers_unanswered": sum(not _since(seen, since).answered_at for seen in found),
        "answers_per_s": round(len(waits) / wall_s),
        "answers_per_cpu_s": round(len(waits) / cpu_s),
        **(
            {
                f"wait_p{share}_ms": round(float(np.percentile(waits, share)) * 1000, 1)
                for share in (50, 99)
                if waits.any()
            }
        ),
        "age_p50_s": round(p50, 2),
        "age_p99_s": round(p99, 2),
        "age_max_s": round(float(ages[:, 0].max()), 2),
        "before_next_p50_s": round(float(np.percentile(ages[:, 1], 50)), 2),
        "before_next_p99_s": round(float(np.percentile(ages[:, 1], 99)), 2),
        "cpu_s": round(cpu_s, 1),
        "load_cpu_s": round(own_s, 1),
        "wall_s": round(wall_s, 1),
        "violations": sum(seen.refused for seen in found) + refused + blind,
    }


def _since(seen: Seen, since: float) -> Seen:
    """Return what a viewer got of what it asked after a moment."""
    first = next((n for n, at in enumerate(seen.asked_at) if at > since), len(seen.asked_at))
    return Seen(seen.asked_at[first:], seen.answered_at[first:], seen.showed[first:])
