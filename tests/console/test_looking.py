"""What thousands look at: looked up together, answered straight, and measured."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from benchmarks.faces.day import step_of, van_at
from benchmarks.faces.viewers import Seen, staleness
from doorstep.api.middleware.straight import Straight
from doorstep.console.shell.together import Together


def test_what_is_asked_while_something_is_looked_up_is_looked_up_next_and_at_once():
    asked: list[Sequence[str]] = []

    async def find(keys: Sequence[str]) -> Mapping[str, str]:
        asked.append(keys)
        await asyncio.sleep(0)
        return {key: key.upper() for key in keys if key != "nothing"}

    async def all_of_them() -> list[str | None]:
        return await asyncio.gather(*map(Together(find).get, ("a", "b", "a", "nothing")))

    assert asyncio.run(all_of_them()) == ["A", "B", "A", None]
    assert [list(keys) for keys in asked] == [["a", "b", "nothing"]]


def test_a_look_up_that_fails_is_told_to_all_who_wait_and_the_next_one_is_tried():
    tries: list[int] = []

    async def find(keys: Sequence[str]) -> Mapping[str, str]:
        tries.append(len(keys))
        if len(tries) == 1:
            raise ValueError("away")
        return dict.fromkeys(keys, "there")

    async def twice() -> tuple[list[object], str | None]:
        together = Together(find)
        first = await asyncio.gather(together.get("a"), together.get("b"), return_exceptions=True)
        return list(first), await together.get("a")

    first, then = asyncio.run(twice())
    assert [type(each) for each in first] == [ValueError, ValueError]
    assert then == "there"


@pytest.mark.parametrize(("method", "path", "told"), [
    ("GET", "/t/ABC/map.json", "ABC"), ("GET", "/t/A/B/map.json", "else"), ("POST", "/t/ABC/map.json", "else"),
    ("GET", "/t/ABC/mapxjson", "else"),
])  # fmt: skip
def test_a_path_with_a_word_in_it_goes_straight_and_no_other(method: str, path: str, told: str):
    async def endpoint(request: Request) -> Response:
        return PlainTextResponse(request.path_params["token"])

    async def otherwise(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("else")(scope, receive, send)

    app = Straight(otherwise, endpoints={("GET", "/t/{token}/map.json"): endpoint})
    assert TestClient(app).request(method, path).text == told


def test_an_answer_is_as_old_as_the_oldest_position_that_it_lacks():
    told_at = [[0.0, 2.0, 4.0, 6.0], [0.0, 3.0, 5.0]]
    seen = Seen([0.0, 0.0, 0.0], [4.5, 6.5, 8.5], [{0: 1, 1: 1}, {0: 3, 1: 1}, {0: 3, 1: 2}])
    assert list(staleness(seen, told_at)) == [(0.5, 2.5), (1.5, 3.5)]


def test_the_step_of_a_van_is_read_from_where_it_is():
    assert all(step_of(van, van_at(van, step)[0]) == step for van in (0, 1, 77, 1_999) for step in (0, 1, 30))
