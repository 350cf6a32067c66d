"""Network studies through the API: asked for, followed, read as figures, tables and map, called off, adopted."""

import json
from collections.abc import Mapping

import pytest

from doorstep.operations.access import SCOPES
from tests.api.desks import Shop, basket
from tests.worker.working import BOUND_S, Clock, worker_on

PATH = "/v1/network-studies"
QUICK = {"regions": 2, "tolerance": 1.0, "verify": False, "patience_s": 1}


def worked_out(shop: Shop, asked: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return a study of two orders after a worker has been at it."""
    client = shop.client()
    for place in ({"lat": 41.01, "lon": -87.0}, {"lat": 41.29, "lon": -87.0}):
        assert client.post("/v1/orders", json=basket(("A", 1), place=place)).status_code == 201
    shop.clock.at += 60
    study = client.post(PATH, json=QUICK | dict(asked or {})).json()
    assert worker_on(shop.database, Clock(shop.clock.at)).drain(BOUND_S)
    found: dict[str, object] = client.get(f"{PATH}/{study['id']}").json()
    return found


def test_a_study_is_accepted_worked_out_and_shown(shop: Shop):
    asked = shop.client().post(PATH, json=QUICK | {"name": "two", "keep": ["S1"]})
    begun = asked.json()
    assert (asked.status_code, begun["state"], begun["figures"], begun["tables"]) == (202, "asked", None, [])
    assert (begun["asked"]["name"], begun["asked"]["keep"], begun["asked"]["hubs"]) == ("two", ["S1"], 0)
    period = begun["asked"]["period"]
    assert (period["start"], period["end"]) == ("2026-02-03T14:00:00Z", "2026-03-03T14:00:00Z")
    done = worked_out(shop)
    assert (done["state"], done["error"], done["stage"]) == ("done", "", "")
    figures = done["figures"]
    assert isinstance(figures, dict)
    assert (figures["parcels_per_day"], figures["options"], figures["violations"]) == (2.0, 2, 0)
    assert figures["regions"]["count"] == 2
    listed = shop.client().get(PATH, params={"state": "done"}).json()["items"]
    assert [study["id"] for study in listed] == [done["id"]]


def test_its_tables_and_its_map_can_be_fetched(shop: Shop):
    study = worked_out(shop)
    client, path = shop.client(), f"{PATH}/{study['id']}"
    assert {"sites", "zones", "steps", "costs", "regions"} <= set(study["tables"])  # type: ignore[call-overload]
    rows = [json.loads(line) for line in client.get(f"{path}/tables/sites.jsonl").text.splitlines()]
    assert [row["option_id"] for row in rows] == ["S1", "S2"]
    sheet = client.get(f"{path}/tables/sites.csv").text.splitlines()
    assert sheet[0].split(",")[:2] == ["option_id", "site_id"]
    assert len(sheet) == 3
    assert client.get(f"{path}/tables/luck.csv").status_code == 404
    shown = client.get(f"{path}/geojson")
    assert shown.headers["content-type"] == "application/geo+json"
    kinds = [(each["properties"]["layer"], each["geometry"]["type"]) for each in shown.json()["features"]]
    assert kinds == [("zone", "Polygon"), ("zone", "Polygon"), ("site", "Point"), ("site", "Point")]


def test_what_is_not_there_yet_is_not_found(shop: Shop):
    client = shop.client()
    study_id = client.post(PATH, json=QUICK).json()["id"]
    answers = [client.get(f"{PATH}/{study_id}/{part}") for part in ("geojson", "tables/sites.csv")]
    answers.append(client.get(f"{PATH}/nst_0"))
    assert [answer.json()["code"] for answer in answers] == ["not_found"] * 3
    assert client.post(f"{PATH}/{study_id}/adopt", json={}).json()["code"] == "illegal_transition"


def test_a_wish_that_cannot_be_met_fails_with_its_reason(shop: Shop):
    study = worked_out(shop, {"regions": 9})
    assert (study["state"], study["figures"]) == ("failed", None)
    assert study["error"] == "9 regions cannot be made of 2 zones."


def test_a_study_can_be_called_off_and_one_that_is_done_adopted(shop: Shop):
    client = shop.client()
    study_id = client.post(PATH, json=QUICK).json()["id"]
    gone = client.post(f"{PATH}/{study_id}/cancel", json={}).json()
    assert (gone["state"], gone["version"]) == ("cancelled", 2)
    assert client.get(f"/v1/jobs/{gone['job_id']}").json()["state"] == "cancelled"
    done = worked_out(shop)
    stale = client.post(f"{PATH}/{done['id']}/adopt", headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    adopted = client.post(f"{PATH}/{done['id']}/adopt", headers={"If-Match": '"2"'}).json()
    assert (adopted["state"], adopted["version"]) == ("adopted", 3)
    assert {site["region"] for site in client.get("/v1/sites").json()["items"]} == {"0", "1"}


def test_where_people_live_can_be_given_in_place_of_orders(shop: Shop):
    areas = [{"area_id": name, "lat": lat, "lon": -87.0, "population": 1_000, "orders_per_day": 3.0, "group": name}
             for name, lat in (("near", 41.01), ("far", 41.29))]  # fmt: skip
    study = worked_out(shop, {"areas": areas, "reach": 0.5, "reach_m": 5_000, "assumptions": {"opening_minor": 0}})
    assert (study["state"], study["error"]) == ("done", "")
    figures = study["figures"]
    assert isinstance(figures, dict)
    assert (figures["demand"], figures["parcels_per_day"]) == ("population", 6.0)
    further = figures["further"]
    assert (further["sites"], further["needed_at_least"], further["today"], further["then"]) == (1, 1, 0.0, 0.5)
    path = f"{PATH}/{study['id']}/tables"
    rows = [json.loads(line) for line in shop.client().get(f"{path}/coverage.jsonl").text.splitlines()]
    assert {row["group"] for row in rows if row["by"] == "group"} == {"near", "far"}
    assert len(shop.client().get(f"{path}/areas.csv").text.splitlines()) == 3


def test_options_come_back_as_they_were_given(shop: Shop):
    option = {"option_id": "hub-2", "site_id": "S2", "role": "hub", "running_cost_minor": 15000, "parcels_per_day": 9}
    study = shop.client().post(PATH, json=QUICK | {"options": [option], "assumptions": {"truck_parcels": 7}}).json()
    assert study["tables"] == ["options"]
    (told,) = (
        json.loads(line) for line in shop.client().get(f"{PATH}/{study['id']}/tables/options.jsonl").text.splitlines()
    )
    assert {name: told[name] for name in option} == option
    assert (told["exists"], told["sends_vans"]) == (False, True)
    assert (study["asked"]["assumptions"]["truck_parcels"], study["asked"]["assumptions"]["same_day_s"]) == (7, 2700)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"regions": -1}, "/regions"),
        ({"most_moved": 1.5}, "/most_moved"),
        ({"patience_s": 0}, "/patience_s"),
        ({"options": []}, "/options"),
        ({"areas": [{"area_id": "a", "lat": 91, "lon": 0, "population": 1}]}, "/areas/0/lat"),
        ({"options": [{"option_id": "a", "site_id": "S1", "role": "castle"}]}, "/options/0/role"),
        ({"options": [{"option_id": "a", "role": "hub"}]}, "/options/0"),
        ({"period": {"start": "2026-03-05T00:00:00Z", "end": "2026-03-03T00:00:00Z"}}, "/period"),
    ],
)
def test_what_cannot_be_asked_says_where(lasting_shop: Shop, asked: dict[str, object], pointer: str):
    answer = lasting_shop.client().post(PATH, json=asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_names_that_there_are_not_are_refused_at_once(lasting_shop: Shop):
    answer = lasting_shop.client().post(PATH, json={"keep": ["S9"], "close": ["S8"]})
    assert answer.status_code == 422
    assert "S9" in answer.json()["detail"]
    assert "S8" in answer.json()["detail"]


def test_each_sees_its_own_and_only_with_the_scope(shop: Shop):
    study_id = shop.client().post(PATH, json=QUICK).json()["id"]
    assert shop.client(shop.other_key).get(f"{PATH}/{study_id}").status_code == 404
    reader = shop.client(shop.key_for(["network:read"]))
    assert reader.get(f"{PATH}/{study_id}").status_code == 200
    assert reader.post(PATH, json=QUICK).status_code == 403
    others = [scope for scope in SCOPES if scope not in ("admin", "network:read")]
    assert shop.client(shop.key_for(others)).get(PATH).status_code == 403
