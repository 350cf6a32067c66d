"""A station's day over the API: the truck, the scans, what does not add up, and labels that a scanner reads."""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import zxingcpp
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from doorstep.connectors.parcel_label import read_label
from doorstep.operations.access import SCOPES, create_key
from doorstep.storage.schema.orders import contacts, orders
from tests.api.desks import Keys, opened_again
from tests.databases import CALLER, NOW, Furnished
from tests.operations.stations.depot import labels, on_the_truck, open_depot

TOM, ANA = {"kind": "driver", "id": "Tom"}, {"kind": "driver", "id": "Ana"}
P1, F1 = {"kind": "site", "id": "P1"}, {"kind": "site", "id": "F1"}


def furnish(database) -> None:
    open_depot(database)
    with database.writing() as connection:
        (order_id,) = on_the_truck(connection, [("A", 1), ("C", 1)])
        address = '{"lines": ["1 Main St", "Apt 2", "Oak Park, IL"], "country": "US"}'
        known = {"contact_id": "con_1", "tenant_id": CALLER.tenant_id, "created_at": NOW, "last_order_at": NOW}
        connection.execute(insert(contacts).values(known | {"name": "Zoë & Co", "phone": "+1312", "address": address}))
        mine = {"contact_id": "con_1", "requirements": "signature"}
        connection.execute(update(orders).where(orders.c.order_id == order_id).values(mine))


@pytest.fixture
def station(furnished: Furnished) -> Iterator[tuple[TestClient, list[str]]]:
    """Return a client of the depot's API and the labels of the two parcels on their way."""
    with furnished(furnish) as database:
        with database.writing() as connection:
            key = create_key(connection, CALLER, name="test", scopes=SCOPES, now=NOW).secret
            (order_id,) = connection.execute(orders.select().with_only_columns(orders.c.order_id)).scalars()
            both = labels(connection, order_id)
        with opened_again(database, Keys(key, "")) as shop:
            shop.clock.at = NOW + 6 * 3_600
            yield shop.client(), both


def told(name: str, kind: str, sscc: str, clock: str, **more: object) -> dict[str, object]:
    return {"id": name, "kind": kind, "sscc": sscc, "occurred_at": f"2026-03-03T{clock}:00-06:00"} | more


def post(client: TestClient, site: str, *scans: dict[str, object]) -> list[dict[str, Any]]:
    answer = client.post(f"/v1/stations/{site}/scans", json={"scans": list(scans)})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_parcels_go_through_a_station(station):
    client, (one, two) = station
    assert client.get("/v1/stations/P1").json() == {
        "site_id": "P1", "units": {"expected": 2}, "overdue": 2, "open_exceptions": 0,
    }  # fmt: skip
    out = [told(f"f{n}", "load", sscc, "11:50", from_party=F1, to_party=TOM) for n, sscc in enumerate((one, two))]
    assert [r["destination"]["to"] for r in post(client, "F1", *out)] == ["site", "site"]
    came = [told(f"p{n}", "receive", sscc, "13:05", from_party=TOM, to_party=P1) for n, sscc in enumerate((one, two))]
    (way, _) = post(client, "P1", *came)
    assert (way["outcome"], way["state"], way["holder"]) == ("applied", "received", "site:P1")
    assert (way["destination"]["to"], way["destination"]["stop"], way["destination"]["load_order"]) == ("route", 1, 1)
    assert [r["known"] for r in post(client, "P1", *came)] == [True, True]
    post(client, "P1", told("p3", "shelve", one, "13:06", place="L1/4"))
    shelved = client.get("/v1/stations/P1/units", params={"state": "shelved"}).json()["items"]
    assert [(unit["sscc"], unit["place"]) for unit in shelved] == [(one, "L1/4")]
    delivery = client.get("/v1/deliveries").json()["items"][0]
    assert delivery["state"] == "at_station"
    (wrong,) = post(client, "P1", told("p4", "receive", two, "13:30", from_party=ANA, to_party=P1))
    (fault,) = client.get("/v1/exceptions", params={"state": "open"}).json()["items"]
    assert ([fault["id"]], fault["code"], fault["scan_id"]) == (wrong["exceptions"], "broken_custody", "p4")
    resolved = client.post(f"/v1/exceptions/{fault['id']}/resolve", json={"reason": "seen"})
    assert (resolved.status_code, resolved.json()["state"]) == (200, "resolved")
    (lost,) = post(client, "P1", told("p5", "missing", two, "13:40"))
    given_up = client.post(f"/v1/station-units/{lost['unit_id']}/write-off", json={"reason": "lost"})
    assert given_up.json()["state"] == "written_off"
    assert client.get("/v1/orders").json()["items"][0]["state"] == "on_hold"
    events = {event["type"] for event in client.get("/v1/events", params={"limit": 100}).json()["items"]}
    assert events >= {"station_unit.received", "station_unit.shelved", "exception.created", "delivery.in_transit"}


def test_a_hand_over_names_both_parties_and_nothing_else_does(station):
    client, (one, _) = station
    for scan in (told("x", "load", one, "13:05"), told("x", "shelve", one, "13:05", from_party=F1, to_party=TOM)):
        assert client.post("/v1/stations/P1/scans", json={"scans": [scan]}).status_code == 422


def test_a_label_says_where_its_parcel_goes_to_whoever_has_a_scanner_and_no_network(station):
    client, (one, _) = station
    shipment = client.get("/v1/shipments").json()["items"][0]
    parcel = next(p for p in shipment["parcels"] if p["sscc"] == one)
    path = f"/v1/parcels/{parcel['id']}/label"
    (code,) = zxingcpp.read_barcodes(pixels(client.get(path, params={"picture": "png"}).content))
    label = read_label(code.text)
    assert code.text.startswith(f"http://127.0.0.1:8000/00/{one}?4301=")
    assert (label.sscc, label.to_name, label.to_line_1, label.to_town) == (one, "Zoë & Co", "1 Main St", "Oak Park, IL")
    assert (label.lat, label.lon, label.needs_signature, label.not_before) == (41.01, -87.0, True, "2603040800")
    picture = client.get(path)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert all(words in picture.text for words in ("Zoë &amp; Co</text>", f"(00) {one}</text>"))


def pixels(png: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """Return the grey values of a PNG of one bit a pixel."""
    at, packed, width = 8, b"", 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IHDR":
            width = struct.unpack(">I", png[at + 8 : at + 12])[0]
        packed += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(-1, 1 + -(-width // 8)).copy()
    for n in np.flatnonzero(rows[:, 0] == 2):  # written as what it adds to the row above
        rows[n, 1:] += rows[n - 1, 1:]
    return np.ascontiguousarray(np.unpackbits(rows[:, 1:], axis=1)[:, :width] * np.uint8(255))
