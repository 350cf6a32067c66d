"""The way in, and what is shown to whom."""

import asyncio
import re

import pytest

from doorstep.console.shell.shared import Body, Shared
from doorstep.foundation import InputError
from doorstep.operations import passwords
from doorstep.operations.passwords import hash_password
from doorstep.operations.people import create_person
from doorstep.storage import Database
from tests.console.browsing import browsing, words_of
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passwords for a thousandth of the price."""
    monkeypatch.setattr(passwords, "_SCRYPT", {"n": 2**5, "r": 8, "p": 1})


def test_who_has_not_signed_in_is_shown_the_way_in_and_comes_where_they_wanted(database: Database):
    open_stage(database)
    with database.writing() as connection:
        kept = hash_password(PASSWORD, salt="0" * 32)
        create_person(connection, CALLER, email="zoe@shop.example", name="Zoë", role="dispatcher", password_hash=kept,
                      now=NOW)  # fmt: skip
    with browsing(database, role="") as browser:
        answer = browser.client.get("/dispatch?x=1", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=/dispatch%3Fx%3D1")
        wrong = browser.client.post("/sign-in", data={"email": "zoe@shop.example", "password": "wrong horse battery"})
        assert wrong.status_code == 401
        assert "do not belong together" in wrong.text
        assert 'value="zoe@shop.example"' in wrong.text  # nothing entered is lost
        elsewhere = {"sec-fetch-site": "cross-site"}
        form = {"email": "zoe@shop.example", "password": PASSWORD}
        assert browser.client.post("/sign-in", data=form, headers=elsewhere).status_code == 403
        inside = browser.client.post("/sign-in?to=/dispatch", data=form)
        assert inside.url.path == "/dispatch"
        assert "Zoë, dispatcher" in inside.text
        csrf = re.findall(r'name="csrf" content="([0-9a-f]{64})"', inside.text)[0]
        assert browser.client.post("/sign-out", data={"csrf": csrf}).url.path == "/sign-in"
        assert browser.client.get("/", follow_redirects=False).status_code == 303


def test_who_wants_to_go_elsewhere_after_signing_in_is_refused(database: Database):
    with browsing(database, role="") as browser:
        for to in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
            assert browser.client.get("/sign-in", params={"to": to}).status_code == 422


@pytest.mark.parametrize(("role", "faces"), [("dispatcher", ["Dispatch"]), ("planner", ["Dispatch", "Plan"])])
def test_the_start_page_leads_to_the_faces_of_a_role(database: Database, role: str, faces: list[str]):
    with browsing(database, role=role) as browser:
        page = browser.see("/")
        assert all(f"<strong>{face}</strong>" in page for face in faces)


def test_who_has_only_one_face_is_there_at_once(database: Database):
    with browsing(database, role="driver") as browser:
        answer = browser.client.get("/", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/driver")


def test_a_role_that_may_not_is_told_so_and_nothing_is_done(database: Database):
    with browsing(database, role="store_associate") as browser:
        assert "routes:read" in browser.see("/dispatch", status=403)


def test_what_is_posted_from_elsewhere_is_refused(database: Database):
    open_stage(database)
    with browsing(database) as browser:
        browser.csrf = "0" * 64
        assert "was not sent from a page of this session" in words_of(browser.send("/sign-out", status=403))
        assert browser.client.get("/", follow_redirects=False).status_code == 200


def test_every_page_keeps_to_its_origin_and_runs_no_script_of_the_page_itself(database: Database):
    open_stage(database)
    with browsing(database) as browser:
        for path in ("/", "/dispatch"):
            answer = browser.client.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["cache-control"] == "no-store"
            assert not re.findall(r"<script(?![^>]*src=)|\son[a-z]+=|\sstyle=|https?://", answer.text)


def test_files_are_kept_by_browsers_and_nothing_else_is_sent(database: Database):
    with browsing(database, role="") as browser:
        address = re.findall(r'href="(/static/[0-9a-f]{12}/base\.css)"', browser.see("/sign-in"))[0]
        answer = browser.client.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert "immutable" in answer.headers["cache-control"]
        for name in ("../shell/guard.py", "..%2fshell%2fguard.py", "nothing.css"):
            assert browser.client.get(f"/static/x/{name}").status_code == 404


def test_what_many_ask_for_at_once_is_made_once_and_again_after_a_second():
    made: list[int] = []
    at = [10.0]
    shared = Shared[Body](seconds=lambda: at[0])

    async def make() -> Body:
        made.append(len(made))
        await asyncio.sleep(0)
        return Body.of({"n": len(made)})

    async def ask() -> None:
        bodies = await asyncio.gather(*(shared.get("map", make) for _ in range(100)))
        assert {body.plain for body in bodies} == {b'{"n":1}'}
        at[0] += 0.9
        assert (await shared.get("map", make)).plain == b'{"n":1}'
        at[0] += 0.2
        assert (await shared.get("map", make)).plain == b'{"n":2}'
        assert (await shared.get("other", make)).plain == b'{"n":3}'

    asyncio.run(ask())
    assert made == [0, 1, 2]


def test_what_takes_long_to_make_is_kept_longer():
    at, made = [10.0], [0]
    shared = Shared[int](seconds=lambda: at[0])

    async def make() -> int:
        at[0] += 2.0
        made[0] += 1
        return made[0]

    async def ask() -> list[int]:
        found = [await shared.get("board", make)]
        for later in (9.9, 0.2):
            at[0] += later
            found.append(await shared.get("board", make))
        return found

    assert asyncio.run(ask()) == [1, 1, 2]


def test_what_could_not_be_made_is_made_anew():
    shared = Shared[Body](seconds=lambda: 10.0)

    async def fail() -> Body:
        raise InputError("no")

    async def make() -> Body:
        return Body.of([])

    async def ask() -> bytes:
        with pytest.raises(InputError):
            await shared.get("map", fail)
        return (await shared.get("map", make)).plain

    assert asyncio.run(ask()) == b"[]"


def test_a_browser_that_has_it_is_sent_nothing(database: Database):
    open_stage(database)
    with browsing(database) as browser:
        first = browser.client.get("/dispatch/map.json")
        assert first.headers["cache-control"] == "private, no-cache"
        again = browser.client.get("/dispatch/map.json", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
