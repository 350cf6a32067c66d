"""A mail server on loopback, as much of one as a letter needs (RFC 5321)."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread

BOUND_S = 10.0


class _Talk(socketserver.StreamRequestHandler):
    timeout = BOUND_S
    server: "MailServer"

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline(1_000).decode().strip():
            word = line.upper().split(" ")[0].split(":")[0]
            if word == "DATA":
                self._take()
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                refusal = self.server.refusals.get(word, "") if self.server.refused in line else ""
                self._say(refusal or "250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline(100_000)) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if self.server.refusals.get("DATA"):
            self._say(self.server.refusals["DATA"])
            return
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.letters.append(letter)
        self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps its ``letters``; answers commands of ``refusals`` so where they contain the text ``refused``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.refused = ""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server until the end of the context."""
    with MailServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(BOUND_S)
