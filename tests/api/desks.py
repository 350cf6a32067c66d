"""The whole API over a small shop: a client that knocks on it with any key."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple

from fastapi import FastAPI
from sqlalchemy import insert
from starlette.testclient import TestClient

from doorstep.api.build import build_api
from doorstep.domain.sscc import sscc_of
from doorstep.operations.access import SCOPES, create_key
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.limits import DispatchLimits
from doorstep.operations.dispatching.proposals import store_drafts
from doorstep.operations.dispatching.weighing import Draft
from doorstep.operations.stock_proposals import NewProposal, store_proposals
from doorstep.ports import Carrier
from doorstep.settings import Settings
from doorstep.storage import Database, Writer
from doorstep.storage.schema.contractors import contractor_offers, contractors
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.fulfilment import (
    deliveries,
    exceptions,
    parcels,
    routes,
    shipments,
    station_units,
    stops,
)
from doorstep.storage.schema.money import carrier_invoices
from doorstep.storage.schema.orders import returns
from tests.databases import CALLER, NOW, add_tenant
from tests.operations.shops import open_shop

OTHER = Caller("ten_other", "test")
PHOTO = b"\xff\xd8\xff\xe0 a photo"
STOCK = {("S1", "A"): 100, ("S1", "B"): 100, ("S2", "A"): 100}
FREE_OF_LIMITS = {"rate_limit_per_s": 1e6, "rate_limit_burst": 1_000_000, "address_rate_limit_per_s": 1e6,
                  "address_rate_limit_burst": 1_000_000}  # fmt: skip


MADE_BY_STEPS = (
    "delivery", "route", "return", "shipment", "parcel", "unit", "exception", "invoice", "offer", "contractor",
    "errand",
)  # fmt: skip
_numbers = count(1)


class Keys(NamedTuple):
    """A key of ``CALLER``'s tenant and one of ``OTHER``'s, each for everything."""

    mine: str
    theirs: str


@dataclass
class Hand:
    """A clock that a test moves by hand."""

    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass
class SecondHand:
    """A clock of seconds that a test moves by hand."""

    at: float = 100.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Shop:
    """An application over a shop of ``CALLER``'s and one of ``OTHER``'s, with keys of each."""

    database: Database
    writer: Writer
    settings: Settings
    clock: Hand = field(default_factory=Hand)
    hand: SecondHand = field(default_factory=SecondHand)
    carriers: dict[str, Carrier] = field(default_factory=dict)
    app: FastAPI = field(init=False)
    key: str = ""
    other_key: str = ""

    def client(self, key: str | None = None, headers: Mapping[str, str] | None = None) -> TestClient:
        """Return a client with a key, by default one that may do everything."""
        shown = {"Authorization": f"Bearer {self.key if key is None else key}"} if key != "" else {}
        return TestClient(self.app, headers=shown | dict(headers or {}), raise_server_exceptions=False)

    def key_for(self, scopes: Sequence[str] = SCOPES, caller: Caller = CALLER) -> str:
        """Return a new key."""
        with self.database.writing() as connection:
            return create_key(connection, caller, name="test", scopes=scopes, now=NOW).secret


def furnish(database: Database, stock: Mapping[tuple[str, str], int] | None = STOCK) -> Keys:
    """Give ``CALLER``'s tenant, which is there, and another one the same shop with stock; return a key of each.

    Without stock there is no shop either: both tenants have nothing.
    """
    add_tenant(database, OTHER.tenant_id)
    for tenant_id in (CALLER.tenant_id, OTHER.tenant_id) if stock is not None else ():
        open_shop(database, stock or {}, tenant_id=tenant_id)
    with database.writing() as connection:
        before = NOW - 1  # what a test makes is newer: ids of one second sort only if one source made them
        made = [create_key(connection, caller, name="test", scopes=SCOPES, now=before) for caller in (CALLER, OTHER)]
    return Keys(*(key.secret for key in made))


@contextmanager
def opened(
    database: Database, stock: Mapping[tuple[str, str], int] | None = STOCK, **settings: object
) -> Iterator[Shop]:
    """Furnish a shop on a database and open it."""
    with opened_again(database, furnish(database, stock), **settings) as shop:
        yield shop


@contextmanager
def opened_again(database: Database, keys: Keys, **settings: object) -> Iterator[Shop]:
    """Open a shop that was furnished."""
    with opened_app(database, **settings) as shop:
        shop.key, shop.other_key = keys
        yield shop


@contextmanager
def opened_app(database: Database, **settings: object) -> Iterator[Shop]:
    """Open whatever a database has."""
    writer = Writer(database)
    asked = Settings.model_validate({"trusted_hosts": "testserver"} | FREE_OF_LIMITS | settings)
    shop = Shop(database, writer, asked)
    shop.app = build_api(shop, seconds=shop.hand)
    try:
        yield shop
    finally:
        writer.close()


def basket(*lines: tuple[str, int], **changes: object) -> dict[str, object]:
    """Return an order to the door near S1 as a caller writes it."""
    asked = [{"product_id": product, "quantity": quantity} for product, quantity in lines or [("A", 1)]]
    return {"service_level_id": "next_day", "place": {"lat": 41.01, "lon": -87.0}, "lines": asked} | changes


def weekly() -> dict[str, object]:
    """Return a subscription as a caller writes it."""
    rule = {"rule": "FREQ=WEEKLY;BYDAY=MO", "time_zone": "America/Chicago", "starts_at": "2026-03-09T09:00:00-05:00"}
    return rule | {"order": basket()}


def member_of(client: TestClient, **changes: object) -> str:
    """Make a customer a member of Plus, a plan that the shop has from then on, and return the membership's id."""
    client.put("/v1/membership-plans/plus", json={"plan_id": "plus"})
    asked = {"customer_id": f"c{next(_numbers)}", "plan_id": "plus"}
    return str(client.post("/v1/memberships", json=asked | changes).json()["id"])


def things(shop: Shop, *, zone: str = "606") -> dict[str, str]:
    """Return ids of things of ``CALLER``'s that exist, by the name of the parameter that stands for them."""
    client = shop.client()
    order_id = client.post("/v1/orders", json=basket()).json()["id"]
    window = {"start": "2026-03-03T20:00:00Z", "end": "2026-03-03T22:00:00Z"}
    slot = {"zone": zone, "site_id": "S1", "service_level_id": "same_day", "window": window, "capacity": 9}
    slots = client.post("/v1/slots", json={"slots": [slot | {"cutoff_at": "2026-03-03T18:00:00Z"}]}).json()["slots"]
    coming = {"site_id": "S1", "product_id": "A", "units": 9, "expected_at": "2026-03-05T18:00:00Z"}
    by_steps = stored(shop.database, order_id)
    return {
        "order_id": order_id,
        "proof_id": photo_of(client, by_steps["delivery_id"]),
        "receipt_id": client.post("/v1/receipts", json=coming).json()["id"],
        "slot_id": slots[0]["id"],
        "hold_id": client.post(f"/v1/slots/{slots[0]['id']}/holds", json={}).json()["id"],
        "endpoint_id": client.post("/v1/webhooks", json={"url": "https://93.184.216.34/"}).json()["id"],
        "job_id": client.post("/v1/routes:plan", json={}).json()["id"],
        "study_id": client.post("/v1/network-studies", json={}).json()["id"],
        "plan_id": client.post("/v1/stock-plans", json={}).json()["id"],
        "key_id": client.post("/v1/keys", json={"name": "spare", "scopes": ["jobs:read"]}).json()["id"],
        "person_id": client.post("/v1/people", json=somebody(next(_numbers))).json()["id"],
        "device_id": client.post("/v1/devices", json={"name": "phone", "app": "owntracks"}).json()["id"],
        "road_event_id": client.post("/v1/road-events", json=closed_street()).json()["id"],
        "membership_id": member_of(client),
        "subscription_id": client.post("/v1/subscriptions", json=weekly()).json()["id"],
        "carrier_id": swift(client),
        "row_id": "S1",
        "site_id": "S1",
        "from_site_id": "S1",
        "to_site_id": "S2",
        "table": "orders",
        "ending": "csv",
        "proposal_id": proposed(shop.database),
        "dispatch_id": call_proposed(shop.database),
    } | by_steps


def photo_of(client: TestClient, delivery_id: str) -> str:
    """Keep a photo of a delivery, and return its id."""
    proof_id = f"prf_{next(_numbers)}"
    path, kind = f"/v1/deliveries/{delivery_id}/proofs/{proof_id}", {"Content-Type": "image/jpeg"}
    client.put(path, content=PHOTO, headers=kind)
    return proof_id


def swift(client: TestClient) -> str:
    """Make a courier that is called, without a tariff, and return its id."""
    client.put("/v1/carriers/swift", json={"carrier_id": "swift", "kind": "on_demand"})
    return "swift"


def closed_street(**changes: object) -> dict[str, object]:
    """Return a street closed for an hour, as a caller writes it."""
    return {"line": [[-87.02, 41.005], [-86.98, 41.005]], "ends_at": "2026-03-03T15:00:00Z"} | changes


def proposed(database: Database, **changes: object) -> str:
    """Store a proposal to move a unit from S1 to S2, and return its id."""
    usual = NewProposal(action="transfer", product_id="A", site_id="S2", from_site_id="S1", units=1, value_minor=120,
                        reason="It is expected to sell there.", deadline_at=NOW + 86_400,
                        arrives_at=NOW + 3_600)  # fmt: skip
    with database.writing() as connection:
        return store_proposals(connection, CALLER, [replace(usual, **changes)], now=NOW)[0]  # type: ignore[arg-type]


def call_proposed(database: Database, delivery_id: str = "") -> str:
    """Store a proposal to call a customer, and return its id."""
    about = delivery_id or f"dlv_{next(_numbers)}"
    draft = Draft(kind="call", changes=(), delivery_id=about, cost_minor=200, late_before_s=(900,),
                  late_after_s=(900,), moved=0, shift_s=0, gain_minor=550, reason="It will be late.",
                  until_at=NOW + 3_600)  # fmt: skip
    with database.writing() as connection:
        return store_drafts(connection, CALLER, "S1", [draft], DispatchLimits(), now=NOW)[0]


def somebody(number: int) -> dict[str, object]:
    """Return a person to invite, as a caller writes them."""
    return {"email": f"p{number}@shop.example", "name": "P", "role": "support", "sign_in": "openid"}


def stored(database: Database, order_id: str) -> dict[str, str]:
    """Store what takes many steps to come about: a delivery on a route, and a return; and return their ids."""
    with database.writing() as connection:
        known = {"tenant_id": CALLER.tenant_id, "created_at": NOW}
        ids = {f"{name}_id": connection.new_id(name[:3], NOW) for name in MADE_BY_STEPS}
        route = {"route_id": ids["route_id"], "site_id": "S1", "vehicle_id": "van", "state": "planned"}
        connection.execute(insert(routes).values(route | known | {"starts_at": NOW, "ends_at": NOW + 3600}))
        for sequence, (kind, lat) in enumerate((("start", 41.0), ("delivery", 41.01), ("end", 41.0))):
            stop = {"route_id": ids["route_id"], "sequence": sequence, "tenant_id": CALLER.tenant_id, "kind": kind}
            stop |= {"delivery_id": ids["delivery_id"] if kind == "delivery" else "", "lat": lat, "lon": -87.0}
            connection.execute(insert(stops).values(stop | dict.fromkeys(("arrive_at", "service_at", "leave_at"), NOW)))
        delivery = {"delivery_id": ids["delivery_id"], "order_id": order_id, "kind": "door", "state": "booked"}
        delivery |= {"site_id": "S1", "mode": "own_fleet", "carrier_id": "", "route_id": ids["route_id"]}
        connection.execute(insert(deliveries).values(delivery | known | {"cost_parts": '{"stem":212,"drop":300}'}))
        back = {"return_id": ids["return_id"], "order_id": order_id, "state": "requested", "reason": "damaged"}
        back |= {"method": "store", "site_id": "S1", "lines": '[{"line_no":1,"quantity":1}]'}
        connection.execute(insert(returns).values(back | known))
        shipment = {"shipment_id": ids["shipment_id"], "order_id": order_id, "site_id": "S1", "state": "picking"}
        connection.execute(insert(shipments).values(shipment | known))
        parcel = {"parcel_id": ids["parcel_id"], "shipment_id": ids["shipment_id"], "order_id": order_id}
        parcel |= {"tenant_id": CALLER.tenant_id, "site_id": "S1", "sscc": sscc_of("9520000", 900_000 + next(_numbers))}
        connection.execute(insert(parcels).values(parcel))
        unit = {"unit_id": ids["unit_id"], "parcel_id": ids["parcel_id"], "site_id": "S2", "state": "missing"}
        connection.execute(insert(station_units).values(unit | known))
        broken = {
            "exception_id": ids["exception_id"],
            "code": "unknown_label",
            "state": "open",
            "site_id": "S2",
            "source_event_id": ids["exception_id"],
        }
        connection.execute(insert(exceptions).values(broken | known))
        invoice = {"invoice_id": ids["invoice_id"], "carrier_id": "CO", "number": order_id, "state": "open"}
        connection.execute(insert(carrier_invoices).values(invoice | known))
        contractor = {"contractor_id": ids["contractor_id"], "carrier_id": "CO", "name": "C", "state": "active"}
        connection.execute(insert(contractors).values(contractor | known))
        offer = {"offer_id": ids["offer_id"], "contractor_id": ids["contractor_id"], "state": "offered"}
        offer |= {"delivery_id": ids["delivery_id"], "tenant_id": CALLER.tenant_id, "booking_id": ids["offer_id"]}
        errand = {"errand_id": ids["errand_id"], "order_id": order_id, "sequence": 1, "state": "open"}
        connection.execute(insert(errands).values(errand | known | {"kind": "request", "text": "call me"}))
        connection.execute(insert(contractor_offers).values(offer | {"offered_at": NOW, "expires_at": NOW}))
    return ids
