"""Reference rows: written whole, with the version that was read, and told by every fault at once."""

import pytest

from tests.api.desks import Shop, basket

LANE = {"from_site_id": "S1", "to_site_id": "S2", "departs": "05:00", "duration_s": 3600, "parcel_cost_minor": 40}
NEW: dict[str, tuple[str, dict[str, object]]] = {
    "sites": ("S3", {"site_id": "S3", "kind": "store", "lat": 41.1, "lon": -87.0, "time_zone": "America/Chicago"}),
    "products": (
        "D/1 ä",
        {"product_id": "D/1 ä", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_g": 1, "price_minor": 1,
         "margin_minor": 1},
    ),
    "vehicles": (
        "van", {"vehicle_id": "van", "site_id": "S1", "count": 1, "max_weight_g": 1000, "max_volume_ml": 1000}
    ),
    "carriers": ("swift", {"carrier_id": "swift", "kind": "on_demand"}),
    "service-levels": ("fast", {"service_level_id": "fast", "method": "same_day", "requirements": ["signature"]}),
    "lanes": ("S1/S2", LANE),
    "price-rules": ("free", {"rule_id": "free", "service_level_id": "next_day", "basket_from_minor": 5000,
                             "fee_minor": 0}),
}  # fmt: skip


@pytest.mark.parametrize("table", NEW)
def test_a_row_is_made_read_changed_and_deleted(shop: Shop, table: str):
    client, (name, row) = shop.client(), NEW[table]
    path = f"/v1/{table}/" + "/".join(
        part.replace("/", "%2F") for part in ([name] if table != "lanes" else ["S1", "S2"])
    )
    made = client.put(path, json=row)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"'), made.text
    assert {key: made.json()[key] for key in row} == row
    assert made.json() in client.get(f"/v1/{table}?limit=200").json()["items"]
    assert client.get(path).json() == made.json()
    assert client.get(path, headers={"If-None-Match": '"1"'}).status_code == 304
    assert client.put(path, json=row).json()["code"] == "version_needed"
    assert client.put(path, json=row, headers={"If-Match": '"9"'}).json()["code"] == "version_changed"
    assert client.put(path, json=made.json(), headers={"If-Match": '"1"'}).headers["etag"] == '"2"'
    assert client.delete(path).json()["code"] == "version_needed"
    assert client.delete(path, headers={"If-Match": '"1"'}).json()["code"] == "version_changed"
    assert client.delete(path, headers={"If-Match": '"2"'}).status_code == 204
    assert client.get(path).json()["code"] == "not_found"
    assert client.delete(path, headers={"If-Match": "*"}).json()["code"] == "not_found"


def test_a_change_to_a_row_that_is_gone_is_stale(shop: Shop):
    answer = shop.client().put("/v1/lanes/S1/S2", json=LANE, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "version_changed")


def test_the_key_in_the_path_and_in_the_row_must_agree(shop: Shop):
    answer = shop.client().put("/v1/lanes/S1/S9", json=LANE)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/to_site_id")


def test_what_points_nowhere_is_a_fault(shop: Shop):
    answer = shop.client().put("/v1/lanes/S1/S9", json=LANE | {"to_site_id": "S9"})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/to_site_id"]


def test_a_row_that_others_point_to_stays(shop: Shop):
    client = shop.client()
    client.post("/v1/orders", json=basket())
    answer = client.delete("/v1/products/A", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "order_lines" in answer.json()["detail"]


def test_a_new_row_counts_at_once(shop: Shop):
    client = shop.client()
    name, row = NEW["service-levels"]
    assert client.post("/v1/orders", json=basket(service_level_id=name)).status_code == 422
    client.put(f"/v1/service-levels/{name}", json=row | {"window_ends": "22:00"})
    assert client.post("/v1/orders", json=basket(service_level_id=name)).status_code == 201


def test_a_repeated_change_is_made_once(shop: Shop):
    client, named = shop.client(), {"Idempotency-Key": "k"}
    first, again = (client.put("/v1/lanes/S1/S2", json=LANE, headers=named) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (201, 201, "true")
    assert client.get("/v1/lanes/S1/S2").headers["etag"] == '"1"'


def test_rows_come_page_by_page_in_their_order(shop: Shop):
    client, seen, path = shop.client(), [], "/v1/products?limit=1"
    while path:
        page = client.get(path)
        seen += [row["product_id"] for row in page.json()["items"]]
        path = page.headers.get("link", "").partition(">")[0][1:]
    assert seen == ["A", "B", "C"]
