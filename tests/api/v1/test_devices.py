"""Phones set up by what the API says and heard as their apps speak; and where they are, for maps and for feeds."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from google.transit import gtfs_realtime_pb2 as gtfs
from sqlalchemy import select

from doorstep.operations.access import hash_secret
from doorstep.operations.positions.devices import device_of_token, revoke_device
from doorstep.storage.schema.fulfilment import routes
from doorstep.storage.schema.tracking import device_positions
from tests.api.desks import Keys, Shop, opened_again, things
from tests.connectors.phones.payloads import OSMAND, OVERLAND, OWN, OWNTRACKS, TRACCAR
from tests.databases import CALLER, NOW, sqlite_copy


@dataclass
class Phone:
    """A device of a shop, and its token."""

    shop: Shop
    device: dict[str, Any]

    def told(self, path: str, body: bytes = b"", method: str = "POST", **headers: str) -> httpx2.Response:
        return self.shop.client("").request(method, f"/ingest/{path}", content=body, headers=headers)

    def bearer(self, path: str, body: bytes) -> httpx2.Response:
        return self.told(path, body, Authorization=f"Bearer {self.device['token']}")

    def at(self, seconds: int, lat: float = 41.0, **changes: object) -> bytes:
        moment = f"2026-03-03T14:{seconds // 60:02}:{seconds % 60:02}Z"
        return json.dumps({"positions": [{"at": moment, "lat": lat, "lon": -87.0} | changes]}).encode()

    def kept(self) -> list[int]:
        with self.shop.database.reading() as connection:
            return list(connection.execute(select(device_positions.c.at).order_by(device_positions.c.at)).scalars())


def phone(shop: Shop, app: str = "driver_page", key: str | None = None, **changes: object) -> Phone:
    made = shop.client(key).post("/v1/devices", json={"name": "phone", "app": app} | changes)
    assert made.status_code == 201, made.text
    return Phone(shop, made.json())


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_all_five_apps_are_heard_by_what_they_send_and_answered_as_they_need(shop: Shop):
    one = phone(shop)
    token = one.device["token"]
    assert one.bearer("positions", OWN).json() == {"accepted": 2, "refused": 0}
    owntracks = one.told("owntracks?u=u&d=d", OWNTRACKS, Authorization=basic("u", token))
    assert (owntracks.status_code, owntracks.json()) == (200, [])
    traccar = one.told("traccar", TRACCAR.replace(b"48241179", token.encode()))
    assert (traccar.status_code, traccar.text) == (200, "")
    query = OSMAND.replace(b"123456", token.encode())
    assert one.told(f"osmand?{query.decode()}", method="GET").status_code == 200
    assert one.told("osmand", query.replace(b"1377177267", b"1377177268")).status_code == 200
    assert one.bearer("overland", OVERLAND).json() == {"result": "ok"}
    assert one.kept() == [1_377_177_267, 1_377_177_268, 1_443_711_600, 1_497_349_316, 1_749_995_112, NOW, NOW + 5]


def test_what_is_no_position_is_answered_too_and_what_comes_again_is_kept_once(shop: Shop):
    one = phone(shop, "owntracks")
    asked = {"Authorization": basic("u", one.device["token"])}
    for body in (
        b"",
        b'{"_type":"lwt","tst":1}',
        b'{"_type":"location","lat":91,"lon":0,"tst":1}',
        OWNTRACKS,
        OWNTRACKS,
    ):
        assert one.told("owntracks", body, **asked).json() == []
    assert one.kept() == [1_497_349_316]
    assert one.told("owntracks", b"{", **asked).json()["code"] == "invalid"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("positions", OWN, 401), ("owntracks", OWNTRACKS, 401), ("traccar", TRACCAR, 404), ("osmand", OSMAND, 400),
     ("overland", OVERLAND, 401)],
)  # fmt: skip
def test_who_shows_no_token_is_told_so_as_each_app_expects(shop: Shop, path: str, body: bytes, status: int):
    one = phone(shop)
    assert one.told(path, body).status_code == status
    assert one.told(path, body, Authorization=f"Bearer {shop.key}").status_code == status
    assert one.told(f"{path}?token=ds_device_{'0' * 32}", body).status_code == status
    assert one.kept() == []


def test_a_token_ends_when_it_is_renewed_or_its_device_revoked_also_by_another_process(shop: Shop):
    one, client = phone(shop), shop.client()
    path = f"/v1/devices/{one.device['id']}"
    assert one.bearer("positions", one.at(0)).status_code == 200
    renewed = client.post(f"{path}/token")
    assert one.bearer("positions", one.at(5)).status_code == 401
    new = Phone(shop, renewed.json())
    assert new.bearer("positions", one.at(10)).status_code == 200
    with shop.database.writing() as connection:
        revoke_device(connection, CALLER, one.device["id"], now=NOW)
    assert new.bearer("positions", one.at(15)).status_code == 401
    assert one.kept() == [NOW, NOW + 10]
    assert client.get(path).json()["code"] == client.delete(path).json()["code"] == "not_found"


def test_a_device_is_set_up_by_what_it_is_told_once(shop: Shop):
    named = {"Idempotency-Key": "one"}
    asked = {"name": "Ana's", "app": "overland", "driver": "Ana"}
    made = shop.client().post("/v1/devices", json=asked, headers=named).json()
    again = shop.client().post("/v1/devices", json=asked, headers=named).json()
    assert (again["id"], again["token"], again["set_up"]) == (made["id"], "", {"fields": {}, "link": ""})
    link = parse_qs(urlsplit(made["set_up"]["link"]).query)
    assert link == {"url": ["http://127.0.0.1:8000/ingest/overland"], "token": [made["token"]], "device_id": ["phone"]}
    owntracks = phone(shop, "owntracks").device
    inline = parse_qs(urlsplit(owntracks["set_up"]["link"]).query)["inline"][0]
    assert json.loads(base64.b64decode(inline))["password"] == owntracks["token"]
    with shop.database.reading() as connection:
        assert device_of_token(connection, hash_secret(made["token"])) == made["id"]
    assert made["token"] not in shop.client().get("/v1/exports/devices.jsonl").text


def test_a_device_is_changed_at_the_version_that_was_read(shop: Shop):
    client, path = shop.client(), f"/v1/devices/{phone(shop).device['id']}"
    assert client.patch(path, json={"driver": "Ben"}, headers={"If-Match": '"1"'}).json()["driver"] == "Ben"
    assert client.patch(path, json={"driver": "Cy"}, headers={"If-Match": '"1"'}).status_code == 412
    assert client.patch(path, json={"vehicle_id": "none"}).json()["code"] == "invalid"
    assert [each["driver"] for each in client.get("/v1/devices", params={"driver": "Ben"}).json()["items"]] == ["Ben"]


def test_where_everything_is_is_the_newest_of_each_driver_and_nobody_elses(shop: Shop):
    first, second, silent = phone(shop, driver="Ana"), phone(shop, driver="Ana"), phone(shop, driver="Ben")
    theirs = phone(shop, key=shop.other_key)
    shop.clock.at = NOW + 60
    first.bearer("positions", first.at(30, 41.25, speed_mps=8.5, course_deg=90, battery=0.5, moving=True))
    second.bearer("positions", second.at(10))
    theirs.bearer("positions", theirs.at(20))
    (found,) = shop.client().get("/v1/vehicles/positions").json()["items"]
    assert found == {
        "device_id": first.device["id"], "name": "phone", "vehicle_id": "", "driver": "Ana", "route_id": "",
        "at": "2026-03-03T14:00:30Z", "received_at": "2026-03-03T14:01:00Z", "source": "own",
        "place": {"type": "Point", "coordinates": [-87.0, 41.25]}, "speed_mps": 8.5, "course_deg": 90,
        "accuracy_m": None, "battery": 0.5, "moving": True,
    }  # fmt: skip
    assert shop.client().get("/v1/vehicles/positions", params={"within_s": 29}).json() == {"items": []}
    (other,) = shop.client(shop.other_key).get("/v1/vehicles/positions").json()["items"]
    assert other["device_id"] == theirs.device["id"]
    heard = {each["id"]: each["heard_at"] for each in shop.client().get("/v1/devices").json()["items"]}
    assert (heard[silent.device["id"]], heard[first.device["id"]]) == (None, "2026-03-03T14:01:00Z")


def test_the_feed_says_the_same_to_whoever_reads_gtfs(shop: Shop):
    route_id = things(shop)["route_id"]
    with shop.database.reading() as connection:
        site_id = connection.execute(select(routes.c.site_id).where(routes.c.route_id == route_id)).scalar_one()
    one, loose = phone(shop, route_id=route_id), phone(shop)
    one.bearer("positions", one.at(0, speed_mps=8.5, course_deg=90))
    loose.bearer("positions", loose.at(1))
    feed = gtfs.FeedMessage()
    feed.ParseFromString(shop.client().get("/v1/feeds/vehicle-positions.pb", params={"site_id": site_id}).content)
    (entity,) = feed.entity
    assert (feed.header.timestamp, entity.id, entity.vehicle.trip.trip_id) == (NOW, one.device["id"], route_id)
    where = entity.vehicle.position
    assert (where.latitude, where.longitude, where.bearing, where.speed) == (41.0, -87.0, 90.0, 8.5)
    assert entity.vehicle.timestamp == NOW
    whole = gtfs.FeedMessage.FromString(shop.client().get("/v1/feeds/vehicle-positions.pb").content)
    assert len(whole.entity) == 2


def test_who_guesses_tokens_is_limited_by_address_and_a_device_by_itself(
    sqlite_shop: tuple[Path, Keys], tmp_path: Path
):
    path, keys = sqlite_shop
    limits = {"address_rate_limit_burst": 3, "address_rate_limit_per_s": 0.001, "rate_limit_burst": 5}
    with sqlite_copy(path, tmp_path) as database, opened_again(database, keys, **limits) as shop:
        one = phone(shop)
        statuses = [one.bearer("positions", one.at(0)).status_code]  # like the key before it, it could be a guess
        for _ in range(2):
            statuses.append(one.told("owntracks", OWNTRACKS, Authorization=basic("u", "guess")).status_code)
        statuses += [one.bearer("positions", one.at(second)).status_code for second in range(3)]
        assert statuses == [200, 401, 429, 200, 200, 200]
