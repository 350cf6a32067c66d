"""Plans of the stock through the API: sales given, a plan asked for, followed, read as figures and tables."""

import json

from doorstep.operations.access import SCOPES
from tests.api.desks import Shop, basket
from tests.worker.working import BOUND_S, Clock, worker_on

PATH = "/v1/stock-plans"
LONG_S = 8 * BOUND_S
DAY = "2026-03-02"


def sold(
    product: str = "A", zone: str = "S1", day: str = DAY, units: float = 3, **changes: object
) -> dict[str, object]:
    return {"product_id": product, "zone_id": zone, "day": day, "units": units} | changes


def worked_out(shop: Shop, **asked: object) -> dict[str, object]:
    """Return a plan made for an order after a worker has been at it."""
    client = shop.client()
    assert client.post("/v1/orders", json=basket(("A", 1))).status_code == 201
    shop.clock.at += 60
    plan = client.post(PATH, json=asked).json()
    assert worker_on(shop.database, Clock(shop.clock.at)).drain(LONG_S)
    found: dict[str, object] = client.get(f"{PATH}/{plan['id']}").json()
    return found


def test_a_plan_is_accepted_worked_out_and_shown(shop: Shop):
    client = shop.client()
    days = [f"2026-02-{day:02}" for day in range(1, 29)]
    given = client.post("/v1/sales", json={"sales": [sold(day=day) for day in days] + [sold("B", "S2")]})
    assert (given.status_code, given.json()) == (200, {"days": 29, "rows": 29})
    asked = client.post(PATH, json={"name": "spring", "days": 2})
    begun = asked.json()
    assert (asked.status_code, begun["state"], begun["figures"], begun["tables"]) == (202, "asked", None, [])
    assert (begun["asked"]["name"], begun["asked"]["days"], begun["asked"]["propose"]) == ("spring", 2, True)
    assert begun["asked"]["period"] == {"start": "2026-02-03T14:00:00Z", "end": "2026-03-03T14:00:00Z"}
    done = worked_out(shop, days=2, replay_days=1)
    assert (done["state"], done["error"], done["stage"]) == ("done", "", "")
    figures = done["figures"]
    assert isinstance(figures, dict)
    assert (figures["days"], figures["violations"], figures["forecast"]["first_day"]) == (2, 0, "2026-03-03")
    assert figures["plan"]["value_minor"] >= figures["today"]["value_minor"]
    assert figures["today"]["replayed"]["orders"] == 1
    listed = client.get(PATH, params={"state": "done"}).json()["items"]
    assert done["id"] in [plan["id"] for plan in listed]


def test_its_forecast_and_its_other_tables_can_be_fetched(shop: Shop):
    client = shop.client()
    client.post("/v1/sales", json={"sales": [sold(day=f"2026-02-{day:02}") for day in range(1, 29)]})
    plan = worked_out(shop)
    path = f"{PATH}/{plan['id']}/tables"
    rows = [json.loads(line) for line in client.get(f"{path}/forecast.jsonl").text.splitlines()]
    assert [(row["product_id"], row["zone_id"], row["days"]) for row in rows] == [("A", "S1", 3)]
    assert rows[0]["covers_50"] <= rows[0]["covers_80"] <= rows[0]["covers_95"] <= rows[0]["covers_98"]
    assert 5 < rows[0]["expected"] < 13  # three a day were sold
    sheet = client.get(f"{path}/sites.csv").text.splitlines()
    assert {"site_id", "units_today", "units", "litre_price_minor"} <= set(sheet[0].split(","))
    assert client.get(f"{path}/luck.csv").status_code == 404
    assert set(plan["tables"]) >= {"forecast", "days", "stock", "sites", "proposals"}  # type: ignore[call-overload]


def test_its_proposals_are_those_that_are_open(shop: Shop):
    plan = worked_out(shop)
    open_ones = shop.client().get("/v1/stock-proposals", params={"state": "proposed"}).json()["items"]
    rows = shop.client().get(f"{PATH}/{plan['id']}/tables/proposals.jsonl").text.splitlines()
    named = sorted((row["action"], row["product_id"], row["site_id"], row["units"]) for row in map(json.loads, rows))
    assert sorted((each["action"], each["product_id"], each["site_id"], each["units"]) for each in open_ones) == named


def test_sales_with_faults_are_refused_whole_and_each_fault_is_told(shop: Shop):
    client = shop.client()
    wrong = [sold("nothing"), sold(zone="nowhere"), sold(day="2026-03-03")]
    refused = client.post("/v1/sales", json={"sales": [sold(), *wrong]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    for part in ("rows[1]: there is no product nothing.", "rows[2]: zone_id nowhere", "rows[3]: day 2026-03-03"):
        assert part in refused.text
    assert client.get("/v1/exports/sales.jsonl").text == ""
    for broken in (sold(units=-1), sold(units=1.5), sold(day="1.3.2026"), sold(promotion=2), {"units": 1}):
        assert client.post("/v1/sales", json={"sales": [broken]}).status_code == 422
    assert client.post("/v1/sales", json={"sales": []}).status_code == 422


def test_a_plan_can_be_called_off_and_what_is_not_there_is_not_found(shop: Shop):
    client = shop.client()
    plan_id = client.post(PATH, json={}).json()["id"]
    assert client.get(f"{PATH}/{plan_id}/tables/stock.csv").json()["code"] == "not_found"
    gone = client.post(f"{PATH}/{plan_id}/cancel", json={}).json()
    assert (gone["state"], gone["version"]) == ("cancelled", 2)
    assert client.post(f"{PATH}/{plan_id}/cancel", json={}).json()["code"] == "illegal_transition"
    assert client.get(f"{PATH}/spl_0").json()["code"] == "not_found"


def test_a_plan_without_orders_says_why_it_failed(shop: Shop):
    client = shop.client()
    plan = client.post(PATH, json={}).json()
    assert worker_on(shop.database, Clock(shop.clock.at + 60)).drain(LONG_S)
    failed = client.get(f"{PATH}/{plan['id']}").json()
    assert (failed["state"], failed["figures"]) == ("failed", None)
    assert failed["error"].startswith("no order was placed in that time")


def test_keys_without_the_scope_may_not(shop: Shop):
    assert {"stock:read", "stock:write"} <= set(SCOPES)
    reader = shop.client(shop.key_for(("stock:read",)))
    assert reader.get(PATH).status_code == 200
    assert reader.post(PATH, json={}).status_code == 403
    assert reader.post("/v1/sales", json={"sales": [sold()]}).status_code == 403
