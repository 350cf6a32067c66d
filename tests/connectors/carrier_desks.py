"""Each connector beside its simulator, on one clock that stands still until a test moves it."""

import atexit
import csv
import io
import math
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from doorstep.connectors import doordash_drive, onfleet, rate_card, stuart, uber_direct
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
from doorstep.simulation.carriers.fleet import Asked
from doorstep.simulation.carriers.journey import Point, Terms
from doorstep.simulation.carriers.onfleet import Keys as OnfleetKeys
from doorstep.simulation.carriers.serving import PICTURE, Dialect, Gazetteer
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


@dataclass
class FileDialect:
    """A carrier that reads manifests and writes a tracking file, whenever somebody looks at its fleet."""

    folder: Path
    couriers: Fleet
    app: None = None

    @property
    def fleet(self) -> Fleet:
        known = {booking.asked.caller_id: booking for booking in self.couriers.bookings.values()}
        for file in sorted(self.folder.glob("manifest-*.csv")):
            for line in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))):
                start = Point(lat=float(line["pickup_lat"]), lon=float(line["pickup_lon"]))
                end = Point(lat=float(line["dropoff_lat"]), lon=float(line["dropoff_lon"]))
                asked = Asked(caller_id=line["reference"], pickup=start, dropoff=end, said=line)
                booking = known.get(line["reference"]) or self.couriers.book(asked)
                booking.asked = asked
        return self.couriers

    def tell(self) -> None:
        """Write what has happened by now, with a picture of each kind at the end."""
        rows = ["reference,status,occurred_at,reason,lat,lon,proof_kind,proof"]
        for booking in self.fleet.bookings.values():
            name, journey = booking.asked.caller_id, booking.journey
            for step in journey.steps[1 : journey.number(self.couriers.clock())]:
                point = f"{step.point.lat},{step.point.lon}"
                kinds = ("photo", "signature") if step.state == "delivered" else ("",)
                for kind in kinds:
                    rows.append(f"{name},{step.state},{step.at},,{point},{kind},{kind and f'{kind}.png'}")
        for kind in ("photo", "signature"):
            (self.folder / f"{kind}.png").write_bytes(PICTURE)
        (self.folder / "tracking.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


@dataclass(kw_only=True)
class FileDesk(Desk):
    """A desk whose two sides exchange files."""

    def pass_to(self, state: str) -> None:
        super().pass_to(state)
        self.dialect.tell()  # type: ignore[attr-defined]


CARD = {
    "carriers": "carrier_id,kind,basis,collects,delivers_from,delivers_by,skills\n"
    "CF,parcel,distance,06:30,06:00,07:50,photo;signature\n",
    "carrier_rates": "carrier_id,zone,transit_days,price_minor,price_per_km_minor\nCF,,0,599,85\nCF,,1,399,60\n",
}


def card_desk(card: dict[str, str] = CARD, **changes: object) -> FileDesk:
    folder = Path(tempfile.mkdtemp(prefix="ds-card-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, text in card.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    clock = VirtualClock(NOW)
    known = {"folder": str(folder), "carrier_id": "CF", "currency": "USD", "time_zone": "UTC",
             "tracking_url": "https://carrier.example/{reference}"}  # fmt: skip
    account = rate_card.Account(**known | changes)  # type: ignore[arg-type]
    carrier = rate_card.RateCardCarrier(account, clock=clock)
    dialect = FileDialect(folder, Fleet(clock, terms=Terms()))
    return FileDesk(carrier=carrier, dialect=dialect, clock=clock, quote_s=0)  # type: ignore[arg-type]


DESKS: dict[str, Callable[[], Desk]] = {
    "uber_direct": uber_desk,
    "doordash_drive": doordash_desk,
    "stuart": stuart_desk,
    "onfleet": onfleet_desk,
    "rate_card": card_desk,
}
WIRED = ("doordash_drive", "onfleet", "stuart", "uber_direct")
"""Those that are asked over a network, and tell by webhooks what happened."""
QUOTING = ("doordash_drive", "stuart", "uber_direct")
"""Those that say a price and where they go before they are booked."""
HOLDING = ("doordash_drive", "uber_direct")
"""Those that hold a price for a while, and take tips."""


def nowhere(lat: float, lon: float) -> bool:
    return math.isnan(lat) and math.isnan(lon)
