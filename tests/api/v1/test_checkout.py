"""Options, slots and holds: quotes only read, and what was quoted can be had."""

from doorstep.storage import ledger
from tests.api.desks import Shop, basket
from tests.databases import CALLER, NOW

PLACE = {"lat": 41.01, "lon": -87.0}
LINES = [{"product_id": "A", "quantity": 3}]
WINDOW = {"start": "2026-03-03T14:00:00-06:00", "end": "2026-03-03T16:00:00-06:00"}
SLOT = {
    "zone": "606", "site_id": "S1", "service_level_id": "same_day", "window": WINDOW, "capacity": 2, "fee_minor": 499,
    "cutoff_at": "2026-03-03T12:00:00-06:00",
}  # fmt: skip


def options(shop: Shop, **changes: object) -> list[dict[str, object]]:
    answer = shop.client().post("/v1/options", json={"place": PLACE, "lines": LINES} | changes)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["options"]
    return found


def test_every_service_level_has_its_window_fee_cutoff_and_sites(shop: Shop):
    same_day, next_day, two_day, collect = options(shop)
    assert (same_day["method"], same_day["window"], same_day["cutoff_at"], same_day["fee"], same_day["sites"]) == (
        "same_day",
        {"start": "2026-03-03T14:00:00Z", "end": "2026-03-04T02:00:00Z"},
        "2026-03-03T19:00:00Z",
        {"amount": 799, "currency": "USD"},
        ["S1"],
    )
    assert next_day["cutoff_at"] == "2026-03-04T06:00:00Z"  # the end of the day
    assert two_day["feasible"]
    assert (collect["method"], collect["sites"]) == ("click_and_collect", ["S1", "S2"])


def test_what_cannot_be_had_says_why_and_comes_last(shop: Shop):
    found = options(shop, lines=[{"product_id": "B", "quantity": 101}])
    assert {option["feasible"] for option in found} == {False}
    assert found[0]["reason"] == "not enough stock: line 1: 101 of B wanted, 100 free."
    assert found[0]["option_id"] is None


def test_asking_changes_nothing(shop: Shop):
    before = shop.client().get("/v1/exports/positions.jsonl").text
    options(shop)
    assert shop.client().get("/v1/exports/positions.jsonl").text == before
    assert shop.client().get("/v1/events").json()["items"] == []


def test_after_the_cutoff_the_promise_is_a_later_one(shop: Shop):
    later = options(shop, at="2026-03-03T13:00:01-06:00")[0]
    assert later["window"] == {"start": "2026-03-04T14:00:00Z", "end": "2026-03-05T02:00:00Z"}
    assert later["cutoff_at"] == "2026-03-04T19:00:00Z"
    assert later["option_id"] is None


def test_an_unknown_product_has_its_pointer(shop: Shop):
    answer = shop.client().post("/v1/options", json={"place": PLACE, "lines": [{"product_id": "Z", "quantity": 1}]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/lines/0/product_id")


def test_an_option_keeps_its_window_past_the_cutoff_until_it_expires(shop: Shop):
    same_day = options(shop)[0]
    shop.clock.at += 15 * 60
    asked = basket(service_level_id="same_day", option_id=same_day["option_id"])
    order = shop.client().post("/v1/orders", json=asked)
    assert (order.status_code, order.json()["promise"]["window"]) == (201, same_day["window"])
    shop.clock.at += 1
    late = shop.client().post("/v1/orders", json=asked)
    assert (late.status_code, late.json()["code"]) == (410, "gone")


def test_an_order_that_was_accepted_in_time_is_told_again_after_its_option_has_expired(shop: Shop):
    client = shop.client()
    named = basket(service_level_id="same_day", option_id=options(shop)[0]["option_id"], external_id="web-1")
    plain = {key: value for key, value in named.items() if key != "external_id"}
    key = {"Idempotency-Key": "k1"}
    made = client.post("/v1/orders", json=named).json()["id"]
    other = client.post("/v1/orders", json=plain, headers=key).json()["id"]
    rows = client.post("/v1/orders:bulk", json={"orders": [plain]}, headers={"Idempotency-Key": "k2"}).json()
    shop.clock.at += 15 * 60 + 1
    assert client.post("/v1/orders", json=named).json()["id"] == made
    assert client.put("/v1/orders/external/web-1", json=named).json()["id"] == made
    assert client.post("/v1/orders", json=plain, headers=key).json()["id"] == other
    again = client.post("/v1/orders:bulk", json={"orders": [plain, plain]}, headers={"Idempotency-Key": "k2"}).json()
    assert again["rows"][0]["order_id"] == rows["rows"][0]["order_id"]
    assert again["rows"][1]["problem"]["code"] == "gone"
    assert client.post("/v1/orders", json=plain).json()["code"] == "gone"


def test_an_option_is_good_for_its_level_and_place_only(shop: Shop):
    name = options(shop)[0]["option_id"]
    client = shop.client()
    for asked in (
        basket(option_id=name),
        basket(service_level_id="same_day", option_id=name, place={"lat": 41.3, "lon": -87.0}),
        basket(service_level_id="same_day", option_id="opt_1"),
        basket(service_level_id="same_day", option_id=f"opt_{'0' * 38}"),
    ):
        assert client.post("/v1/orders", json=asked).status_code == 422
    assert shop.client(shop.other_key).post(
        "/v1/orders", json=basket(service_level_id="same_day", option_id=name)
    ).status_code == 422  # fmt: skip


def test_slots_are_defined_together_or_not_at_all(shop: Shop):
    client = shop.client()
    made = client.post("/v1/slots", json={"slots": [SLOT, SLOT | {"zone": "607"}]})
    assert [slot["zone"] for slot in made.json()["slots"]] == ["606", "607"]
    assert client.post("/v1/slots", json={"slots": [SLOT | {"zone": "608"}, SLOT]}).json()["code"] == "conflict"
    wrong = client.post("/v1/slots", json={"slots": [SLOT | {"site_id": "S9", "cutoff_at": WINDOW["end"]}]}).json()
    assert [fault["pointer"] for fault in wrong["errors"]] == ["/slots/0/site_id", "/slots/0/cutoff_at"]
    far = {"window": {"start": "2027-04-07T13:00:00Z", "end": "2027-04-07T15:00:00Z"}}
    (fault,) = client.post("/v1/slots", json={"slots": [SLOT | far]}).json()["errors"]
    assert (fault["pointer"], fault["detail"]) == ("/slots/0/window", "must lie within 400 days of now")
    assert [slot["zone"] for slot in client.get("/v1/slots").json()["items"]] == ["606", "607"]
    assert [slot["zone"] for slot in client.get("/v1/slots?zone=607").json()["items"]] == ["607"]


def test_a_slot_is_held_until_it_is_full_and_ordered_with_its_fee(shop: Shop):
    client = shop.client()
    slot_id = client.post("/v1/slots", json={"slots": [SLOT]}).json()["slots"][0]["id"]
    first, second = (client.post(f"/v1/slots/{slot_id}/holds", json={"minutes": 5}).json() for _ in range(2))
    assert (first["state"], first["expires_at"]) == ("held", "2026-03-03T14:05:00Z")
    assert client.post(f"/v1/slots/{slot_id}/holds", json={}).json()["code"] == "slot_full"
    assert client.get(f"/v1/slots/{slot_id}").json()["state"] == "full"
    assert client.post(f"/v1/holds/{second['id']}/release").json()["state"] == "released"
    assert client.get(f"/v1/slots/{slot_id}").json()["available"] == 1
    order = client.post("/v1/orders", json=basket(service_level_id="same_day", hold_id=first["id"])).json()
    assert order["promise"]["fee"]["amount"] == 499
    assert order["promise"]["window"] == {"start": "2026-03-03T20:00:00Z", "end": "2026-03-03T22:00:00Z"}


def test_a_hold_is_confirmed_unless_it_has_expired(shop: Shop):
    client = shop.client()
    slot_id = client.post("/v1/slots", json={"slots": [SLOT]}).json()["slots"][0]["id"]
    holds = [client.post(f"/v1/slots/{slot_id}/holds", json={"minutes": n}).json()["id"] for n in (1, 9)]
    shop.clock.at += 60
    assert client.post(f"/v1/holds/{holds[0]}/confirm").json()["code"] == "slot_full"
    assert client.post(f"/v1/holds/{holds[1]}/confirm", headers={"If-Match": '"1"'}).json()["state"] == "confirmed"
    assert client.post(f"/v1/holds/{holds[1]}/release", headers={"If-Match": '"1"'}).status_code == 412


def test_a_slot_gets_more_room_but_never_less_than_is_taken(shop: Shop):
    client = shop.client()
    slot_id = client.post("/v1/slots", json={"slots": [SLOT]}).json()["slots"][0]["id"]
    for _ in range(2):
        client.post(f"/v1/slots/{slot_id}/holds", json={})
    more = client.put(f"/v1/slots/{slot_id}", json={"capacity": 3, "fee_minor": 0, "state": "open"}).json()
    assert (more["capacity"], more["available"], more["fee"]["amount"]) == (3, 1, 0)
    less = client.put(f"/v1/slots/{slot_id}", json={"capacity": 1, "fee_minor": 0, "state": "open"})
    assert (less.status_code, less.json()["code"]) == (409, "conflict")
    client.put(f"/v1/slots/{slot_id}", json={"capacity": 3, "fee_minor": 0, "state": "closed"})
    assert client.post(f"/v1/slots/{slot_id}/holds", json={}).json()["code"] == "slot_full"


def test_places_that_were_used_do_not_come_back_with_more_room(shop: Shop):
    client = shop.client()
    slot_id = client.post("/v1/slots", json={"slots": [SLOT]}).json()["slots"][0]["id"]
    hold_id = client.post(f"/v1/slots/{slot_id}/holds", json={}).json()["id"]
    with shop.database.writing() as connection:
        ledger.claim(connection, CALLER.tenant_id, ledger.holdings(connection, [hold_id]), hold_id, now=NOW)
    assert client.get(f"/v1/slots/{slot_id}").json()["available"] == 1
    more = client.put(f"/v1/slots/{slot_id}", json={"capacity": 3, "fee_minor": 0, "state": "open"}).json()
    assert (more["capacity"], more["available"]) == (3, 2)


def test_a_dry_run_names_the_sites_and_reasons_and_changes_nothing(shop: Shop):
    asked = {"service_level_id": "click_and_collect", "pickup_site_id": "S1", "place": PLACE, "lines": LINES}
    found = shop.client().post("/v1/decisions:evaluate", json=asked).json()
    site = {"line_no": 1, "site_id": "S1", "quantity": 3, "receipt_id": None}
    assert (found["reason"], found["allocations"]) == ("", [site])
    assert [(a["site_id"], a["chosen"]) for a in found["alternatives"]] == [("S1", True), ("S2", False)]
    nobody = (
        shop.client()
        .post("/v1/decisions:evaluate", json=asked | {"lines": [{"product_id": "A", "quantity": 9_999}]})
        .json()
    )
    assert (nobody["reason"], nobody["allocations"]) == ("out_of_stock", [])
    assert shop.client().get("/v1/orders").json()["items"] == []
