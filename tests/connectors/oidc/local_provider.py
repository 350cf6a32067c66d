"""A small identity provider on loopback: strict about PKCE, redirect and client, untrue only where a test says so."""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

NOW = 1_772_949_600
CLIENT_ID = "doorstep console"
SECRET = "s3cr+t:/ü"
REDIRECT = "https://shop.example/back"
BOUND_S = 10
ANY_HEADER = JWSRegistry(algorithms=["RS256", "ES256"], strict_check_header=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What the provider remembers of a browser that was sent to it."""

    challenge: str
    nonce: str
    redirect_uri: str


@dataclass(slots=True)
class LocalProvider:
    """Use as a context; the fields after ``signer`` are what a test may spoil."""

    signer: RSAKey | ECKey
    published: list[dict[str, object]] | None = None
    algorithm: str = "RS256"
    description: dict[str, object] = field(default_factory=dict)
    claims: dict[str, object] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    header: dict[str, object] = field(default_factory=dict)
    token: str = ""
    public: bool = False
    person: dict[str, object] = field(default_factory=dict)
    raw: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    logins: dict[str, Login] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def issuer(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}/realm"

    def log_in(self, url: str) -> str:
        """Do what browser and person do: follow the address, log in, come back with a code."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        said = {name: value for name, (value,) in parse_qs(parts.query, strict_parsing=True).items()}
        assert (said["response_type"], said["code_challenge_method"], said["client_id"]) == ("code", "S256", CLIENT_ID)
        assert "openid" in said["scope"].split()
        code = f"code-{len(self.logins)}"
        self.logins[code] = Login(
            challenge=said["code_challenge"], nonce=said["nonce"], redirect_uri=said["redirect_uri"]
        )
        return code

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Return status and content for a request."""
        self.asked.append(path)
        if path in self.raw:
            return self.raw[path]
        match (method, path):
            case ("GET", "/realm/.well-known/openid-configuration"):
                return said(self.described())
            case ("GET", "/realm/keys"):
                mine = self.signer.as_dict(private=False)
                return said({"keys": [mine] if self.published is None else self.published})
            case ("POST", "/realm/token"):
                return self.tokens(headers, body)
            case ("GET", "/realm/person") if headers.get("authorization") == "Bearer access-1":
                return said(self.person)
        return said({"error": "not_found"}, status=404)

    def described(self) -> dict[str, object]:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "person",
        }
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{place}" for name, place in places.items()},
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
        } | self.description

    def tokens(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        form = {name: value for name, (value,) in parse_qs(body.decode(), strict_parsing=True).items()}
        if not self.knows(headers.get("authorization", ""), form.get("client_secret", "")):
            return said({"error": "invalid_client"}, status=401)
        login = self.logins.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if login is None or (login.challenge, login.redirect_uri) != (challenge, form["redirect_uri"]):
            return said({"error": "invalid_grant"}, status=400)
        assert (form["grant_type"], form["client_id"]) == ("authorization_code", CLIENT_ID)
        return said({"access_token": "access-1", "id_token": self.token or self.signed(login.nonce)})

    def knows(self, authorization: str, in_form: str) -> bool:
        """Return whether the client has proved itself in the way that the description asks for."""
        if self.public:
            return not authorization and not in_form
        if self.description.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return not authorization and in_form == SECRET
        # Both parts are form-encoded, as RFC 6749 wants it.
        basic = base64.b64encode(b"doorstep+console:s3cr%2Bt%3A%2F%C3%BC").decode()
        return authorization == f"Basic {basic}" and not in_form

    def signed(self, nonce: str) -> str:
        claims: dict[str, object] = {
            "iss": self.issuer,
            "sub": "person-1",
            "aud": CLIENT_ID,
            "iat": NOW,
            "exp": NOW + 300,
            "nonce": nonce,
            "email": "zoe@shop.example",
            "email_verified": True,
            "name": "Zoë",
        }
        kept = {name: value for name, value in (claims | self.claims).items() if name not in self.dropped}
        header = {"alg": self.algorithm, "kid": self.signer.kid} | self.header
        return jwt.encode(header, kept, self.signer, registry=ANY_HEADER)

    def __enter__(self) -> "LocalProvider":
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(b"")

            def do_POST(self) -> None:
                self.reply(self.rfile.read(int(self.headers["Content-Length"])))

            def reply(self, body: bytes) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, content = provider.answer(self.command, self.path, headers, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if status == 302:
                    self.send_header("Location", f"{provider.issuer}/elsewhere")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it is called by
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(BOUND_S)


def said(content: dict[str, object], *, status: int = 200) -> tuple[int, bytes]:
    return status, json.dumps(content).encode()
