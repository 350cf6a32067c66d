"""Deliveries, routes, returns, subscriptions and jobs over HTTP."""

import pytest
from sqlalchemy import select, update

from doorstep.storage import ledger
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.journal import audit, events
from doorstep.storage.schema.orders import orders
from tests.api.desks import Shop, basket, things, weekly
from tests.databases import CALLER, NOW


@pytest.fixture
def names(shop: Shop) -> dict[str, str]:
    """Return ids of what the shop has."""
    return things(shop)


def put_in_state(shop: Shop, delivery_id: str, state: str) -> None:
    with shop.database.writing() as connection:
        connection.execute(update(deliveries).where(deliveries.c.delivery_id == delivery_id).values(state=state))


def test_a_delivery_shows_its_window_cost_and_parts(shop: Shop, names: dict[str, str]):
    found = shop.client().get(f"/v1/deliveries/{names['delivery_id']}").json()
    assert (found["kind"], found["state"], found["route_id"]) == ("door", "booked", names["route_id"])
    assert found["window"] == {"start": "2026-03-04T14:00:00Z", "end": "2026-03-05T02:00:00Z"}
    assert found["cost_parts"] == [{"part": "drop", "amount": 300}, {"part": "stem", "amount": 212}]
    assert shop.client().get(f"/v1/deliveries?route_id={names['route_id']}&state=booked").json()["items"] == [found]
    assert shop.client().get("/v1/deliveries?state=delivered").json()["items"] == []


def test_a_delivery_is_cancelled_once_and_by_its_version(shop: Shop, names: dict[str, str]):
    client, path = shop.client(), f"/v1/deliveries/{names['delivery_id']}/cancel"
    assert client.post(path, json={"reason": "x"}, headers={"If-Match": '"3"'}).status_code == 412
    assert client.post(path, json={"reason": "x"}, headers={"If-Match": '"1"'}).json()["state"] == "cancelled"
    assert client.post(path, json={"reason": "x"}).json()["code"] == "illegal_transition"


def test_after_an_attempt_a_delivery_is_rescheduled_or_redirected(shop: Shop, names: dict[str, str]):
    client, path = shop.client(), f"/v1/deliveries/{names['delivery_id']}"
    window = {"start": "2026-03-05T15:00:00Z", "end": "2026-03-05T17:00:00Z"}
    put_in_state(shop, names["delivery_id"], "attempted")
    done = client.post(f"{path}/reschedule", json={"reason": "absent", "window": window})
    assert done.json()["state"] == "rescheduled"
    (event,) = client.get("/v1/events?types=delivery.rescheduled").json()["items"]
    assert (event["data"]["reason"], event["data"]["window_start_at"]) == ("absent", 1_772_722_800)
    put_in_state(shop, names["delivery_id"], "attempted")
    assert client.post(f"{path}/redirect", json={"reason": "x", "site_id": "S2"}).json()["state"] == "redirected"
    assert client.post(f"{path}/redirect", json={"reason": "x"}).status_code == 422


def test_a_report_counts_once_whatever_its_order(shop: Shop, names: dict[str, str]):
    client, path = shop.client(), f"/v1/deliveries/{names['delivery_id']}/events"
    report: dict[str, object] = {
        "event_id": "p-1",
        "type": "assign",
        "occurred_at": "2026-03-03T13:55:00Z",
        "source": "phone",
    }
    report |= {"point": {"type": "Point", "coordinates": [-87.0, 41.0]}}
    first = client.post(path, json=report)
    assert (first.status_code, first.json()["outcome"], first.json()["state"]) == (201, "applied", "assigned")
    again = client.post(path, json=report).json()
    assert (again["outcome"], again["version"]) == ("applied", first.json()["version"])
    late = client.post(path, json=report | {"event_id": "p-0", "occurred_at": "2026-03-03T13:51:00Z"}).json()
    assert late["outcome"] == "late"
    assert client.post(path, json=report | {"type": "cancel"}).json()["code"] == "conflict"
    kept = client.get(f"{path}?limit=1")
    assert [event["event_id"] for event in kept.json()["items"]] == ["p-0"]
    rest = client.get(kept.headers["link"].partition(">")[0][1:]).json()
    assert [event["event_id"] for event in rest["items"]] == ["p-1"]


def test_a_route_is_shown_with_its_stops_and_as_geojson(shop: Shop, names: dict[str, str]):
    client = shop.client()
    route = client.get(f"/v1/routes/{names['route_id']}").json()
    assert [stop["kind"] for stop in route["stops"]] == ["start", "delivery", "end"]
    assert route["line"]["coordinates"] == [[-87.0, 41.0], [-87.0, 41.01], [-87.0, 41.0]]
    assert client.get("/v1/routes?site_id=S1").json()["items"][0]["line"] is None
    drawn = client.get(f"/v1/routes/{names['route_id']}/geojson")
    assert drawn.headers["content-type"] == "application/geo+json"
    assert [feature["geometry"]["type"] for feature in drawn.json()["features"]] == ["LineString"] + ["Point"] * 3


def test_a_route_is_assigned_and_dispatched(shop: Shop, names: dict[str, str]):
    client, path = shop.client(), f"/v1/routes/{names['route_id']}"
    assert client.post(f"{path}/dispatch").json()["code"] == "illegal_transition"
    assert client.post(f"{path}/assign", json={"driver": "d"}, headers={"If-Match": '"7"'}).status_code == 412
    assigned = client.post(f"{path}/assign", json={"driver": "d"}, headers={"If-Match": '"1"'}).json()
    assert (assigned["state"], assigned["driver"]) == ("assigned", "d")
    assert client.post(f"{path}/replan").status_code in (200, 409)


def test_planning_is_a_job_asked_for_once_at_a_time(shop: Shop):
    client = shop.client()
    first = client.post("/v1/routes:plan", json={"site_ids": ["S1"]})
    assert (first.status_code, first.json()["kind"], first.json()["state"]) == (202, "plan_routes", "queued")
    assert client.post("/v1/routes:plan", json={"site_ids": ["S1"]}).json() == first.json()
    assert client.post("/v1/routes:plan", json={}).json()["id"] != first.json()["id"]
    job = f"/v1/jobs/{first.json()['id']}"
    assert client.get(job).json() == first.json()
    assert client.post(f"{job}/cancel").json()["state"] == "cancelled"
    assert client.post(f"{job}/cancel").json()["code"] == "conflict"
    assert [each["state"] for each in client.get("/v1/jobs?kind=plan_routes").json()["items"]] == [
        "queued",
        "cancelled",
    ]
    assert len(client.get("/v1/jobs?state=queued").json()["items"]) == 1


def test_what_has_arrived_comes_back_and_is_on_the_shelf_again(shop: Shop):
    client = shop.client()
    order_id = client.post("/v1/orders", json=basket(("A", 2))).json()["id"]
    wanted = {"order_id": order_id, "lines": [{"line_no": 1, "quantity": 1}], "reason": "unwanted", "method": "store",
              "site_id": "S2"}  # fmt: skip
    assert client.post("/v1/returns", json=wanted).json()["code"] == "conflict"
    with shop.database.writing() as connection:
        ledger.claim(connection, CALLER.tenant_id, ledger.holdings(connection, [order_id]), "shp_1", now=NOW)
        connection.execute(update(orders).where(orders.c.order_id == order_id).values(state="completed"))
    asked = client.post("/v1/returns", json=wanted)
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    path = f"/v1/returns/{asked.json()['id']}"
    assert (
        client.post(f"{path}/approve", json={"reason": "x"}, headers={"If-Match": '"1"'}).json()["state"] == "approved"
    )
    found = {"inspected": [{"line_no": 1, "quantity": 1, "restockable": True}]}
    closed = client.post(f"{path}/receive", json=found).json()
    assert (closed["state"], closed["lines"]) == ("closed", found["inspected"])
    assert client.get("/v1/stock?site_id=S2&product_id=A").json()["items"][0]["on_hand"] == 101
    assert client.get(f"/v1/returns?order_id={order_id}").json()["items"] == [closed]
    assert client.get(path).json() == closed


def test_a_subscription_skips_pauses_and_ends(shop: Shop):
    client = shop.client()
    made = client.post("/v1/subscriptions", json=weekly())
    assert (made.status_code, made.json()["next_at"]) == (201, "2026-03-09T14:00:00Z")
    path = f"/v1/subscriptions/{made.json()['id']}"
    skipped = client.post(f"{path}/skip", json={"at": made.json()["next_at"]}).json()
    assert (skipped["next_at"], skipped["skips"]) == ("2026-03-16T14:00:00Z", ["2026-03-09T14:00:00Z"])
    assert client.post(f"{path}/skip", json={"at": "2026-03-10T14:00:00Z"}).status_code == 422
    other = [{"product_id": "B", "quantity": 2}]
    swapped = client.post(f"{path}/swap", json={"lines": other, "at": "2026-03-16T14:00:00Z"}).json()
    assert swapped["swaps"] == [{"at": "2026-03-16T14:00:00Z", "lines": other}]
    assert client.post(f"{path}/swap", json={"lines": other}).json()["lines"] == other
    for step, state in (("pause", "paused"), ("resume", "active"), ("end", "ended")):
        assert client.post(f"{path}/{step}", json={"reason": "x"}).json()["state"] == state
    assert client.get(path).json() == client.get("/v1/subscriptions?state=ended").json()["items"][0]
    assert client.post(f"{path}/resume", json={"reason": "x"}).json()["code"] == "illegal_transition"


def test_a_route_that_is_not_there_is_not_found(shop: Shop):
    for path in ("/v1/routes/rte_1", "/v1/deliveries/dlv_1", "/v1/returns/ret_1", "/v1/jobs/job_1"):
        assert shop.client().get(path).json()["code"] == "not_found"


def everything_told(shop: Shop) -> str:
    """Return all that is published or audited for ever, in words."""
    with shop.database.reading() as connection:
        return "\n".join(str(tuple(row)) for table in (events, audit) for row in connection.execute(select(table)))


def test_another_door_and_notes_are_read_with_the_delivery_and_nowhere_else(shop: Shop, names: dict[str, str]):
    client, path = shop.client(), f"/v1/deliveries/{names['delivery_id']}"
    put_in_state(shop, names["delivery_id"], "attempted")
    address = {"lines": ["7 Oak St"], "country": "US", "access": {"code": "gate 4711"}}
    place = {"lat": 41.02, "lon": -87.0, "address": address}
    asked = {"reason": "consignee_asked", "note": "Jane works nights", "place": place}
    assert client.post(f"{path}/redirect", json=asked).json()["state"] == "redirected"
    fact = {"event_id": "p-1", "type": "start_to_dropoff", "occurred_at": "2026-03-03T14:05:00Z", "source": "phone"}
    point = {"type": "Point", "coordinates": [-87.0, 41.02]}
    told = client.post(f"{path}/events", json=fact | {"point": point, "note": "Jane called"}).json()
    assert (told["note"], told["point"]) == ("Jane called", point)
    found = client.get(f"{path}/events").json()["items"]
    decided = next(event for event in found if event["type"] == "redirect")
    assert (decided["source"], decided["reason"], decided["note"]) == ("doorstep", "consignee_asked", asked["note"])
    assert decided["place"]["address"]["access"]["code"] == "gate 4711"
    (event,) = client.get("/v1/events?types=delivery.redirected").json()["items"]
    assert (event["data"]["to"], event["data"]["reason"]) == ("door", "consignee_asked")
    assert client.post(f"/v1/orders/{names['order_id']}/erase-contact").status_code == 204
    rest = client.get(f"{path}/events").json()["items"]
    assert [(e["note"], e["place"], e["point"], e["proofs"]) for e in rest] == [("", None, None, [])] * 2
    for word in ("Jane", "Oak", "gate 4711", "41.02"):
        assert word not in everything_told(shop)


def test_why_something_is_done_is_a_code_and_not_a_story_about_a_person(shop: Shop, names: dict[str, str]):
    client, story = shop.client(), {"reason": "Mrs Roe, 5 Elm St, did not open"}
    window = {"start": "2026-03-05T15:00:00Z", "end": "2026-03-05T17:00:00Z"}
    fact = {"event_id": "p-1", "type": "attempt", "occurred_at": "2026-03-03T14:05:00Z", "source": "phone"}
    delivery, order = f"/v1/deliveries/{names['delivery_id']}", f"/v1/orders/{names['order_id']}"
    asked: dict[str, dict[str, object]] = {
        f"{delivery}/events": {**fact},
        f"{delivery}/cancel": {},
        f"{delivery}/reschedule": {"window": window},
        f"{delivery}/redirect": {"site_id": "S2"},
        f"{order}/cancel": {},
        f"{order}/hold": {},
        f"/v1/subscriptions/{names['subscription_id']}/pause": {},
        f"/v1/returns/{names['return_id']}/approve": {},
    }
    for path, more in asked.items():
        refused = client.post(path, json=more | story)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason"), path


def require(shop: Shop, order_id: str, words: str) -> None:
    with shop.database.writing() as connection:
        connection.execute(update(orders).where(orders.c.order_id == order_id).values(requirements=words))


def test_a_neighbour_takes_what_the_shopper_allows_with_a_proof_and_nothing_else(shop: Shop, names: dict[str, str]):
    client, path = shop.client(), f"/v1/deliveries/{names['delivery_id']}"
    put_in_state(shop, names["delivery_id"], "at_dropoff")
    left: dict[str, object] = {"event_id": "p-1", "type": "deliver", "occurred_at": "2026-03-03T14:05:00Z"}
    left |= {"source": "phone", "neighbour": {"name": "M. Okafor", "number": "14b"}}
    proven = left | {"proofs": [{"kind": "photo", "proof_id": "prf_1"}]}
    refused = client.post(f"{path}/events", json=proven).json()
    assert (refused["code"], "has not allowed" in refused["detail"]) == ("conflict", True)
    consent = {"reason": "consignee_asked", "neighbour_ok": True}
    with shop.database.writing() as connection:
        connection.execute(
            update(orders).where(orders.c.order_id == names["order_id"]).values(requirements="signature")
        )
    assert "no neighbour may take it" in client.post(f"{path}/redirect", json=consent).json()["detail"]
    require(shop, names["order_id"], "")
    allowed = client.post(f"{path}/redirect", json=consent).json()
    assert (allowed["state"], allowed["neighbour_ok"]) == ("at_dropoff", True)
    (event,) = client.get("/v1/events?types=order.neighbour_allowed").json()["items"]
    assert event["data"]["order_id"] == names["order_id"]
    assert client.post(f"{path}/events", json=left).status_code == 422
    told = client.post(f"{path}/events", json=proven).json()
    assert (told["outcome"], told["state"], told["neighbour"]) == ("applied", "delivered", left["neighbour"])
    (event,) = client.get("/v1/events?types=delivery.delivered").json()["items"]
    assert event["data"]["left_with"] == "neighbour"
    assert "Okafor" not in everything_told(shop)
    assert client.post(f"{path}/redirect", json=consent).json()["code"] == "conflict"


def test_what_was_attempted_in_vain_goes_to_the_neighbour(shop: Shop, names: dict[str, str]):
    client, path = shop.client(), f"/v1/deliveries/{names['delivery_id']}"
    put_in_state(shop, names["delivery_id"], "attempted")
    asked = {"reason": "consignee_asked", "neighbour_ok": True}
    assert client.post(f"{path}/redirect", json=asked).json()["state"] == "redirected"
    (event,) = client.get("/v1/events?types=delivery.redirected").json()["items"]
    assert event["data"]["to"] == "neighbour"
