"""The town of the fault storm: two stores without vans, and four simulated carriers that fail in all their ways."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from doorstep.connectors import doordash_drive, onfleet, stuart, uber_direct
from doorstep.domain import Retailer
from doorstep.domain.new_order import Contact, NewLine, NewOrder
from doorstep.operations.access import create_tenant
from doorstep.operations.caller import Caller
from doorstep.operations.onboarding import import_retailer
from doorstep.ports import Carrier, CarrierDelivery, CarrierQuote, Shipping
from doorstep.simulation.carriers import (
    DoorDashDrive,
    Faults,
    Fleet,
    InProcess,
    Onfleet,
    Stuart,
    Terms,
    UberDirect,
    VirtualClock,
)
from doorstep.simulation.carriers.doordash_drive import Keys as DoorDashKeys
from doorstep.simulation.carriers.onfleet import Keys as OnfleetKeys
from doorstep.simulation.carriers.serving import Dialect
from doorstep.simulation.carriers.stuart import Keys as StuartKeys
from doorstep.simulation.carriers.uber_direct import Keys as UberKeys
from doorstep.storage import Database

HERE = "http://127.0.0.1"
RATES = {
    "rate_limited": 0.01, "server_error": 0.01, "timeout_after_commit": 0.02, "price_change": 0.05,
    "courier_drops_out": 0.06, "returned": 0.05,
}  # fmt: skip
"""How often requests and couriers fail; webhooks come twice and out of order by the post of the storm."""
QUOTED_SHARE = 0.4
"""Bookings for which a price was asked before, by carriers that hold one; half of those prices have expired."""
PRICES = {"uber": (500, 200), "doordash": (700, 120), "stuart": (950, 55), "onfleet": (1_100, 25)}
"""What the plan expects of each carrier: a base, and a price for each kilometre; so each is the cheapest somewhere."""
PRODUCTS, UNITS = 20, 10**9
DOORS_M = 5_000
METRES_PER_DEGREE = 111_195


@dataclass(frozen=True, slots=True)
class Quoting:
    """A connector for whose bookings a price is often asked before; by then it may have expired.

    ``clock`` is the carrier's: a quote is asked for as many seconds ago as it is old. Only the first request for a
    booking bears one; ``ages`` has of each booking how old its quote was [s].
    """

    inner: Carrier
    clock: VirtualClock
    quote_s: int
    seed: int
    ages: dict[str, int]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a carrier can do beside
        return getattr(self.inner, name)

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:
        """Return the booking, by a quote or at today's price."""
        rng = random.Random(f"{self.seed}/quote/{asked.delivery_id}")
        if asked.delivery_id not in self.ages and rng.random() < QUOTED_SHARE:
            age_s = self.ages[asked.delivery_id] = rng.randrange(2 * self.quote_s)
            self.clock.advance(-age_s)
            try:
                quote = self.inner.quote(asked)
            finally:
                self.clock.advance(age_s)
        return self.inner.book(asked, quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Carriers by their id as doorstep has them, and the simulators behind them, all on one clock."""

    clock: VirtualClock
    carriers: Mapping[str, Carrier]
    there: Mapping[str, Dialect]
    ages: dict[str, int]


class CountedFaults(Faults):
    """Faults that count what they have drawn in ``drawn``."""

    drawn: Counter[str]

    def hit(self, fault: str, key: object) -> bool:
        """Return whether a fault happens to something."""
        found = super().hit(fault, key)
        self.drawn[fault] += found
        return found


def open_town(clock: VirtualClock, *, seed: int, first: int, drawn: Counter[str]) -> Town:
    """Return four carriers whose next booking has the number ``first``; their faults are counted in ``drawn``."""
    ages: dict[str, int] = {}
    carriers: dict[str, Carrier] = {}
    there: dict[str, Dialect] = {}
    for name, (make, quote_s) in _DESKS.items():
        terms = Terms(quote_s=quote_s or 900, per_km_minor=100)
        faults = CountedFaults(rates=RATES, seed=seed)
        object.__setattr__(faults, "drawn", drawn)
        fleet = Fleet(clock, terms=terms, faults=faults, first=first)
        there[name], inner = make(fleet, clock)
        carriers[name] = Quoting(inner, clock, quote_s, seed, ages) if quote_s else inner
    return Town(clock=clock, carriers=carriers, there=there, ages=ages)


def open_shop(database: Database, *, now: int) -> Caller:
    """Store two stores whose shelves never get empty, and four carriers, each the cheapest for some way."""
    sites = pl.DataFrame(
        {"site_id": ["S1", "S2"], "name": ["First", "Second"], "kind": ["store", "store"], "lat": [37.75, 37.80],
         "lon": [-122.44, -122.40], "time_zone": ["UTC"] * 2, "opens": ["00:00"] * 2, "closes": ["24:00"] * 2,
         "preparation_s": [0, 0], "address": ["1 Market St", "2 Mission St"], "phone": ["+14155550101"] * 2}
    )  # fmt: skip
    names = [f"P{number:02d}" for number in range(PRODUCTS)]
    products = pl.DataFrame({"product_id": names}).with_columns(
        length_mm=100, width_mm=100, height_mm=100, weight_g=400, price_minor=1_500, margin_minor=500
    )
    stock = sites.select("site_id").join(products.select("product_id"), how="cross").with_columns(on_hand=UNITS)
    carriers = pl.DataFrame({"carrier_id": list(PRICES), "name": list(PRICES)}).with_columns(
        kind=pl.lit("on_demand"), delivers_from=pl.lit("00:00"), delivers_by=pl.lit("24:00")
    )
    rates = pl.DataFrame(
        [(name, base, per_km) for name, (base, per_km) in PRICES.items()],
        schema=["carrier_id", "price_minor", "price_per_km_minor"], orient="row",
    )  # fmt: skip
    levels = pl.DataFrame({"service_level_id": ["now"], "method": ["same_day"], "window_starts": ["00:00"],
                           "window_ends": ["24:00"], "fee_minor": [399]})  # fmt: skip
    tables = {"sites": sites, "products": products, "stock": stock, "carriers": carriers, "carrier_rates": rates,
              "service_levels": levels, "orders": _NO_ORDERS, "order_lines": _NO_LINES}  # fmt: skip
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, "storm", now=now), "storm")
        import_retailer(connection, caller, Retailer.complete(tables), now=now)
    return caller


def draw_orders(rng: np.random.Generator, count: int, *, now: int) -> list[NewOrder]:
    """Return orders of one to three products to doors around the stores, wanted within two hours."""
    north, east = rng.uniform(-DOORS_M, DOORS_M, (2, count)) / METRES_PER_DEGREE
    door = NewOrder(service_level_id="now", lat=0.0, lon=0.0, lines=(), window=(now, now + 7_200))
    return [
        replace(
            door,
            lat=37.775 + float(north[number]),
            lon=-122.42 + float(east[number]) / 0.79,
            lines=tuple(
                NewLine(product_id=f"P{product:02d}", quantity=1)
                for product in rng.choice(PRODUCTS, rng.integers(1, 4), replace=False)
            ),
            contact=Contact(name="Ada Reader", phone="+14155550102", address='{"lines": ["500 Castro St"]}'),
        )
        for number in range(count)
    ]


def _uber(fleet: Fleet, clock: VirtualClock) -> tuple[Dialect, Carrier]:
    keys, there = UberKeys(), UberDirect(fleet=fleet, wall=clock)
    account = uber_direct.Account(
        customer_id=keys.customer_id, client_id=keys.client_id, client_secret=keys.client_secret,
        webhook_secret=keys.webhook_secret, base_url=HERE, login_url=HERE,
    )  # fmt: skip
    return there, uber_direct.UberDirect(account, http=InProcess(there.app), clock=clock)


def _doordash(fleet: Fleet, clock: VirtualClock) -> tuple[Dialect, Carrier]:
    keys, there = DoorDashKeys(), DoorDashDrive(fleet=fleet, wall=clock)
    account = doordash_drive.Account(
        developer_id=keys.developer_id, key_id=keys.key_id, signing_secret=keys.signing_secret,
        webhook_authorization=keys.webhook_authorization, base_url=HERE,
    )  # fmt: skip
    return there, doordash_drive.DoorDashDrive(account, http=InProcess(there.app), clock=clock)


def _stuart(fleet: Fleet, clock: VirtualClock) -> tuple[Dialect, Carrier]:
    keys, there = StuartKeys(), Stuart(fleet=fleet, wall=clock)
    account = stuart.Account(
        client_id=keys.client_id, client_secret=keys.client_secret, authentication_key=keys.authentication_key,
        base_url=HERE,
    )  # fmt: skip
    return there, stuart.Stuart(account, http=InProcess(there.app), clock=clock)


def _onfleet(fleet: Fleet, clock: VirtualClock) -> tuple[Dialect, Carrier]:
    keys, there, terms = OnfleetKeys(), Onfleet(fleet=fleet), fleet.terms
    account = onfleet.Account(
        api_key=keys.api_key, webhook_secret=keys.webhook_secret, currency=terms.currency, base_minor=terms.base_minor,
        per_km_minor=130,  # of the great circle, which the simulator counts 1.3 times
        cancel_fee_minor=terms.cancel_fee_minor, return_fee_minor=terms.return_fee_minor,
        base_url=f"{HERE}/api/v2", attachments_url=f"{HERE}/attachments",
    )  # fmt: skip
    return there, onfleet.Onfleet(account, http=InProcess(there.app), clock=clock)


_NO_ORDERS = pl.DataFrame(schema={"order_id": pl.String, "placed_at": pl.Int64, "lat": pl.Float64, "lon": pl.Float64,
                                  "postal_code": pl.String, "service_level_id": pl.String})  # fmt: skip
_NO_LINES = pl.DataFrame(schema={"order_id": pl.String, "line_no": pl.Int64, "product_id": pl.String,
                                 "quantity": pl.Int64})  # fmt: skip
_DESKS = {"uber": (_uber, 900), "doordash": (_doordash, 300), "stuart": (_stuart, 0), "onfleet": (_onfleet, 0)}
"""Who opens each carrier, and how long its quotes hold [s]; 0: it holds none."""
