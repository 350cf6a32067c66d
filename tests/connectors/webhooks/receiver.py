"""A receiver of webhooks on loopback: a real server on a free port that answers as a test tells it to."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BOUND_S = 10  # what a test waits for at most when something is broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a sender that hangs up is what many tests are about."""


Answer = Callable[[BaseHTTPRequestHandler], object]


def says(status: int, *headers: tuple[str, str], body: bytes = b"") -> Answer:
    """Return an answer of one status, some headers and a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@dataclass(slots=True)
class Receiver:
    """Use as a context; ``over`` is set when the test is, so that answers that drag on can end."""

    answer: Answer
    tls: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    _server: Server | None = None
    _thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?shop=1"

    def __enter__(self) -> "Receiver":
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.heard.append(Heard(method=self.command, path=self.path, headers=headers, body=body))
                receiver.answer(self)

            def do_GET(self) -> None:
                receiver.heard.append(Heard(method=self.command, path=self.path, headers={}, body=b""))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it is called by
                """Keep the test's output clean."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(BOUND_S)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of one host that signs itself, in files."""

    file: Path
    key: Path

    @classmethod
    def of(cls, host: str, folder: Path) -> "Certificate":
        secret = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        now = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(secret.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(secret, hashes.SHA256())
        )
        made = cls(folder / f"{host}.pem", folder / f"{host}.key")
        made.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            secret.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return made

    def serving(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))
