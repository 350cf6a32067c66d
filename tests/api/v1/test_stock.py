"""Stock over HTTP: read in pages, corrected one by one or many at once."""

from doorstep.storage.check import check_books
from tests.api.desks import Shop, basket


def change(**changes: object) -> dict[str, object]:
    return {"site_id": "S1", "product_id": "A", "reason": "counted"} | changes


def test_stock_is_corrected_by_difference_and_by_count(shop: Shop):
    client = shop.client()
    assert client.post("/v1/stock/adjustments", json=change(delta=-2)).json() == {
        "site_id": "S1", "product_id": "A", "on_hand": 98, "reserved": 0, "safety_stock": 0, "available": 98
    }  # fmt: skip
    assert client.post("/v1/stock/adjustments", json=change(counted=7)).json()["on_hand"] == 7
    new = client.post("/v1/stock/adjustments", json=change(site_id="S2", product_id="C", delta=4, reason="received"))
    assert new.json()["available"] == 4
    with shop.database.reading() as connection:
        assert check_books(connection) == []


def test_what_is_kept_back_can_be_changed_and_no_order_takes_it(shop: Shop):
    client = shop.client()
    kept = client.post("/v1/stock/adjustments", json=change(product_id="B", safety_stock=98)).json()
    assert (kept["on_hand"], kept["safety_stock"], kept["available"]) == (100, 98, 2)
    short = client.post("/v1/orders", json=basket(("B", 3)))
    assert (short.status_code, short.json()["code"]) == (409, "insufficient_stock")
    order = client.post("/v1/orders", json=basket(("B", 2))).json()
    counted = client.post("/v1/stock/adjustments", json=change(product_id="B", counted=50, safety_stock=60)).json()
    assert (counted["reserved"], counted["available"]) == (2, 0)  # the buffer is eaten into, the order keeps its units
    assert client.get(f"/v1/orders/{order['id']}").json()["allocations"]
    faulty = client.post("/v1/stock/adjustments", json=change(safety_stock=-1)).json()["errors"]
    assert [fault["pointer"] for fault in faulty] == ["/safety_stock"]
    assert client.post("/v1/stock/adjustments", json=change()).status_code == 422
    with shop.database.reading() as connection:
        assert check_books(connection) == []


def test_orders_that_lose_their_stock_look_for_other_sites(shop: Shop):
    client = shop.client()
    order = client.post("/v1/orders", json=basket(("A", 60))).json()
    assert client.post("/v1/stock/adjustments", json=change(counted=10)).json()["reserved"] == 0
    assert client.get(f"/v1/orders/{order['id']}").json()["allocations"] == []


def test_more_than_there_is_cannot_go(shop: Shop):
    answer = shop.client().post("/v1/stock/adjustments", json=change(delta=-101))
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_unknown_sites_and_products_have_pointers(shop: Shop):
    answer = shop.client().post("/v1/stock/adjustments", json=change(site_id="S9", product_id="Z", delta=1)).json()
    assert [fault["pointer"] for fault in answer["errors"]] == ["/site_id", "/product_id"]


def test_many_corrections_have_a_fate_each(shop: Shop):
    client = shop.client()
    rows = [change(delta=1), change(product_id="Z", delta=1), change(delta=-500), change(counted=5)]
    answer = client.post("/v1/stock/adjustments:bulk", json={"adjustments": rows}).json()
    assert [row["status"] for row in answer["rows"]] == [200, 422, 409, 200]
    assert (answer["accepted"], answer["refused"]) == (2, 2)
    assert client.get("/v1/stock?site_id=S1&product_id=A").json()["items"][0]["on_hand"] == 5


def test_a_repeated_correction_counts_once(shop: Shop):
    client, named = shop.client(), {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = client.post("/v1/stock/adjustments", json=change(delta=-1), headers=named)
        assert (answer.status_code, answer.json()["on_hand"]) == (200, 99)
    other = client.post("/v1/stock/adjustments", json=change(delta=-2), headers=named)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = client.post("/v1/orders", json=basket(), headers=named)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "idempotency_key_reused")


def test_positions_come_page_by_page(shop: Shop):
    client, seen, path = shop.client(), [], "/v1/stock?limit=2"
    while path:
        page = client.get(path)
        seen += [(row["site_id"], row["product_id"]) for row in page.json()["items"]]
        path = page.headers.get("link", "").partition(">")[0][1:]
    assert sorted(seen) == [("S1", "A"), ("S1", "B"), ("S2", "A")]
