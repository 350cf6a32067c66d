"""A shopper at the kerb and one at a locker, from the link to the hand-over, over HTTP."""

from collections.abc import Mapping
from threading import current_thread

import numpy as np
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.operations.bring import plan_routes
from doorstep.operations.fulfil import route_orders
from doorstep.storage.check import check_books
from doorstep.storage.schema.collections import collections
from doorstep.storage.schema.journal import audit, events
from doorstep.storage.schema.shoppers import delivery_links
from tests.api.desks import Shop, basket
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import deliveries_of, to_dock

LINK_S = 30 * 86_400
KERB = {"service_level_id": "kerb", "method": "curbside", "window_ends": "22:00", "keep_hours": 4}
LOCKER = {"service_level_id": "locker", "method": "locker", "window_ends": "22:00", "keep_hours": 48}
BANK = {"site_id": "L1", "kind": "locker_bank", "lat": 41.02, "lon": -87.0, "time_zone": "America/Chicago"}
BOXES = {"compartment_id": "L1-small", "site_id": "L1", "length_mm": 320, "width_mm": 230, "height_mm": 160}
LANE = {"from_site_id": "S1", "to_site_id": "L1", "departs": "12:00", "duration_s": 1_800, "parcel_cost_minor": 40}


@pytest.fixture
def staff(shop: Shop) -> TestClient:
    """Return somebody of the shop, which has two bays at S1, a locker bank with one compartment, and both methods."""
    client = shop.client()
    site = client.get("/v1/sites/S1")
    there = {"If-Match": site.headers["etag"]}
    assert client.put("/v1/sites/S1", json=site.json() | {"curbside_bays": 2}, headers=there).status_code == 200
    for path, row in (("service-levels/kerb", KERB), ("service-levels/locker", LOCKER), ("sites/L1", BANK),
                      ("compartments/L1-small", BOXES), ("lanes/S1/L1", LANE)):  # fmt: skip
        assert client.put(f"/v1/{path}", json=row).status_code == 201, path
    return client


def packed(shop: Shop, staff: TestClient, level: str = "kerb", site: str = "S1") -> str:
    """Place an order that is collected, pack it, and return the path of its delivery."""
    placed = staff.post("/v1/orders", json=basket(service_level_id=level, pickup_site_id=site))
    assert placed.status_code == 201, placed.text
    order_id = placed.json()["id"]
    with shop.database.writing() as connection:
        route_orders(connection, CALLER, [order_id], now=NOW)
        to_dock(connection, order_id)
        plan_routes(connection, CALLER, now=NOW + 60, iterations=5)
        ((delivery_id, _),) = deliveries_of(connection, order_id)
    return f"/v1/deliveries/{delivery_id}"


def linked(staff: TestClient, path: str) -> str:
    """Return the path that a shopper's link leads to."""
    made = staff.post(f"{path}/links")
    assert made.status_code == 201, made.text
    return f"/v1/collections/{made.json()['token']}"


def test_a_shopper_drives_to_the_kerb_and_takes_the_goods(shop: Shop, staff: TestClient):
    first, second = packed(shop, staff), packed(shop, staff)
    shopper, link, other = shop.client(""), linked(staff, first), linked(staff, second)
    code = staff.post(f"{first}/collection-code").json()["code"]
    found = shopper.get(link).json()
    assert (found["state"], found["method"], found["site"]["bays"], found["needs_code"], found["keep_until"]) == (
        "ready_for_collection", "curbside", 2, True, "2026-03-03T18:01:00Z"
    )  # fmt: skip
    assert shopper.post(f"{link}/location", json=point(41.1)).json()["code"] == "conflict"
    shopper.post(f"{other}/on-my-way", json={"vehicle": "red bike", "arrive_at": "2026-03-03T14:05:00Z"})
    coming = shopper.post(f"{link}/on-my-way", json={"vehicle": " blue  van ", **point(41.1)}).json()
    assert (coming["vehicle"], coming["expected_at"]) == ("blue van", "2026-03-03T14:21:21Z")
    near = shopper.post(f"{link}/location", json=point(41.02)).json()
    assert near["expected_at"] == "2026-03-03T14:05:47Z"
    seen = staff.get("/v1/collections?site_id=S1").json()["items"]
    assert [each["vehicle"] for each in seen] == ["red bike", "blue van"]
    assert staff.post(f"/v1/orders/{seen[0]['order_id']}/erase-contact").status_code == 204
    assert shopper.post(f"{link}/arrived", json={"bay": 9}).json()["code"] == "invalid"
    assert shopper.post(f"{link}/arrived", json={"bay": 2}).json()["state"] == "bay_assigned"
    assert [each["vehicle"] for each in staff.get("/v1/collections").json()["items"]] == ["blue van", ""]
    shopper.post(f"{other}/arrived", json={})
    assert staff.post(f"{second}/assign-bay", json={"bay": 2}).json()["code"] == "conflict"
    assert staff.post(f"{second}/assign-bay", json={}).json()["bay"] == 1
    assert shopper.post(f"{other}/left").json()["bay"] is None
    assert staff.post(f"{first}/hand-over").json()["code"] == "wrong_code"
    assert staff.post(f"{first}/hand-over", json={"code": code}).json()["state"] == "handed_over"
    assert shopper.get(link).json()["vehicle"] == ""
    shop.clock.at = NOW + LINK_S
    assert (shopper.get(link).status_code, shopper.get(link).json()["code"]) == (410, "gone")
    with shop.database.reading() as connection:
        assert check_books(connection) == []


class Desk:
    """A road server, and the threads that asked it."""

    within_m = 100

    def __init__(self) -> None:
        self.asked_by: list[str] = []

    def snapped_m(self, places: Places) -> Ints:
        self.asked_by.append(current_thread().name)
        return np.zeros(len(places), dtype=np.int64)

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        return np.full(len(origins), 7_777), np.full(len(origins), 777)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        raise AssertionError(places)


def test_a_road_server_is_asked_how_far_a_shopper_is_before_anything_is_written(shop: Shop, staff: TestClient):
    shopper, link = shop.client(""), linked(staff, packed(shop, staff))
    shop.database.road_server = desk = Desk()
    coming = shopper.post(f"{link}/on-my-way", json={"vehicle": "blue van", **point(41.1)}).json()
    assert coming["expected_at"] == shopper.post(f"{link}/location", json=point(41.05)).json()["expected_at"]
    assert desk.asked_by
    assert "writer" not in desk.asked_by


def test_links_and_codes_are_kept_as_hashes_and_tried_five_times(shop: Shop, staff: TestClient):
    path = packed(shop, staff)
    link, named = linked(staff, path), {"Idempotency-Key": "k"}
    code = staff.post(f"{path}/collection-code", headers=named).json()["code"]
    assert staff.post(f"{path}/collection-code", headers=named).json()["code"] == ""
    with shop.database.reading() as connection:
        kept = [
            str(tuple(row))
            for table in (delivery_links, collections, events, audit)
            for row in connection.execute(select(table))
        ]
    assert not any(link.rpartition("/")[2] in row for row in kept)
    wrong = f"{(int(code) + 1) % 10_000:04}"
    details = [staff.post(f"{path}/hand-over", json={"code": wrong}).json()["detail"] for _ in range(6)]
    assert [detail.rpartition(" ")[2] for detail in details] == ["wrong."] * 5 + ["locked."]
    assert staff.post(f"{path}/hand-over", json={"code": code}).status_code == 403
    again = linked(staff, path)
    assert (again != link, shop.client("").get(again).status_code) == (True, 200)
    assert staff.delete(f"{path}/links").status_code == 204
    assert {shop.client("").get(each).json()["code"] for each in (link, again)} == {"gone"}
    assert shop.client("").get("/v1/collections/" + "0" * 32).json()["code"] == "not_found"
    code = staff.post(f"{path}/collection-code").json()["code"]
    assert staff.post(f"{path}/hand-over", json={"code": code}).json()["state"] == "handed_over"


def test_a_locker_is_offered_filled_and_emptied(shop: Shop, staff: TestClient):
    asked = {"place": {"lat": 41.01, "lon": -87.0}, "lines": [{"product_id": "A", "quantity": 1}]}
    big = asked | {"lines": [{"product_id": "A", "quantity": 9}]}

    def locker(request: Mapping[str, object]) -> tuple[bool, list[str], str | None]:
        options = staff.post("/v1/options", json=request).json()["options"]
        (one,) = [option for option in options if option["service_level_id"] == "locker"]
        return one["feasible"], one["sites"], one["reason_code"]

    assert locker(asked) == (True, ["L1"], None)
    assert locker(big) == (False, [], "too_big")
    path = packed(shop, staff, "locker", "L1")
    assert locker(asked) == (False, [], "no_compartment")
    full = staff.post("/v1/orders", json=basket(service_level_id="locker", pickup_site_id="L1"))
    assert (full.status_code, full.json()["code"]) == (409, "no_compartment")
    put = staff.post(f"{path}/deposit").json()
    assert [(each["compartment_id"], each["number"]) for each in put["compartments"]] == [("L1-small", 1)]
    told = shop.client("").get(linked(staff, path)).json()
    assert (told["state"], told["compartments"]) == ("deposited", put["compartments"])
    assert staff.post(f"{path}/restock", json={}).json()["code"] == "illegal_transition"
    assert staff.post(f"{path}/hand-over").json()["state"] == "collected"
    assert locker(asked) == (True, ["L1"], None)


def point(lat: float) -> dict[str, object]:
    """Return a place on the meridian of the shop as it is told."""
    return {"point": {"type": "Point", "coordinates": [-87.0, lat]}}
