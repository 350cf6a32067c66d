"""Proposals for the stock through the API: read, taken up as movements, turned down, outdated."""

from doorstep.operations.access import SCOPES
from doorstep.operations.stock_proposals import expire_proposals
from doorstep.storage.check import check_books
from tests.api.desks import Shop, basket, proposed
from tests.databases import CALLER, NOW

PATH = "/v1/stock-proposals"


def on_hand(shop: Shop, site: str) -> tuple[int, int]:
    (position,) = shop.client().get("/v1/stock", params={"site_id": site, "product_id": "A"}).json()["items"]
    return position["on_hand"], position["available"]


def sound(shop: Shop) -> None:
    with shop.database.reading() as connection:
        assert check_books(connection) == []


def test_a_transfer_that_is_accepted_leaves_its_shelf_and_is_expected_where_it_goes_once(shop: Shop):
    proposal_id = proposed(shop.database, units=30)
    before = on_hand(shop, "S1"), on_hand(shop, "S2")
    taken = shop.client().post(f"{PATH}/{proposal_id}/accept", headers={"Idempotency-Key": "k"}).json()
    again = shop.client().post(f"{PATH}/{proposal_id}/accept", headers={"Idempotency-Key": "k"})
    assert again.json() == taken
    assert (taken["state"], taken["version"]) == ("accepted", 2)
    assert (on_hand(shop, "S1"), on_hand(shop, "S2")) == ((70, 70), before[1])
    receipt = shop.client().get(f"/v1/receipts/{taken['receipt_id']}").json()
    assert (receipt["site_id"], receipt["product_id"], receipt["units"]) == ("S2", "A", 30)
    assert (receipt["external_id"], receipt["expected_at"]) == (proposal_id, taken["arrives_at"])
    twice = shop.client().post(f"{PATH}/{proposal_id}/accept")
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal_transition")
    arrived = shop.client().post(f"/v1/receipts/{taken['receipt_id']}/receive", json={}).json()
    assert arrived["state"] == "received"
    assert on_hand(shop, "S2") == (130, 130)
    sound(shop)


def test_what_is_to_be_bought_is_expected_and_what_moves_nothing_is_only_told(shop: Shop):
    bought = proposed(shop.database, action="buy", from_site_id="", units=500)
    receipt_id = shop.client().post(f"{PATH}/{bought}/accept").json()["receipt_id"]
    assert shop.client().get(f"/v1/receipts/{receipt_id}").json()["units"] == 500
    cheaper = proposed(shop.database, action="markdown", from_site_id="", site_id="S1")
    told = shop.client().post(f"{PATH}/{cheaper}/accept").json()
    assert (told["state"], told["receipt_id"], told["from_site_id"]) == ("accepted", None, None)
    assert on_hand(shop, "S1") == (100, 100)
    sound(shop)


def test_units_that_orders_hold_or_that_are_kept_back_do_not_leave(shop: Shop):
    client = shop.client()
    assert client.post("/v1/orders", json=basket(("A", 40))).status_code == 201
    client.post(
        "/v1/stock/adjustments", json={"site_id": "S1", "product_id": "A", "safety_stock": 50, "reason": "other"}
    )
    proposal_id = proposed(shop.database, units=11)
    answer = client.post(f"{PATH}/{proposal_id}/accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "10 units of A are free at S1, 11 were to leave" in answer.json()["detail"]
    assert client.get(f"{PATH}/{proposal_id}").json()["state"] == "proposed"
    enough = proposed(shop.database, units=10)
    assert client.post(f"{PATH}/{enough}/accept").json()["state"] == "accepted"
    sound(shop)


def test_a_new_plan_replaces_what_is_still_open_and_deadlines_end(shop: Shop):
    client = shop.client()
    first, taken = proposed(shop.database), proposed(shop.database)
    assert client.get(f"{PATH}/{first}").json()["state"] == "expired"
    client.post(f"{PATH}/{taken}/accept")
    late = proposed(shop.database, deadline_at=NOW - 1)
    assert client.get(f"{PATH}/{taken}").json()["state"] == "accepted"
    assert client.post(f"{PATH}/{late}/accept").json()["detail"].startswith("its deadline has passed")
    with shop.database.writing() as connection:
        assert expire_proposals(connection, CALLER, now=NOW) == 1
        assert expire_proposals(connection, CALLER, now=NOW) == 0
    listed = client.get(PATH, params={"state": "expired"}).json()["items"]
    assert [proposal["id"] for proposal in listed] == [late, first]
    assert client.get(PATH, params={"action": "buy"}).json()["items"] == []
    sound(shop)


def test_one_can_be_turned_down_with_a_reason(shop: Shop):
    proposal_id = proposed(shop.database)
    gone = shop.client().post(f"{PATH}/{proposal_id}/reject", json={"reason": "truck_is_full"}).json()
    assert (gone["state"], gone["version"]) == ("rejected", 2)
    assert shop.client().post(f"{PATH}/{proposal_id}/accept").json()["code"] == "illegal_transition"
    sound(shop)


def test_each_sees_its_own_and_only_with_the_scope(shop: Shop):
    proposal_id = proposed(shop.database)
    assert shop.client(shop.other_key).get(f"{PATH}/{proposal_id}").status_code == 404
    assert shop.client(shop.other_key).post(f"{PATH}/{proposal_id}/accept").status_code == 404
    reader = shop.client(shop.key_for(["stock:read"]))
    assert reader.get(PATH).json()["items"][0]["id"] == proposal_id
    assert reader.post(f"{PATH}/{proposal_id}/accept").status_code == 403
    others = [scope for scope in SCOPES if scope not in ("admin", "stock:read")]
    assert shop.client(shop.key_for(others)).get(PATH).status_code == 403


def test_nothing_leaves_for_a_site_or_is_bought_of_a_product_that_is_gone(shop: Shop):
    client = shop.client()
    for action, column, name in (("transfer", "site_id", "S9"), ("buy", "product_id", "Z")):
        proposal_id = proposed(shop.database, action=action, **{column: name})
        answer = client.post(f"{PATH}/{proposal_id}/accept")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert f"{column} {name} is gone" in answer.json()["detail"]
    assert on_hand(shop, "S1") == (100, 100)
    sound(shop)
