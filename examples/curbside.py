"""Follow one order to the kerb: the shop packs it and sends a link, the shopper drives up, says a code and has it.

Start a server, then run this beside it with the key that the server printed:

    python3 run.py serve
    python examples/curbside.py http://127.0.0.1:8000 ds_live_...
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import httpx2

from doorstep.client import Client
from doorstep.client.types import Delivery

T = TypeVar("T")
SECONDS = 90.0


def follow_to_the_kerb(base_url: str, key: str) -> list[str]:
    """Return the states of the delivery, as the shopper's link tells them."""
    with Client(base_url, key) as shop, httpx2.Client(base_url=base_url) as shopper:
        delivery = ready_at_the_kerb(shop)
        link = "/v1/collections/" + shop.issue_delivery_link(delivery["id"])["token"]
        code = shop.issue_collection_code(delivery["id"])["code"]
        told = shopper.get(link).json()
        states = [told["state"]]
        print(f"the shop sends the shopper a link: {told['parcels']} parcels are {told['state']}")
        longitude, latitude = told["site"]["point"]["coordinates"]
        near = {"type": "Point", "coordinates": [longitude, latitude + 0.02]}
        coming = shopper.post(f"{link}/on-my-way", json={"vehicle": "blue van", "point": near}).json()
        states.append(coming["state"])
        print(f"the shopper is on the way, and should be there at {coming['expected_at']}")
        states.append(shopper.post(f"{link}/arrived", json={}).json()["state"])
        (first,) = shop.read_collections(site_id=delivery["site_id"])["items"]
        print(f"the store sees a {first['vehicle']} that arrived at {first['arrived_at']}")
        shop.hand_over_delivery(delivery["id"], {"code": code})
        states.append(shopper.get(link).json()["state"])
        print(f"the shopper says the code, and the goods are {states[-1]}")
    return states


def ready_at_the_kerb(shop: Client) -> Delivery:
    """Order what lies in a store that is no warehouse, pack it there, and return its delivery."""
    stores = {site["site_id"]: site for site in shop.pages(shop.list_sites) if site["kind"] == "store"}
    position = next(p for p in shop.pages(shop.read_stock) if p["available"] > 1 and p["site_id"] in stores)
    site = stores[position["site_id"]]
    order = shop.create_order(
        {
            "service_level_id": "curbside",
            "pickup_site_id": site["site_id"],
            "place": {"lat": site["lat"] + 0.02, "lon": site["lon"]},
            "lines": [{"product_id": position["product_id"], "quantity": 1}],
        }
    )
    shipment = found(lambda: next((s for s in shop.read_shipments(state="picking")["items"]
                                   if s["order_id"] == order["id"]), None))  # fmt: skip
    shop.pack_shipment(shipment["id"])
    shop.plan_routes({"site_ids": [site["site_id"]]})
    waiting = "ready_for_collection"
    return found(lambda: next(iter(shop.read_deliveries(order_id=order["id"], state=waiting)["items"]), None))


def found(look: Callable[[], T | None]) -> T:
    """Return what is there in the end: workers find sites, release and plan every few seconds."""
    for _ in range(int(SECONDS)):
        seen = look()
        if seen is not None:
            return seen
        time.sleep(1.0)
    raise SystemExit("Nothing has come about. Maybe no worker is running.")


if __name__ == "__main__":
    follow_to_the_kerb(*sys.argv[1:3])
