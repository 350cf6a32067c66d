"""Webhook endpoints over HTTP: secrets shown once, addresses that are public, messages sent again."""

import pytest

from tests.api.desks import Shop, basket

URL = {"url": "https://93.184.216.34/hook"}


def test_a_secret_is_shown_once(shop: Shop):
    client, named = shop.client(), {"Idempotency-Key": "k"}
    made = client.post("/v1/webhooks", json=URL | {"types": ["order.*"]}, headers=named)
    assert (made.status_code, made.json()["secret"][:6], made.json()["types"]) == (201, "whsec_", ["order.*"])
    again = client.post("/v1/webhooks", json=URL | {"types": ["order.*"]}, headers=named)
    assert (again.status_code, again.json()) == (201, made.json() | {"secret": ""})
    endpoint = client.get(f"/v1/webhooks/{made.json()['id']}")
    assert "secret" not in endpoint.json()
    assert client.get("/v1/webhooks").json()["items"] == [endpoint.json()]
    for table in ("webhook_endpoints", "audit"):
        assert "whsec_" not in client.get(f"/v1/exports/{table}.jsonl").text


def test_a_new_secret_is_shown_once(shop: Shop):
    client = shop.client()
    endpoint_id = client.post("/v1/webhooks", json=URL).json()["id"]
    rotated = client.post(f"/v1/webhooks/{endpoint_id}/rotate", headers={"If-Match": '"1"'})
    assert (rotated.status_code, rotated.json()["version"], rotated.json()["secret"][:6]) == (200, 2, "whsec_")
    assert client.post(f"/v1/webhooks/{endpoint_id}/rotate", headers={"If-Match": '"1"'}).status_code == 412


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "http://93.184.216.34/", "https://nowhere.test/"],
)
def test_an_address_that_is_not_public_is_refused(shop: Shop, url: str):
    shop.app.state.resolver = unknown_names(shop.app.state.resolver)
    answer = shop.client().post("/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def unknown_names(resolver):
    """Return a resolver that knows no name: tests ask no network."""

    def resolve(host: str, port: int) -> list[str]:
        if host.endswith(".test"):
            raise OSError("unknown host")
        return list(resolver(host, port))

    return resolve


def test_an_endpoint_is_changed_and_deleted_by_its_version(shop: Shop):
    client = shop.client()
    path = f"/v1/webhooks/{client.post('/v1/webhooks', json=URL).json()['id']}"
    changed = client.patch(path, json={"types": ["order.completed"]}, headers={"If-Match": '"1"'})
    assert (changed.json()["types"], changed.headers["etag"]) == (["order.completed"], '"2"')
    assert client.patch(path, json={"url": "https://10.0.0.1/"}).status_code == 422
    assert client.delete(path, headers={"If-Match": '"1"'}).status_code == 412
    assert client.delete(path, headers={"If-Match": '"2"'}).status_code == 204
    assert client.get(path).status_code == 404


def test_a_trial_and_a_repetition_make_messages(shop: Shop):
    client = shop.client()
    path = f"/v1/webhooks/{client.post('/v1/webhooks', json=URL).json()['id']}"
    client.post("/v1/orders", json=basket())
    assert client.post(f"{path}/test").json()["event_id"].startswith("evt_")
    replayed = client.post(f"{path}/replay", json={"since": "2026-03-03T14:00:00Z"})
    assert (replayed.status_code, len(replayed.json()["message_ids"])) == (202, 1)
    (message,) = client.get(f"{path}/messages?state=pending").json()["items"]
    assert (message["type"], message["last_status"]) == ("order.created", None)
    assert client.post(f"{path}/replay", json={}).status_code == 422
    assert client.post(f"{path}/replay", json={"message_ids": ["whm_1"]}).status_code == 404
