"""Staged days for browsers: each has what a made-up day may lack, somebody who signs in, and a clock that stands."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import h3
from sqlalchemy import select, update

from doorstep.api.build import build_api
from doorstep.api.models.studies import NETWORK
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.operations.bring import ReportedEvent, record_event
from doorstep.operations.bring.proofs import Proof, keep_proof
from doorstep.operations.dispatching.halting import halt_route
from doorstep.operations.passwords import hash_password
from doorstep.operations.people import create_person
from doorstep.operations.shoppers.links import issue_link
from doorstep.storage import Database
from doorstep.storage.journal import canonical
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.planning import plan_tables
from tests.api.desks import Shop, opened_app
from tests.browser.loopback import serving_on_loopback
from tests.console.browsing import signed_in_as
from tests.console.driving import furnish_day, given
from tests.console.shopper_stage import DOOR, furnish_pages
from tests.console.stores import at_the_kerb, open_store
from tests.console.test_compare import study
from tests.databases import CALLER, NOW, add_tenant, sqlite_copy
from tests.operations.dispatching.test_dispatching import keep, look, planned, the_routes
from tests.operations.fulfil.test_replan import tell

PASSWORD = "a password of pictures"
LOOPBACK = {"public_url": "http://127.0.0.1", "trusted_hosts": "127.0.0.1,testserver"}
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


def sign_in(page: Any, served: Served) -> None:
    """Sign in, whoever has an account; the page's clock is that of the day."""
    if served.now:
        page.context.clock.install(time=served.now)
    if served.email:
        page.goto(served.address + "/sign-in")
        page.fill("[name=email]", served.email)
        page.fill("[name=password]", served.password)
        page.click("button.primary")
        page.wait_for_load_state()


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day: how its database is furnished, who of which sites signs in, when, and what happens before they look.

    Nobody signs in where ``role`` is empty. ``before`` gets the shop and that person's id, and returns ``Served.told``.
    """

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
            shop.app = build_api(shop, seconds=shop.hand, routers=ROUTERS, straights=STRAIGHTS)
            email = f"{day.role}@shop.example" if day.role else ""
            told = day.before(shop, _invited(shop, day, email) if email else "")
            with serving_on_loopback(shop.app) as base:
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


def _pin_asked(shop: Shop, person_id: str) -> str:
    """Let a driver stand at the door of somebody who has to say a PIN."""
    with shop.database.writing() as connection:
        connection.execute(update(orders).values(requirements="pin"))
        first, _ = given(connection, person_id)
        for event in ("start_to_dropoff", "arrive_at_dropoff"):
            tell(connection, first, event, NOW)
    return ""


def _photographed(shop: Shop, _person_id: str) -> str:
    """Let something be delivered at a door with a photo; return the path of the shopper's link."""
    told = canonical({"proofs": [{"kind": "photo", "proof_id": "prf_1"}]})
    with shop.database.writing() as connection:
        keep_proof(connection, CALLER, "prf_1", Proof(DOOR, "image/jpeg", parcel_at_a_door()), now=NOW)
        for event in ("start_to_dropoff", "arrive_at_dropoff", "deliver"):
            fact = ReportedEvent(source="test", source_event_id=event, kind="delivery", object_id=DOOR, event=event,
                                 occurred_at=NOW, details=told if event == "deliver" else "{}")  # fmt: skip
            record_event(connection, CALLER, fact, now=NOW)
        return f"/t/{issue_link(connection, CALLER, DOOR, now=NOW)[0]}"


def _two_studies(shop: Shop, _person_id: str) -> str:
    """Let two studies of the network be done; return the path of their comparison."""
    browser = signed_in_as(shop, "planner")
    dear = NETWORK | {"cost_per_parcel_minor": 540.0, "own_share": 0.91, "unserved_parcels": 40}
    ids = (study(shop.database, browser, "a hub in the west"),
           study(shop.database, browser, "vans at every store", plan=dear, regions=None))  # fmt: skip
    with shop.database.writing() as connection:
        for number, study_id in enumerate(ids):
            for name, rows in _map_of(number + 1).items():
                known = {"plan_id": study_id, "tenant_id": CALLER.tenant_id, "name": name}
                connection.execute(plan_tables.insert().values(known | {"rows": canonical(rows)}))
    return f"/plan/compare?of={ids[0]}&of={ids[1]}#changes"


def _map_of(hubs: int) -> dict[str, dict[str, list[object]]]:
    """Return zones around a town, each in the region of one of so many hubs, and those hubs."""
    middle = h3.latlng_to_cell(41.0, -87.0, 6)
    cells = sorted(h3.grid_disk(middle, 4))
    places = [h3.cell_to_latlng(cell) for cell in cells]
    at = [(41.0 + 0.1 * hub, -87.2 + 0.4 * hub) for hub in range(hubs)]
    far = [[(lat - y) ** 2 + (lon - x) ** 2 for y, x in at] for lat, lon in places]
    zones: dict[str, list[object]] = {
        "cell": list(cells), "lat": [lat for lat, _ in places], "lon": [lon for _, lon in places],
        "next_day_site": [f"H{each.index(min(each))}" for each in far],
        "next_day_parcels_per_day": [40 / (1 + 30 * min(each)) for each in far],
    }  # fmt: skip
    sites: dict[str, list[object]] = {
        "lat": [lat for lat, _ in at], "lon": [lon for _, lon in at], "fate": ["open"] * hubs, "role": ["hub"] * hubs,
        "name": [f"Hub {hub + 1}" for hub in range(hubs)], "option_id": [f"H{hub}" for hub in range(hubs)],
        "parcels_per_day": [900.0] * hubs,
    }  # fmt: skip
    return {"zones": zones, "sites": sites}


def parcel_at_a_door() -> bytes:
    """Return a JPEG of a parcel before a door, drawn."""
    from PIL import Image, ImageDraw

    photo = Image.new("RGB", (800, 600), "#9aa39b")
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, 480, 800, 600), "#6f6a63")
    draw.rectangle((280, 60, 560, 480), "#3f5a4c", "#24352c", 8)
    draw.ellipse((520, 270, 540, 290), "#d8c27a")
    draw.rectangle((330, 390, 500, 510), "#b98d5a", "#8d6839", 4)
    draw.rectangle((405, 390, 425, 510), "#d9c3a0")
    kept = BytesIO()
    photo.save(kept, "JPEG", quality=80)
    return kept.getvalue()


VAN_MISSING = Day(furnish=without_a_driver, role="dispatcher", at=NOW + 320)
TWO_VANS = Day(furnish=planned, role="dispatcher", at=NOW + 120)
KERB = Day(furnish=open_store, role="store_associate", sites=["S1"], at=NOW + 3_600, before=_shopper_here)
DRIVER = Day(furnish=furnish_day, role="driver", before=_route_given)
IN_VAIN = Day(furnish=furnish_pages, before=_nobody_opened)
PIN = Day(furnish=furnish_day, role="driver", before=_pin_asked)
PHOTO = Day(furnish=furnish_pages, before=_photographed)
COMPARED = Day(furnish=planned, role="planner", before=_two_studies)
PAGES = {
    "dispatch": (VAN_MISSING, "/dispatch", ""), "kerb": (KERB, "/store/S1/kerb", ""),
    "pin": (PIN, "/driver", "Hand over"), "attempt": (IN_VAIN, "", ""), "photo": (PHOTO, "", ""),
    "compare": (COMPARED, "", ""),
}  # fmt: skip
"""Pages that a made-up day may lack: their day, their path or else what was told, and what is clicked there."""
