"""Members pay less, have levels that others do not, and the last share of slots; what they did not pay is kept."""

from typing import Any

import pytest

from doorstep.operations.memberships import fall_due
from tests.api.desks import Shop, basket, member_of
from tests.api.v1.test_options import furnish, new_slot, option, ordered
from tests.databases import CALLER, NOW
from tests.small import table

DAY_S = 86_400
PLANS = table(
    "plan_id name period_days trial_days free_over_minor percent_bp service_levels members_only slot_priority",
    ("plus", "Plus", 365, 30, 3_500, 5_000, "same_day", "", True),
    ("gold", "", 30, 0, None, 10_000, "", "two_day", False),
)


def offered(shop: Shop, level: str, units: int, *, member_id: str | None = None) -> tuple[int, int, str]:
    """Return what an option costs, what the member saves, and why."""
    found = option(shop, level, lines=[{"product_id": "A", "quantity": units}], member_id=member_id)
    return found["fee"]["amount"], found["membership_discount"]["amount"], found["fee_reason"]


@pytest.fixture
def plus(shop: Shop) -> str:
    """Return a membership of Plus in a shop with plans."""
    furnish(shop, membership_plans=PLANS)
    made = shop.client().post("/v1/memberships", json={"customer_id": "c", "plan_id": "plus"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_a_member_pays_a_share_and_nothing_over_the_threshold_and_is_told_why(shop: Shop, plus: str):
    assert offered(shop, "same_day", 3) == (799, 0, "")
    assert offered(shop, "same_day", 3, member_id=plus) == (400, 399, "Less with Plus.")
    assert offered(shop, "same_day", 4, member_id=plus) == (0, 799, "Free over 35.00 USD with Plus.")
    assert offered(shop, "next_day", 4, member_id=plus) == (399, 0, "")


def test_an_order_keeps_what_its_member_did_not_pay(shop: Shop, plus: str):
    made = shop.client().post("/v1/orders", json=basket(("A", 3), service_level_id="same_day", member_id=plus)).json()
    promise = made["promise"]
    kept = (promise["fee"]["amount"], promise["membership_discount"]["amount"], promise["membership"])
    assert kept == (400, 399, "plus")
    assert ordered(shop, option(shop, "same_day", member_id=plus), member_id=plus).json()["promise"] == promise


def test_a_level_for_members_is_refused_to_others_with_its_reason(shop: Shop, plus: str):
    found = option(shop, "two_day", member_id=plus)
    assert (found["feasible"], found["reason_code"]) == (False, "members_only")
    assert found["reason"] == "it is only for members of gold."
    refused = shop.client().post("/v1/orders", json=basket(service_level_id="two_day", member_id=plus))
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["pointer"]) == (422, "/service_level_id")
    assert fault["detail"] == "'two_day' is only for members of gold"
    assert option(shop, "two_day", membership="gold")["feasible"]


def test_the_last_share_of_a_slot_is_for_members_with_priority(shop: Shop, plus: str):
    furnish(shop, membership_plans=PLANS, policy=table("currency slots_for_members_pct", ("USD", 40)))
    slot = new_slot(shop)  # two places, of which one is kept
    assert shop.client().post(f"/v1/slots/{slot}/holds", json={}).status_code == 201
    assert shop.client().post(f"/v1/slots/{slot}/holds", json={}).json()["code"] == "slot_full"
    assert option(shop, "same_day", slot=slot)["reason_code"] == "slot_full"
    assert option(shop, "same_day", slot=slot, member_id=plus)["feasible"]
    assert shop.client().post(f"/v1/slots/{slot}/holds", json={"member_id": plus}).status_code == 201
    assert shop.client().get(f"/v1/slots/{slot}").json()["available"] == 0


def step(shop: Shop, name: str, which: str) -> Any:
    return shop.client().post(f"/v1/memberships/{name}/{which}", json={"reason": "x"})


def test_benefits_end_with_the_period_and_come_back_with_its_renewal(shop: Shop, plus: str):
    with shop.database.writing() as connection:
        assert fall_due(connection, CALLER, now=NOW + 365 * DAY_S - 1) == []
        assert fall_due(connection, CALLER, now=NOW + 365 * DAY_S) == [plus]
    assert shop.client().get(f"/v1/memberships/{plus}").json()["state"] == "past_due"
    assert offered(shop, "same_day", 4, member_id=plus) == (799, 0, "")
    assert step(shop, plus, "renew").json()["state"] == "active"
    assert step(shop, plus, "cancel").json()["state"] == "cancelled"
    assert offered(shop, "same_day", 4, member_id=plus) == (799, 0, "")
    assert step(shop, plus, "renew").status_code == 409


def test_a_customer_has_one_membership_and_a_trial_only_where_the_plan_has_one(shop: Shop, plus: str):
    again = shop.client().post("/v1/memberships", json={"customer_id": "c", "plan_id": "gold"})
    assert (again.status_code, plus in again.text) == (409, True)
    trial = {"customer_id": "d", "plan_id": "gold", "on_trial": True}
    assert shop.client().post("/v1/memberships", json=trial).status_code == 422
    made = shop.client().get(f"/v1/memberships/{member_of(shop.client(), on_trial=True)}").json()
    assert (made["state"], made["starts_at"][:10], made["ends_at"][:10]) == ("trial", "2026-03-03", "2026-04-02")
    found = shop.client().get("/v1/memberships", params={"customer_id": "c"}).json()["items"]
    assert [each["id"] for each in found] == [plus]


def test_an_order_names_a_membership_that_there_is(shop: Shop):
    refused = shop.client().post("/v1/orders", json=basket(member_id="mbr_0"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/member_id")
