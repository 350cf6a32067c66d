"""Money over the API: a carrier's invoice from the file to the balance, refunds, and what orders left."""

from tests.api.desks import Shop, basket
from tests.operations.money.market import by_end, furnish, keep_all

CSV = {"Content-Type": "text/csv"}


def test_an_invoice_is_held_against_the_books_disputed_and_approved(shop: Shop):
    furnish(shop.database)
    names, client = by_end(shop.database), shop.client()
    lines = [(names["delivered"], "delivery", 950), (names["attempted"], "delivery", 980), ("who knows", "delivery", 9)]
    body = "reference,kind,amount_minor,day\n" + "".join(f"{n},{kind},{minor},2026-03-04\n" for n, kind, minor in lines)
    where = "/v1/carrier-invoices?carrier_id=CA&number=2026-117"
    sent = client.post(where, content=body, headers=CSV)
    assert (sent.status_code, sent.json()["to_dispute"]) == (201, {"amount": 89, "currency": "USD"})
    told = "".join(f'{{"reference":"{n}","amount_minor":{minor},"day":"2026-03-04"}}\n' for n, _, minor in lines)
    again = client.post(where, content=told, headers={"Content-Type": "application/jsonl"})
    assert again.json() == sent.json()
    mine = f"/v1/carrier-invoices/{sent.json()['id']}"
    page = client.get(f"{mine}/lines?outcome=price_differs&limit=1").json()["items"]
    assert [(line["line_no"], line["billed"]["amount"], line["expected"]["amount"]) for line in page] == [(2, 980, 900)]
    stale = client.post(f"{mine}/approve", json={"lines": [2]}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert client.post(f"{mine}/approve", json={}).json()["version"] == 2
    client.post(f"{mine}/dispute", json={"reason": "price_not_as_quoted"})
    client.post(f"{mine}/approve", json={"lines": [2], "reason": "waited_long"})
    done = client.post(f"{mine}/withdraw", json={"reason": "credited"}).json()
    assert (done["state"], done["to_dispute"]["amount"]) == ("closed", 0)
    keep_all(shop.database)
    owed = client.get("/v1/balances?account=carrier").json()["items"]
    assert owed == [{"account": "carrier", "party_id": "CA", "owed": {"amount": 4_480, "currency": "USD"}}]
    entries = client.get(f"/v1/money-entries?delivery_id={names['attempted']}").json()["items"]
    assert {(e["account"], e["party_id"]): e["amount"]["amount"] for e in entries} == {
        ("carrier", "CA"): 980, ("last_mile", ""): -980,
    }  # fmt: skip


def test_margins_come_in_pages_and_as_a_file(shop: Shop):
    furnish(shop.database)
    keep_all(shop.database)
    client = shop.client()
    rows, cursor = [], ""
    for _ in range(9):
        page = client.get(f"/v1/margins?by=order&limit=2&last_day=2026-03-04{cursor}").json()
        rows += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len({row["key"] for row in rows}) == len(rows) == 6
    (day,) = client.get("/v1/margins").json()["items"]
    assert (day["key"], day["orders"], day["last_mile"], day["failure"], day["write_off"]) == (
        "2026-03-04", 6, -2_750, -1_650, -1_200,
    )  # fmt: skip
    assert day["margin"] == sum(row["margin"] for row in rows)
    assert client.get("/v1/margins?by=carrier&limit=1").json()["items"][0]["key"] == "CA"
    header, line = client.get("/v1/margins.csv").text.splitlines()
    assert dict(zip(header.split(","), line.split(","), strict=True)) == {k: str(v) for k, v in day.items()}
    assert client.get("/v1/margins?first_day=2026-03-05").json()["items"] == []
    assert client.get("/v1/exports/money_entries.csv").text.count("\n") > 20


def test_every_fault_of_an_invoice_is_told_at_once_with_its_place(shop: Shop):
    body = "reference,kind,amount_minor,day\n,tip,12.5,2026-13-01\nd1,delivery,900,2026-03-03\nd2,return,,soon\n"
    answer = shop.client().post("/v1/carrier-invoices?carrier_id=CA&number=1", content=body, headers=CSV)
    assert answer.status_code == 422
    assert sorted((fault["row"], fault["column"]) for fault in answer.json()["errors"]) == [
        (2, "amount_minor"), (2, "day"), (2, "kind"), (2, "reference"), (4, "amount_minor"), (4, "day"),
    ]  # fmt: skip
    odd = shop.client().post("/v1/carrier-invoices?carrier_id=CA&number=1", content=b'[1]\n{"reference": "d1"}\nno\n',
                             headers={"Content-Type": "application/jsonl"})  # fmt: skip
    assert sorted((fault["row"], fault["column"]) for fault in odd.json()["errors"]) == [
        (1, ""), (1, "amount_minor"), (1, "day"), (3, ""),
    ]  # fmt: skip
    nothing = shop.client().post("/v1/carrier-invoices?carrier_id=CA&number=1", content=b"{}", headers={})
    assert nothing.status_code == 415


def test_a_refund_that_is_sent_twice_is_given_once(shop: Shop):
    client = shop.client()
    order_id = client.post("/v1/orders", json=basket()).json()["id"]
    asked = {"amount_minor": 500, "reason": "late"}
    given = [
        client.post(f"/v1/orders/{order_id}/refunds", json=asked, headers={"Idempotency-Key": "r1"}) for _ in range(2)
    ]
    assert given[0].json() == given[1].json()
    assert (given[0].status_code, given[0].json()["left"]["amount"]) == (201, 799)
    more = client.post(f"/v1/orders/{order_id}/refunds", json={"amount_minor": 800, "reason": "late"})
    assert (more.status_code, more.json()["code"]) == (409, "conflict")
