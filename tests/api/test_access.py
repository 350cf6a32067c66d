"""Endpoint by endpoint: nobody without a key, none without its scope, and nothing of another tenant."""

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from doorstep.api.access.scopes import OPEN, SCOPE_OF, SIGNED_IN
from doorstep.api.build import ROUTERS
from doorstep.api.models.keys import SCOPES as MODELLED
from doorstep.operations.access import SCOPES, open_session, revoke_key
from doorstep.operations.people import create_person
from tests.api.desks import OTHER, Shop, basket, things
from tests.databases import CALLER, NOW

ROUTES = sorted(
    (str(route.name), str(route.path_format), min(route.methods or ()))
    for router in ROUTERS
    for route in iter_route_contexts(router.routes)
)
SCOPED = [route for route in ROUTES if route[0] not in OPEN | SIGNED_IN]
OBJECTS = [route for route in SCOPED if "{" in route[1] and not route[0].startswith(("put_", "export_", "list_"))]
OF_REFERENCE = (
    "site", "product", "vehicle", "carrier", "service_level", "lane", "price_rule", "compartment", "membership_plan",
    "extra", "drone", "weather_row", "closed_day",
)  # fmt: skip
STEPS = {"change_subscription": "pause", "change_membership": "cancel", "change_contractor": "pause",
         "end_errand": "refuse"}  # fmt: skip
LINE = {"line_no": 1, "quantity": 1}
WINDOW = {"start": "2026-03-04T15:00:00Z", "end": "2026-03-04T17:00:00Z"}
EVENT: dict[str, object] = {
    "event_id": "e1", "type": "assign", "occurred_at": "2026-03-03T14:00:00Z", "source": "phone"
}  # fmt: skip
BODIES: dict[str, dict[str, object]] = {
    "cancel": {"reason": "x"},
    "complete": {"reason": "x"},
    "hold": {"reason": "x"},
    "change_subscription": {"reason": "x"},
    "swap_subscribed": {"lines": [{"product_id": "A", "quantity": 1}]},
    "change_membership": {"reason": "x"},
    "change_contractor": {"reason": "x"},
    "recall_contractor_offer": {"reason": "x"},
    "skip_once": {"at": "2026-03-09T14:00:00Z"},
    "cancel_delivery": {"reason": "x"},
    "decide_return": {"reason": "x"},
    "change_slot": {"capacity": 1, "fee_minor": 0, "state": "open"},
    "hold_a_slot": {},
    "change_endpoint": {"types": []},
    "replay_message": {"since": "2026-03-03T00:00:00Z"},
    "report_delivery_event": EVENT,
    "reschedule_delivery": {"reason": "x", "window": WINDOW},
    "redirect_delivery": {"reason": "x", "site_id": "S1"},
    "assign_to_driver": {"driver": "d"},
    "receive_goods": {"inspected": [LINE | {"restockable": True}]},
    "change_person": {"name": "x"},
    "change_device": {"name": "x"},
    "change_receipt": {"units": 1, "expected_at": "2026-03-05T18:00:00Z"},
    "take_in_receipt": {},
    "cancel_receipt": {"reason": "x"},
    "give_refund": {"amount_minor": 1, "reason": "late"},
    "decide_carrier_invoice": {"reason": "x"},
    "reject_stock_proposal": {"reason": "x"},
    "add_errands": {"agent_id": "per_1", "errands": [{"kind": "call_ahead"}]},
    "assign_errand": {"agent_id": "per_1"},
    "end_errand": {"reason": "x"},
    "assign_bay": {},
    "restock": {},
    "scan_parcels": {
        "scans": [{"id": "s1", "kind": "missing", "sscc": "095200000000000011", "occurred_at": "2026-03-03T14:00:00Z"}]
    },
    "put_notice_rules": {},
    "put_tariff_of_carrier": {"rates": [{"price_minor": 1}]},
    "refuse_dispatch_proposal": {"reason": "x"},
    "halt": {"parcels": "stranded", "reason": "x"},
    "move": {"route_id": "rte_0"},
    "write_off": {"reason": "x"},
    "resolve": {"reason": "x"},
    "give_sold_units": {"sales": [{"product_id": "A", "zone_id": "S1", "day": "2026-03-01", "units": 1}]},
}


@pytest.fixture
def shop(lasting_shop: Shop) -> Shop:
    """Return the shop that all tests of this module share."""
    return lasting_shop


@pytest.fixture(scope="module")
def mine(lasting_shop: Shop) -> dict[str, str]:
    """Return what ``CALLER`` has."""
    return things(lasting_shop) | {"external_id": "web-1"}


def ask(client: TestClient, route: tuple[str, str, str], names: dict[str, str]) -> tuple[int, str]:
    name, path, method = route
    names = {"step": STEPS.get(name, "approve")} | names
    answer = client.request(
        method, path.format(**names), json=BODIES.get(name), headers={"If-Match": "*"} if method == "DELETE" else {}
    )
    return answer.status_code, answer.text


def test_every_endpoint_has_a_scope_and_every_scope_an_endpoint():
    assert {name for name, _, _ in ROUTES} == {*SCOPE_OF, *OPEN, *SIGNED_IN}
    assert not set(SCOPE_OF) & (OPEN | SIGNED_IN)
    assert set(SCOPE_OF.values()) <= set(SCOPES)
    assert set(MODELLED) == set(SCOPES)


def test_nothing_is_open_but_the_ways_in_and_what_is_everybodys_own():
    by_link = {"read_collection", "set_out", "tell_location", "arrive", "leave"}
    by_link |= {"read_contractor_desk", "accept_offer", "decline_offer", "give_back_offer", "report_on_offer"}
    by_link |= {"read_notice_preferences", "change_notice_preferences", "show_notice_preferences", "stop_notices"}
    by_device = {"take_own_positions", "take_owntracks", "take_traccar", "take_osmand", "take_osmand_form",
                 "take_overland"}  # fmt: skip
    assert {"log_in", "start_oidc", "finish_oidc", "hear_carrier", "answer_carrier"} | by_link | by_device == OPEN
    assert {"read_session", "log_out", "change_password"} == SIGNED_IN


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] in SIGNED_IN], ids=lambda route: route[0])
def test_a_key_is_no_session(shop: Shop, route: tuple[str, str, str]):
    status, text = ask(shop.client(), route, {})
    assert (status, '"code":"unauthenticated"' in text) == (401, True)


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] not in OPEN], ids=lambda route: route[0])
def test_nobody_comes_in_without_a_key(shop: Shop, mine: dict[str, str], route: tuple[str, str, str]):
    status, text = ask(shop.client(""), route, mine)
    assert (status, '"code":"unauthenticated"' in text) == (401, True)


@pytest.mark.parametrize("route", SCOPED, ids=lambda route: route[0])
def test_a_key_without_the_scope_is_refused(shop: Shop, mine: dict[str, str], route: tuple[str, str, str]):
    needed = SCOPE_OF[route[0]]
    others = [scope for scope in SCOPES if scope not in ("admin", needed)]
    status, text = ask(shop.client(shop.key_for(others)), route, mine)
    assert (status, needed in text) == (403, True)


@pytest.mark.parametrize("route", OBJECTS, ids=lambda route: route[0])
def test_what_belongs_to_another_tenant_is_not_there(shop: Shop, mine: dict[str, str], route: tuple[str, str, str]):
    names = mine | {"site_id": "mine-only"}
    if route[0].endswith(OF_REFERENCE):
        names |= {"row_id": "mine-only", "from_site_id": "mine-only"}
    status, text = ask(shop.client(shop.other_key), route, names)
    assert (status, '"code":"not_found"' in text) == (404, True), text


@pytest.mark.parametrize(
    "route", [route for route in SCOPED if route[2] == "GET" and "{" not in route[1]], ids=lambda route: route[0]
)
def test_no_list_shows_what_belongs_to_another_tenant(shop: Shop, mine: dict[str, str], route: tuple[str, str, str]):
    status, text = ask(shop.client(shop.other_key), route, mine)
    assert status == 200
    assert [name for name in mine.values() if "_" in name and name in text] == []


@pytest.mark.parametrize("table", ["orders", "slots", "jobs", "api_keys", "audit", "webhook_endpoints", "deliveries"])
def test_no_export_holds_what_belongs_to_another_tenant(shop: Shop, mine: dict[str, str], table: str):
    text = shop.client(shop.other_key).get(f"/v1/exports/{table}.jsonl").text
    assert [name for name in mine.values() if "_" in name and name in text] == []
    assert shop.client().get(f"/v1/exports/{table}.jsonl").text


def test_writing_a_row_leaves_that_of_another_tenant_alone(shop: Shop):
    row = shop.client().get("/v1/sites/S1").json()
    theirs = shop.client(shop.other_key)
    version = theirs.get("/v1/sites/S1").headers["etag"]
    assert theirs.put("/v1/sites/S1", json=row | {"name": "x"}, headers={"If-Match": version}).status_code == 200
    assert shop.client().get("/v1/sites/S1").json() == row


@pytest.mark.parametrize("shown", ["Bearer nonsense", "Bearer", "Basic abc", "Bearer " + "x" * 300, "Bearer a b"])
def test_what_is_no_key_opens_nothing(shop: Shop, shown: str):
    answer = shop.client("").get("/v1/orders", headers={"Authorization": shown})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="doorstep"')


def test_a_revoked_key_ends_here_at_once_and_elsewhere_within_seconds(shop: Shop):
    admin = shop.client()
    made = admin.post("/v1/keys", json={"name": "spare", "scopes": ["orders:read"]}).json()
    client = shop.client(made["key"])
    assert client.get("/v1/orders").status_code == 200
    assert admin.delete(f"/v1/keys/{made['id']}").status_code == 204
    assert client.get("/v1/orders").status_code == 401
    key = shop.key_for(["orders:read"])
    assert shop.client(key).get("/v1/orders").status_code == 200
    with shop.database.writing() as connection:  # another process does it
        key_id = max(each["id"] for each in admin.get("/v1/keys").json()["items"])
        revoke_key(connection, CALLER, key_id, now=NOW)
    assert shop.client(key).get("/v1/orders").status_code == 200
    shop.hand.at += 6
    assert shop.client(key).get("/v1/orders").status_code == 401


def test_an_expired_key_is_no_key(shop: Shop):
    made = shop.client().post(
        "/v1/keys", json={"name": "short", "scopes": ["orders:read"], "expires_at": "2026-03-03T14:00:01Z"}
    )
    shop.clock.at = NOW + 1
    assert shop.client(made.json()["key"]).get("/v1/orders").status_code == 401
    shop.clock.at = NOW


def test_when_a_key_was_used_is_noted_now_and_then(shop: Shop):
    key = shop.key_for(["orders:read"])
    shop.client(key).get("/v1/orders")
    shop.clock.at = NOW + 61
    shop.client(shop.key_for(["orders:read"])).get("/v1/orders")  # a new face: the notes are written
    shop.writer.call(lambda connection: None).result()
    used = [each["last_used_at"] for each in shop.client().get("/v1/keys").json()["items"]]
    assert "2026-03-03T14:00:00Z" in used
    shop.clock.at = NOW


def test_a_person_needs_the_word_of_their_session_to_change_anything(shop: Shop):
    with shop.database.writing() as connection:
        person = create_person(
            connection, CALLER, email="a@b.example", name="A", role="dispatcher", password_hash=None, now=NOW
        )
        session = open_session(connection, person, now=NOW, hours=1)
    client = shop.client("", headers={"Cookie": f"other=1; doorstep_session={session.secret}"})
    assert client.get("/v1/orders").status_code == 200
    assert client.get("/v1/keys").status_code == 403
    assert client.post("/v1/orders", json=basket()).json()["code"] == "forbidden"
    assert client.post("/v1/orders", json=basket(), headers={"X-CSRF-Token": "guess"}).status_code == 403
    assert client.post("/v1/orders", json=basket(), headers={"X-CSRF-Token": session.csrf}).status_code == 201


def test_two_tenants_may_use_the_same_names(shop: Shop):
    named = {"Idempotency-Key": "same"}
    mine = shop.client().post("/v1/orders", json=basket(external_id="same"), headers=named).json()["id"]
    theirs = shop.client(shop.other_key).post("/v1/orders", json=basket(external_id="same"), headers=named)
    assert (theirs.status_code, theirs.json()["id"] != mine) == (201, True)
    assert OTHER.tenant_id != CALLER.tenant_id
