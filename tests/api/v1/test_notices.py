"""Notices over HTTP: what was told, the rules, and the shopper's page."""

from doorstep.operations.notices import due_notices, make_notices
from tests.api.desks import Shop, basket
from tests.databases import NOW

ANN = {"name": "Ann", "email": "ann@example.com", "phone": "+12025550143", "locale": "es"}


def test_a_shopper_is_told_and_stops_it_on_a_page_without_script(shop: Shop):
    client = shop.client()
    order_id = client.post("/v1/orders", json=basket(contact=ANN)).json()["id"]
    with shop.database.writing() as connection:
        make_notices(connection, reachable=("email",), now=NOW)
        (notice,) = due_notices(connection, public_url="", now=NOW, limit=9)
    (told,) = client.get(f"/v1/orders/{order_id}/notices").json()["items"]
    assert (told["topic"], told["channel"], told["state"], told["attempts"]) == ("confirmed", "email", "waiting", 1)
    assert "Ann" not in str(told)
    shopper = shop.client("")
    path = notice.message.stop_url.removesuffix("/stop")
    page = shopper.get(f"{path}/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<form method="post" action="{path}/stop"><button>Detener todos los mensajes</button>' in page.text
    assert "<button>" not in shopper.post(f"{path}/stop", content="List-Unsubscribe=One-Click").text
    assert shopper.get(path).json() == {"email": False, "sms": False}
    assert shopper.post(path, json={"sms": True}).json() == {"email": False, "sms": True}
    assert shopper.get(f"/v1/notice-preferences/{'0' * 32}/page").status_code == 404


def test_a_retailer_says_what_is_told_and_in_which_words(shop: Shop):
    client = shop.client()
    before = client.get("/v1/notice-rules")
    assert (before.json()["quiet_from"], before.json()["version"]) == ("21:00", 1)
    own = {"topic": "arriving", "channel": "sms", "locale": "en", "text": "{{ shop }}: look out. {{ link }}"}
    wanted = {"topics": ["arriving"], "quiet_from": "22:30", "most": 2, "texts": [own]}
    versioned = {"If-Match": before.headers["etag"]}
    after = client.put("/v1/notice-rules", json=wanted, headers=versioned)
    assert after.json() == wanted | {"quiet_until": "08:00", "texts": [own | {"subject": ""}], "version": 2}
    assert client.get("/v1/notice-rules").json() == after.json()
    assert client.put("/v1/notice-rules", json=wanted, headers=versioned).json()["code"] == "version_changed"
    broken = client.put("/v1/notice-rules", json={"texts": [own | {"text": "{{ link"}]})
    assert broken.status_code == 422, broken.text
    assert client.put("/v1/notice-rules", json={"topics": ["lost"]}).status_code == 422
