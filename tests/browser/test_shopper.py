"""A shopper with a telephone: follows the van, tells the driver something, and rates the delivery."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from fastapi import FastAPI

from tests.browser.axe import violations
from tests.browser.patience import patient
from tests.console.shopper_stage import Pages, pages_of
from tests.databases import Furnished

TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture
def pages(furnished: Furnished) -> Iterator[Pages]:
    """Open the pages of a shop."""
    with pages_of(furnished) as found:
        yield found


@pytest.mark.parametrize("scripts", [True, False])
def test_a_shopper_follows_the_van_tells_the_driver_and_rates(
    pages: Pages, chromium: Any, serving: Callable[[FastAPI], AbstractContextManager[str]], scripts: bool
):
    with serving(pages.shop.app) as base:
        how = {"java_script_enabled": scripts, "color_scheme": "dark"}
        context = patient(chromium.new_context(viewport=TELEPHONE, **how))
        page, link = context.new_page(), base + pages.link()
        faults: list[str] = []
        page.on("console", lambda told: faults.extend([told.text] if told.type == "error" else []))
        page.on("request", lambda asked: faults.extend(elsewhere(asked.url, base)))
        page.goto(link)
        assert page.text_content("h1").startswith("Arriving between")
        page.click("#instruction summary")
        page.fill("#instruction textarea", "Ring twice.")
        page.click("#instruction button")
        assert page.text_content(".facts").count("Ring twice.") == 1
        pages.put("delivered")
        page.goto(link)
        page.click("#rating summary")
        page.check("#rating input[value='5']")
        page.click("#rating button")
        assert "5 of 5" in page.text_content(".facts")
        assert "".join(faults) == ""
        context.close()


def elsewhere(url: str, base: str) -> list[str]:
    """Return an address that is not of the server, nothing if it is."""
    return [] if url.startswith((base, "blob:", "data:")) else [url]


def test_axe_finds_nothing_to_mend(
    pages: Pages, chromium: Any, serving: Callable[[FastAPI], AbstractContextManager[str]]
):
    with serving(pages.shop.app) as base:
        for scheme in ("light", "dark"):
            page = patient(chromium.new_page(viewport=TELEPHONE, color_scheme=scheme))
            for state in ("picked_up", "attempted", "delivered"):
                pages.put(state)
                page.goto(base + pages.link())
                page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
                assert violations(page) == [], state
            page.close()
