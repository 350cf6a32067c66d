"""A store and a station with their pages, for tests in process and in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from starlette.testclient import TestClient

from doorstep.api.build import build_api
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.operations.access import SCOPES, create_key
from doorstep.operations.bring import plan_routes
from doorstep.operations.collect.codes import issue_code
from doorstep.operations.collect.kerb import arrive, set_out
from doorstep.operations.fulfil import release_wave
from doorstep.operations.shoppers.links import find_link, issue_link
from doorstep.storage import Connection, Database
from doorstep.storage.schema.fulfilment import shipments
from tests.api.desks import Keys, Shop, opened_again
from tests.databases import CALLER, NOW
from tests.operations.collect.banks import TABLES, brought
from tests.operations.fulfil.stage import VANS, allocated, open_stage


def open_store(database: Database) -> None:
    """Open a store S1 where one order is being picked, and one lies ready for the kerb, with bays 1 and 2."""
    open_stage(database, **TABLES | {"vehicles": VANS})
    with database.writing() as connection:
        brought(connection, ("A", 1), level="curbside", site="S1")
        allocated(connection, ("A", 3), ("B", 1))
        release_wave(connection, CALLER, now=NOW, everything=True)
        plan_routes(connection, CALLER, now=NOW + 60, iterations=5)


def at_the_kerb(connection: Connection, delivery_id: str) -> str:
    """Let a shopper arrive in a blue van, and return the code that they were told."""
    token, _ = issue_link(connection, CALLER, delivery_id, now=NOW)
    link = find_link(connection, token, now=NOW)
    set_out(connection, link, vehicle="blue van", now=NOW)
    arrive(connection, link, bay=None, now=NOW + 60)
    return issue_code(connection, CALLER, delivery_id, now=NOW)


@contextmanager
def with_pages(database: Database, **settings: object) -> Iterator[Shop]:
    """Open a furnished shop with all pages, an hour after it opened."""
    with database.writing() as connection:
        key = create_key(connection, CALLER, name="test", scopes=SCOPES, now=NOW).secret
    with opened_again(database, Keys(key, ""), **settings) as shop:
        shop.clock.at = NOW + 3_600
        shop.app = build_api(shop, routers=ROUTERS, straights=STRAIGHTS, seconds=shop.hand)
        yield shop


def picking(shop: Shop) -> str:
    """Return the shipment that is being picked."""
    with shop.database.reading() as connection:
        found = connection.execute(select(shipments.c.shipment_id).where(shipments.c.state == "picking"))
        return str(found.scalar_one())


def send(browser: TestClient, path: str, **form: str) -> str:
    """Send a form with the word of the session, and return the page that follows."""
    answer = browser.post(path, data=form)
    assert answer.status_code == 200, answer.text
    return answer.text
