"""Errands over HTTP: given to an agent, listed for those who see to them, done or refused, and no text is published."""

from tests.api.desks import Shop, basket, somebody

LEVEL = {"service_level_id": "butler", "method": "concierge", "requirements": ["concierge"], "promise_days": 1,
         "fee_minor": 2_900, "service_s": 1_200}  # fmt: skip


def test_an_agent_sees_to_what_is_asked_and_tells_what_it_cost(shop: Shop):
    client = shop.client()
    refused = client.put("/v1/service-levels/butler", json=LEVEL | {"requirements": []})
    assert (refused.status_code, "requires the skill concierge" in refused.text) == (422, True)
    assert client.put("/v1/service-levels/butler", json=LEVEL).status_code == 201
    order_id = client.post("/v1/orders", json=basket(service_level_id="butler")).json()["id"]
    agent_id = client.post("/v1/people", json=somebody(901)).json()["id"]
    asked = {"agent_id": agent_id, "errands": [
        {"kind": "call_ahead"},
        {"kind": "purchase", "text": "Two baguettes", "place": "12 Elm St", "limit_minor": 900},
        {"kind": "request", "text": "Milk into the fridge"},
    ]}  # fmt: skip
    made = client.post(f"/v1/orders/{order_id}/errands", json=asked)
    assert (made.status_code, [one["sequence"] for one in made.json()["errands"]]) == (201, [1, 2, 3])
    _, bread, milk = (one["id"] for one in made.json()["errands"])
    done = client.post(f"/v1/errands/{bread}/finish", json={"spent_minor": 850}).json()
    assert (done["state"], done["spent"], done["version"]) == ("done", {"amount": 850, "currency": "USD"}, 2)
    why = client.post(f"/v1/errands/{milk}/refuse", json={"reason": "not_allowed"}).json()
    assert (why["state"], why["reason"]) == ("refused", "not_allowed")
    left = client.get(f"/v1/errands?agent_id={agent_id}&state=open").json()["items"]
    assert [(one["order_id"], one["kind"]) for one in left] == [(order_id, "call_ahead")]
    told = client.get("/v1/events?types=errand.*").text
    assert told.count(order_id) == 5
    assert "Elm" not in told
    assert "fridge" not in told
