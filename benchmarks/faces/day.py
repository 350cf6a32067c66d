"""A day in a database: vans on the road with doors ahead, phones that tell where they are, and who looks at it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from benchmarks.operations.shop import make_shop, open_shop
from doorstep.operations.access import open_session
from doorstep.operations.caller import Caller
from doorstep.operations.people import create_person
from doorstep.operations.positions.devices import Riding, register_device
from doorstep.operations.shoppers.links import MOST_LINKS, issue_link
from doorstep.storage import Connection, Database
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, routes, stops
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.tracking import device_positions, last_positions

STOPS = 10
"""Doors of a route."""
WEST, SOUTH, PER_ROW, APART_DEG = -88.1, 41.65, 50, 0.012
"""Where the first van is, how many lie in a row from west to east, and how far from one another."""
STEP_E5 = 8
"""Northward from one position to the next [1e-5 degrees]: 9 m."""
HOUR_S = 3600
Row = dict[str, object]


@dataclass(frozen=True)
class Day:
    """What is in the database: tokens of the phones, sessions of dispatchers, links of shoppers with their vans."""

    phones: list[str]
    sessions: list[str]
    links: list[tuple[str, int]]


def van_at(van: int, step: int) -> tuple[float, float]:
    """Return latitude and longitude of a van after so many steps: the first tells the step."""
    row, column = divmod(van, PER_ROW)
    return round(SOUTH + row * APART_DEG + step * STEP_E5 / 1e5, 5), round(WEST + column * APART_DEG, 5)


def step_of(van: int, lat: float) -> int:
    """Return after how many steps a van is at a latitude."""
    return round((lat - van_at(van, 0)[0]) * 1e5 / STEP_E5)


def furnish(url: str, vans: int, viewers: int, shoppers: int, *, role: str = "dispatcher") -> Day:
    """Make a retailer whose vans are all out, and return what there is to show and to whom.

    Each van has ten doors ahead, one in ten of them late and one in ten at risk, and its last position is half a
    minute old. Links lead to the first door of a van, so that its shopper sees it exactly.
    """
    database, now = Database(url), int(time.time())
    shop = make_shop(1)
    caller = open_shop(database, shop)
    site = str(shop.retailer.sites["site_id"][0])
    with database.writing() as connection:
        for van in range(vans):
            _put(connection, caller.tenant_id, site, van, now)
    with database.writing() as connection:
        phones = [
            register_device(connection, caller, _van_name(van), "driver_page", Riding(route_id=_route_id(van)), now=now)
            for van in range(vans)
        ]  # fmt: skip
        _place(connection, [each.name for each in phones], now)
        sessions = [_session(connection, caller, number, role, now) for number in range(viewers)]
        led = [number % vans for number in range(min(shoppers, vans * MOST_LINKS))]
        links = [(issue_link(connection, caller, _delivery_id(van, 0), now=now)[0], van) for van in led]
    database.close()
    return Day([each.secret for each in phones], sessions, links)


def _van_name(van: int) -> str:
    return f"V{van}"


def _route_id(van: int) -> str:
    return f"rou_{van:06d}"


def _delivery_id(van: int, stop: int) -> str:
    return f"del_{van:06d}_{stop:02d}"


def _session(connection: Connection, caller: Caller, number: int, role: str, now: int) -> str:
    email = f"viewer{number}@shop.example"
    person = create_person(connection, caller, email=email, name=f"Viewer {number}", role=role,
                           password_hash=None, now=now)  # fmt: skip
    return open_session(connection, person, now=now, hours=12, reason="bench").secret


def _place(connection: Connection, device_ids: Sequence[str], now: int) -> None:
    """Give each phone a position of half a minute ago, at the place of step 0."""
    rows = connection.execute(sa.text("SELECT device_id, device_no FROM devices")).all()
    numbers = {row.device_id: row.device_no for row in rows}
    told: Row = {"at": now - 30, "source": 1, "speed_cmps": 890, "course_deg": 0, "received_at": now - 30}
    seen: list[Row] = []
    for van, device_id in enumerate(device_ids):
        lat, lon = van_at(van, 0)
        seen.append({"device_no": numbers[device_id], "lat_e7": round(lat * 1e7), "lon_e7": round(lon * 1e7)} | told)
    doubts: Row = {"doubts": 0, "doubted_at": 0, "doubted_lat_e7": 0, "doubted_lon_e7": 0}
    connection.execute(sa.insert(last_positions), [row | doubts for row in seen])
    connection.execute(sa.insert(device_positions), [row | {"verdict": 0} for row in seen])


def _put(connection: Connection, tenant_id: str, site: str, van: int, now: int) -> None:
    """Store the route of a van and its doors, northward, six minutes from one to the next."""
    mine: Row = {"tenant_id": tenant_id, "created_at": now - HOUR_S}
    connection.execute(
        sa.insert(routes),
        [mine | {"route_id": _route_id(van), "site_id": site, "vehicle_id": _van_name(van), "driver": f"Driver {van}",
                 "state": "in_progress", "starts_at": now - HOUR_S, "ends_at": now + 2 * HOUR_S, "distance_m": 20_000,
                 "stops": STOPS, "parcels": STOPS, "cost_minor": 9_000, "driver_minor": 6_000}],
    )  # fmt: skip
    doors = [_door(mine, site, van, stop, now) for stop in range(STOPS)]
    for table, part in ((orders, 0), (deliveries, 1), (stops, 2), (etas, 3)):
        connection.execute(sa.insert(table), [door[part] for door in doors])


def _door(mine: Row, site: str, van: int, stop: int, now: int) -> tuple[Row, Row, Row, Row]:
    lat, lon = van_at(van, 40 + stop * 100)
    expected_at = now + (stop + 1) * 360
    slack_s: Mapping[int, int] = {0: -600, 1: 300}
    window_end_at = expected_at + slack_s.get((van + 7 * stop) % 10, 2 * HOUR_S)
    place: Row = {"lat": lat, "lon": lon + 0.003 * (stop % 3)}
    delivery_id, order_id = _delivery_id(van, stop), f"ord_{van:06d}_{stop:02d}"
    order = mine | place | dict.fromkeys(("pickup_site_id", "requirements", "extras", "payment", "if_short"), "")
    order |= {"membership": "", "fingerprint": "", "landing_site": 0, "fee_minor": 0, "neighbour_ok": 0,
        "order_id": order_id, "code": f"{van:05d}{stop:03d}", "state": "out_for_delivery",
        "placed_at": now - 6 * HOUR_S, "postal_code": "60601", "service_level_id": "same_day",
        "window_start_at": now - HOUR_S, "window_end_at": window_end_at, "membership_discount_minor": 0,
        "promised_sites": 1}  # fmt: skip
    delivery = mine | {"delivery_id": delivery_id, "order_id": order_id, "kind": "door", "state": "en_route_to_dropoff",
        "site_id": site, "mode": "own_fleet", "carrier_id": "", "route_id": _route_id(van), "attempts": 0, "parcels": 1,
        "weight_g": 1_000, "volume_ml": 2_000, "cost_minor": 900, "cost_parts": "{}"}  # fmt: skip
    visit = place | {"route_id": _route_id(van), "sequence": stop + 1, "tenant_id": mine["tenant_id"],
        "kind": "delivery", "delivery_id": delivery_id, "arrive_at": expected_at, "service_at": expected_at,
        "leave_at": expected_at + 120, "distance_m": 2_000}  # fmt: skip
    eta: Row = {"delivery_id": delivery_id, "tenant_id": mine["tenant_id"], "route_id": _route_id(van),
        "expected_at": expected_at, "from_at": expected_at - 120, "until_at": expected_at + 240,
        "made_at": now}  # fmt: skip
    return order, delivery, visit, eta
