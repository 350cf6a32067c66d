"""What a carrier asks, over HTTP: written whole, with all faults told, and known to prices at once."""

from starlette.testclient import TestClient

from doorstep.operations.fulfil import release_wave, route_orders
from tests.api.desks import Shop, basket, swift
from tests.databases import CALLER, NOW

RATES = [{"max_distance_m": 5000, "price_minor": 500}, {"price_minor": 700, "price_per_km_minor": 90}]


def packed(shop: Shop) -> str:
    """Return an order that was sent to its sites, and packed there if anybody can bring it."""
    order_id = str(shop.client().post("/v1/orders", json=basket(("A", 2))).json()["id"])
    with shop.database.writing() as connection:
        route_orders(connection, CALLER, [order_id], now=NOW)
        release_wave(connection, CALLER, site_id=None, now=NOW, everything=True)
    return order_id


def written(client: TestClient, version: str = '"1"', **tariff: object):
    return client.put("/v1/tariffs/swift", json=tariff, headers={"If-Match": version})


def test_a_tariff_is_written_whole_and_has_the_version_of_its_carrier(shop: Shop):
    client = shop.client()
    swift(client)
    assert client.get("/v1/tariffs/swift").json()["rates"] == []
    extra = {"surcharge": "long", "over_side_mm": 1200, "amount_minor": 900}
    answer = written(client, rates=RATES, surcharges=[extra])
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert [rate["price_minor"] for rate in answer.json()["rates"]] == [500, 700]
    assert answer.json()["rates"][1]["max_distance_m"] is None
    assert written(client, version='"2"', rates=RATES[:1]).json()["surcharges"] == []
    assert len(client.get("/v1/tariffs/swift").json()["rates"]) == 1
    assert client.get("/v1/carriers/swift").headers["etag"] == '"3"'


def test_who_saw_another_version_or_none_changes_nothing(shop: Shop):
    client = shop.client()
    swift(client)
    assert written(client, version='"7"', rates=RATES).json()["code"] == "version_changed"
    assert client.put("/v1/tariffs/swift", json={"rates": RATES}).json()["code"] == "version_needed"
    assert client.get("/v1/tariffs/swift").json()["rates"] == []


def test_every_fault_of_a_tariff_has_its_pointer_and_nothing_is_written(shop: Shop):
    client = shop.client()
    client.put("/v1/carriers/swift", json={"carrier_id": "swift", "kind": "parcel", "basis": "zone"})
    double = {"postal_prefix": "606", "zone": "2"}
    answer = written(client, rates=[{"zone": "2", "price_minor": 5}, {"price_minor": 6}], zones=[double, double])
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/rates/1/zone", "/zones/1/carrier_id"}
    assert client.get("/v1/tariffs/swift").json()["rates"] == []


def test_a_courier_with_a_tariff_is_a_way_to_the_door_and_without_is_none(shop: Shop):
    client = shop.client()
    swift(client)
    assert client.get(f"/v1/orders/{packed(shop)}").json()["state"] == "backordered"
    assert written(client, rates=[{"price_minor": 321}]).status_code == 200
    ask = {"order_ids": [packed(shop)]}
    (weighed,) = client.post("/v1/decisions:evaluate-modes", json=ask).json()["orders"]
    assert [way["carrier_id"] for way in weighed["alternatives"] if way["chosen"]] == ["swift"]
