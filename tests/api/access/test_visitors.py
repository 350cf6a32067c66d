"""Whose secret it is: the database is asked as seldom as can be, and by nobody who only guesses."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from starlette.types import Scope

from doorstep.api.access.visitors import Visitors
from doorstep.api.problems import ProblemError
from doorstep.operations.access import create_key, revoke_key
from doorstep.settings import Settings
from doorstep.storage import Connection, Database, Writer
from tests.api.desks import Hand, SecondHand, Shop
from tests.databases import CALLER, NOW, add_tenant, sqlite_copy

GUESS = "ds_live_{:0>32}"


class Watched(Database):
    """Counts how often it is read, and can be made to take its time."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reads = 0
        self.open = Event()
        self.open.set()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.reads += 1
        assert self.open.wait(10)
        with super().reading() as connection:
            yield connection


@pytest.fixture
def shop(sqlite_template: Path, tmp_path: Path) -> Iterator[Shop]:
    with sqlite_copy(sqlite_template, tmp_path) as plain:
        add_tenant(plain)
        database = Watched(plain.url.render_as_string())
        with closing(database), closing(Writer(database)) as writer:
            yield Shop(database, writer, Settings.model_validate({}), Hand(), SecondHand())


def reads(shop: Shop) -> int:
    assert isinstance(shop.database, Watched)
    return shop.database.reads


def request(secret: str) -> Scope:
    return {"type": "http", "headers": [(b"authorization", f"Bearer {secret}".encode())], "state": {}}


def refuse() -> None:
    raise ProblemError("rate_limited", "no more")


@pytest.mark.parametrize("secret", ["x", "ds_live_guess1", "ds_live_" + "U" * 32, "0" * 32, GUESS.format(1) + "0"])
def test_what_has_not_the_form_of_a_key_is_never_looked_up(shop: Shop, secret: str):
    assert asyncio.run(Visitors(shop).identify(request(secret), refuse)) == ""
    assert reads(shop) == 0


def test_only_who_was_not_good_a_while_ago_must_be_admitted(shop: Shop):
    visitors = Visitors(shop, seconds=shop.hand)
    secret = shop.key_for()
    with pytest.raises(ProblemError):
        asyncio.run(visitors.identify(request(secret), refuse))
    assert reads(shop) == 0
    name = asyncio.run(visitors.identify(request(secret)))
    assert name
    shop.hand.at += 60
    assert asyncio.run(visitors.identify(request(secret), refuse)) == name
    visitors.forget()
    assert asyncio.run(visitors.identify(request(secret), refuse)) == name
    assert reads(shop) == 3


def test_guesses_push_nobody_out_and_are_remembered_for_a_while(shop: Shop):
    visitors = Visitors(shop, seconds=shop.hand, most=3)
    secret = shop.key_for()
    asyncio.run(visitors.identify(request(secret)))
    for number in range(9):
        assert asyncio.run(visitors.identify(request(GUESS.format(number)))) == ""
    before = reads(shop)
    assert asyncio.run(visitors.identify(request(secret), refuse))
    assert asyncio.run(visitors.identify(request(GUESS.format(8)), refuse)) == ""
    assert reads(shop) == before


def test_all_who_show_a_secret_at_once_ask_once(shop: Shop):
    visitors = Visitors(shop, seconds=shop.hand)
    secret, admitted = shop.key_for(), list[int]()
    assert isinstance(shop.database, Watched)
    shop.database.open.clear()

    async def many() -> list[str]:
        asked = [visitors.identify(request(secret), lambda: admitted.append(1)) for _ in range(50)]
        waiting = asyncio.gather(*asked)
        await asyncio.sleep(0)
        shop.database.open.set()  # type: ignore[attr-defined]
        return await waiting

    names = asyncio.run(many())
    assert len(set(names)) == 1
    assert names[0]
    assert (reads(shop), len(admitted)) == (1, 1)


def test_an_answer_from_before_something_was_forgotten_is_not_remembered(shop: Shop):
    visitors = Visitors(shop, seconds=shop.hand)
    with shop.database.writing() as connection:
        made = create_key(connection, CALLER, name="spare", scopes=["orders:read"], now=NOW)

    async def revoked_meanwhile() -> None:
        asking = asyncio.ensure_future(visitors.identify(request(made.secret)))
        await asyncio.sleep(0)
        visitors.forget()
        await asking

    asyncio.run(revoked_meanwhile())
    with shop.database.writing() as connection:
        revoke_key(connection, CALLER, made.name, now=NOW)
    assert asyncio.run(visitors.identify(request(made.secret))) == ""
