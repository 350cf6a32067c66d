"""Phones by the hundred on open connections: each waits for its answer before it tells more."""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CLOCK_HZ = os.sysconf("SC_CLK_TCK")
STEP_S = 5
SPEED_DEG = 0.0004
"""Northward in five seconds: 9 m/s."""


@dataclass(frozen=True)
class Told:
    """What came of a load: requests, those that failed, waits [ms], and the CPU seconds of the server."""

    requests: int
    failed: int
    positions: int
    wall_s: float
    server_cpu_s: float
    p50_ms: float
    p99_ms: float


def batches(device: int, count: int, size: int, begins_at: int) -> list[bytes]:
    """Return the bodies of a phone that drives north: ``size`` positions five seconds apart in each of ``count``."""
    bodies = []
    for number in range(count):
        first = number * size
        positions = [
            {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begins_at + STEP_S * k)),
             "lat": round(-60 + SPEED_DEG * (k % 300_000), 6), "lon": round(-87 + device * 0.001, 6), "speed_mps": 8.9,
             "course_deg": 0, "accuracy_m": 5, "battery": 0.67, "moving": True}
            for k in range(first, first + size)
        ]  # fmt: skip
        bodies.append(json.dumps({"positions": positions}, separators=(",", ":")).encode())
    return bodies


async def drive(port: int, tokens: Sequence[str], bodies: Sequence[Sequence[bytes]], pid: int, size: int) -> Told:
    """Send the bodies of each phone one after another, all phones at once."""
    waits: list[float] = []
    failed = 0

    async def phone(token: str, mine: Sequence[bytes]) -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (f"POST /ingest/positions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
                "Content-Type: application/json\r\nContent-Length: ").encode()  # fmt: skip
        for body in mine:
            at = time.perf_counter()
            writer.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            waits.append(time.perf_counter() - at)
            failed += not answer.startswith(b"HTTP/1.1 200")
        writer.close()

    cpu_s, started = cpu_of(pid), time.perf_counter()
    await asyncio.gather(*(phone(*each) for each in zip(tokens, bodies, strict=True)))
    wall_s = time.perf_counter() - started
    p50, p99 = np.percentile(np.array(waits) * 1000, [50, 99]).tolist()
    sent = len(waits)
    return Told(sent, failed, (sent - failed) * size, wall_s, cpu_of(pid) - cpu_s, p50, p99)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_HZ
