"""What carriers ask and when they arrive, worked by hand; the order is placed on Tuesday, 2026-03-03, at 08:00."""

import polars as pl
import pytest

from doorstep.domain.tables.demand import DEFAULT_SERVICE_LEVELS
from tests.delivery_mode.small_modes import Parcel, asked, shop
from tests.small import CHICAGO, PRODUCTS, SITES, at, table

WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, MONDAY = "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07", "2026-03-09"
WINDOW, NOT_TAKEN = 1, 2


def parcel_carrier(**values: object) -> pl.DataFrame:
    return table("carrier_id kind", ("X", "parcel")).with_columns(**{k: pl.lit(v) for k, v in values.items()})


def courier(**values: object) -> pl.DataFrame:
    return table("carrier_id kind", ("X", "on_demand")).with_columns(**{k: pl.lit(v) for k, v in values.items()})


def rates(header: str, *rows: tuple[object, ...]) -> pl.DataFrame:
    return table(f"carrier_id {header}", *(("X", *row) for row in rows))


FLAT = rates("price_minor", (500,))
BREAKS = rates("max_weight_g price_minor", (1_000, 500), (5_000, 800), (20_000, 1_500))


@pytest.mark.parametrize(
    ("weight", "price"), [(1, 500), (1_000, 500), (1_001, 800), (5_000, 800), (20_000, 1_500), (20_001, None)]
)
def test_the_first_weight_break_that_holds_the_parcel_applies(weight, price):
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=BREAKS), [(weight, 1, 1)]).price == price


def test_the_order_of_the_rows_in_the_file_does_not_matter():
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=BREAKS.reverse()), [(1_000, 1, 1)]).price == 500


@pytest.mark.parametrize(("metres", "price"), [(5_000, 300), (5_001, 400), (20_000, 400), (20_001, None)])
def test_the_nearest_distance_that_holds_the_road_applies(metres, price):
    card = rates("max_distance_m price_minor", (20_000, 400), (5_000, 300))
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=card), metres=metres).price == price


def test_a_nearer_distance_row_comes_before_a_nearer_weight_row():
    card = rates(
        "max_distance_m max_weight_g price_minor", (20_000, 1_000, 100), (5_000, 9_000, 700), (5_000, 2_000, 600)
    )
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=card), [(500, 1, 1)], metres=5_000).price == 600


ZONES = table(
    "carrier_id site_id postal_prefix zone",
    ("X", "", "", "far"),
    ("X", "", "606", "near"),
    ("X", "", "60699", "island"),
    ("X", "S1", "6", "here"),
)
ZONE_RATES = rates("zone price_minor", ("far", 900), ("near", 400), ("here", 100))


@pytest.mark.parametrize(
    ("site", "postal", "price"),
    [("S2", "60601", 400), ("S2", "10001", 900), ("S1", "60601", 100), ("S1", "10001", 900)],
)
def test_the_longest_prefix_names_the_zone_and_rows_of_the_site_come_first(site, postal, price):
    sites = table(
        "site_id kind lat lon time_zone", (site, "store", 41.0, -87.0, CHICAGO), ("S9", "store", 41.0, -87.1, CHICAGO)
    )
    place = {"sites": sites, "stock": table("site_id product_id on_hand", (site, "A", 1))}
    zones = ZONES if site == "S1" else ZONES.filter(pl.col("site_id") == "")
    found = asked(
        shop(
            carriers=parcel_carrier(basis="zone"),
            carrier_rates=ZONE_RATES,
            carrier_zones=zones,
            order={"postal_code": postal},
            **place,
        )
    )
    assert found.price == price


def test_a_zone_without_a_rate_and_a_place_without_a_zone_are_not_taken():
    carriers = parcel_carrier(basis="zone")
    island = shop(
        carriers=carriers, carrier_rates=ZONE_RATES, carrier_zones=ZONES.slice(1, 2), order={"postal_code": "60699"}
    )
    nowhere = shop(
        carriers=carriers, carrier_rates=ZONE_RATES, carrier_zones=ZONES.slice(1, 2), order={"postal_code": "10001"}
    )
    assert (asked(island).price, asked(nowhere).price) == (None, None)
    assert (asked(island).why, asked(nowhere).why) == (NOT_TAKEN, NOT_TAKEN)


@pytest.mark.parametrize(
    ("volume_ml", "price"),
    [(5_000, 500), (5_001, 800), (4_999, 500)],  # 5,000 ml bill as a kilogram, a millilitre more as 1,001 g
)
def test_a_bulky_parcel_is_billed_by_its_volume(volume_ml, price):
    carriers = parcel_carrier(dim_ml_per_kg=5_000)
    assert asked(shop(carriers=carriers, carrier_rates=BREAKS), [(200, volume_ml, 1)]).price == price


def test_without_dimensional_weight_volume_does_not_count():
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=BREAKS), [(200, 90_000, 1)]).price == 500


@pytest.mark.parametrize(("rate", "price"), [(334, 367), (335, 369), (500, 550)])  # 33.4, 33.5 and 50 of fuel
def test_fuel_is_a_share_of_the_rate_rounded_half_up(rate, price):
    carriers = parcel_carrier(fuel_surcharge_bp=1_000)
    assert asked(shop(carriers=carriers, carrier_rates=rates("price_minor", (rate,)))).price == price


EXTRAS = table(
    "carrier_id surcharge over_side_mm over_weight_g requirement amount_minor percent_bp",
    ("X", "adult", None, None, "adult", 60, 0),
    ("X", "big and heavy", 600, 10_000, "", 0, 2_000),
    ("X", "long", 1_000, None, "", 250, 0),
)


@pytest.mark.parametrize(
    ("parcel", "requirement", "price"),
    [
        ((500, 1, 1_000), "", 1_000),
        ((500, 1, 1_001), "", 1_250),
        ((10_001, 1, 600), "", 1_000),  # heavy, not big
        ((10_000, 1, 601), "", 1_000),  # big, not heavy
        ((10_001, 1, 601), "", 1_200),
        ((10_001, 1, 1_001), "adult", 1_000 + 60 + 200 + 250),
        ((500, 1, 1), "adult", 1_060),
    ],
)
def test_a_surcharge_applies_when_all_its_conditions_hold(parcel, requirement, price):
    carriers = parcel_carrier(skills="adult", fuel_surcharge_bp=0)
    found = shop(
        carriers=carriers,
        carrier_rates=rates("price_minor", (1_000,)),
        carrier_surcharges=EXTRAS,
        order={"requirements": requirement},
    )
    assert asked(found, [parcel]).price == price


def test_a_parcel_carrier_asks_for_every_parcel():
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=BREAKS), [(500, 1, 1), (3_000, 1, 1)]).price == 500 + 800


def test_a_courier_asks_once_for_the_whole_weight():
    found = asked(shop(carriers=courier(), carrier_rates=BREAKS, level="same_day"), [(500, 1, 1), (3_000, 1, 1)])
    assert found.price == 800


@pytest.mark.parametrize(("metres", "price"), [(2_000, 700), (2_004, 700), (2_005, 701), (5_500, 1_050)])
def test_a_courier_asks_for_each_kilometre_beyond_those_in_the_price(metres, price):
    card = rates("price_minor price_per_km_minor included_m", (700, 100, 2_000))
    assert asked(shop(carriers=courier(), carrier_rates=card, level="same_day"), metres=metres).price == price


@pytest.mark.parametrize(
    ("limits", "parcels", "taken"),
    [
        ({"max_weight_g": 500}, [(500, 1, 1), (500, 1, 1)], True),
        ({"max_weight_g": 500}, [(501, 1, 1)], False),
        ({"max_side_mm": 200}, [(1, 1, 200)], True),
        ({"max_side_mm": 200}, [(1, 1, 100), (1, 1, 201)], False),
    ],
)
def test_a_parcel_beyond_the_carriers_limits_is_not_taken(limits, parcels: list[Parcel], taken):
    found = asked(shop(carriers=parcel_carrier(**limits), carrier_rates=FLAT), parcels)
    assert (found.price == 500 * len(parcels), found.why) == (taken, 0 if taken else NOT_TAKEN)


def test_the_weight_limit_of_a_courier_holds_the_whole_drop():
    found = asked(
        shop(carriers=courier(max_weight_g=900), carrier_rates=FLAT, level="same_day"), [(500, 1, 1), (500, 1, 1)]
    )
    assert found.why == NOT_TAKEN


@pytest.mark.parametrize(("skills", "price"), [("", None), ("signature", None), ("chilled;signature", 500)])
def test_a_carrier_must_keep_what_order_and_goods_require(skills, price):
    lines = table("order_id line_no product_id quantity", ("O1", 1, "B", 1))
    assert PRODUCTS.filter(pl.col("product_id") == "B")["flags"].to_list() == ["chilled"]
    found = shop(
        carriers=parcel_carrier(skills=skills),
        carrier_rates=FLAT,
        order_lines=lines,
        order={"requirements": "signature"},
    )
    assert asked(found).price == price


@pytest.mark.parametrize(("kinds", "price"), [("", 500), ("fc;store", 500), ("fc", None)])
def test_a_carrier_collects_only_from_the_kinds_of_site_it_serves(kinds, price):
    assert asked(shop(carriers=parcel_carrier(serves_kinds=kinds), carrier_rates=FLAT)).price == price


def test_nobody_is_asked_about_an_order_that_is_collected():
    found = shop(
        carriers=parcel_carrier(), carrier_rates=FLAT, level="click_and_collect", order={"pickup_site_id": "S1"}
    )
    assert asked(found).why == NOT_TAKEN


def test_what_is_ready_at_the_collection_goes_today_and_a_second_later_tomorrow():
    found = shop(carriers=parcel_carrier(collects="18:00"), carrier_rates=FLAT)
    assert asked(found, ready_at=at("18:00")).arrive_at == at("20:00", WEDNESDAY)
    assert asked(found, ready_at=at("18:00:01")).arrive_at == at("20:00", THURSDAY)


LONG = {"service_levels": DEFAULT_SERVICE_LEVELS.with_columns(promise_days=pl.lit(6), cutoff=pl.lit("24:00"))}


@pytest.mark.parametrize(
    ("ready", "transit", "arrive"),
    [
        (at("09:00", THURSDAY), 1, at("20:00", FRIDAY)),
        (at("09:00", FRIDAY), 1, at("20:00", MONDAY)),
        (at("09:00", FRIDAY), 0, at("20:00", FRIDAY)),
        (at("19:00", FRIDAY), 0, at("20:00", MONDAY)),  # collected on Monday
        (at("09:00", SATURDAY), 1, at("20:00", "2026-03-10")),
        (at("09:00", THURSDAY), 2, at("20:00", MONDAY)),
    ],
)
def test_transit_counts_the_days_on_which_the_carrier_works(ready, transit, arrive):
    carriers, card = parcel_carrier(weekdays="12345"), rates("transit_days price_minor", (transit, 500))
    found = shop(carriers=carriers, carrier_rates=card, placed=at("08:00", THURSDAY), **LONG)
    assert asked(found, ready_at=ready).arrive_at == arrive


def test_the_cheapest_transit_that_keeps_the_promise_is_taken():
    card = rates("transit_days price_minor", (1, 900), (2, 500), (3, 100))
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=card, level="next_day")).price == 900
    assert asked(shop(carriers=parcel_carrier(), carrier_rates=card, level="two_day")).price == 500


def test_a_carrier_that_arrives_after_the_promise_cannot_keep_the_window():
    found = asked(shop(carriers=parcel_carrier(), carrier_rates=FLAT, level="same_day"))
    assert (found.price, found.why) == (None, WINDOW)


def test_a_carrier_that_ends_its_day_after_the_window_cannot_keep_it():
    found = asked(shop(carriers=parcel_carrier(delivers_by="20:01"), carrier_rates=FLAT, level="next_day"))
    assert found.why == WINDOW


def test_a_carrier_may_come_before_the_window_only_where_that_is_allowed():
    levels = DEFAULT_SERVICE_LEVELS.with_columns(window_starts=pl.lit("12:00"))
    early = {"carriers": parcel_carrier(), "carrier_rates": FLAT, "level": "next_day"}
    assert asked(shop(service_levels=levels, **early)).why == 0
    never = levels.with_columns(early_allowed=pl.lit(False))
    assert asked(shop(service_levels=never, **early)).why == WINDOW


def own_window(start, end, **tables):
    window = {"window_start_at": at(start), "window_end_at": at(end)}
    return shop(level="same_day", order=window, **{"carriers": courier(), "carrier_rates": FLAT} | tables)


def test_a_courier_comes_lead_time_and_drive_after_the_parcels_are_ready():
    assert asked(shop(carriers=courier(), carrier_rates=FLAT, level="same_day")).arrive_at == at(
        "09:21:40"
    )  # 1,200 + 100 s


def test_a_courier_waits_for_the_window_to_open():
    assert asked(own_window("14:00", "15:00")).arrive_at == at("14:00")


@pytest.mark.parametrize(("end", "why"), [("09:21:40", 0), ("09:21:39", WINDOW)])
def test_a_courier_at_the_end_of_the_window_is_in_time_and_a_second_later_not(end, why):
    assert asked(own_window("09:00", end)).why == why


def test_a_courier_starts_with_its_own_day():
    late = courier(delivers_from="11:00")
    assert asked(own_window("09:00", "12:00", carriers=late)).arrive_at == at("11:00")
    assert asked(own_window("09:00", "10:00", carriers=late)).why == WINDOW


def test_a_courier_that_does_not_work_today_comes_the_next_day_it_works():
    window = {"window_start_at": at("09:00", WEDNESDAY), "window_end_at": at("20:00", FRIDAY)}
    found = shop(carriers=courier(weekdays="5"), carrier_rates=FLAT, level="same_day", order=window)
    assert asked(found).arrive_at == at("08:00", FRIDAY)


def test_the_answer_to_an_order_at_a_site_of_another_zone_uses_that_clock():
    tokyo = SITES.with_columns(time_zone=pl.lit("Asia/Tokyo"))
    found = shop(
        carriers=parcel_carrier(collects="18:00"),
        carrier_rates=FLAT,
        sites=tokyo,
        placed=at("08:00", zone="Asia/Tokyo"),
    )
    ready = at("17:59", zone="Asia/Tokyo")
    assert asked(found, ready_at=ready).arrive_at == at("20:00", WEDNESDAY, "Asia/Tokyo")
