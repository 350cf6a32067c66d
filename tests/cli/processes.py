"""Servers and workers as processes of their own, told to end as an operating system tells them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

END_S = 45
SETTINGS = {"DOORSTEP_LOG_LEVEL": "warning", "DOORSTEP_WEBHOOK_ALLOW_LOOPBACK": "true"}


@dataclass
class Running:
    """A command of doorstep that runs; it logs warnings only."""

    process: "subprocess.Popen[str]"
    log: IO[str]

    def wait_for(self, words: str) -> str:
        """Return the line that has these words, as soon as it is said."""
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if words in line:
                return line
        raise AssertionError(f"it ended without saying {words!r}: {said}{self.warnings}")

    def url(self) -> str:
        """Return where a server listens, as soon as it does."""
        found = re.search(r"http://[\d.:]+", self.wait_for("listens on"))
        assert found is not None
        return found[0]

    def end(self) -> int:
        """Tell it to end and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(END_S)

    @property
    def warnings(self) -> str:
        """What it has written into its log."""
        self.log.seek(0)
        return self.log.read()


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    """Run a command; whatever happens, it has ended when the context ends."""
    command = [sys.executable, "-m", "doorstep", *arguments]
    with (
        TemporaryFile("w+") as log,
        subprocess.Popen(
            command, cwd=folder, env=os.environ | SETTINGS, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            yield Running(process, log)
        finally:
            if process.poll() is None:
                process.kill()
