"""Each connector beside its simulator, on one clock that stands still until a test moves it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from doorstep.connectors import doordash_drive, onfleet, stuart, uber_direct
from doorstep.ports import Carrier, Contact, Item, Shipping
from doorstep.simulation.carriers import (
    DoorDashDrive,
    Faults,
    Fleet,
    InProcess,
    Onfleet,
    Stuart,
    UberDirect,
    VirtualClock,
)
from doorstep.simulation.carriers.doordash_drive import Keys as DoorDashKeys
from doorstep.simulation.carriers.journey import Point, Terms
from doorstep.simulation.carriers.onfleet import Keys as OnfleetKeys
from doorstep.simulation.carriers.serving import Dialect, Gazetteer
from doorstep.simulation.carriers.stuart import Keys as StuartKeys
from doorstep.simulation.carriers.uber_direct import Keys as UberKeys

NOW = 1_772_949_600
STORE = Contact(
    name="Corner Store",
    phone="+14155550101",
    street="1 Market St",
    city="San Francisco",
    state="CA",
    postal_code="94105",
    country="US",
    lat=37.7936,
    lon=-122.3950,
    instructions="Ring at the gate",
)
DOOR = Contact(
    name="Ada Reader",
    phone="+14155550102",
    street="500 Castro St",
    city="San Francisco",
    state="CA",
    postal_code="94114",
    country="US",
    lat=37.7609,
    lon=-122.4350,
)
ASKED = Shipping(
    delivery_id="dlv_1",
    pickup=STORE,
    dropoff=DOOR,
    ready_at=NOW + 600,
    pickup_by=NOW + 2_400,
    arrive_from=NOW + 1_200,
    arrive_by=NOW + 7_200,
    items=(Item(name="Box", quantity=2, weight_g=1_500, volume_ml=4_000, price_minor=1_250),),
    value_minor=2_500,
    currency="USD",
    requirements=("photo", "signature"),
    tip_minor=200,
)
# 5.06 km as the crow flies, 6.57 km by the simulator's streets at 85 a kilometre beside 599.
PRICE_MINOR = 1_158
WAY = {
    "en_route_to_pickup": "start_to_pickup",
    "at_pickup": "arrive_at_pickup",
    "picked_up": "pick_up",
    "en_route_to_dropoff": "start_to_dropoff",
    "at_dropoff": "arrive_at_dropoff",
    "delivered": "deliver",
}
"""The states of a courier's way that a vendor tells apart, and our events that lead there."""


@dataclass(kw_only=True)
class Desk:
    """A connector, the simulator that it speaks to, and the clock of both."""

    carrier: Carrier
    dialect: Dialect
    clock: VirtualClock
    quote_s: int
    asked: Shipping = field(default_factory=lambda: ASKED)
    way: dict[str, str] = field(default_factory=lambda: WAY)
    cancel_until: str = "at_pickup"

    @property
    def fleet(self) -> Fleet:
        return self.dialect.fleet

    def break_with(self, **rates: float) -> None:
        self.fleet.faults = Faults(rates=rates)

    def pass_to(self, state: str) -> None:
        """Move the clock to when the only booking comes to a state."""
        (booking,) = self.fleet.bookings.values()
        at = booking.journey.begins_at(state)
        assert at > 0, f"it never comes to {state}"
        self.clock.now = max(self.clock.now, at)


def uber_desk() -> Desk:
    clock = VirtualClock(NOW)
    keys = UberKeys()
    dialect = UberDirect(fleet=Fleet(clock, terms=Terms()), wall=clock, keys=keys)
    account = uber_direct.Account(
        customer_id=keys.customer_id,
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        webhook_secret=keys.webhook_secret,
        base_url="http://127.0.0.1",
        login_url="http://127.0.0.1",
    )
    carrier = uber_direct.UberDirect(account, http=InProcess(dialect.app), clock=clock)
    return Desk(carrier=carrier, dialect=dialect, clock=clock, quote_s=900)


def doordash_desk() -> Desk:
    clock = VirtualClock(NOW)
    keys = DoorDashKeys()
    places = {"1 Market St, San Francisco, CA 94105, US": Point(lat=STORE.lat, lon=STORE.lon)}
    fleet = Fleet(clock, terms=Terms(quote_s=300))
    dialect = DoorDashDrive(fleet=fleet, wall=clock, keys=keys, gazetteer=Gazetteer(places=places))
    account = doordash_drive.Account(
        developer_id=keys.developer_id,
        key_id=keys.key_id,
        signing_secret=keys.signing_secret,
        webhook_authorization=keys.webhook_authorization,
        base_url="http://127.0.0.1",
    )
    carrier = doordash_drive.DoorDashDrive(account, http=InProcess(dialect.app), clock=clock)
    return Desk(carrier=carrier, dialect=dialect, clock=clock, quote_s=300)


def stuart_desk() -> Desk:
    clock = VirtualClock(NOW)
    keys = StuartKeys()
    places = {
        "1 Market St, San Francisco, CA 94105, US": Point(lat=STORE.lat, lon=STORE.lon),
        "500 Castro St, San Francisco, CA 94114, US": Point(lat=DOOR.lat, lon=DOOR.lon),
    }
    dialect = Stuart(fleet=Fleet(clock, terms=Terms()), wall=clock, keys=keys, gazetteer=Gazetteer(places=places))
    account = stuart.Account(
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        authentication_key=keys.authentication_key,
        base_url="http://127.0.0.1",
    )
    carrier = stuart.Stuart(account, http=InProcess(dialect.app), clock=clock)
    # One status tells that a parcel was picked up and that it is on its way.
    way = {state: event for state, event in WAY.items() if event != "start_to_dropoff"} | {
        "picked_up": "start_to_dropoff"
    }
    return Desk(carrier=carrier, dialect=dialect, clock=clock, quote_s=0, way=way)


def onfleet_desk() -> Desk:
    clock = VirtualClock(NOW)
    keys, terms = OnfleetKeys(), Terms()
    dialect = Onfleet(fleet=Fleet(clock, terms=terms), keys=keys)
    account = onfleet.Account(
        api_key=keys.api_key,
        webhook_secret=keys.webhook_secret,
        currency="USD",
        base_minor=728,  # and 5.06 km at 85
        per_km_minor=85,
        cancel_fee_minor=terms.cancel_fee_minor,
        return_fee_minor=terms.return_fee_minor,
        base_url="http://127.0.0.1/api/v2",
        attachments_url="http://127.0.0.1/attachments",
    )
    carrier = onfleet.Onfleet(account, http=InProcess(dialect.app), clock=clock)
    quote_s = ASKED.arrive_by - NOW
    return Desk(carrier=carrier, dialect=dialect, clock=clock, quote_s=quote_s, cancel_until="assigned")


DESKS: dict[str, Callable[[], Desk]] = {
    "uber_direct": uber_desk,
    "doordash_drive": doordash_desk,
    "stuart": stuart_desk,
    "onfleet": onfleet_desk,
}
QUOTING = ("doordash_drive", "stuart", "uber_direct")
"""Those that say a price and where they go before they are booked."""
HOLDING = ("doordash_drive", "uber_direct")
"""Those that hold a price for a while, and take tips."""


def nowhere(lat: float, lon: float) -> bool:
    return math.isnan(lat) and math.isnan(lon)
