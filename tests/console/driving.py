"""A day with a route of two doors, and the phones of people who drive."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from starlette.testclient import TestClient

from doorstep.api.access.cookies import SESSION
from doorstep.api.build import build_api
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.domain.new_order import Contact
from doorstep.operations.access import csrf_of, open_session
from doorstep.operations.bring import assign_route, plan_routes
from doorstep.operations.caller import Caller
from doorstep.operations.people import create_person
from doorstep.settings import Settings
from doorstep.storage import Connection, Database, Writer
from doorstep.storage.schema.fulfilment import routes, stops
from tests.api.desks import FREE_OF_LIMITS, Shop
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, ready

ADDRESS = '{"access":{"code":"4711","floor":"3"},"country":"US","lines":["12 Elm Street","Chicago"]}'
JO = Contact(name="Jo Shopper", phone="+13125550143", address=ADDRESS, note="Mind the dog.")


def furnish_day(database: Database) -> None:
    """Give a store two orders that lie packed for one route, which is nobody's yet."""
    open_stage(database)
    with database.writing() as connection:
        ready(connection, contact=JO, lat=41.02)
        ready(connection, contact=Contact(name="Sam Near"), neighbour_ok=True)
        plan_routes(connection, CALLER, now=NOW)


@dataclass
class Phone:
    """What somebody does on their phone."""

    client: TestClient
    csrf: str

    def tell(self, delivery_id: str, event_id: str, kind: str, **told: object) -> tuple[int, Mapping[str, object]]:
        """Tell a fact as the page does, and return the status and what is answered."""
        body = {"event_id": event_id, "type": kind, "source": "page", "occurred_at": "2026-03-03T14:00:00.250Z"} | told
        path, word = f"/driver/stops/{delivery_id}/facts", {"X-CSRF-Token": self.csrf}
        answer = self.client.post(path, json=body, headers=word)
        return answer.status_code, answer.json()

    def prove(self, delivery_id: str, proof_id: str, content: bytes, media_type: str = "image/jpeg") -> int:
        """Send a proof, and return the status."""
        headers = {"X-CSRF-Token": self.csrf, "Content-Type": media_type}
        path = f"/driver/stops/{delivery_id}/proofs/{proof_id}"
        return self.client.put(path, content=content, headers=headers).status_code

    def send(self, delivery_id: str, step: str, **fields: str) -> str:
        """Post a form as a browser without scripts does, and return the page after it."""
        form = {"csrf": self.csrf, "step": step} | fields
        answer = self.client.post(f"/driver/stops/{delivery_id}", data=form)
        assert answer.status_code == 200, answer.text
        return answer.text


@contextmanager
def pages(database: Database) -> Iterator[Shop]:
    """Open the application with all pages."""
    writer = Writer(database)
    settings = Settings.model_validate({"trusted_hosts": "testserver,127.0.0.1"} | FREE_OF_LIMITS)
    shop = Shop(database, writer, settings)
    shop.app = build_api(shop, seconds=shop.hand, routers=ROUTERS, straights=STRAIGHTS)
    try:
        yield shop
    finally:
        writer.close()


def hired(connection: Connection, name: str, *, role: str = "driver", caller: Caller = CALLER) -> str:
    """Make somebody a person of the retailer, and return their id."""
    email = f"{name.lower()}@shop.example"
    return create_person(connection, caller, email=email, name=name, role=role, password_hash=None, now=NOW)


def phone_of(shop: Shop, person_id: str) -> Phone:
    """Return the phone of a person who has signed in."""
    with shop.database.writing() as connection:
        shown = open_session(connection, person_id, now=NOW, hours=12, reason="test")
    client = TestClient(shop.app, base_url="https://testserver", raise_server_exceptions=False)
    client.cookies.set(SESSION, shown.secret)
    return Phone(client, csrf_of(shown.secret))


def given(connection: Connection, driver: str) -> list[str]:
    """Give the route to a driver, and return its deliveries in the order of its stops."""
    route_id = connection.execute(select(routes.c.route_id)).scalar_one()
    assign_route(connection, CALLER, route_id, driver=driver, now=NOW)
    at = select(stops.c.delivery_id).where(stops.c.route_id == route_id, stops.c.delivery_id != "")
    return list(connection.execute(at.order_by(stops.c.sequence)).scalars())
