"""The pages of the store, as browsers without a script get them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import delete, insert, select
from starlette.requests import Request
from starlette.testclient import TestClient

from doorstep.api.access.visitors import Visitor
from doorstep.console.shell.guard import Look, look
from doorstep.console.store.departures import jobs_at
from doorstep.domain.sscc import sscc_of
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.fulfilment import deliveries, exceptions, parcels, shipments
from doorstep.storage.schema.orders import orders, returns
from tests.api.desks import Shop
from tests.api.v1.sign_in import invited, signed_in
from tests.console.stores import at_the_kerb, open_store, picking, send, with_pages
from tests.databases import CALLER, NOW, Furnished
from tests.operations.shops import shelf
from tests.operations.stations.depot import labels, on_the_truck, open_depot
from tests.statements import statements_heard


@pytest.fixture
def shop(furnished: Furnished) -> Iterator[Shop]:
    """Open the store with its pages; its books agree in the end."""
    with furnished(open_store) as database:
        with with_pages(database) as shop:
            yield shop
        with database.reading() as connection:
            assert check_books(connection) == []


@pytest.fixture
def browser(shop: Shop) -> TestClient:
    """Return the browser of an associate."""
    invited(shop, role="store_associate")
    return signed_in(shop)


def words_of(html: str) -> str:
    """Return what a page says."""
    main = html.partition("<main")[2].partition(">")[2]
    said = html.partition('<p class="said')[2].partition(">")[2].partition("</p>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", said + " " + main)).split())


def collected(shop: Shop) -> str:
    """Return the delivery that waits at the kerb."""
    with shop.database.reading() as connection:
        query = select(deliveries.c.delivery_id).where(deliveries.c.kind == "collection")
        return str(connection.execute(query).scalar_one())


def test_an_order_is_picked_packed_and_handed_to_its_van(shop: Shop, browser: TestClient):
    overview = words_of(browser.get("/store/S1").text)
    assert "Van V1" in overview
    assert "0 of 1 packed" in overview
    picks = words_of(browser.get("/store/S1/pick").text)
    assert picks.index("3 × A") < picks.index("1 × B")  # what is chilled is fetched last
    packed = send(browser, "/store/S1/pack", shipment_id=picking(shop))
    assert "Packed: 1 parcel. " in words_of(packed)
    label = re.search(r'href="(/v1/parcels/[^"]+/label)"', packed)
    assert label is not None
    assert browser.get(label[1]).headers["content-type"] == "image/svg+xml"
    waiting = browser.get("/store/S1/hand").text
    route_id = re.search(r'name="way" value="(rte_[^"]+)"', waiting)
    assert route_id is not None
    assert "Handed over: 1 delivery." in words_of(send(browser, "/store/S1/hand", kind="van", way=route_id[1]))
    with shop.database.reading() as connection:
        states = connection.execute(select(shipments.c.state).order_by(shipments.c.shipment_id)).scalars().all()
    assert states == ["packed", "handed_over"]
    again = words_of(send(browser, "/store/S1/hand", kind="van", way=route_id[1]))
    assert "Nothing lies ready for it any more." in again


def test_what_is_packed_is_staged_by_a_scan_and_counted_at_its_departure(shop: Shop, browser: TestClient):
    shipment_id = picking(shop)
    with shop.database.reading() as connection:
        here = select(orders.c.code).join(shipments, shipments.c.order_id == orders.c.order_id)
        code = connection.execute(here.where(shipments.c.shipment_id == shipment_id)).scalar_one()
    stage = {"way": "stage", "code": code}
    browser.post("/store/S1/scan", data=stage)
    send(browser, "/store/S1/pack", shipment_id=shipment_id)
    assert "1 of 1 packed, 0 of 1 staged" in words_of(browser.get("/store/S1/hand").text)
    for _ in range(2):
        send(browser, "/store/S1/scan", **stage)
    assert "1 of 1 packed, 1 of 1 staged" in words_of(browser.get("/store/S1/hand").text)
    assert "1 of 1 staged" in words_of(browser.get("/store/S1").text)
    with shop.database.reading() as connection:
        state = select(shipments.c.state).where(shipments.c.shipment_id == shipment_id)
        assert connection.execute(state).scalar_one() == "staged"


def test_of_five_thousand_open_shipments_none_is_hidden_and_the_queue_is_asked_for_at_once(shop: Shop):
    with shop.database.writing() as connection:
        row = dict(connection.execute(select(shipments).where(shipments.c.state == "picking")).one()._mapping)
        order = dict(connection.execute(select(orders).where(orders.c.order_id == row["order_id"])).one()._mapping)
        many = range(5_000)
        copies = [order | {"order_id": f"ord_{n}", "external_id": f"ext-{n}", "code": f"C{n}"} for n in many]
        connection.execute(insert(orders), copies)
        open_ones = [row | {"shipment_id": f"shp_{n}", "order_id": f"ord_{n}"} for n in many]
        connection.execute(insert(shipments), open_ones)
    with statements_heard() as heard, shop.database.reading() as connection:
        jobs = jobs_at(connection, CALLER.tenant_id, "S1")
    assert {f"shp_{n}" for n in many} <= {job.shipment_id for job in jobs}
    assert len([one for one, of in heard.items() if of.endswith("departures.py") and one.startswith("SELECT")]) == 1
    with shop.database.writing() as connection:
        connection.execute(delete(shipments).where(shipments.c.shipment_id.startswith("shp_", autoescape=True)).where(
            shipments.c.order_id.in_([f"ord_{n}" for n in many])))  # fmt: skip
        connection.execute(delete(orders).where(orders.c.code.startswith("C"), orders.c.external_id.startswith("ext-")))


def test_what_is_short_is_told_in_two_taps_and_the_order_looks_elsewhere(shop: Shop, browser: TestClient):
    line = re.search(r'href="(/store/S1/pick/short[^"]+product_id=A)"', browser.get("/store/S1/pick").text)
    assert line is not None
    asked = browser.get(unescape(line[1])).text
    assert re.findall(r'name="found" value="(\d)"', asked) == ["0", "1", "2"]
    told = send(browser, "/store/S1/pick/short", shipment_id=picking(shop), product_id="A", found="1")
    assert "is looking for other places for A" in words_of(told)
    with shop.database.reading() as connection:
        here = shelf(connection, "S1", "A")
    assert (here.on_hand, here.free) == (2, 1)  # one of them is packed for the kerb


def test_a_shopper_at_the_kerb_gets_a_bay_and_the_goods_for_their_code(shop: Shop, browser: TestClient):
    delivery_id = collected(shop)
    with shop.database.writing() as connection:
        code = at_the_kerb(connection, delivery_id)
    assert "blue van" in words_of(browser.get("/store/S1/kerb").text)
    assert "waiting 59 min" in browser.get("/store/S1/kerb/now").text
    assert "Bay 2." in words_of(send(browser, "/store/S1/kerb/bay", delivery_id=delivery_id, bay="2"))
    there = f"/store/S1/hand/{delivery_id}"
    wrong = str((int(code) + 1) % 10_000).zfill(4)
    assert "That is not the code." in words_of(send(browser, there, code=wrong))
    assert "is handed over." in words_of(send(browser, there, code=code))
    assert "It has been handed over." in words_of(browser.get(there).text)


def test_a_return_is_found_by_its_parcel_and_received_with_what_was_seen(shop: Shop, browser: TestClient):
    send(browser, f"/store/S1/hand/{collected(shop)}")
    with shop.database.reading() as connection:
        parcel = connection.execute(select(parcels.c.order_id, parcels.c.sscc)).one()
    order_id, sscc = parcel.order_id, parcel.sscc
    assert "No return is open for this order." in words_of(browser.get("/store/S1/returns", params={"q": sscc}).text)
    assert "Nothing is called zzz" in words_of(browser.get("/store/S1/returns", params={"q": "zzz"}).text)
    assert "1 can come back" in words_of(browser.get(f"/store/S1/returns/of/{order_id}").text)
    new = {"units-1": "1", "reason": "damaged"}
    begun = browser.post(f"/store/S1/returns/of/{order_id}", data=new)
    assert "1 to come back" in words_of(begun.text)
    path = begun.url.path
    refused = browser.post(path, data={"good-1": "1", "bad-1": "1"})
    assert "1 units more of line 1" in words_of(refused.text)
    assert 'name="bad-1" type="number" inputmode="numeric" min="0" max="1" value="1"' in refused.text  # still there
    received = browser.post(path, data={"good-1": "0", "bad-1": "1"})
    assert "Received. 0 units back on the shelf." in words_of(received.text)
    with shop.database.reading() as connection:
        assert connection.execute(select(returns.c.state)).scalars().all() == ["closed"]
        state = select(orders.c.state).where(orders.c.order_id == order_id)
        assert connection.execute(state).scalar_one() == "returned"


def test_what_has_not_arrived_or_came_back_before_cannot_come_back(shop: Shop, browser: TestClient):
    waits = collected(shop)
    with shop.database.reading() as connection:
        mine = select(deliveries.c.order_id).where(deliveries.c.delivery_id == waits)
        order_id = connection.execute(mine).scalar_one()
    path = f"/store/S1/returns/of/{order_id}"
    assert "has not arrived yet" in words_of(browser.get(path).text)
    send(browser, f"/store/S1/hand/{waits}")
    begun = browser.post(path, data={"units-1": "1", "reason": "unwanted"})
    page = browser.get(path).text
    assert "is in a return already." in words_of(page)
    assert 'name="units-1"' not in page
    browser.post(begun.url.path, data={"good-1": "1", "bad-1": "0"})
    assert "has come back" in words_of(browser.get(path).text)


def furnish_station(database: Database) -> None:
    """Open a station with two parcels on their way."""
    open_depot(database)
    with database.writing() as connection:
        on_the_truck(connection, [("A", 1)], [("C", 1)])


def test_scans_at_a_station_say_where_to_and_a_load_is_undone_within_half_a_minute(furnished: Furnished):
    with furnished(furnish_station) as database, with_pages(database) as shop:
        invited(shop, role="store_associate")
        browser = signed_in(shop)
        shop.clock.at = NOW + 6 * 3_600
        with shop.database.reading() as connection:
            order_id = connection.execute(select(orders.c.order_id).limit(1)).scalar_one()
            (sscc,) = labels(connection, order_id)

        def scan(way: str, code: str = sscc, fresh: str = "1", **more: str) -> str:
            return words_of(send(browser, "/store/P1/scan", way=way, code=code, fresh=fresh, **more))

        def undo(fresh: str) -> str:
            return words_of(send(browser, "/store/P1/scan/undo", name=f"page-{fresh}-load-{sscc}"))

        assert "Van V1, stop" in scan("where")
        assert "received" in scan("receive")
        assert "It is here already" in scan("receive", fresh="2")
        assert "A place is missing" in scan("shelve")
        assert "shelved at L1/4" in scan("shelve", place="L1/4")
        assert "loaded" in scan("load")
        assert "loaded" in scan("load")  # the same form sent again counts once
        assert "Taken back: it is here again." in undo("1")
        assert "loaded" in scan("load", fresh="2")
        shop.clock.at += 31
        assert "cannot be undone any more" in undo("2")
        assert "wrong check digit" in scan("receive", code=str(int(sscc) + 1).zfill(18))


def test_nobody_comes_in_without_the_role_the_site_or_the_word_of_their_session(shop: Shop, browser: TestClient):
    assert shop.client("").get("/store", follow_redirects=False).headers["location"] == "/sign-in?to=/store"
    invited(shop, email="una@shop.example", role="support")
    assert signed_in(shop, email="una@shop.example").get("/store").status_code == 403
    word = browser.headers.pop("X-CSRF-Token")
    path, form = "/store/S1/pack", {"shipment_id": picking(shop)}
    assert browser.post(path, data=form).status_code == 403
    assert "Packed" in words_of(browser.post(path, data=form | {"csrf": word}).text)
    assert browser.get("/store/S9").status_code == 404

    async def only_s2(request: Request) -> Look:
        visitor: Visitor = request.scope["state"]["visitor"]
        here = replace(visitor.holder, sites=frozenset({"S2"}))
        request.scope["state"]["visitor"] = replace(visitor, holder=here)
        return Look(request)

    shop.app.dependency_overrides[look] = only_s2
    assert browser.get("/store").url.path == "/store/S2"  # the only one: there at once
    assert browser.get("/store/S1").status_code == 404
    there = f"/store/S2/hand/{collected(shop)}"
    assert browser.get(there).status_code == 404
    assert "does not leave from S2" in words_of(browser.post(there, data={"csrf": word}, follow_redirects=True).text)


def test_an_exception_is_closed_at_its_own_site_only(shop: Shop, browser: TestClient):
    unknown = sscc_of("9520000", 999_999)
    assert "Unknown" in words_of(send(browser, "/store/S1/scan", way="receive", code=unknown, fresh="x"))
    with shop.database.reading() as connection:
        exception_id = connection.execute(select(exceptions.c.exception_id)).scalar_one()
    form = {"exception_id": exception_id, "reason": "wrong_scan"}
    assert "Closed." not in words_of(send(browser, "/store/S2/exceptions", **form))
    assert "Unknown label" in words_of(browser.get("/store/S1/exceptions").text)
    assert "Closed." in words_of(send(browser, "/store/S1/exceptions", **form))
    assert "All scans add up." in words_of(browser.get("/store/S1/exceptions").text)


def test_a_site_with_nothing_to_do_says_what_would_be_there(shop: Shop, browser: TestClient):
    for page, says in (("", "Nothing waits to leave"), ("/pick", "Nothing is being picked"), ("/pack", "Nothing is"),
                       ("/hand", "Nothing lies ready"), ("/kerb", "Nobody is here"), ("/returns", "No return is open"),
                       ("/scan", "Scan a label"), ("/exceptions", "All scans add up")):  # fmt: skip
        assert says in words_of(browser.get(f"/store/S2{page}").text)
