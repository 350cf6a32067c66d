"""Orders over HTTP: accepted once, read, listed, and decided about."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from doorstep.storage.check import check_books
from tests.api.desks import Shop, basket

WEEKS_AHEAD = {"start": "2026-03-04T09:00:00-06:00", "end": "2026-03-04T11:00:00-06:00"}


def test_an_order_is_accepted_with_its_promise_and_what_is_kept_for_it(shop: Shop):
    client = shop.client()
    answer = client.post("/v1/orders", json=basket(("A", 2), ("B", 1), external_id="web-1", requirements=["chilled"]))
    order = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert order["promise"] == {
        "window": {"start": "2026-03-04T14:00:00Z", "end": "2026-03-05T02:00:00Z"},
        "service_level_id": "next_day",
        "fee": {"amount": 399, "currency": "USD"},
        "membership": "",
        "membership_discount": {"amount": 0, "currency": "USD"},
        "extras": [],
    }
    assert order["allocations"] == [
        {"line_no": 1, "site_id": "S1", "quantity": 2, "receipt_id": None},
        {"line_no": 2, "site_id": "S1", "quantity": 1, "receipt_id": None},
    ]
    assert client.get(f"/v1/orders/{order['id']}").json() == order
    assert client.get("/v1/orders/external/web-1").json() == order
    with shop.database.reading() as connection:
        assert check_books(connection) == []


def test_a_personal_order_is_kept_apart_and_forgotten_on_request(shop: Shop):
    client = shop.client()
    place = {"lat": 41.01, "lon": -87.0, "address": {"lines": ["1 Main St"], "country": "US"}}
    asked = basket(place=place, contact={"name": "A. Shopper", "phone": "+12025550143"}, note="ring twice")
    order = client.post("/v1/orders", json=asked).json()
    (contact,) = client.get("/v1/exports/contacts.jsonl").text.splitlines()
    assert '"ring twice"' in contact
    assert "1 Main St" in contact
    assert "Shopper" not in client.get(f"/v1/orders/{order['id']}").text
    assert client.post(f"/v1/orders/{order['id']}/erase-contact").status_code == 204
    assert client.get("/v1/exports/contacts.jsonl").text == ""


def test_an_order_with_a_window_of_its_own_gets_it_back_half_open(shop: Shop):
    order = shop.client().post("/v1/orders", json=basket(window=WEEKS_AHEAD)).json()
    assert order["promise"]["window"] == {"start": "2026-03-04T15:00:00Z", "end": "2026-03-04T17:00:00Z"}


def test_what_is_short_is_named_line_by_line(shop: Shop):
    problem = shop.client().post("/v1/orders", json=basket(("A", 1), ("B", 500))).json()
    assert (problem["status"], problem["code"]) == (409, "insufficient_stock")
    assert [(fault["pointer"], fault["detail"]) for fault in problem["errors"]] == [
        ("/lines/1", "500 of B wanted, 100 free")
    ]


def test_faults_that_only_the_shop_knows_have_pointers(shop: Shop):
    problem = shop.client().post("/v1/orders", json=basket(("A", 1), ("Z", 1), service_level_id="now")).json()
    assert (problem["status"], problem["code"]) == (422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/lines/1/product_id", "/service_level_id"]


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_faults_of_form_are_told_by_the_quick_way_and_the_long_way_alike(shop: Shop, content_type: str):
    answer = shop.client().post("/v1/orders", content=b'{"lines": 1}', headers={"Content-Type": content_type})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/service_level_id", "/place", "/lines"]


def test_an_order_that_is_short_may_wait(shop: Shop):
    order = shop.client().post("/v1/orders", json=basket(("B", 500), if_short="backorder")).json()
    assert (order["state"], order["allocations"]) == ("backordered", [])


def test_the_same_name_and_contents_give_the_same_order_as_it_stands(shop: Shop):
    client = shop.client()
    first = client.post("/v1/orders", json=basket(external_id="web-1")).json()
    client.post(f"/v1/orders/{first['id']}/hold", json={"reason": "fraud_check"})
    again = client.post("/v1/orders", json=basket(external_id="web-1"))
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (200, first["id"], "on_hold")
    other = client.post("/v1/orders", json=basket(("A", 2), external_id="web-1"))
    assert (other.status_code, other.json()["code"]) == (409, "duplicate")


def test_a_put_makes_an_order_once(shop: Shop):
    client = shop.client()
    assert client.put("/v1/orders/external/web-1", json=basket()).status_code == 201
    assert client.put("/v1/orders/external/web-1", json=basket()).status_code == 200
    assert client.put("/v1/orders/external/web-1", json=basket(external_id="web-1")).status_code == 200
    assert client.put("/v1/orders/external/web-1", json=basket(("A", 9))).json()["code"] == "duplicate"
    assert client.put("/v1/orders/external/web-1", json=basket(external_id="web-2")).status_code == 422
    assert len(client.get("/v1/orders").json()["items"]) == 1


def test_a_repeated_request_gets_its_first_reply(shop: Shop):
    client, named = shop.client(), {"Idempotency-Key": "k-1"}
    first = client.post("/v1/orders", json=basket(), headers=named)
    again = client.post("/v1/orders", json=basket(), headers=named)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = client.post("/v1/orders", json=basket(("A", 2)), headers=named)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_twenty_requests_at_once_with_one_key_make_one_order(shop: Shop):
    client = shop.client()
    client.get("/v1/orders")

    def ask(_: int) -> tuple[int, str]:
        answer = client.post("/v1/orders", json=basket(("A", 5)), headers={"Idempotency-Key": "one"})
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(20) as threads:
        assert len(set(threads.map(ask, range(20)))) == 1
    (position, *_) = client.get("/v1/stock?site_id=S1&product_id=A").json()["items"]
    assert position["reserved"] == 5


@pytest.mark.parametrize("key", ["", "a b", "ä".encode(), "x" * 201])
def test_a_strange_key_is_refused(shop: Shop, key: str):
    answer = shop.client().post("/v1/orders", json=basket(), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/idempotency-key")


def test_a_draft_is_placed_when_its_payment_has_come(shop: Shop):
    client = shop.client()
    draft = client.post("/v1/orders", json=basket(payment="pending")).json()
    assert draft["state"] == "draft"
    placed = client.post(f"/v1/orders/{draft['id']}/place", headers={"If-Match": '"1"'})
    assert (placed.json()["state"], placed.headers["etag"]) == ("placed", '"2"')
    again = client.post(f"/v1/orders/{draft['id']}/place").json()
    assert (again["code"], again["from"], again["event"]) == ("illegal_transition", "placed", "place")


def test_a_cancelled_order_gives_back_what_it_held_once(shop: Shop):
    client = shop.client()
    order = client.post("/v1/orders", json=basket(("A", 100))).json()
    cancel = f"/v1/orders/{order['id']}/cancel"
    stale = client.post(cancel, json={"reason": "x"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    for _ in range(2):
        done = client.post(cancel, json={"reason": "x"}, headers={"If-Match": '"1"', "Idempotency-Key": "c"})
        assert (done.status_code, done.json()["state"], done.headers["etag"]) == (200, "cancelled", '"2"')
    assert client.get("/v1/stock?site_id=S1&product_id=A").json()["items"][0]["available"] == 100


def test_an_order_is_held_and_released(shop: Shop):
    client = shop.client()
    order = client.post("/v1/orders", json=basket()).json()
    assert client.post(f"/v1/orders/{order['id']}/hold", json={"reason": "x"}).json()["state"] == "on_hold"
    assert client.post(f"/v1/orders/{order['id']}/release").json()["state"] == "placed"


def test_an_order_is_allocated_on_request_and_says_why(shop: Shop):
    client = shop.client()
    order = client.post("/v1/orders", json=basket(pickup_site_id="S1", service_level_id="click_and_collect")).json()
    allocated = client.post(f"/v1/orders/{order['id']}/allocate").json()
    assert (allocated["state"], [s["site_id"] for s in allocated["shipments"]]) == ("allocated", ["S1"])
    again = client.post(f"/v1/orders/{order['id']}/allocate").json()
    assert again["state"] == "allocated"
    (decision, *_) = client.get(f"/v1/decisions?order_id={order['id']}").json()["items"]
    best = decision["alternatives"][0]
    assert (best["site_id"], best["chosen"]) == ("S1", True)


def test_an_order_that_is_not_there_is_not_found(shop: Shop):
    for step, body in (("cancel", {"reason": "x"}), ("hold", {"reason": "x"}), ("place", None), ("allocate", None)):
        answer = shop.client().post(f"/v1/orders/ord_1/{step}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), step


def test_a_bulk_request_tells_the_fate_of_each_row(shop: Shop):
    client, rows = shop.client(), [basket(external_id="a"), {}, basket(("A", 999)), basket(external_id="a")]
    bulk = client.post("/v1/orders:bulk", json={"orders": rows}).json()
    assert (bulk["accepted"], bulk["refused"]) == (2, 2)
    assert [row["status"] for row in bulk["rows"]] == [201, 422, 409, 200]
    assert bulk["rows"][0]["order_id"] == bulk["rows"][3]["order_id"]
    assert bulk["rows"][1]["problem"]["errors"][0]["pointer"] == "/service_level_id"
    assert bulk["rows"][2]["problem"]["code"] == "insufficient_stock"


def test_a_bulk_request_sent_again_makes_no_more_orders(shop: Shop):
    client, named = shop.client(), {"Idempotency-Key": "bulk-1"}
    first, again = (client.post("/v1/orders:bulk", json={"orders": [basket()] * 3}, headers=named) for _ in range(2))
    assert first.json() == again.json()
    assert len(client.get("/v1/orders").json()["items"]) == 3


def test_a_read_that_has_not_changed_is_not_sent_again(shop: Shop):
    client = shop.client()
    order = client.post("/v1/orders", json=basket()).json()
    same = client.get(f"/v1/orders/{order['id']}", headers={"If-None-Match": '"1"'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    assert client.get(f"/v1/orders/{order['id']}", headers={"If-None-Match": '"2"'}).status_code == 200


def test_filters_narrow_the_list(shop: Shop):
    client = shop.client()
    ids = [client.post("/v1/orders", json=basket(external_id=f"w-{n}")).json()["id"] for n in range(3)]
    shop.clock.at += 60
    late = client.post("/v1/orders", json=basket()).json()["id"]
    client.post(f"/v1/orders/{ids[0]}/cancel", json={"reason": "x"})

    def found(**filters: str) -> list[str]:
        return [order["id"] for order in client.get("/v1/orders", params=filters).json()["items"]]

    assert found(state="cancelled") == [ids[0]]
    assert found(external_id="w-1") == [ids[1]]
    assert found(placed_from="2026-03-03T14:01:00Z") == [late]
    assert found(placed_until="2026-03-03T08:01:00-06:00") == ids[::-1]


def test_pages_have_no_gaps_and_no_doubles_while_orders_come_in(shop: Shop):
    client = shop.client()
    client.post("/v1/stock/adjustments", json={"site_id": "S1", "product_id": "A", "delta": 1000, "reason": "received"})
    orders = [basket(external_id=f"w-{n}") for n in range(250)]
    client.post("/v1/orders:bulk", json={"orders": orders})
    seen, path = [], "/v1/orders?limit=40"
    while path:
        page = client.get(path)
        seen += [order["external_id"] for order in page.json()["items"]]
        client.post("/v1/orders", json=basket(external_id=f"new-{len(seen)}"))
        path = page.headers["link"].partition(">")[0][1:] if "link" in page.headers else ""
        assert bool(path) == (page.json()["next_cursor"] is not None)
    assert sorted(seen) == sorted(f"w-{n}" for n in range(250))


def test_a_cursor_belongs_to_its_list_and_its_tenant(shop: Shop):
    client = shop.client()
    for _ in range(2):
        client.post("/v1/orders", json=basket())
    cursor = client.get("/v1/orders?limit=1").json()["next_cursor"]
    assert client.get("/v1/orders", params={"cursor": cursor}).status_code == 200
    assert client.get("/v1/orders", params={"cursor": cursor, "state": "placed"}).json()["code"] == "bad_cursor"
    assert shop.client(shop.other_key).get("/v1/orders", params={"cursor": cursor}).json()["code"] == "bad_cursor"
