"""Staged days for browsers: each offers what a made-up day may lack, with somebody who signs in, at a clock that stands."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from doorstep.api.build import build_api
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.operations.dispatching.halting import halt_route
from doorstep.operations.passwords import hash_password
from doorstep.operations.people import create_person
from doorstep.operations.shoppers.links import issue_link
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.fulfilment import deliveries
from tests.api.desks import Shop, opened_app
from tests.browser.loopback import serving_on_loopback
from tests.console.driving import furnish_day, given
from tests.console.shopper_stage import DOOR, furnish_pages
from tests.console.stores import at_the_kerb, open_store
from tests.databases import CALLER, NOW, add_tenant, sqlite_copy
from tests.operations.dispatching.test_dispatching import keep, look, planned, the_routes
from tests.operations.fulfil.test_replan import tell

PASSWORD = "a password of pictures"
LOOPBACK = {"public_url": "http://127.0.0.1", "trusted_hosts": "127.0.0.1"}
"""Settings with which people sign in without TLS."""


class Served(NamedTuple):
    """A server that runs: where, who may sign in, and a key of its API, empty if there is none.

    ``told`` is what somebody was told who is part of the day: a shopper's code, or the path of their link. ``now`` is
    what its clock says that stands, 0 if it goes.
    """

    address: str
    email: str
    password: str
    key: str
    told: str = ""
    now: int = 0


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day: how its database is furnished, who of which sites signs in (nobody: empty), when, and what happens before they look."""

    furnish: Callable[[Database], None]
    role: str = ""
    sites: Sequence[str] = ()
    at: int = NOW
    before: Callable[[Shop, str], str] = lambda shop, person_id: ""


@contextmanager
def staged(migrated: Path, folder: Path, day: Day) -> Iterator[Served]:
    """Serve a day from a copy, in a folder, of a migrated SQLite file."""
    with sqlite_copy(migrated, folder) as database:
        add_tenant(database)
        day.furnish(database)
        with opened_app(database, **LOOPBACK) as shop:
            shop.clock.at = day.at
            email = f"{day.role}@shop.example" if day.role else ""
            told = day.before(shop, _invited(shop, day, email) if email else "")
            with serving_on_loopback(build_api(shop, seconds=shop.hand, routers=ROUTERS, straights=STRAIGHTS)) as base:
                yield Served(base, email, PASSWORD, "", told, day.at)


def migrated_in(folder: Path) -> Path:
    """Return a migrated SQLite file in a folder."""
    path = folder / "migrated.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


def _invited(shop: Shop, day: Day, email: str) -> str:
    kept = hash_password(PASSWORD, salt="0" * 32)
    with shop.database.writing() as connection:
        return create_person(
            connection, CALLER, email=email, name="Zoë", role=day.role, password_hash=kept, now=NOW, sites=day.sites
        )


def without_a_driver(database: Database) -> None:
    """Plan two vans, let the driver of one not come, and look at what can be done about its doors."""
    planned(database)
    with database.writing() as connection:
        west, _ = the_routes(connection)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        keep(connection, look(connection, NOW + 310)[1], NOW + 310)


def _shopper_here(shop: Shop, _person_id: str) -> str:
    """Let the shopper of the order that lies ready come to the kerb; return the code that they say."""
    with shop.database.writing() as connection:
        kerbside = select(deliveries.c.delivery_id).where(deliveries.c.kind == "collection")
        return at_the_kerb(connection, connection.execute(kerbside).scalar_one())


def _route_given(shop: Shop, person_id: str) -> str:
    with shop.database.writing() as connection:
        given(connection, person_id)
    return ""


def _nobody_opened(shop: Shop, _person_id: str) -> str:
    """Let the driver have rung in vain; return the path of the shopper's link."""
    with shop.database.writing() as connection:
        for event in ("start_to_dropoff", "arrive_at_dropoff", "attempt"):
            tell(connection, DOOR, event, NOW)
        return f"/t/{issue_link(connection, CALLER, DOOR, now=NOW)[0]}"


VAN_MISSING = Day(furnish=without_a_driver, role="dispatcher", at=NOW + 320)
TWO_VANS = Day(furnish=planned, role="dispatcher", at=NOW + 120)
KERB = Day(furnish=open_store, role="store_associate", sites=["S1"], at=NOW + 3_600, before=_shopper_here)
DRIVER = Day(furnish=furnish_day, role="driver", before=_route_given)
IN_VAIN = Day(furnish=furnish_pages, before=_nobody_opened)
