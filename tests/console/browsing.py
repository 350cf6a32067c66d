"""A browser for tests of pages, in which somebody has signed in; forms are posted as browsers post them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.testclient import TestClient

from doorstep.api.access.cookies import SESSION
from doorstep.api.build import build_api
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.operations.access import csrf_of, open_session
from doorstep.operations.people import create_person
from doorstep.storage import Database
from tests.api.desks import Hand, Shop, opened_app
from tests.databases import CALLER, NOW


@dataclass
class Browser:
    """What somebody sees: the page of the last answer, and its address."""

    client: TestClient
    clock: Hand
    csrf: str = ""

    def see(self, path: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def ask(self, path: str) -> dict[str, object]:
        """Return what an element of a page asks for."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def send(self, path: str, /, *, status: int = 200, **fields: str) -> str:
        """Post a form with the word of the session, and return the page after it."""
        answer = self.client.post(path, data={"csrf": self.csrf} | fields)
        assert answer.status_code == status, answer.text
        return answer.text


@contextmanager
def browsing(
    database: Database, *, role: str = "dispatcher", at: int = NOW, sites: Sequence[str] = ()
) -> Iterator[Browser]:
    """Let somebody of a role look at the pages at a moment; without a role nobody has signed in."""
    with opened_app(database) as shop:
        shop.clock.at = at
        shop.app = build_api(shop, seconds=shop.hand, routers=ROUTERS, straights=STRAIGHTS)
        yield signed_in_as(shop, role, sites)


def signed_in_as(shop: Shop, role: str, sites: Sequence[str] = ()) -> Browser:
    """Return the browser of somebody new of a role."""
    client = TestClient(
        shop.app, base_url="https://testserver", headers={"Accept": "text/html"}, raise_server_exceptions=False
    )
    if not role:
        return Browser(client, shop.clock)
    with shop.database.writing() as connection:
        person_id = create_person(connection, CALLER, email=f"{role}{len(sites)}@shop.example", name="Zoë", role=role,
                                  password_hash=None, now=NOW, sites=sites)  # fmt: skip
        shown = open_session(connection, person_id, now=shop.clock.at, hours=12, reason="test")
    client.cookies.set(SESSION, shown.secret)
    return Browser(client, shop.clock, csrf_of(shown.secret))


def words_of(page: str) -> str:
    """Return the words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(style|script).*?</\1>", "", page))).strip()
