"""Every exchange leaves an access line and figures, and neither holds an id or anything personal."""

import anyio
import pytest
from prometheus_client import CollectorRegistry
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from doorstep.api.middleware.observing import Exchange, Observing
from tests.api.shell import client


def access_lines(lines):
    return [line for line in lines if line["event"] == "request"]


def test_the_access_line_has_the_template_and_no_id_or_query():
    with capture_logs() as lines:
        client().get("/v1/orders/ord_7?limit=1&phone=123", headers={"x-key": "key_9"})
    (line,) = access_lines(lines)
    assert {key: line[key] for key in ("method", "route", "status", "key_id", "request_id", "log_level")} == {
        "method": "GET",
        "route": "/v1/orders/{order_id}",
        "status": 200,
        "key_id": "key_9",
        "request_id": "req_1",
        "log_level": "info",
    }
    assert "ord_7" not in str(line)
    assert "phone" not in str(line)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/nothing/at/all", "unmatched", 404),
        ("DELETE", "/v1/orders/7", "/v1/orders/{order_id}", 405),
        ("GET", "/v1/orders/7?limit=0", "/v1/orders/{order_id}", 422),
        ("GET", "/docs", "/docs", 200),
    ],
)
def test_what_goes_wrong_is_seen_too(method, path, route, status):
    with capture_logs() as lines:
        client().request(method, path)
    assert [(line["route"], line["status"]) for line in access_lines(lines)] == [(route, status)]


def test_a_failure_is_seen_as_500():
    with capture_logs() as lines:
        client(failure=RuntimeError()).post("/v1/orders/7", json={"lines": []})
    assert [line["status"] for line in access_lines(lines)] == [500]


def test_probes_are_for_debugging_unless_they_fail():
    with capture_logs() as lines:
        client().get("/healthz")
        client(parts={"database": False}).get("/readyz")
    assert [line["log_level"] for line in access_lines(lines)] == ["debug", "info"]


def test_the_figures_count_by_route_method_and_status():
    registry = CollectorRegistry()
    shell = client(registry=registry)
    for path in ("/v1/orders/1", "/v1/orders/2", "/v1/orders/3?limit=0"):
        shell.get(path)
    shell.request("INVENTED", "/v1/orders/1")

    def count(**labels: str) -> float | None:
        return registry.get_sample_value("doorstep_http_requests_total", labels)

    assert count(method="GET", route="/v1/orders/{order_id}", status="200") == 2
    assert count(method="GET", route="/v1/orders/{order_id}", status="422") == 1
    assert count(method="OTHER", route="/v1/orders/{order_id}", status="405") == 1
    labels = {"method": "GET", "route": "/v1/orders/{order_id}"}
    assert registry.get_sample_value("doorstep_http_request_seconds_count", labels) == 3


def test_the_figures_are_served():
    shell = client()
    shell.get("/v1/orders/1")
    answer = shell.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'doorstep_http_requests_total{method="GET",route="/v1/orders/{order_id}",status="200"} 1.0' in answer.text


def test_a_caller_that_goes_away_unanswered_is_seen():
    seen: list[Exchange] = []

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        return

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    clock = iter([1.0, 1.5])
    layer = Observing(silent, listeners=[seen.append], template=lambda _: "", seconds=lambda: next(clock))
    anyio.run(layer, {"type": "http", "method": "GET"}, receive, send)
    assert [(each.status, each.duration_s, each.route) for each in seen] == [(499, 0.5, "unmatched")]
