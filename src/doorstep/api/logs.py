"""Logs: JSON or text, one line an event, with secrets and personal data taken out before anything is written."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Literal, TextIO

import structlog

HIDDEN = "[hidden]"
DEEPEST = 6
_PRIVATE_WORDS = frozenset(
    {
        "access",
        "address",
        "addresses",
        "apikey",
        "auth",
        "authorization",
        "birth",
        "code",
        "contact",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "csrf",
        "email",
        "emails",
        "firstname",
        "fullname",
        "jwt",
        "key",
        "lastname",
        "lat",
        "latitude",
        "lon",
        "longitude",
        "mobile",
        "name",
        "names",
        "note",
        "otp",
        "passwd",
        "password",
        "passwords",
        "phone",
        "phonenumber",
        "phones",
        "pin",
        "point",
        "position",
        "postal",
        "postcode",
        "recipient",
        "secret",
        "secrets",
        "session",
        "signature",
        "street",
        "surname",
        "telephone",
        "token",
        "tokens",
        "username",
        "zip",
        "zipcode",
    }
)
"""A value is hidden if its name has one of these words, in whatever spelling: clientSecret, x-api-key, phone_e164."""
_ALLOWED_NAMES = frozenset({"code", "key_id", "event_name", "route_name"})
"""Names that have such a word and are harmless: the code of a problem, the id (not the secret) of an API key."""
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_SECRETS_IN_TEXT = (
    (re.compile(r"\b(ds_(?:live|test)_)[A-Za-z0-9_-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(whsec_)[A-Za-z0-9+/=_-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+"), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), HIDDEN),
    (re.compile(r"(://)[^/\s@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), HIDDEN),
    (re.compile(r"(?<![\w+])\+[1-9](?:[ ().-]{0,3}\d){7,14}\b"), HIDDEN),
)

_SUSPECT = re.compile(r"[@+]|ds_|whsec_|eyJ|://|(?i:bearer|basic)")
"""What every one of them has: most texts have none of it, and need not be looked through seven times."""
_WRITE_ADDRESSES = ("httpcore2", "httpx2", "uvicorn.access")
"""Loggers of others that write whole addresses of requests, queries included; our access line stands for them."""

Format = Literal["json", "text"]
Level = Literal["debug", "info", "warning", "error"]


def configure_logs(*, level: Level, form: Format, stream: TextIO | None = None) -> None:
    """Let everything that logs, ours and others', write redacted lines of one form to a stream (default: stderr)."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,  # after the traceback became text, before anything is written
                _renderer(form),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in _WRITE_ADDRESSES:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def redact(logger: object, method: str, event: MutableMapping[str, object]) -> Mapping[str, object]:
    """Return a log event without secrets and personal data; it is the last step before writing."""
    del logger, method
    kept = {"event", "level", "logger", "timestamp", "exception"}
    return {
        _masked(name): _masked(str(value)) if name in kept else _clean(name, value, DEEPEST)
        for name, value in event.items()
    }


@lru_cache(maxsize=4_096)
def is_private(name: str) -> bool:
    """Return whether the value of this name must not be written."""
    words = {word.lower() for word in _WORDS.findall(name)}
    return name not in _ALLOWED_NAMES and bool(words & _PRIVATE_WORDS)


def _clean(name: str, value: object, depth: int) -> object:
    if is_private(name):
        return HIDDEN
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _masked(value)
    if depth == 0:
        return "[deeper]"
    if isinstance(value, Mapping):
        return {_masked(str(k)): _clean(str(k), v, depth - 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item, depth - 1) for item in value]
    return f"<{type(value).__name__}>"  # an object may print anything: it is named, not printed


def _masked(text: str) -> str:
    if not _SUSPECT.search(text):
        return text
    for pattern, instead in _SECRETS_IN_TEXT:
        text = pattern.sub(instead, text)
    return text


def _renderer(form: Format) -> structlog.types.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=False, repr_native_str=True)
