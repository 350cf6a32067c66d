"""Every request has an id, its caller's own if it is harmless."""

import pytest

from tests.api.shell import client


@pytest.mark.parametrize("given", ["a", "order-7_retry.2", "0af7651916cd43dd8448eb211c80319c", "x" * 64])
def test_a_harmless_id_comes_back(given):
    assert client().get("/healthz", headers={"x-request-id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", 'a"b', "é".encode(), "a,b"])
def test_any_other_is_replaced(given):
    assert client().get("/healthz", headers={"x-request-id": given}).headers["x-request-id"] == "req_1"


def test_a_problem_names_the_same_id():
    answer = client().get("/nothing", headers={"x-request-id": "mine"})
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "mine"
