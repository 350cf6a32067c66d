"""Receipts over HTTP: expected, put off, received once, cancelled."""

from typing import Any

from doorstep.storage.check import check_books
from tests.api.desks import Shop, basket

MORNING = "2026-03-03T10:00:00-06:00"


def asked(**changes: object) -> dict[str, object]:
    return {"site_id": "S1", "product_id": "C", "units": 4, "expected_at": MORNING} | changes


def new(shop: Shop, **changes: object) -> dict[str, Any]:
    made = shop.client().post("/v1/receipts", json=asked(**changes))
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def on_hand(shop: Shop) -> tuple[int, int]:
    """Return what of C is on hand and reserved at S1."""
    (row,) = shop.client().get("/v1/stock?site_id=S1&product_id=C").json()["items"] or [{"on_hand": 0, "reserved": 0}]
    return row["on_hand"], row["reserved"]


def test_a_receipt_is_expected_shown_and_listed(shop: Shop):
    made = new(shop, external_id="PO-1")
    assert (made["state"], made["units"], made["promised"], made["version"]) == ("expected", 4, 0, 1)
    client = shop.client()
    assert client.get(f"/v1/receipts/{made['id']}").json() == made
    other = new(shop, product_id="A")
    assert [r["id"] for r in client.get("/v1/receipts").json()["items"]] == [other["id"], made["id"]]
    first = client.get("/v1/receipts?limit=1")
    following = client.get(first.headers["link"].partition(">")[0][1:]).json()
    assert [r["id"] for r in following["items"]] == [made["id"]]
    for query in ("product_id=C", "external_id=PO-1"):
        assert [r["id"] for r in client.get(f"/v1/receipts?{query}").json()["items"]] == [made["id"]]
    assert client.get("/v1/receipts?state=received").json()["items"] == []
    assert shop.client(shop.other_key).get(f"/v1/receipts/{made['id']}").status_code == 404


def test_what_is_wrong_with_a_receipt_is_named(shop: Shop):
    faulty = shop.client().post("/v1/receipts", json=asked(site_id="S9", product_id="Z")).json()["errors"]
    assert [fault["pointer"] for fault in faulty] == ["/site_id", "/product_id"]
    faulty = shop.client().post("/v1/receipts", json=asked(units=0, expected_at="soon")).json()["errors"]
    assert sorted(fault["pointer"] for fault in faulty) == ["/expected_at", "/units"]
    new(shop, external_id="PO-1")
    again = shop.client().post("/v1/receipts", json=asked(external_id="PO-1"))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


def test_a_receipt_comes_once_whatever_key_it_is_received_with(shop: Shop):
    path = f"/v1/receipts/{new(shop)['id']}/receive"
    client = shop.client()
    first = client.post(path, json={}, headers={"Idempotency-Key": "one"})
    assert (first.status_code, first.json()["state"], first.json()["received_units"]) == (200, "received", 4)
    again = client.post(path, json={}, headers={"Idempotency-Key": "one"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    other = client.post(path, json={}, headers={"Idempotency-Key": "two"})
    assert (other.status_code, other.json()["code"]) == (409, "illegal_transition")
    assert client.post(path, json={"units": 1}).status_code == 409
    assert on_hand(shop) == (4, 0)


def test_an_order_waits_for_a_receipt_and_holds_the_stock_when_it_has_come(shop: Shop):
    receipt, client = new(shop), shop.client()
    order = client.post("/v1/orders", json=basket(("C", 3))).json()
    assert [piece["receipt_id"] for piece in order["allocations"]] == [receipt["id"]]
    assert client.get(f"/v1/receipts/{receipt['id']}").json()["promised"] == 3
    client.post(f"/v1/receipts/{receipt['id']}/receive", json={"units": 3})
    assert on_hand(shop) == (3, 3)
    there = client.get(f"/v1/orders/{order['id']}").json()["allocations"]
    assert there == [{"line_no": 1, "site_id": "S1", "quantity": 3, "receipt_id": None}]
    with shop.database.reading() as connection:
        assert check_books(connection) == []


def test_orders_that_lose_what_was_to_come_look_for_other_sites(shop: Shop):
    receipt, client = new(shop), shop.client()
    path = f"/v1/receipts/{receipt['id']}"
    first, second = (client.post("/v1/orders", json=basket(("C", 2))).json()["id"] for _ in range(2))
    fewer = client.put(path, json={"units": 3, "expected_at": MORNING}, headers={"If-Match": '"1"'}).json()
    assert (fewer["units"], fewer["promised"], fewer["version"]) == (3, 2, 2)
    assert client.get(f"/v1/orders/{second}").json()["allocations"] == []
    stale = client.put(path, json={"units": 9, "expected_at": MORNING}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    gone = client.post(f"{path}/cancel", json={"reason": "other"}).json()
    assert (gone["state"], gone["promised"]) == ("cancelled", 0)
    assert client.get(f"/v1/orders/{first}").json()["allocations"] == []
    with shop.database.reading() as connection:
        assert check_books(connection) == []


def test_reading_and_changing_receipts_need_the_scopes_of_stock(shop: Shop):
    receipt = new(shop)
    reader = shop.client(shop.key_for(["stock:read"]))
    assert reader.get(f"/v1/receipts/{receipt['id']}").status_code == 200
    assert reader.post("/v1/receipts", json=asked()).status_code == 403
    assert shop.client(shop.key_for(["orders:write"])).get("/v1/receipts").status_code == 403


def test_a_site_that_something_is_on_its_way_to_cannot_be_deleted(shop: Shop):
    new(shop)
    product = shop.client().get("/v1/products/C")
    answer = shop.client().delete("/v1/products/C", headers={"If-Match": product.headers["ETag"]})
    assert (answer.status_code, "receipts" in answer.json()["detail"]) == (409, True)
