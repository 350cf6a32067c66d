"""The pages about the API are true: the list of endpoints is current, and the first order can be taken as written."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from doorstep.api.endpoints import endpoints_page
from doorstep.api.openapi import operations
from doorstep.storage import Database
from tests.api.desks import Shop, opened
from tests.databases import add_tenant, sqlite_copy

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)
Words = dict[str, str]


def test_the_page_of_endpoints_is_current():
    assert (DOCS / "reference" / "api.md").read_text(encoding="utf-8") == endpoints_page()


def test_every_endpoint_names_its_scope_in_the_document(sqlite_template: Path, tmp_path: Path):
    with sqlite_copy(sqlite_template, tmp_path) as database, empty(database) as shop:
        found = list(operations(shop.app.openapi()))
    assert [path for path, _, operation in found if path.startswith("/v1/") and not operation["x-scope"]] == []


def test_the_first_order_can_be_taken_as_the_page_says(sqlite_template: Path, tmp_path: Path):
    blocks = BLOCK.findall((DOCS / "how-to" / "api-first-order.md").read_text(encoding="utf-8"))
    requests, answers = blocks[::2], blocks[1::2]
    assert len(requests) == len(answers) >= 10
    words: Words = {}
    with sqlite_copy(sqlite_template, tmp_path) as database, empty(database) as shop:
        for request, answer in zip(requests, answers, strict=True):
            status, body = ask(shop, request, words)
            head, _, expected = answer.partition("\n\n")
            assert head.strip().startswith(f"HTTP/1.1 {status} "), body
            if expected.strip():
                assert_shows(json.loads(body), json.loads(expected), words)


@contextmanager
def empty(database: Database) -> Iterator[Shop]:
    """Open an application over a tenant that has nothing yet."""
    add_tenant(database)
    with opened(database, stock=None) as shop:
        yield shop


def ask(shop: Shop, request: str, words: Words) -> tuple[int, str]:
    for name, value in words.items():
        request = request.replace(name, value)
    head, _, body = request.partition("\n\n")
    first, *fields = head.strip().splitlines()
    method, path = first.split(" ")
    headers = dict(field.split(": ", 1) for field in fields)
    answer = shop.client().request(method, path, headers=headers, content=body.encode() or None)
    return answer.status_code, answer.text


def assert_shows(found: Any, expected: Any, words: Words) -> None:
    """Check what the page shows; it may leave things out, shorten texts by dots, and name texts by a dollar."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert_shows(found[key], value, words)
    elif isinstance(expected, list):
        for item, value in zip(found, expected, strict=True):
            assert_shows(item, value, words)
    elif isinstance(expected, str) and expected.startswith("$"):
        assert found == words.setdefault(expected, found)
    elif isinstance(expected, str) and expected.endswith("..."):
        assert found.startswith(expected[:-3])
    else:
        assert found == expected
