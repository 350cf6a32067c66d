"""Other policies look at orders through the API: what they would have cost, and who may ask."""

from collections.abc import Mapping

import pytest

from doorstep.operations.access import SCOPES
from doorstep.operations.fulfil import route_orders
from doorstep.order_routing.replay import POLICIES
from tests.api.desks import Shop, basket
from tests.databases import CALLER, NOW

PERIOD = {"start": "2026-03-03T00:00:00Z", "end": "2026-03-05T00:00:00Z"}
WHOLE = {"policies": list(POLICIES), "period": PERIOD}


def ask(shop: Shop, asked: Mapping[str, object] | None = None, key: str | None = None):
    return shop.client(key).post("/v1/decisions:shadow", json={"policies": ["reoptimised"]} | dict(asked or {}))


def tables(shop: Shop) -> list[str]:
    client = shop.client()
    return [client.get(f"/v1/exports/{name}.jsonl").text for name in ("positions", "reservations", "orders", "audit")]


def test_every_policy_says_what_it_would_have_cost_and_nothing_is_written(shop: Shop):
    client = shop.client()
    order = basket(("A", 1), ("B", 1), service_level_id="click_and_collect", pickup_site_id="S1")
    order_id = client.post("/v1/orders", json=order).json()["id"]
    with shop.database.writing() as connection:
        route_orders(connection, CALLER, [order_id], now=NOW)
    before = tables(shop)
    now, then = (ask(shop, asked).json() for asked in ({}, WHOLE))
    assert tables(shop) == before
    assert (now["orders"], then["orders"], now["not_reached"]) == (1, 1, [])
    assert [outcome["policy"] for outcome in then["policies"]] == list(POLICIES)
    (live,) = now["policies"]
    assert (live["cost"], live["difference"]["amount"], live["most_differing"]) == (now["decided"], 0, [])
    cost = now["decided"]
    assert (cost["served"], cost["unserved"], cost["cost_per_order"]) == (1, 0, cost["cost"])
    assert sum(part["amount"] for part in cost["cost_parts"]) == cost["cost"]["amount"]


def test_each_sees_its_own_orders_and_only_with_the_scope(shop: Shop):
    shop.client().post("/v1/orders", json=basket(("A", 1)))
    assert ask(shop, key=shop.other_key).json()["orders"] == 0
    others = [scope for scope in SCOPES if scope not in ("admin", "decisions:read")]
    assert ask(shop, key=shop.key_for(["decisions:read"])).json()["orders"] == 1
    assert ask(shop, key=shop.key_for(others)).json()["code"] == "forbidden"


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"policies": []}, "/policies"),
        ({"policies": ["myopic", "luck"]}, "/policies/1"),
        ({"period": PERIOD, "due_before": "2026-03-04T00:00:00Z"}, ""),
        ({"period": {"start": PERIOD["end"], "end": PERIOD["start"]}}, "/period"),
    ],
)
def test_what_cannot_be_answered_says_why(lasting_shop: Shop, asked: dict[str, object], pointer: str):
    answer = ask(lasting_shop, asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
