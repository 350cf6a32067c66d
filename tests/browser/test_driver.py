"""A driver's phone: without a network, killed while something is done and after it, and online again hours later."""

import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from doorstep.api.access.cookies import SESSION
from doorstep.console.shell.files import is_built
from doorstep.operations.access import open_session
from doorstep.storage import Database
from doorstep.storage.schema.fulfilment import deliveries, parcels, proofs, shipments, tracking_events
from tests.browser.axe import violations
from tests.browser.patience import patient
from tests.console.driving import furnish_day, given, hired, pages
from tests.databases import NOW, Furnished

SERVING = Callable[[FastAPI], AbstractContextManager[str]]


KEPT = """() => new Promise((resolve) => {
  const asked = indexedDB.open('doorstep-driver')
  asked.onsuccess = () => {
    const read = asked.result.transaction('day').objectStore('day').get('day')
    read.onsuccess = () => resolve(JSON.stringify(read.result))
  }
})"""
"""Reads the day as it lies on a phone."""


def picture() -> bytes:
    """Return a PNG of four red dots."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)),
             (b"IDAT", zlib.compress(2 * (b"\0" + 2 * b"\xc0\0\0"))), (b"IEND", b""))  # fmt: skip
    whole = (struct.pack(">I", len(of)) + kind + of + struct.pack(">I", zlib.crc32(kind + of)) for kind, of in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole)


def label_of(database: Database, delivery_id: str) -> str:
    """Return the label of the parcel of a delivery."""
    found = select(parcels.c.sscc).join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
    with database.reading() as connection:
        return str(connection.execute(found.where(shipments.c.delivery_id == delivery_id)).scalar_one())


@contextmanager
def phone(chromium: Any, kept: Path, at_s: int) -> Iterator[Any]:
    """Open a phone with what it has kept, at a time of its clock that a test moves; closing it is the kill."""
    context = chromium.browser_type.launch_persistent_context(
        kept, executable_path=shutil.which("chromium"), args=["--no-sandbox"], viewport={"width": 390, "height": 844}
    )
    patient(context).clock.install(time=at_s)
    yield context
    context.close()


def test_a_delivery_with_photo_and_signature_survives_offline_and_kills(
    furnished: Furnished, chromium: Any, serving: SERVING, tmp_path: Path
):
    if not is_built():
        pytest.skip("browser tests of the driver's page need its elements: python3 run.py serve builds them.")
    with furnished(furnish_day) as database, pages(database) as shop, serving(shop.app) as base:
        with database.writing() as connection:
            person_id = hired(connection, "Ana")
            first, _ = given(connection, person_id)
            session = open_session(connection, person_id, now=NOW, hours=12)
        with phone(chromium, tmp_path / "kept", NOW) as context:
            context.add_cookies([{"name": SESSION, "value": session.secret, "url": base, "expires": 2_000_000_000}])
            page = context.new_page()
            page.goto(f"{base}/driver")
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.get_by_text("Everything is sent.").wait_for()
            context.set_offline(True)
            page.reload()
            page.get_by_role("button", name="I am there").click()
            page.get_by_role("link", name="Hand over").click()
            page.set_input_files("#photo", {"name": "p.png", "mimeType": "image/png", "buffer": picture()})
            page.get_by_alt_text("Photo").wait_for()
        with phone(chromium, tmp_path / "kept", NOW + 60) as context:  # it was killed before the hand-over was done
            context.set_offline(True)
            page = context.new_page()
            page.goto(f"{base}/driver")
            page.get_by_role("link", name="Hand over").click()
            page.get_by_alt_text("Photo").wait_for()
            assert page.get_by_alt_text("Photo").count() == 1
            page.locator("summary", has_text="Signature").click()
            page.locator("canvas").evaluate("one => one.scrollIntoView({block: 'center'})")
            box = page.locator("canvas").bounding_box()
            page.mouse.move(box["x"] + 30, box["y"] + 30)
            page.mouse.down()
            page.mouse.move(box["x"] + 150, box["y"] + 90, steps=5)
            page.mouse.up()
            page.get_by_role("button", name="Keep signature").click()
            page.get_by_alt_text("Signature").wait_for()
            page.get_by_role("button", name="Delivered").click()
            page.get_by_text("Saved here, 2 waiting to send. No network.").wait_for()
        with phone(chromium, tmp_path / "kept", NOW + 8 * 3_600) as context:
            context.set_offline(True)
            page = context.new_page()
            page.goto(f"{base}/driver")
            page.get_by_text("Saved here, 2 waiting to send. No network.").wait_for()
            context.set_offline(False)
            page.get_by_text("Everything is sent.").wait_for()
            page.reload()
            page.get_by_text("1 of 2 done").wait_for()
            page.get_by_text("Everything is sent.").wait_for()
        with database.reading() as connection:
            told = connection.execute(select(tracking_events).order_by(tracking_events.c.occurred_at)).all()
            kept = connection.execute(select(proofs.c.proof_id, proofs.c.media_type)).all()
            state = select(deliveries.c.state).where(deliveries.c.delivery_id == first)
            assert connection.execute(state).scalar_one() == "delivered"
        assert [(row.event, row.outcome) for row in told] == [("arrive_at_dropoff", "applied"), ("deliver", "applied")]
        assert sorted(row.media_type for row in kept) == ["application/json", "image/jpeg", "image/png"]
        assert all(row.proof_id in told[1].details for row in kept)


def test_parcels_are_brought_back_offline_by_their_labels_and_the_map_is_there_as_well(
    furnished: Furnished, chromium: Any, serving: SERVING, tmp_path: Path
):
    if not is_built():
        pytest.skip("browser tests of the driver's page need its elements: python3 run.py serve builds them.")
    with furnished(furnish_day) as database, pages(database) as shop, serving(shop.app) as base:
        with database.writing() as connection:
            person_id = hired(connection, "Ana")
            doors = given(connection, person_id)
            session = open_session(connection, person_id, now=NOW, hours=12)
        label = label_of(database, doors[0])
        with phone(chromium, tmp_path / "kept", NOW) as context:
            context.add_cookies([{"name": SESSION, "value": session.secret, "url": base, "expires": 2_000_000_000}])
            page = context.new_page()
            page.goto(f"{base}/driver")
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.get_by_text("Everything is sent.").wait_for()
            context.set_offline(True)
            page.reload()
            page.get_by_role("link", name="Map", exact=True).press("Enter")
            page.get_by_role("link", name="Stop 2, ").wait_for()
            assert violations(page) == []
            page.get_by_role("link", name="Next: stop 1, ").press("Enter")
            for _ in doors:
                page.get_by_role("button", name="I am there").click()
                page.get_by_role("link", name="Could not").click()
                page.get_by_label("Nobody was there").check()
                page.get_by_role("button", name="Not delivered", exact=True).click()
            page.get_by_role("heading", name="Bring back 2 parcels").wait_for()
            assert violations(page) == []
            field = page.get_by_label("Scan or type a label")
            field.fill("123")
            field.press("Enter")
            page.get_by_text("This label is of nothing that has to go back.").wait_for()
            field.fill(label)
            field.press("Enter")
            page.get_by_role("heading", name="Bring back 1 parcel").wait_for()
            page.get_by_role("button", name="Brought back. Undo").click()
            page.get_by_role("heading", name="Bring back 2 parcels").wait_for()
            for then in ("Bring back 1 parcel", "All stops are done"):
                page.get_by_role("button", name="Brought back", exact=True).first.click()
                page.get_by_role("heading", name=then).wait_for()
        with phone(chromium, tmp_path / "kept", NOW + 3_600) as context:
            page = context.new_page()
            page.goto(f"{base}/driver")
            page.get_by_text("Everything is sent.").wait_for()
            page.get_by_text("All that had to go back is there.").wait_for()
        with database.reading() as connection:
            told = connection.execute(select(tracking_events).order_by(tracking_events.c.occurred_at)).all()
            states = connection.execute(select(deliveries.c.state)).scalars().all()
        mine = [(row.event, row.outcome) for row in told if row.object_id == doors[0]]
        assert mine == [("arrive_at_dropoff", "applied"), ("attempt", "applied"), ("take_back", "applied")]
        assert [f"back_{label}" in row.details for row in told if row.event == "take_back"] == [True, False]
        assert states == ["returned", "returned"]


def test_addresses_are_on_a_phone_a_day_after_the_route_no_more_and_what_waits_is(
    furnished: Furnished, chromium: Any, serving: SERVING, tmp_path: Path
):
    if not is_built():
        pytest.skip("browser tests of the driver's page need its elements: python3 run.py serve builds them.")
    with furnished(furnish_day) as database, pages(database) as shop, serving(shop.app) as base:
        with database.writing() as connection:
            person_id = hired(connection, "Ana")
            given(connection, person_id)
            session = open_session(connection, person_id, now=NOW, hours=12)
        for late_s, doors in ((0, 2), (3 * 86_400, 0)):
            with phone(chromium, tmp_path / "kept", NOW + late_s) as context:
                context.add_cookies([{"name": SESSION, "value": session.secret, "url": base, "expires": 2_000_000_000}])
                context.set_offline(late_s > 0)
                page = context.new_page()
                page.goto(f"{base}/driver")
                if not late_s:
                    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
                    page.get_by_text("Everything is sent.").wait_for()
                    context.set_offline(True)
                    page.get_by_role("button", name="I am there").click()
                page.get_by_text("Saved here, 1 waiting to send. No network.").wait_for()
                kept = page.evaluate(KEPT)
                assert (kept.count("12 Elm Street"), kept.count('"number":')) == (doors // 2, doors)


def test_axe_finds_nothing_to_mend_on_the_drivers_page(
    furnished: Furnished, chromium: Any, serving: SERVING, tmp_path: Path
):
    if not is_built():
        pytest.skip("browser tests of the driver's page need its elements: python3 run.py serve builds them.")
    with furnished(furnish_day) as database, pages(database) as shop, serving(shop.app) as base:
        with database.writing() as connection:
            person_id = hired(connection, "Ana")
            given(connection, person_id)
            session = open_session(connection, person_id, now=NOW, hours=12)
        with phone(chromium, tmp_path / "kept", NOW) as context:
            context.add_cookies([{"name": SESSION, "value": session.secret, "url": base, "expires": 2_000_000_000}])
            page = context.new_page()
            page.goto(f"{base}/driver")
            page.get_by_text("Everything is sent.").wait_for()
            page.locator("h1").wait_for()
            assert violations(page) == []
