"""Shipments over HTTP: what a site has to pick, and packing it."""

from doorstep.operations.fulfil import release_wave, route_orders
from doorstep.storage.check import check_books
from tests.api.desks import Shop, basket
from tests.databases import CALLER, NOW


def test_a_site_lists_what_it_has_to_pick_and_packs_it(shop: Shop):
    client = shop.client()
    collected = basket(("A", 2), service_level_id="click_and_collect", pickup_site_id="S1")
    order_id = client.post("/v1/orders", json=collected).json()["id"]
    with shop.database.writing() as connection:
        route_orders(connection, CALLER, [order_id], now=NOW)
        release_wave(connection, CALLER, site_id=None, now=NOW, everything=True)
    (picking,) = client.get("/v1/shipments?state=picking&site_id=S1").json()["items"]
    assert (picking["order_id"], picking["parcels"]) == (order_id, [])
    packed = client.post(f"/v1/shipments/{picking['id']}/pack", headers={"If-Match": f'"{picking["version"]}"'})
    assert (packed.status_code, packed.json()["state"], len(packed.json()["parcels"])) == (200, "packed", 1)
    assert client.get(f"/v1/orders/{order_id}").json()["state"] == "ready"
    assert client.get("/v1/shipments?state=picking").json()["items"] == []
    with shop.database.reading() as connection:
        assert check_books(connection) == []


def test_a_shipment_of_nobody_is_not_found(shop: Shop):
    assert shop.client().post("/v1/shipments/shp_0/pack").status_code == 404


def test_the_ways_to_the_door_are_weighed_without_writing_anything(shop: Shop):
    client = shop.client()
    collected = basket(("A", 2), service_level_id="click_and_collect", pickup_site_id="S1")
    order_id = client.post("/v1/orders", json=collected).json()["id"]
    ask = {"order_ids": [order_id]}
    assert client.post("/v1/decisions:evaluate-modes", json=ask).json() == {"orders": []}  # nothing is packed yet
    with shop.database.writing() as connection:
        route_orders(connection, CALLER, [order_id], now=NOW)
        release_wave(connection, CALLER, site_id=None, now=NOW, everything=True)
    (weighed,) = client.post("/v1/decisions:evaluate-modes", json=ask).json()["orders"]
    assert weighed["order_id"] == order_id
    assert [(way["mode"], way["chosen"]) for way in weighed["alternatives"]] == [("pickup", True)]
    assert client.get("/v1/deliveries").json()["items"] == []
    other = shop.client(shop.other_key).post("/v1/decisions:evaluate-modes", json=ask).json()
    assert other == {"orders": []}


def test_an_order_of_which_nothing_has_arrived_is_not_completed(shop: Shop):
    client = shop.client()
    order_id = client.post("/v1/orders", json=basket(("A", 2))).json()["id"]
    refused = client.post(f"/v1/orders/{order_id}/complete", json={"reason": "shopper_gave_up"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
