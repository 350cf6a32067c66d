"""The dispatcher's and the planner's pages in a real browser: seen, moved by keyboard, and looked over by axe."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from doorstep.api.build import build_api
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.console.shell.files import is_built
from doorstep.operations.access import open_session
from doorstep.operations.people import create_person
from doorstep.storage import Database
from doorstep.storage.schema.fulfilment import routes
from tests.api.desks import call_proposed, opened_app
from tests.browser.axe import violations
from tests.browser.patience import patient
from tests.databases import CALLER, NOW, Furnished
from tests.operations.dispatching.test_dispatching import doors, planned, the_routes

Serving = Callable[[FastAPI], AbstractContextManager[str]]
DESK = {"width": 1440, "height": 900}
pytestmark = pytest.mark.skipif(not is_built(), reason="the elements of the pages are not built: npm was not reached.")


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        call_proposed(found)
        yield found


@contextmanager
def opened(database: Database, chromium: Any, serving: Serving, role: str, **how: Any) -> Iterator[tuple[Any, str]]:
    """Open a page in which somebody of a role has signed in; what a page asks of others, or its script says, fails."""
    with opened_app(database, trusted_hosts="127.0.0.1") as shop:
        shop.clock.at = NOW + 120
        with serving(build_api(shop, seconds=shop.hand, routers=ROUTERS, straights=STRAIGHTS)) as base:
            with database.writing() as connection:
                person = create_person(connection, CALLER, email=f"{role}@shop.example", name="Zoë", role=role,
                                       password_hash=None, now=NOW)  # fmt: skip
                secret = open_session(connection, person, now=NOW, hours=12, reason="test").secret
            context = patient(chromium.new_context(viewport=DESK, **how))
            context.add_cookies([{"name": "doorstep_session", "value": secret, "url": base}])
            page, faults = context.new_page(), list[str]()
            page.on("console", lambda message: faults.extend([message.text] * (message.type == "error")))
            page.on("pageerror", lambda fault: faults.append(str(fault)))
            page.on("request", lambda asked: faults.extend([asked.url] * (not asked.url.startswith(_own(base)))))
            yield page, base
            context.close()
            assert faults == []


def _own(base: str) -> tuple[str, ...]:
    return (base, "blob:", "data:")


def test_a_dispatcher_sees_all_stops_and_moves_one_by_keyboard_knowing_the_price(
    database: Database, chromium: Any, serving: Serving
):
    with database.reading() as connection:
        west, north = the_routes(connection)
        name = doors(connection, north)[-1]
        order = [row.route_id for row in connection.execute(select(routes.c.route_id).order_by(routes.c.starts_at))]
    with opened(database, chromium, serving, "dispatcher") as (page, base):
        page.goto(base + "/dispatch")
        page.wait_for_selector("ds-map[data-idle]", state="attached", timeout=60_000)
        assert page.locator("ds-timeline .block").count() == 8
        assert page.locator("a.route").count() == 2
        block = page.locator(f'[data-stop="{name}"]')
        block.focus()
        page.keyboard.press("Enter")
        rows = page.locator("ds-timeline .row").evaluate_all("rows => rows.map((row) => row.dataset.route)")
        assert sorted(rows) == sorted(order)
        page.keyboard.press("ArrowDown" if rows.index(west) > rows.index(north) else "ArrowUp")
        page.wait_for_selector(".move-price strong", timeout=60_000)
        assert page.text_content(".move-price").replace("\n", " ").startswith("To V1")
        page.keyboard.press("Enter")
        page.wait_for_selector("#said", timeout=60_000)
        assert "is on V1" in page.text_content("#said")
    with database.reading() as connection:
        assert name in doors(connection, west)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_on_the_desks(database: Database, chromium: Any, serving: Serving, scheme: str):
    with database.reading() as connection:
        west, _ = the_routes(connection)
    with opened(database, chromium, serving, "admin", color_scheme=scheme) as (page, base):
        of_dispatch = ("/dispatch", "/dispatch/day", f"/dispatch/routes/{west}")
        of_plan = ("/plan", "/plan/network", "/plan/compare", "/plan/stock", "/plan/carriers")
        for path in ("/", *of_dispatch, *of_plan):
            page.goto(base + path)
            assert violations(page) == [], path
            if path in ("/dispatch", "/plan/network"):
                page.locator("ds-map .map-place").wait_for()  # it can be seen: the library's own style leaves it flat
            if path == "/dispatch":
                page.keyboard.press("?")
                assert "Keys" in page.inner_text("dialog[open]")
                assert violations(page) == [], "keys"
    with opened(database, chromium, serving, "analyst", color_scheme=scheme) as (page, base):
        page.goto(base + "/sign-in")
        assert violations(page) == []


def test_without_scripts_a_stop_is_moved_by_a_form(database: Database, chromium: Any, serving: Serving):
    with database.reading() as connection:
        west, north = the_routes(connection)
        name = doors(connection, north)[-1]
    with opened(database, chromium, serving, "dispatcher", java_script_enabled=False) as (page, base):
        page.goto(f"{base}/dispatch/routes/{north}")
        page.select_option(f"#to-{name}", west)
        page.locator(f"form:has(#to-{name}) button").click()
        assert page.text_content(".said").startswith("Moved: it is on V1 \u00b7 ")
    with database.reading() as connection:
        assert name in doors(connection, west)
