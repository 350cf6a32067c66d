"""The checker of deliveries finds each fault planted in a sound plan."""

import polars as pl
import pytest

from doorstep.delivery_mode import check_deliveries
from doorstep.vehicle_routing.check import check_routes
from tests.hand_plan import changed, plan, road, shop
from tests.small import at, table

SHOP, PLAN = shop(), plan()
WEDNESDAY = "2026-03-04"


def faults(tables=None, **planned):
    return check_deliveries(SHOP.tables() | (tables or {}), PLAN.tables() | planned, road)


def delivery(name: str, **values: object) -> dict[str, pl.DataFrame]:
    return {"deliveries": changed(PLAN.deliveries, name, **values)}


def carrier(name: str, **values: object) -> dict[str, pl.DataFrame]:
    return {"carriers": changed(SHOP.carriers, name, **values)}


def says(found: list[str], sentence: str) -> bool:
    return any(fault.startswith(sentence) for fault in found)


def test_the_plan_to_be_spoiled_is_sound():
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "column", "value", "right"),
    [
        ("D1", "failure_risk_minor", 22, 21),
        ("D1", "carrier_fee_minor", 5, 0),
        ("D1", "ready_at", at("08:59"), at("09:00")),
        ("D4", "failure_risk_minor", 34, 35),
        ("D4", "distance_m", 9_999, 10_000),
        ("D6", "line_haul_minor", 85, 170),
        ("D6", "failure_risk_minor", 1, 0),
        ("D6", "carrier_fee_minor", 1, 0),
        ("D7", "failure_risk_minor", 0, 14),
        ("D7", "line_haul_minor", 85, 0),
    ],
)
def test_a_figure_that_the_tables_contradict(name, column, value, right):
    assert f"delivery {name}: {column} is {value}, not {right}." in faults(**delivery(name, **{column: value}))


@pytest.mark.parametrize(
    ("column", "value", "right"), [("parcels", 1, 2), ("weight_g", 2_000, 2_200), ("volume_ml", 1, 5_808)]
)
def test_a_delivery_that_is_not_the_sum_of_its_parcels(column, value, right):
    assert f"delivery D6: {column} is {value}, its parcels say {right}." in faults(**delivery("D6", **{column: value}))


def test_a_parcel_that_fits_no_compartment_where_it_waits():
    rooms = table("compartment_id site_id length_mm width_mm height_mm count", ("small", "S1", 100, 90, 80, 9))
    assert says(faults({"compartments": rooms}), "delivery D6: parcel P7 fits no compartment of S1.")
    assert faults({"compartments": rooms.with_columns(length_mm=2_000, width_mm=2_000, height_mm=2_000)}) == []


def test_parcels_of_a_delivery_that_does_not_exist():
    assert "parcels of delivery D4, which does not exist." in faults(
        deliveries=PLAN.deliveries.filter(pl.col("delivery_id") != "D4")
    )


def test_a_delivery_of_an_order_that_is_not_served():
    lost = changed(PLAN.order_outcomes, "O6", status="unserved")
    assert "delivery D7: belongs to an order that is not served." in faults(order_outcomes=lost)


def test_an_arrival_after_the_promise():
    late = changed(PLAN.order_outcomes, "O5", window_end_at=at("13:29"))
    assert faults(order_outcomes=late) == [
        f"delivery D6: arrives at {at('13:30')}, after the promise ends at {at('13:29')}."
    ]


def test_a_collected_order_that_waits_elsewhere():
    assert "delivery D6: waits at F1, not at S1." in faults(**delivery("D6", dispatch_site_id="F1"))


def test_a_collected_order_that_is_ready_at_another_moment_than_it_can_be_collected():
    found = faults(**delivery("D6", arrive_at=at("13:31")))
    assert found == [f"delivery D6: can be collected at {at('13:31')}, ready at {at('13:30')}."]


def test_a_lane_that_does_not_exist():
    assert "delivery D6: no lane from F1 to S1." in faults({"lanes": SHOP.lanes.clear()})


@pytest.mark.parametrize("moment", ["09:59", "12:01", "11:00"])
def test_a_departure_that_is_missed_or_is_none(moment):
    moved = changed(PLAN.parcels, "P6", lane_departs_at=at(moment))
    assert says(faults(parcels=moved), f"delivery D6: parcel P6 cannot take a lane at {at(moment)}, it is ready at ")


def test_a_parcel_that_lies_at_another_site_than_its_delivery_leaves():
    stays = changed(PLAN.parcels, "P6", lane_departs_at=None)
    assert "delivery D6: parcel P6 lies at F1, the delivery leaves S1." in faults(parcels=stays)


def test_more_parcels_on_a_lane_than_it_has_room_for():
    full = {"lanes": SHOP.lanes.with_columns(capacity_parcels=pl.lit(1, pl.Int64))}
    assert faults(full) == [f"lane F1 to S1 at {at('12:00')}: 2 parcels, room for 1."]


def test_goods_at_a_station_that_cannot_keep_them():
    cold = changed(PLAN.parcels, "P6", requirements="chilled")
    assert "delivery D6: S1 cannot keep ['chilled']." in faults(parcels=cold)


@pytest.mark.parametrize(("name", "limit", "units", "day"), [("PX", 1, 2, WEDNESDAY), ("CO", 0, 1, "2026-03-03")])
def test_more_than_a_carriers_daily_limit(name, limit, units, day):
    assert faults(carrier(name, daily_limit=limit)) == [
        f"carrier {name} on {day}: {units} units, its limit is {limit}."
    ]


def test_a_carrier_that_does_not_exist():
    assert "delivery D4: carrier 'ZZ' does not exist." in faults(**delivery("D4", carrier_id="ZZ"))


def test_a_site_that_the_carrier_does_not_collect_from():
    assert faults(carrier("PX", serves_kinds="store")) == ["delivery D5: carrier PX does not collect from a fc."]


def test_a_requirement_that_the_carrier_cannot_keep():
    assert faults(carrier("CO", skills="")) == ["delivery D7: carrier CO cannot keep ['signature']."]


def test_a_requirement_of_the_goods_that_the_carrier_cannot_keep():
    cold = changed(PLAN.parcels, "P4", requirements="chilled")
    assert faults(parcels=cold) == ["delivery D4: carrier PX cannot keep ['chilled']."]


@pytest.mark.parametrize(
    "tables",
    [
        carrier("PX", max_side_mm=1_499),
        carrier("PX", max_weight_g=2_999),
        carrier("PX", fuel_surcharge_bp=1_010),  # 91 instead of 90
        carrier("PX", weekdays="12467"),  # Tuesday's parcels come on Thursday
        carrier("PX", collects="09:59"),
        carrier("PX", delivers_by="19:59"),
        carrier("PX", dim_ml_per_kg=300),  # 3,750 ml bill as 12.5 kg
        {"carrier_surcharges": SHOP.carrier_surcharges.clear()},
        {"carrier_rates": SHOP.carrier_rates.with_columns(max_distance_m=pl.lit(9_999))},
        {"carrier_rates": SHOP.carrier_rates.with_columns(transit_days=pl.lit(2))},
    ],
)
def test_a_price_or_arrival_that_the_rate_card_does_not_offer(tables):
    found = faults(tables)
    assert says(found, f"delivery D5: fee 1330, arrival {at('20:00', WEDNESDAY)}: the carrier offers ")


def test_a_fee_off_by_one():
    (fault,) = faults(**delivery("D4", carrier_fee_minor=661))
    then = at("20:00", WEDNESDAY)
    assert fault == f"delivery D4: fee 661, arrival {then}: the carrier offers [(660, {then})]."


@pytest.mark.parametrize("values", [{"lead_s": 4_000}, {"delivers_from": "14:30"}, {"weekdays": "1"}])
def test_a_courier_that_cannot_be_there_then(values):
    assert says(faults(carrier("CO", **values)), f"delivery D7: fee 800, arrival {at('14:00')}: the carrier offers ")


def test_a_carrier_that_comes_before_a_window_which_nobody_may_anticipate():
    levels = {"service_levels": SHOP.service_levels.with_columns(early_allowed=pl.lit(False))}
    later = changed(PLAN.order_outcomes, "O4", window_start_at=at("09:00", WEDNESDAY))
    assert faults(order_outcomes=later) == []
    assert len(faults(levels, order_outcomes=later)) == 2


ZONED = {
    "carriers": changed(SHOP.carriers, "PX", basis="zone"),
    "carrier_zones": pl.DataFrame(
        {"carrier_id": ["PX", "PX"], "site_id": ["", "F1"], "postal_prefix": ["606", ""], "zone": ["near", "far"]}
    ),
    "carrier_rates": SHOP.carrier_rates.with_columns(zone=pl.lit("near")),
}


def test_a_zone_in_which_the_carrier_has_no_rate():
    assert says(faults(ZONED), "delivery D5: fee 1330")
    assert not says(faults(ZONED), "delivery D4: ")


def test_a_parcel_of_another_order():
    parcel, order = PLAN.parcels.row(0, named=True)["parcel_id"], PLAN.parcels["order_id"].unique().sort()
    stranger = next(name for name in order if name != PLAN.parcels["order_id"][0])
    found = faults(parcels=changed(PLAN.parcels, parcel, order_id=stranger))
    assert any(f"carries parcel {parcel} of order {stranger}." in fault for fault in found)


def test_a_carrier_called_by_the_wrong_mode():
    carried = PLAN.deliveries.filter(pl.col("mode").cast(pl.String).is_in(["on_demand", "parcel_carrier"])).row(
        0, named=True
    )
    wrong = "parcel_carrier" if carried["mode"] == "on_demand" else "on_demand"
    found = faults(deliveries=changed(PLAN.deliveries, carried["delivery_id"], mode=wrong))
    assert f"delivery {carried['delivery_id']}: is called {wrong}, its carrier is {carried['mode']}." in found


def test_whatever_is_ready_departs_or_is_brought_on_a_closed_day_is_a_fault():
    given = {"closed_days": table("closed_day_id site_id day name", ("x", "", "2026-03-03", ""))}
    found = faults(given)
    opens = at("08:00", WEDNESDAY)
    assert f"delivery D1: ready_at is {at('09:00')}, not {opens}." in found
    assert "delivery D4: fee 660, arrival 1772676000: the carrier offers []." in found
    assert f"delivery D6: parcel P6 cannot take a lane at {at('12:00')}, it is ready at {opens}." in found
    assert f"delivery D6: can be collected at {at('13:30')}, a closed day of S1." in found
    assert "delivery D7: fee 800, arrival 1772568000: the carrier offers []." in found
    (out,) = check_routes(SHOP.tables() | given, PLAN.tables(), road)
    assert out == "route R1: is out on 2026-03-03, a closed day of S1."
