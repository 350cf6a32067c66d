"""An associate's handheld in a real browser: pick, pack, scan without touching the field, meet a shopper."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from doorstep.api.build import build_api
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.console.shell.files import is_built
from doorstep.storage.schema.fulfilment import deliveries, parcels
from tests.api.desks import Shop
from tests.api.v1.sign_in import PASSWORD, ZOE, invited
from tests.browser.axe import violations
from tests.browser.patience import patient
from tests.console.stores import at_the_kerb, open_store, with_pages
from tests.databases import Templates

pytestmark = pytest.mark.skipif(not is_built(), reason="the elements of the pages are not built: npm was not reached.")
HANDHELD = {"width": 390, "height": 844}


@pytest.fixture
def shop(templates: Templates, tmp_path) -> Iterator[Shop]:
    """Open the store on a SQLite file."""
    with templates.copy(open_store, tmp_path, None) as database, with_pages(database) as shop:
        invited(shop, role="store_associate")
        yield shop


def test_a_shift_on_a_handheld(chromium, serving, shop: Shop):
    plain = {"public_url": "http://127.0.0.1", "trusted_hosts": "127.0.0.1"}  # so that people may sign in without TLS
    shop.settings = shop.settings.model_copy(update=plain)
    with shop.database.reading() as connection:
        sscc = connection.execute(select(parcels.c.sscc)).scalar_one()
        kerbside = select(deliveries.c.delivery_id).where(deliveries.c.kind == "collection")
        delivery_id = connection.execute(kerbside).scalar_one()
    with serving(build_api(shop, routers=ROUTERS, straights=STRAIGHTS)) as address:
        page = patient(chromium.new_context(viewport=HANDHELD, base_url=address)).new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/store/S1")
        page.fill("[name=email]", ZOE)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")

        page.click("text=Pick")
        page.click("label.tick >> nth=0")
        page.reload()
        assert page.locator("label.tick input >> nth=0").is_checked()  # remembered on this device
        page.click("text=To the packing bench")
        page.click("text=Pack it: 4 units")
        page.wait_for_selector("text=Packed: 1 parcel.")

        page.goto("/store/S1/scan")
        page.wait_for_selector("ds-scan[data-ready]")
        wedged(page, sscc)
        page.wait_for_selector(".sign.shopper >> text=Collected here")
        assert page.evaluate("document.activeElement.name") == "code"
        assert sscc in page.url

        page.goto("/store/S1/kerb")
        page.wait_for_selector("text=Nobody is here or on the way")
        with shop.database.writing() as connection:
            code = at_the_kerb(connection, delivery_id)
        page.wait_for_selector("ds-ring [data-said]:has-text('Arrived: blue van')", state="attached")
        page.click("text=Hand over")
        page.fill("[name=code]", code)
        page.click("button.primary")
        page.wait_for_selector("text=is handed over.")
        assert re.search(r"/store/S1/kerb$", page.url)
        assert faults == []


def wedged(page, code: str) -> None:
    """Type a code as a wedge scanner does, which sends no Enter; again where the machine was too slow for a burst."""
    for _ in range(10):
        page.click("h1")  # away from the field
        page.keyboard.type(code)
        try:
            page.wait_for_selector(".sign", timeout=5_000)
        except Exception:  # Playwright's own error: its package may be missing where nothing of this runs
            page.fill("[name=code]", "")
        else:
            return


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_at_a_store(chromium, serving, shop: Shop, scheme: str):
    plain = {"public_url": "http://127.0.0.1", "trusted_hosts": "127.0.0.1"}
    shop.settings = shop.settings.model_copy(update=plain)
    with serving(build_api(shop, routers=ROUTERS, straights=STRAIGHTS)) as address:
        how = {"base_url": address, "color_scheme": scheme}
        page = patient(chromium.new_context(viewport=HANDHELD, **how)).new_page()
        page.goto("/store/S1")
        page.fill("[name=email]", ZOE)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        for name in ("", "/pick", "/pack", "/scan", "/hand", "/kerb", "/returns", "/exceptions"):
            page.goto(f"/store/S1{name}")
            assert violations(page) == [], name
