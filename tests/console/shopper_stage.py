"""A delivery to a door, third on the route of a van that is out, and one at the kerb: each with a shopper's link."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from re import findall

from sqlalchemy import insert, update
from starlette.testclient import TestClient

from doorstep.api.build import build_api
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.domain.new_order import Contact
from doorstep.operations.shoppers.links import issue_link
from doorstep.settings import Settings
from doorstep.storage import Database, Writer
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, routes, stops
from doorstep.storage.schema.tracking import device_positions, devices, last_positions
from tests.api.desks import FREE_OF_LIMITS, Shop
from tests.databases import CALLER, NOW, Furnished
from tests.operations.fulfil.stage import placed
from tests.operations.shops import open_shop
from tests.small import CHICAGO, table

HOUR = 3_600
DOOR, KERB = "dlv_door", "dlv_kerb"
WHO = Contact(name="Ada Shopper", phone="+13125550100", email="ada@example.com",
              address='{"country":"US","lines":["233 Wacker Drive","Chicago IL 60606"]}')  # fmt: skip
SITES = table(
    "site_id kind name address lat lon time_zone curbside_bays",
    ("S1", "store", "Lake Street store", "7 Lake Street", 41.0, -87.0, CHICAGO, 2),
    ("P1", "pickup_point", "Corner kiosk", "9 Elm Street", 41.03, -87.0, CHICAGO, 0),
    ("S2", "store", "Far store", "", 41.3, -87.0, CHICAGO, 0),
)
LEVELS = table(
    "service_level_id method promise_days window_starts window_ends keep_hours",
    ("next_day", "next_day", 1, "15:00", "17:00", None),
    ("kerb", "curbside", 0, "08:00", "22:00", 4),
)


def furnish_pages(database: Database) -> None:
    """Store both deliveries, the route with a van that was seen a minute ago, and when it is expected."""
    open_shop(database, {("S1", "A"): 50}, sites=SITES, service_levels=LEVELS)
    with database.writing() as connection:
        order_id = placed(connection, contact=WHO)
        mine = {"tenant_id": CALLER.tenant_id, "site_id": "S1", "created_at": NOW}
        known = mine | {"cost_parts": "{}", "parcels": 1}
        route = {"route_id": "rte_1", "vehicle_id": "van", "driver": "Ana", "state": "in_progress"}
        connection.execute(insert(routes).values(mine | route | {"starts_at": NOW, "ends_at": NOW + HOUR}))
        out = {"kind": "door", "state": "picked_up", "route_id": "rte_1", "mode": "own_fleet"}
        for number, name in enumerate(("dlv_a", "dlv_b", DOOR)):
            other = {"delivery_id": name, "order_id": order_id if name == DOOR else f"ord_{name}"}
            connection.execute(insert(deliveries).values(known | out | other))
            moments = dict.fromkeys(("arrive_at", "service_at", "leave_at"), NOW + 600 * number)
            stop = {"route_id": "rte_1", "sequence": number + 1, "tenant_id": CALLER.tenant_id, "kind": "delivery"}
            connection.execute(insert(stops).values(stop | moments | {"delivery_id": name, "lat": 41.01, "lon": -87.0}))
        kerb = placed(connection, service_level_id="kerb", pickup_site_id="S1")
        ready = {"delivery_id": KERB, "order_id": kerb, "kind": "collection", "state": "ready_for_collection"}
        connection.execute(insert(deliveries).values(known | ready | {"mode": "pickup"}))
        eta = {"delivery_id": DOOR, "tenant_id": CALLER.tenant_id, "route_id": "rte_1", "made_at": NOW}
        eta |= {"expected_at": NOW + 900, "from_at": NOW + 600, "until_at": NOW + 2_400}
        connection.execute(insert(etas).values(eta))
        device = {"device_no": 1, "device_id": "dev_1", "tenant_id": CALLER.tenant_id, "token_hash": "-",
                  "route_id": "rte_1", "created_at": NOW}  # fmt: skip
        connection.execute(insert(devices).values(device))
        seen = {"device_no": 1, "at": NOW - 60, "source": 1, "lat_e7": 410_123_456, "lon_e7": -870_123_456,
                "received_at": NOW, "verdict": 0}  # fmt: skip
        connection.execute(insert(device_positions).values(seen))
        doubts = {"doubts": 0, "doubted_at": 0, "doubted_lat_e7": 0, "doubted_lon_e7": 0}
        current = {name: value for name, value in seen.items() if name != "verdict"}
        connection.execute(insert(last_positions).values(current | doubts))


@dataclass
class Pages:
    """The pages of a shop, as somebody without an account sees them."""

    shop: Shop
    client: TestClient

    def link(self, delivery_id: str = DOOR) -> str:
        """Return the path of a new link."""
        with self.shop.database.writing() as connection:
            return f"/t/{issue_link(connection, CALLER, delivery_id, now=self.shop.clock.at)[0]}"

    def put(self, state: str, delivery_id: str = DOOR) -> None:
        """Let a delivery be in a state."""
        with self.shop.database.writing() as connection:
            mine = deliveries.c.delivery_id == delivery_id
            connection.execute(update(deliveries).where(mine).values(state=state, event_at=NOW))

    def see(self, path: str) -> str:
        """Return the words of a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return words_of(answer.text)

    def do(
        self, path: str, what: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Send a form; return the status of the answer, and the words of the page that follows."""
        sent = self.client.post(
            f"{path}/{what}", data=dict(form or {}), headers=dict(headers or {}), follow_redirects=False
        )
        if sent.status_code != 303:
            return sent.status_code, words_of(sent.text)
        return 303, words_of(self.client.get(sent.headers["location"]).text)

    def buttons(self, path: str) -> set[str]:
        """Return what the page offers."""
        return set(findall(r'action="/t/\w+/([\w-]+)"', self.client.get(path).text))


@contextmanager
def pages_of(furnished: Furnished) -> Iterator[Pages]:
    """Open the pages."""
    with furnished(furnish_pages) as database:
        writer = Writer(database)
        settings = Settings.model_validate(
            {"trusted_hosts": "testserver,127.0.0.1", "public_url": "http://127.0.0.1"} | FREE_OF_LIMITS
        )
        shop = Shop(database, writer, settings)
        app = build_api(shop, seconds=shop.hand, routers=ROUTERS, straights=STRAIGHTS)
        shop.app = app
        try:
            yield Pages(shop, TestClient(app, raise_server_exceptions=False))
        finally:
            writer.close()


def words_of(html: str) -> str:
    """Return the text of a page, each space once."""
    main = html.partition("<main")[2] or html
    said = " ".join(findall(r'<p class="said[^>]*>([^<]*)', html))
    return unescape(" ".join((said + " " + " ".join(findall(r">([^<>]*)<", main))).split()))
