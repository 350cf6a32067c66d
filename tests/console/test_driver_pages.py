"""What a driver sees and tells: their own routes and no others', each fact and proof once, also without a script."""

import re
import struct
import zlib
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from doorstep.domain.reasons import REASONS
from doorstep.operations.bring.pins import pin_of
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.halting import halt_route
from doorstep.operations.forgetting import erase_contact
from doorstep.operations.housekeeping import Kept, purge
from doorstep.operations.people import create_person
from doorstep.operations.shoppers.remarks import Remark, record_remark
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.fulfilment import deliveries, exceptions, proofs, routes, tracking_events
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE
from tests.api.desks import PHOTO, Shop
from tests.console.driving import Phone, furnish_day, given, hired, pages, phone_of
from tests.databases import CALLER, NOW, Furnished, add_tenant
from tests.operations.shops import shelf

BOX = {"kind": "barcode", "proof_id": "back_095200000000000011"}
WITHOUT_PERSON = ("name", "phone", "lines", "access", "note")


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    """Give a database with a route that is nobody's, and check its books at the end."""
    with furnished(furnish_day) as database:
        yield database
        with database.reading() as connection:
            assert check_books(connection) == []


@pytest.fixture
def shop(database: Database) -> Iterator[Shop]:
    """Open the pages."""
    with pages(database) as shop:
        yield shop


def ana(shop: Shop, driver: str = "{id}") -> tuple[Phone, list[str]]:
    """Return the phone of Ana, who has the route under her id or another name, and its deliveries."""
    with shop.database.writing() as connection:
        person_id = hired(connection, "Ana")
        doors = given(connection, driver.format(id=person_id))
    return phone_of(shop, person_id), doors


def states(shop: Shop, doors: list[str]) -> list[str]:
    with shop.database.reading() as connection:
        query = select(deliveries.c.delivery_id, deliveries.c.state)
        found = {row.delivery_id: row.state for row in connection.execute(query)}
    return [found[door] for door in doors]


def phases(phone: Phone) -> list[str]:
    return [stop["phase"] for stop in phone.client.get("/driver/day").json()["stops"]]


def on_hand(shop: Shop) -> int:
    with shop.database.reading() as connection:
        return shelf(connection, "S1", "A").on_hand


def place_of(shop: Shop, site_id: str) -> tuple[float, float]:
    sites = REFERENCE["sites"].c
    with shop.database.reading() as connection:
        row = connection.execute(select(sites.lat, sites.lon).where(sites.site_id == site_id)).one()
    return row.lat, row.lon


def pixels_of(png: bytes) -> tuple[tuple[int, int], list[bytes]]:
    """Return width and height of a PNG without filters, and its lines of red, green, blue and opacity."""
    wide, high = struct.unpack(">II", png[16:24])
    at, content = 8, b""
    while at < len(png):
        (long,) = struct.unpack(">I", png[at : at + 4])
        content += png[at + 8 : at + 8 + long] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += long + 12
    lines = zlib.decompress(content)
    step = 1 + 4 * wide
    return (wide, high), [lines[n * step + 1 : (n + 1) * step] for n in range(high)]


def told_ends(shop: Shop) -> int:
    with shop.database.reading() as connection:
        return int(connection.execute(select(routes.c.ends_at)).scalar_one())


def test_a_driver_sees_what_is_needed_at_the_door_and_after_it_no_more_of_the_person(shop: Shop):
    phone, doors = ana(shop)
    told = phone.client.get("/driver/day").json()
    assert [stop["id"] for stop in told["stops"]] == doors
    assert [(tour["vehicle"], tour["site"], tour["stops"]) for tour in told["tours"]] == [("V1", "S1", 2)]
    assert told["kept_until"] == told_ends(shop) + 86_400
    jo = next(stop for stop in told["stops"] if stop["name"] == "Jo Shopper")
    assert (jo["lines"], jo["access"], jo["note"], jo["phone"]) == (
        ["12 Elm Street", "Chicago"], [["code", "4711"], ["floor", "3"]], "Mind the dog.", "+13125550143",
    )  # fmt: skip
    assert (jo["phase"], [len(box["sscc"]) for box in jo["parcels"]]) == ("ahead", [18])
    assert re.fullmatch(r"\d\d:\d\d to \d\d:\d\d", jo["window"])
    assert phone.tell(jo["id"], "a", "arrive_at_dropoff")[0] == 200
    assert phone.tell(jo["id"], "b", "deliver") == (200, {"outcome": "applied", "state": "delivered"})
    after = next(stop for stop in phone.client.get("/driver/day").json()["stops"] if stop["id"] == jo["id"])
    assert (after["phase"], [after[name] for name in WITHOUT_PERSON]) == ("done", ["", "", [], [], ""])


@pytest.mark.parametrize(("driver", "stops"), [("ana@shop.example", 2), ("Ana", 2), ("Anas", 0), ("", 0)])
def test_a_route_is_a_persons_by_id_address_or_name(shop: Shop, driver: str, stops: int):
    phone, _ = ana(shop, driver)
    assert len(phone.client.get("/driver/day").json()["stops"]) == stops


def test_a_name_that_two_have_is_nobodys(shop: Shop):
    phone, doors = ana(shop, "Ana")
    with shop.database.writing() as connection:
        create_person(
            connection, CALLER, email="other@shop.example", name="Ana", role="driver", password_hash=None, now=NOW
        )
    assert phone.client.get("/driver/day").json()["stops"] == []
    assert phone.tell(doors[0], "a", "arrive_at_dropoff")[0] == 404


def test_what_is_on_no_route_of_theirs_is_not_there(shop: Shop):
    _, doors = ana(shop)
    add_tenant(shop.database, "ten_other")
    with shop.database.writing() as connection:
        bo = hired(connection, "Bo")
        namesake = hired(connection, "Ana", caller=Caller("ten_other", "test"))
    for person_id in (bo, namesake):
        phone = phone_of(shop, person_id)
        assert phone.client.get("/driver/day").json()["stops"] == []
        status, told = phone.tell(doors[0], "a", "arrive_at_dropoff")
        assert (status, told["code"]) == (404, "not_found")
        assert phone.prove(doors[0], "prf_1", PHOTO) == 404
        assert "on no route of yours" in phone.send(doors[0], "deliver")
    assert states(shop, doors) == ["assigned", "assigned"]


def test_drivers_reach_nothing_else_and_others_are_no_drivers(shop: Shop):
    phone, doors = ana(shop)
    for path in ("/v1/deliveries", "/v1/routes", "/v1/orders", f"/v1/deliveries/{doors[0]}", "/v1/people"):
        assert phone.client.get(path).status_code == 403
    assert phone.client.get("/").url.path == "/driver"  # their only page
    with shop.database.writing() as connection:
        desk = hired(connection, "Di", role="dispatcher")
    assert phone_of(shop, desk).client.get("/driver/day").status_code == 403


def test_a_fact_counts_once_however_often_it_comes_and_also_after_the_route_is_anothers(shop: Shop):
    phone, doors = ana(shop)
    told = [phone.tell(doors[0], "a", "arrive_at_dropoff") for _ in range(3)]
    assert told == [(200, {"outcome": "applied", "state": "at_dropoff"})] * 3
    with shop.database.writing() as connection:
        connection.execute(update(routes).values(driver="somebody else"))
    assert phone.tell(doors[0], "a", "arrive_at_dropoff")[0] == 200  # its answer was lost on the way
    assert phone.tell(doors[0], "b", "deliver")[0] == 404
    with shop.database.reading() as connection:
        kept = connection.execute(select(tracking_events.c.source_event_id, tracking_events.c.event)).all()
    assert [tuple(row) for row in kept] == [("a", "arrive_at_dropoff")]


def test_what_is_no_fact_of_a_driver_or_carries_no_word_is_refused(shop: Shop):
    phone, doors = ana(shop)
    assert phone.tell(doors[0], "a", "cancel")[0] == 422
    phone.csrf = "guess"
    path = f"/driver/stops/{doors[0]}/facts"
    assert phone.client.post(path, json={}, headers={"X-CSRF-Token": "guess"}).status_code == 403
    assert phone.prove(doors[0], "prf_1", PHOTO) == 403
    assert states(shop, doors) == ["assigned", "assigned"]


def test_proofs_are_kept_once_before_their_fact_and_shown_to_who_may_read_deliveries(shop: Shop):
    phone, doors = ana(shop)
    assert [phone.prove(doors[0], "prf_1", PHOTO) for _ in range(2)] == [201, 200]
    assert phone.prove(doors[0], "prf_1", PHOTO + b"x") == 409
    assert phone.prove(doors[0], "prf_2", b"<svg>", "image/png") == 422
    assert phone.prove(doors[0], "prf_2", b"<svg>", "image/svg+xml") == 415
    assert phone.prove(doors[0], "prf_2", PHOTO + b"x" * 1_000_000) in (413, 422)
    assert phone.prove(doors[0], "prf_2", b"[[[1,2,3]]]", "application/json") == 201
    named = [{"kind": "photo", "proof_id": "prf_1"}, {"kind": "signature", "proof_id": "prf_2"}]
    phone.tell(doors[0], "a", "arrive_at_dropoff")
    phone.tell(doors[0], "b", "deliver", proofs=named)
    with shop.database.writing() as connection:
        di = hired(connection, "Di", role="dispatcher")
    desk = phone_of(shop, di)
    path = f"/v1/deliveries/{doors[0]}"
    [delivered] = [one for one in desk.client.get(f"{path}/events").json()["items"] if one["type"] == "deliver"]
    assert delivered["proofs"] == named
    shown = desk.client.get(f"{path}/proofs/prf_1")
    assert (shown.content, shown.headers["content-type"]) == (PHOTO, "image/jpeg")
    assert phone.client.get(f"{path}/proofs/prf_1").status_code == 403
    assert desk.client.get(f"/v1/deliveries/{doors[1]}/proofs/prf_1").status_code == 404


def test_what_has_to_be_taken_at_the_door_is_asked_for_before_it_is_delivered(shop: Shop):
    phone, doors = ana(shop)
    with shop.database.writing() as connection:
        mine = select(deliveries.c.order_id).where(deliveries.c.delivery_id == doors[0]).scalar_subquery()
        connection.execute(update(orders).where(orders.c.order_id == mine).values(requirements="age_restricted"))
    phone.tell(doors[0], "a", "arrive_at_dropoff")
    status, told = phone.tell(doors[0], "b", "deliver")
    assert (status, "proofs has no age, which the order requires" in str(told["detail"])) == (422, True)
    assert "proofs has no age" in phone.send(doors[0], "deliver")
    checked = [{"kind": "age", "proof_id": "age_passed1"}]
    assert phone.tell(doors[0], "c", "deliver", proofs=checked) == (200, {"outcome": "applied", "state": "delivered"})


def with_pin(shop: Shop, door: str) -> str:
    """Let a delivery require a PIN, and return it."""
    with shop.database.writing() as connection:
        mine = select(deliveries.c.order_id).where(deliveries.c.delivery_id == door).scalar_subquery()
        connection.execute(update(orders).where(orders.c.order_id == mine).values(requirements="pin"))
        connection.execute(update(tenants).values(offer_secret="A SECRET"))
        return pin_of(connection, CALLER.tenant_id, door)


def other_than(pin: str) -> str:
    return f"{(int(pin) + 1) % 10_000:04}"


def test_a_pin_is_compared_at_the_door_and_after_five_wrong_ones_no_more(shop: Shop):
    phone, doors = ana(shop)
    pin = with_pin(shop, doors[0])
    assert re.fullmatch(r"\d{4}", pin)

    def verdict(said: str, door: str = doors[0]) -> object:
        path, word = f"/driver/stops/{door}/pin", {"X-CSRF-Token": phone.csrf}
        return phone.client.post(path, json={"pin": said}, headers=word).json().get("verdict")

    assert [verdict(pin), verdict(other_than(pin)), verdict(pin)] == ["right", "wrong", "right"]
    assert [verdict(other_than(pin)) for _ in range(5)] == ["wrong"] * 4 + ["locked"]
    assert verdict(pin) == "locked"
    assert verdict("12a4") is None
    assert verdict(pin, "dlv_not_mine") is None


@pytest.mark.parametrize("is_right", [True, False])
def test_a_pin_from_a_phone_that_had_no_network_is_compared_when_it_comes(shop: Shop, is_right: bool):
    phone, doors = ana(shop)
    pin = with_pin(shop, doors[0])
    phone.tell(doors[0], "a", "arrive_at_dropoff")
    assert phone.tell(doors[0], "b", "deliver")[0] == 422
    said = pin if is_right else other_than(pin)
    assert phone.prove(doors[0], "prf_1", f'["{said}"]'.encode(), "application/json") == 201
    named = [{"kind": "pin", "proof_id": "prf_1"}]
    for _ in range(2):
        assert phone.tell(doors[0], "c", "deliver", proofs=named) == (200, {"outcome": "applied", "state": "delivered"})
    with shop.database.reading() as connection:
        found = connection.execute(select(exceptions.c.code, exceptions.c.detail)).all()
    assert [row.code for row in found] == ([] if is_right else ["wrong_pin"])
    assert not any(pin in row.detail for row in found)


def test_what_a_shopper_says_stands_at_their_door(shop: Shop):
    phone, doors = ana(shop)
    with shop.database.writing() as connection:
        for text in ("Ring twice.", "Knock."):
            record_remark(connection, CALLER, doors[0], Remark(kind="instruction", text=text), now=NOW)
        record_remark(connection, CALLER, doors[1], Remark(kind="safe_place", text="the shed"), now=NOW)
    day = phone.client.get("/driver/day").json()
    wishes = {stop["id"]: stop["wishes"] for stop in day["stops"]}
    assert wishes == {doors[0]: ["Knock."], doors[1]: ["Leave it here: the shed"]}


def test_proofs_are_erased_with_the_person_and_in_time(shop: Shop):
    phone, doors = ana(shop)
    assert [phone.prove(door, f"prf_{n}", PHOTO) for n, door in enumerate(doors)] == [201, 201]
    with shop.database.writing() as connection:
        mine = select(deliveries.c.order_id).where(deliveries.c.delivery_id == doors[0])
        erase_contact(connection, CALLER, connection.execute(mine).scalar_one(), now=NOW)
        assert connection.execute(select(proofs.c.proof_id)).scalars().all() == ["prf_1"]
        assert purge(connection, now=NOW + 91 * 86_400, kept=Kept())["proofs"] == 1


def test_without_a_script_the_stops_are_done_by_forms_each_once(shop: Shop):
    phone, doors = ana(shop)
    page = phone.client.get("/driver").text
    assert "0 of 2 stops done" in page
    assert "<script" not in re.sub(r'<script type="module" src="[^"]*"></script>', "", page)
    fact = re.findall(r'name="fact" value="(\w+)"', page)[0]
    for _ in range(2):
        page = phone.send(doors[0], "arrive_at_dropoff", fact=fact)
    assert "You have arrived." in page
    assert f'<option value="consignee_unavailable">{REASONS["consignee_unavailable"].words}</option>' in page
    assert "1 of 2 stops done" in phone.send(doors[0], "deliver", fact=fact)
    assert "Choose what happened" in phone.send(doors[1], "attempt", fact=fact)
    page = phone.send(doors[1], "attempt", fact=fact, reason="consignee_unavailable", note="Dark.")
    assert "Brought back" in page
    assert "It is brought back." in phone.send(doors[1], "take_back", fact=fact)
    assert "All stops are done, and nothing has to go back" in phone.client.get("/driver").text
    assert states(shop, doors) == ["delivered", "returned"]


def test_what_was_not_delivered_is_brought_back_once_and_lies_on_the_shelf_again(shop: Shop):
    phone, doors = ana(shop)
    [tour] = phone.client.get("/driver/day").json()["tours"]
    assert (tour["site"], tour["lat"], tour["lon"]) == ("S1", *place_of(shop, "S1"))
    before = on_hand(shop)
    phone.tell(doors[0], "a", "arrive_at_dropoff")
    assert on_hand(shop) == before - 1
    phone.tell(doors[0], "b", "attempt", reason="consignee_refused")
    assert phases(phone) == ["not_done", "ahead"]
    later = {"occurred_at": "2026-03-03T14:00:01Z"}
    assert phone.tell(doors[0], "c", "start_return", **later) == (200, {"outcome": "applied", "state": "returning"})
    assert phases(phone) == ["returning", "ahead"]
    told = [phone.tell(doors[0], "d", "take_back", **later, proofs=[BOX]) for _ in range(2)]
    assert told == [(200, {"outcome": "applied", "state": "returned"})] * 2
    assert (phases(phone), on_hand(shop)) == (["returned", "ahead"], before)
    with shop.database.reading() as connection:
        mine = select(orders.c.state).join(deliveries, deliveries.c.order_id == orders.c.order_id)
        assert connection.execute(mine.where(deliveries.c.delivery_id == doors[0])).scalar_one() == "on_hold"
    status, answer = phone.tell(doors[0], "e", "take_back")
    assert (status, answer["outcome"]) == (200, "terminal")
    assert on_hand(shop) == before


def test_what_a_halted_van_has_on_board_is_on_its_drivers_page_until_it_is_back(shop: Shop):
    phone, doors = ana(shop)
    phone.tell(doors[0], "a", "arrive_at_dropoff")
    with shop.database.writing() as connection:
        route_id = connection.execute(select(routes.c.route_id)).scalar_one()
        halt_route(connection, CALLER, route_id, parcels="stranded", reason="breakdown", now=NOW)
    assert phases(phone) == ["returning"]
    page = phone.client.get("/driver").text
    assert (page.count("Brought back"), doors[0] in page, doors[1] in page) == (1, True, False)
    assert "It is brought back." in phone.send(doors[0], "take_back", fact="x")
    assert phases(phone) == ["returned"]


@pytest.mark.parametrize(("name", "side", "corner"), [
    ("icon-192", 192, 0), ("icon-512", 512, 0), ("icon-maskable", 512, 255),
])  # fmt: skip
def test_phones_get_icons_that_are_clear_at_their_corners_unless_they_are_cut(
    shop: Shop, name: str, side: int, corner: int
):
    answer = shop.client("").get(f"/driver/{name}.png")
    assert answer.headers["content-type"] == "image/png"
    sides, rows = pixels_of(answer.content)
    assert sides == (side, side)
    assert rows[0][3] == corner
    assert tuple(rows[side // 2][side // 2 * 4 :][:4]) == (255, 255, 255, 255)
    assert tuple(rows[side // 2][side // 5 * 4 :][:4]) == (0x00, 0x72, 0xB2, 255)
    assert shop.client("").get("/driver/icon-7.png").status_code == 404


def test_what_a_phone_keeps_to_start_without_a_network_is_open_and_about_nobody(shop: Shop):
    client = shop.client("")
    manifest = client.get("/driver/manifest.webmanifest").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/driver", "/driver", "standalone")
    named = [(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]]
    assert named == [("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")]
    assert {client.get(icon["src"]).headers["content-type"] for icon in manifest["icons"]} == {"image/png"}
    page = client.get("/driver/shell").text
    assert "<ds-driver>" in page
    assert "csrf" not in page
    worker = client.get("/driver/sw.js")
    if worker.status_code == 404:
        pytest.skip("The elements were not built: python3 run.py serve builds them.")
    assert worker.headers["service-worker-allowed"] == "/driver"
    files = re.findall(r'"(/[^"]+)"', worker.text.partition("\n")[0])
    assert "/driver/shell" in files
    assert any("/built/driver-" in name for name in files)
    assert [name for name in files if client.get(name).status_code != 200] == []
