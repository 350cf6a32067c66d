"""Browsers are told to do no more than our pages need."""

import pytest
from fastapi import APIRouter
from starlette.responses import Response

from tests.api.shell import client


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/v1/orders/7", "/docs"])
def test_every_response_has_the_headers(path):
    headers = client().get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'self'; img-src 'self' data: blob:; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'"
    )
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_a_failure_has_them_too():
    answer = client(failure=RuntimeError()).post("/v1/orders/7", json={"lines": []})
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (500, "nosniff")


def test_only_what_came_by_tls_is_kept_to_it():
    shell = client()
    assert "strict-transport-security" not in shell.get("/healthz").headers
    shell.base_url = "https://testserver"
    assert shell.get("/healthz").headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


def test_answers_about_orders_are_not_kept_anywhere():
    assert client().get("/v1/orders/7").headers["cache-control"] == "no-store"
    assert "cache-control" not in client().get("/healthz").headers


def test_an_endpoint_may_be_stricter():
    router = APIRouter()

    @router.get("/strict")
    def strict() -> Response:
        return Response(headers={"Content-Security-Policy": "default-src 'none'"})

    assert client(routers=[router]).get("/strict").headers["content-security-policy"] == "default-src 'none'"
