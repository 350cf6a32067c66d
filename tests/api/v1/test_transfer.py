"""Everything in and out: folders as zip files, tables as CSV and JSON lines, keys and the audit chain."""

import csv
import io
import json
import struct
import zipfile
from collections.abc import Mapping

import numpy as np
import pytest

from doorstep.api.views.exports import exported_tables
from doorstep.geography.roads.learned import Observed
from doorstep.operations.street_speeds import store_observed
from tests.api.desks import Shop, basket
from tests.databases import CALLER, NOW

SITES = b"site_id,kind,lat,lon,time_zone\nS1,store,41.0,-87.0,America/Chicago\n"
PRODUCTS = (
    b"product_id,length_mm,width_mm,height_mm,weight_g,price_minor,margin_minor\n"
    b"A,200,100,100,1000,900,300\nB,1,1,1,1,1,1\n"
)
STOCK = b"site_id,product_id,on_hand\nS1,A,5\n"
ORDERS = (
    b"order_id,placed_at,lat,lon,postal_code,service_level_id\n"
    b"O1,2026-03-03T13:00:00Z,41.01,-87.0,60601,next_day\nO2,2026-03-03T13:00:00Z,41.01,-87.0,60601,next_day\n"
)
LINES = b"order_id,line_no,product_id,quantity\nO1,1,A,2\nO2,1,A,4\n"
FOLDER = {
    "sites.csv": SITES, "products.csv": PRODUCTS, "stock.csv": STOCK, "orders.csv": ORDERS, "order_lines.csv": LINES
}  # fmt: skip
ZIP = {"Content-Type": "application/zip"}


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("folder", ["", "shop/"])
def test_a_folder_comes_in_whole_and_twice_is_once(shop: Shop, folder: str):
    client = shop.client()
    body = zipped({folder + name: content for name, content in FOLDER.items()} | {"notes.txt": b"x"})
    first = client.post("/v1/imports", content=body, headers=ZIP)
    assert (first.status_code, first.json()["rows"]["sites"], first.json()["orders"]) == (201, 1, 2), first.text
    again = client.post("/v1/imports", content=body, headers=ZIP)
    assert (again.status_code, again.json()["orders"]) == (201, 2)
    states = {order["external_id"]: order["state"] for order in client.get("/v1/orders").json()["items"]}
    assert states == {"O1": "placed", "O2": "backordered"}
    assert client.get("/v1/stock?site_id=S1&product_id=A").json()["items"][0]["on_hand"] == 5


def test_every_fault_of_a_folder_has_its_file_row_and_column(shop: Shop):
    broken = FOLDER | {"sites.csv": SITES.replace(b"41.0", b"141"), "stock.csv": STOCK.replace(b"S1,A", b"S1,Q")}
    answer = shop.client().post("/v1/imports", content=zipped(broken), headers=ZIP)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    places = [(fault["file"], fault["row"], fault["column"]) for fault in answer.json()["errors"]]
    assert places == [("sites.csv", 2, "lat"), ("stock.csv", 2, "product_id")]
    assert answer.json()["errors"][0]["pointer"] == "/sites.csv/2/lat"
    assert shop.client().get("/v1/sites/S2").status_code == 200  # nothing was replaced


SALES = b"product_id,zone_id,day,units\nA,S1,2026-03-01,3\nA,S1,2026-03-02,4\nB,S1,2026-03-02,1\n"


def test_sales_come_in_with_the_folder_and_their_days_are_replaced(shop: Shop):
    client = shop.client()
    for sold in (SALES, SALES.replace(b"02,4", b"02,6")):
        reply = client.post("/v1/imports", content=zipped(FOLDER | {"sales.csv": sold}), headers=ZIP)
        assert (reply.status_code, reply.json()["rows"]["sales"]) == (201, 3), reply.text
    kept = [json.loads(line) for line in client.get("/v1/exports/sales.jsonl").text.splitlines()]
    assert sorted((row["product_id"], row["units"], row["given"]) for row in kept) == [
        ("A", 3, True), ("A", 6, True), ("B", 1, True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sold", "told"),
    [
        (SALES.replace(b"3\n", b"-3\n"), "sales.csv"),
        (SALES.replace(b"B,S1", b"Q,S1"), "must be a product"),
        (SALES.replace(b"B,S1", b"B,Main Street"), "zone_id Main Street is no site"),
        (SALES.replace(b"03-02", b"03-03"), "day 2026-03-03 has not ended"),
    ],
)
def test_of_a_folder_whose_sales_have_a_fault_nothing_is_stored(shop: Shop, sold: bytes, told: str):
    reply = shop.client().post("/v1/imports", content=zipped(FOLDER | {"sales.csv": sold}), headers=ZIP)
    assert reply.status_code == 422
    assert told in reply.text
    assert shop.client().get("/v1/sites/S2").status_code == 200
    assert shop.client().get("/v1/exports/sales.jsonl").text == ""


@pytest.mark.parametrize(
    "name", ["../sites.csv", "/etc/sites.csv", "a/../../sites.csv", "..\\sites.csv", "C:\\sites.csv"]
)
def test_a_path_that_leads_out_is_refused(shop: Shop, name: str):
    answer = shop.client().post("/v1/imports", content=zipped(FOLDER | {name: b"x"}), headers=ZIP)
    assert (answer.status_code, "leads out" in answer.json()["detail"]) == (422, True)


def test_a_bomb_is_put_out_whatever_it_says_about_its_size(shop_with_small_uploads: Shop):
    bomb = zipped(FOLDER | {"stock.csv": STOCK + b"S1,A,5\n" * 100_000})
    assert len(bomb) < 10_000
    lying = bytearray(bomb)
    entry = lying.find(b"stock.csv", lying.find(b"PK\x01\x02"))  # its size in the central directory
    struct.pack_into("<I", lying, entry - 22, 10)
    for body in (bomb, bytes(lying)):
        answer = shop_with_small_uploads.client().post("/v1/imports", content=body, headers=ZIP)
        assert answer.status_code == 422
    too_long = shop_with_small_uploads.client().post("/v1/imports", content=b"x" * 20_000, headers=ZIP)
    assert too_long.json()["code"] == "body_too_large"


@pytest.mark.parametrize(
    "body",
    [b"", b"no zip", zipped(FOLDER)[:-30], zipped({f"{n}.csv": b"" for n in range(65)}),
     zipped({"sites.csv": SITES, "x/sites.csv": SITES})],
)  # fmt: skip
def test_what_is_no_sound_zip_file_is_refused(shop: Shop, body: bytes):
    answer = shop.client().post("/v1/imports", content=body, headers=ZIP)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_an_upload_of_another_type_is_refused(shop: Shop):
    assert shop.client().post("/v1/imports", content=b"{}").json()["code"] == "unsupported_media_type"


def test_what_went_in_comes_out_again_and_back_in(shop: Shop):
    client = shop.client()
    client.post("/v1/imports", content=zipped(FOLDER), headers=ZIP)
    files = {}
    for name in ("sites", "products", "carriers", "service_levels", "policy"):
        rows = list(csv.DictReader(io.StringIO(client.get(f"/v1/exports/{name}.csv").text)))
        kept = [{key: cell for key, cell in row.items() if key not in ("row_no", "version")} for row in rows]
        if kept:
            text = io.StringIO()
            writer = csv.DictWriter(text, list(kept[0]))
            writer.writeheader()
            writer.writerows(kept)
            files[f"{name}.csv"] = text.getvalue().encode()
    again = client.post("/v1/imports", content=zipped(FOLDER | files), headers=ZIP)
    assert again.status_code == 201, again.text


def test_no_cell_of_an_export_runs_in_a_spreadsheet(shop: Shop):
    client, evil = shop.client(), '=HYPERLINK("http://evil.example")'
    client.post("/v1/orders", json=basket(note=evil, contact={"name": "+1-1"}, place={"lat": 41.01, "lon": -87.0}))
    (row,) = csv.DictReader(io.StringIO(client.get("/v1/exports/contacts.csv").text))
    assert (row["note"], row["name"]) == (f"'{evil}", "'+1-1")
    (exact,) = client.get("/v1/exports/contacts.jsonl").text.splitlines()
    assert json.loads(exact)["note"] == evil


def test_every_table_can_be_taken_along(shop: Shop):
    client = shop.client()
    for table in exported_tables():
        answer = client.get(f"/v1/exports/{table}.csv")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        assert answer.headers["content-disposition"] == f'attachment; filename="{table}.csv"'


def test_what_streets_taught_is_taken_along_without_its_packed_arrays(shop: Shop):
    seen = Observed(arc=np.zeros(1, dtype=np.int64), hour=np.zeros(1, dtype=np.int64), ratio=np.ones(1))
    with shop.database.writing() as connection:
        store_observed(connection, CALLER.tenant_id, NOW, streets="s", drives=1, seen=seen)
    (line,) = shop.client().get("/v1/exports/driven_streets.jsonl").text.splitlines()
    assert json.loads(line) == {"day_at": NOW, "streets": "s", "drives": 1, "observations": 1}
    assert "observed" not in shop.client().get("/v1/exports/driven_streets.csv").text


def test_secrets_and_other_tenants_stay_here(shop: Shop):
    client = shop.client()
    assert "secret_hash" not in client.get("/v1/exports/api_keys.csv").text
    assert client.get("/v1/exports/sessions.csv").status_code == 404
    assert client.get("/v1/exports/replies.csv").status_code == 404
    (tenant,) = client.get("/v1/exports/tenants.jsonl").text.splitlines()
    assert json.loads(tenant)["tenant_id"] == "ten_test"


def test_a_key_is_shown_once_and_listed_without_its_secret(shop: Shop):
    client, named = shop.client(), {"Idempotency-Key": "k"}
    wanted = {"name": "web shop", "scopes": ["orders:read"], "expires_at": "2027-01-01T00:00:00Z"}
    made = client.post("/v1/keys", json=wanted, headers=named).json()
    assert made["key"].startswith(made["prefix"])
    assert client.post("/v1/keys", json=wanted, headers=named).json() == made | {"key": ""}
    assert made["key"] not in client.get("/v1/keys").text
    assert shop.client(made["key"]).get("/v1/orders").status_code == 200
    past = client.post("/v1/keys", json=wanted | {"expires_at": "2026-01-01T00:00:00Z"}).json()
    assert past["errors"][0]["pointer"] == "/expires_at"


def test_the_audit_chain_says_who_did_what(shop: Shop):
    client = shop.client()
    order = client.post("/v1/orders", json=basket()).json()
    client.post(f"/v1/orders/{order['id']}/cancel", json={"reason": "fraud"})
    first, second = client.get(f"/v1/audit?object_id={order['id']}").json()["items"]
    assert (first["event"], first["reason"], second["event"]) == ("cancel", "fraud", "create")
    assert first["actor"].startswith("key_")
    page = client.get(f"/v1/audit?object_id={order['id']}&limit=1")
    assert client.get(page.headers["link"].partition(">")[0][1:]).json()["items"] == [second]
