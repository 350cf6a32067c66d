"""No secret and nothing personal is ever written to a log."""

import dataclasses
import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from doorstep.api.logs import HIDDEN, configure_logs, is_private, redact

SECRETS = [
    "ds_live_8fK2mZ0a-B_c",
    "ds_test_abc123",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "Bearer abc.def-ghi",
    "bearer  tok/en+x==",
    "Basic dXNlcjpwYXNz",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "postgresql+psycopg://user:hunter2@db.example/doorstep",
    "shopper@example.com",
    "+12025550143",
    "+1 (202) 555-0143",
]


@dataclasses.dataclass
class Person:
    phone: str = "+12025550143"


@pytest.fixture
def written():
    """Logs written as JSON to a text, and everything as before afterwards."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers, root.level)
    configure_logs(level="debug", form="json", stream=stream)
    yield stream
    root.handlers, root.level = before
    structlog.reset_defaults()


def clean(**event: object) -> dict[str, object]:
    return dict(redact(None, "info", dict(event)))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "key is {}, sorry", "a\n{}\nb", "({})"])
def test_a_secret_in_any_text_is_masked(secret, around):
    kernel = secret.split("_")[-1].split("//")[-1].split("@db")[0].split()[-1]
    shown = json.dumps(clean(event=around.format(secret), other=around.format(secret)))
    assert kernel not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "Authorization",
        "x-api-key",
        "clientSecret",
        "client_secret",
        "PASSWORD",
        "refreshToken",
        "phone",
        "phone_e164",
        "email",
        "customer_email",
        "name",
        "firstName",
        "address",
        "cookie",
        "access_code",
        "lat",
        "postal_code",
        "contact",
    ],
)
def test_the_value_of_a_private_name_is_hidden(name):
    assert clean(**{name: "value"})[name] == HIDDEN
    assert clean(outer={"inner": [{name: {"deep": "value"}}]}) == {"outer": {"inner": [{name: HIDDEN}]}}


@pytest.mark.parametrize(
    "name", ["method", "route", "status", "request_id", "key_id", "code", "order_id", "ms", "hostname"]
)
def test_harmless_names_are_written(name):
    assert not is_private(name)


def test_numbers_and_truths_are_written_as_they_are():
    assert clean(event="x", status=200, ms=1.5, ok=True, nothing=None, items=(1, "a")) == {
        "event": "x",
        "status": 200,
        "ms": 1.5,
        "ok": True,
        "nothing": None,
        "items": [1, "a"],
    }


@pytest.mark.parametrize("value", [Person(), SecretStr("hunter2"), b"+12025550143", object])
def test_an_object_is_named_and_not_printed(value):
    assert clean(thing=value) == {"thing": f"<{type(value).__name__}>"}


def test_what_lies_too_deep_is_left_out():
    deep: object = "+12025550143"
    for _ in range(20):
        deep = [deep]
    assert "[deeper]" in json.dumps(clean(deep=deep))


def test_a_secret_as_a_name_is_masked():
    assert "shopper" not in json.dumps(clean(seen={"shopper@example.com": 1}))


@given(st.dictionaries(st.text(), st.none() | st.text() | st.integers() | st.lists(st.text(), max_size=3), max_size=5))
def test_any_event_can_be_written(event):
    json.dumps(dict(redact(None, "info", {**event})))


def test_a_traceback_is_masked(written):
    try:
        raise ValueError("bad key ds_live_8fK2mZ of shopper@example.com")
    except ValueError:
        structlog.get_logger("t").exception("failed")
    line = json.loads(written.getvalue())
    assert "Traceback" in line["exception"]
    assert "8fK2mZ" not in written.getvalue()
    assert "shopper" not in written.getvalue()


def test_the_lines_of_others_are_masked_too(written):
    logging.getLogger("other").warning("sent %s", "whsec_abcdef0123")
    line = json.loads(written.getvalue())
    assert (line["event"], line["logger"], line["level"]) == (f"sent whsec_{HIDDEN}", "other", "warning")


def test_a_line_is_one_json_object_with_a_time(written):
    structlog.get_logger("t").info("a\nb", route="/v1")
    (line,) = written.getvalue().splitlines()
    assert json.loads(line)["timestamp"].endswith("Z")
    assert json.loads(line)["event"] == "a\nb"


def test_less_than_the_level_is_not_written(written):
    configure_logs(level="warning", form="json", stream=written)
    structlog.get_logger("t").info("quiet")
    assert written.getvalue() == ""


def test_text_is_for_reading(written):
    configure_logs(level="info", form="text", stream=written)
    structlog.get_logger("t").info("request", route="/v1/orders", forged="a\nb")
    (line,) = written.getvalue().splitlines()
    assert "request" in line
    assert "route='/v1/orders'" in line


def test_loggers_that_write_addresses_are_quiet(written):
    logging.getLogger("httpx2").info("HTTP Request: GET https://x/?token=1")
    logging.getLogger("uvicorn.access").info("GET /?token=1")
    assert written.getvalue() == ""
