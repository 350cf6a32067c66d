"""No body is longer than its limit, whatever it says about itself."""

from collections.abc import Iterator

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from doorstep.api.middleware.body_limit import BodyLimit
from doorstep.api.problems import ProblemError
from tests.api.shell import client


def pieces(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * 1_000


def post(content, path="/v1/orders/7", **headers):
    shell = client(body_limit_bytes=5_000, upload_limit_bytes=10_000)
    return shell.post(path, content=content, headers={"content-type": "application/json"} | headers)


@pytest.mark.parametrize(("bytes_", "status"), [(5_000, 400), (5_001, 413), (10**7, 413)])
def test_a_body_that_says_its_length_is_refused_unread(bytes_, status):
    assert post(b" " * bytes_).status_code == status  # 400: so many spaces are not JSON


@pytest.mark.parametrize(("count", "status"), [(5, 400), (6, 413), (1_000, 413)])
def test_a_streamed_body_is_counted(count, status):
    assert post(pieces(count)).status_code == status


def test_an_upload_may_be_longer():
    assert post(pieces(9), "/v1/orders/upload-1").status_code == 400
    assert post(pieces(11), "/v1/orders/upload-1").json()["code"] == "body_too_large"


def test_a_length_that_is_no_number_is_refused():
    assert post(pieces(1), **{"content-length": "many"}).json()["code"] == "bad_request"


def test_an_endpoint_without_the_framework_is_stopped_too():
    async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 600, "more_body": True}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    limited = BodyLimit(reads_all, limit_bytes=1_000, upload_limit_bytes=1_000)
    with pytest.raises(ProblemError, match="longer than 1000 bytes"):
        anyio.run(limited, {"type": "http", "path": "/", "headers": []}, receive, send)
