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
