"""Options with their price, chance and reason; what was quoted can be had at its price, or is refused."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select

from doorstep.operations.caller import Caller
from doorstep.storage import ledger
from doorstep.storage.ledger import Place
from doorstep.storage.retailers import save_reference
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import orders
from tests.api.desks import Shop, basket, opened
from tests.databases import CALLER, NOW, add_tenant, sqlite_copy
from tests.operations.shops import TWO_SITES
from tests.small import CHICAGO, TABLES, at, retailer, table

BERLIN = "Europe/Berlin"
WEDNESDAY = "2026-03-04"
PLACE = {"lat": 41.01, "lon": -87.0, "postal_code": "60606"}
LINES = [{"product_id": "A", "quantity": 3}]
RULES = table(
    "rule_id service_level_id basket_from_minor membership slot_load_from_pct fee_minor amount_minor",
    ("free_from_50", "", 5_000, "", 0, 0, None),
    ("plus", "same_day", 0, "plus", 0, 100, None),
    ("busy", "same_day", 0, "", 50, None, 300),
)


def furnish(shop: Shop, **tables: pl.DataFrame) -> None:
    """Give the shop other reference tables; its stock stays."""
    given = {"sites": TWO_SITES, "stock": TABLES["stock"].clear(), **tables}
    with shop.database.writing() as connection:
        save_reference(connection, CALLER.tenant_id, retailer(**given))


def options(shop: Shop, **changes: object) -> list[dict[str, Any]]:
    answer = shop.client().post("/v1/options", json={"place": PLACE, "lines": LINES} | changes)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["options"]
    return found


def option(shop: Shop, level: str, *, slot: str | None = None, **changes: object) -> dict[str, Any]:
    """Return the option of a service level, or of a slot."""
    (found,) = [o for o in options(shop, **changes) if (o["service_level_id"], o["slot_id"]) == (level, slot)]
    return found


def new_slot(shop: Shop, *, hours: tuple[str, str] = ("14:00", "16:00"), **changes: object) -> str:
    """Define a slot of Tuesday and return its id."""
    start, end = (f"2026-03-03T{hour}:00-06:00" for hour in hours)
    slot = {
        "zone": "606", "site_id": "S1", "service_level_id": "same_day", "window": {"start": start, "end": end},
        "cutoff_at": "2026-03-03T12:00:00-06:00", "capacity": 2, "fee_minor": 499,
    }  # fmt: skip
    made = shop.client().post("/v1/slots", json={"slots": [slot | changes]})
    assert made.status_code == 201, made.text
    return str(made.json()["slots"][0]["id"])


def ordered(shop: Shop, found: dict[str, Any], **changes: object) -> Any:
    """Take up an option with the basket that was quoted."""
    asked = basket(("A", 3), service_level_id=found["service_level_id"], option_id=found["option_id"], place=PLACE)
    return shop.client().post("/v1/orders", json=asked | changes)


def empty(shop: Shop, product: str = "A") -> None:
    """Take all that is free of a product off the shelves."""
    with shop.database.writing() as connection:
        places = [Place(STOCK, site, product) for site in ("S1", "S2")]
        found = ledger.find(connection, CALLER.tenant_id, places)
        deltas = {place: -position.free for place, position in found.items()}
        ledger.change_on_hand(connection, CALLER.tenant_id, deltas, "adjust", "test", now=NOW)


def comes(shop: Shop, units: int, when: int, *, site_id: str = "S1") -> str:
    """Expect units of A at a site and return the receipt's id."""
    moment = datetime.fromtimestamp(when, UTC).isoformat()
    asked = {"site_id": site_id, "product_id": "A", "units": units, "expected_at": moment}
    made = shop.client().post("/v1/receipts", json=asked)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_every_option_has_its_splits_and_the_chance_that_is_believed_before_anything_is_known(shop: Shop):
    same_day = option(shop, "same_day")
    assert (same_day["splits"], same_day["kept_probability"], same_day["reason_code"]) == (1, 0.95, None)
    assert (same_day["cost"], same_day["what_works"], same_day["available_from"]) == (None, "", None)


def test_a_price_rule_makes_the_fee_and_is_named(shop: Shop):
    furnish(shop, price_rules=RULES)
    plain, member = option(shop, "same_day"), option(shop, "same_day", membership="plus")
    assert (plain["fee"]["amount"], plain["fee_rule_id"]) == (799, None)
    assert (member["fee"]["amount"], member["fee_rule_id"]) == (100, "plus")
    large = option(shop, "next_day", lines=[{"product_id": "A", "quantity": 6}])
    assert (large["fee"]["amount"], large["fee_rule_id"]) == (0, "free_from_50")


def test_an_order_pays_what_a_quote_of_the_moment_would_say(shop: Shop):
    furnish(shop, price_rules=RULES)
    asked = basket(("A", 3), service_level_id="same_day")
    assert shop.client().post("/v1/orders", json=asked).json()["promise"]["fee"]["amount"] == 799
    member = shop.client().post("/v1/orders", json=asked | {"membership": "plus"}).json()
    assert member["promise"]["fee"]["amount"] == 100


def test_the_price_that_was_quoted_is_charged_while_the_offer_stands(shop: Shop):
    quoted = option(shop, "same_day")
    furnish(shop, price_rules=table("rule_id fee_minor", ("dear", 5_000)))
    assert ordered(shop, quoted).json()["promise"]["fee"]["amount"] == 799
    assert ordered(shop, option(shop, "same_day")).json()["promise"]["fee"]["amount"] == 5_000


def test_another_basket_keeps_the_window_but_not_the_price(shop: Shop):
    furnish(shop, price_rules=RULES)
    quoted = option(shop, "same_day", lines=[{"product_id": "A", "quantity": 6}])
    assert quoted["fee"]["amount"] == 0
    small = ordered(shop, quoted).json()["promise"]
    assert (small["fee"]["amount"], small["window"]) == (799, quoted["window"])
    lines = [{"product_id": "A", "quantity": 5}, {"product_id": "A", "quantity": 1}]
    assert ordered(shop, quoted, lines=lines).json()["promise"]["fee"]["amount"] == 0


def test_extras_take_their_time_and_price_and_whoever_can_do_them(shop: Shop):
    vans = table("vehicle_id site_id max_weight_g max_volume_ml skills", ("V", "S1", 900_000, 3_500_000, "two_person"))
    extras = table("extra_id service_s price_minor requirements", ("assembly", 1_800, 4_900, "two_person"),
                   ("piano", 600, 0, "crane"))  # fmt: skip
    furnish(shop, vehicles=vans, extras=extras)
    found = option(shop, "same_day", extras=["assembly"])
    assert (found["fee"]["amount"], option(shop, "same_day", extras=["piano"])["reason_code"]) == (5_699, "no_way")
    made = ordered(shop, found, extras=["assembly"]).json()
    assert (made["promise"]["fee"]["amount"], made["promise"]["extras"]) == (5_699, ["assembly"])
    with shop.database.reading() as connection:
        row = connection.execute(select(orders.c.service_s, orders.c.requirements)).one()
    assert tuple(row) == (180 + 1_800, "two_person")
    assert ordered(shop, found, extras=["haul"]).json()["errors"][0]["pointer"] == "/extras/0"


def test_a_price_cannot_be_made_up(shop: Shop):
    name = option(shop, "same_day")["option_id"]
    for place in (4, 30, 50, -1):
        letter = "1" if name[place] == "0" else "0"
        forged = name[:place] + letter + (name[place + 1 :] if place != -1 else "")
        assert ordered(shop, {"service_level_id": "same_day", "option_id": forged}).status_code == 422


def test_slots_of_the_zone_are_options_with_their_price_by_load(shop: Shop):
    furnish(shop, price_rules=RULES)
    slot_id, other = new_slot(shop), new_slot(shop, zone="607")
    found = option(shop, "same_day", slot=slot_id)
    assert (found["window"]["start"], found["cutoff_at"]) == ("2026-03-03T20:00:00Z", "2026-03-03T18:00:00Z")
    assert (found["fee"]["amount"], found["fee_rule_id"], found["sites"]) == (499, None, ["S1"])
    assert other not in {o["slot_id"] for o in options(shop)}
    assert {o["slot_id"] for o in options(shop, place=PLACE | {"postal_code": ""})} == {None}
    shop.client().post(f"/v1/slots/{slot_id}/holds", json={})
    busy = option(shop, "same_day", slot=slot_id)
    assert (busy["fee"]["amount"], busy["fee_rule_id"]) == (799, "busy")


def test_a_slot_of_a_closed_day_is_neither_offered_nor_held(shop: Shop):
    slot_id = new_slot(shop)
    assert shop.client().put("/v1/closed-days/x", json={"closed_day_id": "x", "day": "2026-03-33"}).status_code == 422
    row = {"closed_day_id": "S1-3-march", "site_id": "S1", "day": "2026-03-03"}
    assert shop.client().put("/v1/closed-days/S1-3-march", json=row).status_code == 201
    found = option(shop, "same_day", slot=slot_id)
    assert (found["reason_code"], found["reason"]) == ("closed", "the site is closed on that day.")
    assert option(shop, "same_day")["window"]["start"] == "2026-03-04T14:00:00Z"
    assert shop.client().post(f"/v1/slots/{slot_id}/holds", json={}).status_code == 409


def test_a_slot_option_takes_its_place_with_the_order_at_the_price_that_was_quoted(shop: Shop):
    furnish(shop, price_rules=RULES)
    slot_id = new_slot(shop)
    first, second = option(shop, "same_day", slot=slot_id), option(shop, "same_day", slot=slot_id)
    made = ordered(shop, first).json()
    assert (made["promise"]["fee"]["amount"], made["promise"]["window"]) == (499, first["window"])
    assert shop.client().get(f"/v1/slots/{slot_id}").json()["available"] == 1
    assert ordered(shop, second).json()["promise"]["fee"]["amount"] == 499  # though it is half full by now
    assert shop.client().get(f"/v1/slots/{slot_id}").json()["state"] == "full"


def test_a_slot_that_was_sold_out_after_the_quote_is_refused_and_nothing_is_kept(shop: Shop):
    slot_id = new_slot(shop, capacity=1)
    quoted = option(shop, "same_day", slot=slot_id)
    assert ordered(shop, quoted).status_code == 201
    before = shop.client().get("/v1/exports/positions.jsonl").text
    refused = ordered(shop, quoted)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_full")
    assert shop.client().get("/v1/exports/positions.jsonl").text == before
    gone = option(shop, "same_day", slot=slot_id)
    assert (gone["reason_code"], gone["option_id"]) == ("slot_full", None)
    assert gone["what_works"] == "Same_day can be had, from Tuesday 3 March 08:00 on."


def test_stock_that_was_sold_out_after_the_quote_gives_the_slot_back(shop: Shop):
    slot_id = new_slot(shop)
    quoted = option(shop, "same_day", slot=slot_id)
    empty(shop)
    refused = ordered(shop, quoted)
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_stock")
    assert shop.client().get(f"/v1/slots/{slot_id}").json()["available"] == 2


def test_a_hold_and_the_option_of_its_slot_go_together_and_no_other(shop: Shop):
    slot_id, later = new_slot(shop), new_slot(shop, hours=("16:00", "18:00"))
    quoted = option(shop, "same_day", slot=slot_id)
    held, wrong = (shop.client().post(f"/v1/slots/{slot}/holds", json={}).json()["id"] for slot in (slot_id, later))
    refused = ordered(shop, quoted, hold_id=wrong).json()
    assert refused["errors"][0]["pointer"] == "/hold_id"
    assert ordered(shop, quoted, hold_id=held).status_code == 201
    assert shop.client().get(f"/v1/slots/{slot_id}").json()["available"] == 1


def test_a_pending_payment_keeps_its_slot_until_it_is_cancelled(shop: Shop):
    slot_id = new_slot(shop)
    made = ordered(shop, option(shop, "same_day", slot=slot_id), payment="pending").json()
    assert made["state"] == "draft"
    assert shop.client().get(f"/v1/slots/{slot_id}").json()["available"] == 1
    assert shop.client().post(f"/v1/orders/{made['id']}/cancel", json={"reason": "changed_mind"}).status_code == 200
    assert shop.client().get(f"/v1/slots/{slot_id}").json()["available"] == 2


def test_a_slot_past_its_cutoff_is_named_with_what_works_instead(shop: Shop):
    early, late = new_slot(shop, cutoff_at="2026-03-03T08:00:00-06:00"), new_slot(shop, hours=("16:00", "18:00"))
    found = option(shop, "same_day", slot=early)
    assert (found["reason_code"], found["cutoff_at"]) == ("after_cutoff", "2026-03-03T14:00:00Z")
    assert found["reason"] == "the cut-off of this slot has passed."
    assert found["what_works"] == f"Slot {late} can be had, from Tuesday 3 March 16:00 on."


def test_an_offer_of_a_slot_ends_with_its_cutoff(shop: Shop):
    slot_id = new_slot(shop, cutoff_at="2026-03-03T08:05:00-06:00")
    quoted = option(shop, "same_day", slot=slot_id)
    shop.clock.at += 5 * 60
    assert ordered(shop, quoted).json()["code"] == "gone"


def test_a_slot_counts_lines_or_minutes_where_it_says_so(shop: Shop):
    lines, minutes = (
        new_slot(shop, unit="lines", capacity=3),
        new_slot(shop, hours=("16:00", "18:00"), unit="minutes", capacity=8),
    )
    two = {"lines": [{"product_id": "A", "quantity": 1}, {"product_id": "B", "quantity": 1}]}
    assert ordered(shop, option(shop, "same_day", slot=lines, **two), **two).status_code == 201
    assert option(shop, "same_day", slot=lines, **two)["reason_code"] == "slot_full"
    assert option(shop, "same_day", slot=lines)["feasible"]  # one line still fits
    ordered(shop, option(shop, "same_day", slot=minutes))
    assert shop.client().get(f"/v1/slots/{minutes}").json()["available"] == 5  # three minutes at the door
    held = shop.client().post(f"/v1/slots/{minutes}/holds", json={"work": 5}).json()
    assert (held["work"], shop.client().get(f"/v1/slots/{minutes}").json()["state"]) == (5, "full")


def test_a_hold_of_fewer_lines_than_the_order_has_is_refused(shop: Shop):
    slot_id = new_slot(shop, unit="lines", capacity=3)
    hold_id = shop.client().post(f"/v1/slots/{slot_id}/holds", json={"work": 1}).json()["id"]
    two = basket(("A", 1), ("B", 1), service_level_id="same_day", hold_id=hold_id)
    (fault,) = shop.client().post("/v1/orders", json=two).json()["errors"]
    assert (fault["pointer"], "holds 1 lines, the order has 2" in fault["detail"]) == ("/hold_id", True)


def test_a_slot_for_collection_is_an_option_at_its_site(shop: Shop):
    slot_id = new_slot(shop, service_level_id="click_and_collect", site_id="S2")
    found = option(shop, "click_and_collect", slot=slot_id)
    assert (found["feasible"], found["sites"]) == (True, ["S2"])
    made = ordered(shop, found, pickup_site_id="S2")
    assert made.status_code == 201, made.text


def test_what_lacks_is_told_with_the_moment_from_which_receipts_make_it_possible(shop: Shop):
    comes(shop, 2, NOW - 60)  # not on the shelf, though its moment has passed
    comes(shop, 1, at("09:00"))
    comes(shop, 2, at("10:00", WEDNESDAY), site_id="S2")
    comes(shop, 9, at("10:00", "2026-03-06"), site_id="S2")
    empty(shop)
    same_day = option(shop, "same_day")
    assert (same_day["reason_code"], same_day["available_from"]) == ("out_of_stock", "2026-03-04T16:00:00Z")
    assert same_day["what_works"].startswith("All of it can be promised from Wednesday 4 March 10:00 on; next_day can")
    collected = option(shop, "click_and_collect")
    assert (collected["available_from"], collected["what_works"][:15]) == (None, "Next_day can be")
    more = option(shop, "same_day", lines=[{"product_id": "A", "quantity": 13}])
    assert more["available_from"] is None


def test_a_basket_can_have_what_comes_in_time_and_the_option_says_that_it_waits(shop: Shop):
    empty(shop)
    name = comes(shop, 3, at("10:00", WEDNESDAY))
    there, late = option(shop, "next_day"), option(shop, "same_day")
    assert (there["feasible"], there["awaits_receipt"], there["sites"]) == (True, True, ["S1"])
    assert (there["available_from"], there["reason_code"]) == ("2026-03-04T16:00:00Z", None)
    assert 0 < there["kept_probability"] <= 1
    assert (late["feasible"], late["awaits_receipt"], late["reason_code"]) == (False, False, "out_of_stock")
    made = ordered(shop, there)
    assert made.status_code == 201, made.text
    assert made.json()["allocations"] == [{"line_no": 1, "site_id": "S1", "quantity": 3, "receipt_id": name}]
    shown = shop.client().get(f"/v1/orders/{made.json()['id']}").json()
    assert (shown["state"], shown["allocations"]) == ("placed", made.json()["allocations"])
    assert not option(shop, "next_day")["feasible"]
    twice = ordered(shop, there)
    assert (twice.status_code, twice.json()["code"]) == (409, "insufficient_stock")


def test_an_option_that_waits_is_refused_once_its_receipt_is_put_off(shop: Shop):
    empty(shop)
    name = comes(shop, 3, at("10:00", WEDNESDAY))
    there = option(shop, "next_day")
    later = {"units": 3, "expected_at": "2026-03-09T10:00:00-05:00"}
    assert shop.client().put(f"/v1/receipts/{name}", json=later).status_code == 200
    assert ordered(shop, there).json()["code"] == "insufficient_stock"


def test_a_merchant_without_sites_has_no_options(sqlite_template: Path, tmp_path: Path):
    with sqlite_copy(sqlite_template, tmp_path) as database:
        add_tenant(database)
        with opened(database, None) as bare:
            assert options(bare) == []


def test_everything_out_of_stock_is_no_option_and_no_error(shop: Shop):
    for product in ("A", "B"):
        empty(shop, product)
    found = options(shop, lines=[{"product_id": "A", "quantity": 1}, {"product_id": "B", "quantity": 1}])
    assert {(o["feasible"], o["reason_code"], o["splits"], o["kept_probability"]) for o in found} == {
        (False, "out_of_stock", 0, None)
    }


def test_a_product_on_several_lines_is_one_demand(shop: Shop):
    free = 100
    lines = [{"product_id": "B", "quantity": free // 2}] * 3
    found = option(shop, "same_day", lines=lines)
    assert (found["reason_code"], found["what_works"]) == (
        "out_of_stock", "Fewer units can be had now: 100 of B."
    )  # fmt: skip


def test_a_hundred_and_sixty_one_lines_are_quoted_and_zero_units_are_not(shop: Shop):
    many = [{"product_id": "B", "quantity": 1}] * 161
    assert option(shop, "same_day", lines=many[:100])["feasible"]
    assert option(shop, "same_day", lines=many)["reason"].startswith(
        "not enough stock: line 1: 1 of B wanted, 100 free"
    )
    none = {"place": PLACE, "lines": [{"product_id": "B", "quantity": 0}]}
    assert shop.client().post("/v1/options", json=none).status_code == 422


def test_pickers_without_an_hour_and_sites_without_a_working_hour_are_told_apart(shop: Shop):
    busy = TWO_SITES.with_columns(pick_lines_per_day=pl.lit(0, pl.Int64))
    furnish(shop, sites=busy)
    found = option(shop, "same_day")
    assert (found["reason_code"], found["what_works"]) == (
        "pickers_busy", "A later window of your own, or fewer lines."
    )  # fmt: skip
    furnish(shop, sites=busy.with_columns(preparation_s=pl.lit(15 * 3_600)))
    assert option(shop, "same_day")["reason_code"] == "after_cutoff"


def test_pickers_who_got_busy_after_the_quote_refuse_the_order_and_give_the_slot_back(shop: Shop):
    slot_id = new_slot(shop)
    level, slot = option(shop, "same_day"), option(shop, "same_day", slot=slot_id)
    furnish(shop, sites=TWO_SITES.with_columns(pick_lines_per_day=pl.lit(0, pl.Int64)))
    for quoted in (level, slot):
        refused = ordered(shop, quoted).json()
        assert (refused["code"], refused["detail"]) == (
            "insufficient_stock", "no site has picking capacity in time."
        )  # fmt: skip
    assert shop.client().get(f"/v1/slots/{slot_id}").json()["available"] == 2


def test_a_place_that_nobody_goes_to_and_words_that_nobody_keeps_are_told(shop: Shop):
    van = table("vehicle_id site_id max_weight_g max_volume_ml max_distance_m", ("van", "S1", 10**6, 10**6, 60_000))
    furnish(shop, vehicles=van)
    assert option(shop, "same_day")["feasible"]
    far = {"lat": 45.0, "lon": -87.0}
    assert option(shop, "same_day", place=far)["reason_code"] == "not_here"
    assert option(shop, "click_and_collect", place=far)["feasible"]
    chilled = option(shop, "same_day", lines=[{"product_id": "B", "quantity": 1}])
    assert (chilled["reason_code"], chilled["reason"]) == ("no_way", "nobody who brings orders keeps chilled.")
    furnish(shop, vehicles=van.with_columns(skills=pl.lit("chilled")))
    assert option(shop, "same_day", lines=[{"product_id": "B", "quantity": 1}])["feasible"]


def test_an_option_by_drone_says_why_not_in_words_and_hears_of_the_wind(shop: Shop):
    furnish(
        shop,
        service_levels=table(
            "service_level_id method requirements", ("same_day", "same_day", ""), ("by_air", "same_day", "by_air")
        ),
        carriers=table("carrier_id kind skills", ("SKY", "on_demand", "by_air"), ("CO", "on_demand", "")),
        carrier_rates=table("carrier_id price_minor", ("SKY", 300), ("CO", 900)),
        drones=table("drone_id carrier_id site_id speed_kmh range_m max_wind_kmh", ("D1", "SKY", "S1", 72, 8_000, 40)),
    )
    found = option(shop, "by_air")
    assert (found["reason_code"], found["reason"], found["what_works"]) == (
        "drone_no_landing",
        "the address has no place where a drone may land or lower a parcel.",
        "Same_day can be had, from Tuesday 3 March 08:00 on.",
    )
    landing = PLACE | {"landing_site": True}
    assert option(shop, "by_air", place=landing)["feasible"]
    row = {"weather_id": "now", "site_id": "S1", "from_at": NOW, "wind_kmh": 41}
    assert shop.client().put("/v1/weather/now", json=row).status_code == 201
    assert option(shop, "by_air", place=landing)["reason_code"] == "drone_wind"


def test_costs_are_told_to_those_who_may_see_them_and_ask(shop: Shop):
    found = option(shop, "click_and_collect", with_costs=True)
    assert found["cost"]["expected"] == {"amount": 220, "currency": "USD"}
    assert found["cost"]["margin"] == {"amount": 3 * 300 + 0 - 220, "currency": "USD"}
    assert found["cost"]["own_van"] is None
    key = shop.key_for(["quotes:write"], Caller(CALLER.tenant_id, "test"))
    asked = {"place": PLACE, "lines": LINES}
    assert shop.client(key).post("/v1/options", json=asked).status_code == 200
    assert shop.client(key).post("/v1/options", json=asked | {"with_costs": True}).json()["code"] == "forbidden"


def test_a_split_costs_what_its_parts_cost_alone(shop: Shop):
    vans = table(
        "vehicle_id site_id count max_weight_g max_volume_ml cost_per_km_minor",
        *[(f"van-{site}", site, 9, 900_000, 9_000_000, 50) for site in ("S1", "S2")],
    )
    furnish(shop, vehicles=vans)
    lines = [{"product_id": "A", "quantity": 150}]
    whole = option(shop, "next_day", lines=[{"product_id": "A", "quantity": 50}], with_costs=True)
    split = option(shop, "next_day", lines=lines, with_costs=True)
    assert (whole["splits"], split["splits"]) == (1, 2)
    assert split["cost"]["expected"]["amount"] > whole["cost"]["expected"]["amount"] > 0
    assert [cost["cost"]["own_van"]["basis"] for cost in (whole, split)] == ["estimate", "estimate"]
    assert split["cost"]["own_van"]["marginal"]["amount"] > whole["cost"]["own_van"]["marginal"]["amount"] > 0
    earned = 150 * 300 + split["fee"]["amount"] - split["cost"]["expected"]["amount"]
    assert split["cost"]["margin"]["amount"] == earned


def test_a_slot_tells_what_its_door_adds_to_own_vans(shop: Shop):
    van = table("vehicle_id site_id max_weight_g max_volume_ml cost_per_km_minor", ("van", "S1", 10**6, 10**7, 50))
    furnish(shop, vehicles=van)
    slot_id = new_slot(shop)
    found = option(shop, "same_day", slot=slot_id, with_costs=True)["cost"]["own_van"]
    assert found["marginal"]["amount"] > 0
    assert found == {
        "marginal": found["marginal"], "basis": "estimate", "route_id": None, "feasible": True, "reason": ""
    }  # fmt: skip
    assert option(shop, "same_day", slot=slot_id)["cost"] is None


CHANGES = [(CHICAGO, "2026-03-08", "2026-11-01"), (BERLIN, "2026-03-29", "2026-10-25")]


@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, *days in CHANGES for day in days])
def test_a_cutoff_in_the_night_of_a_clock_change_is_kept_to_the_second(shop: Shop, zone: str, day: str):
    for clock in ("01:30", "02:00", "02:30", "03:00"):  # some do not exist on this day, some come twice
        levels = table(
            "service_level_id method cutoff promise_days window_starts window_ends",
            ("early", "same_day", clock, 0, "08:00", "20:00"),
        )
        furnish(shop, sites=TWO_SITES.with_columns(time_zone=pl.lit(zone)), service_levels=levels)
        shop.clock.at = cutoff = at(clock, day, zone)
        (in_time,) = options(shop)
        shop.clock.at = cutoff + 1
        (late,) = options(shop)
        assert seconds(in_time["cutoff_at"]) == cutoff
        assert seconds(in_time["window"]["start"]) == at("08:00", day, zone)
        assert seconds(late["window"]["start"]) > seconds(in_time["window"]["end"])
        assert ordered(shop, late).json()["promise"]["window"] == late["window"]


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
