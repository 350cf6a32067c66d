"""The checker of what is ready when finds each fault planted in a sound plan."""

import polars as pl
import pytest

from doorstep.delivery_mode import check_deliveries
from doorstep.operations.corridor.present import Present
from doorstep.operations.corridor.releases import as_released, check_releases
from tests.hand_plan import changed, plan, road, shop
from tests.small import at

SHOP, PLAN = shop().tables(), plan().tables()
DAWN = Present(now=at("06:00"))


def faults(present: Present = DAWN, *, tables: dict[str, pl.DataFrame] | None = None, **planned: pl.DataFrame):
    return check_releases(SHOP | (tables or {}), PLAN | planned, present)


def test_the_plan_to_be_spoiled_is_sound():
    assert faults() == []
    assert check_deliveries(*as_released(SHOP, PLAN), road) == []


def test_parcels_are_ready_when_their_site_has_prepared_them():
    late = changed(PLAN["deliveries"], "D1", ready_at=at("09:30"))
    assert faults(deliveries=late) == [f"delivery D1: ready_at is {at('09:30')}, not {at('09:00')}."]


def test_parcels_that_are_packed_are_ready_earlier():
    packed = Present(now=at("08:30"), ready_at={("O1", "S1"): at("08:20")})
    found = faults(packed)
    assert f"delivery D1: ready_at is {at('09:00')}, not {at('08:30')}." in found
    assert f"delivery D2: ready_at is {at('09:00')}, not {at('09:30')}." in found
    assert not any("D3" in fault for fault in found)


def test_a_route_cannot_start_in_the_past():
    assert f"route R1 starts at {at('09:00')}, before now, {at('09:01')}." in faults(Present(now=at("09:01")))


def test_a_lane_cannot_be_taken_before_the_parcel_is_ready():
    behind = Present(now=at("11:30"), ready_at={("O5", "F1"): at("12:10")})
    assert f"parcel P6: cannot take a lane at {at('12:00')}, it is ready at {at('12:10')}." in faults(behind)


def test_a_lane_departs_by_its_clock():
    parcels = changed(PLAN["parcels"], "P6", lane_departs_at=at("12:05"))
    assert f"parcel P6: cannot take a lane at {at('12:05')}, it is ready at {at('10:00')}." in faults(parcels=parcels)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("capacity_parcels", 1, f"lane F1 to S1 at {at('12:00')}: 2 parcels, room for 1."),
        ("parcel_cost_minor", 61, "delivery D6: line_haul_minor is 170, not 172."),
        ("duration_s", 3_660, f"delivery D6: ready_at is {at('13:30')}, not {at('13:31')}."),
        ("to_site_id", "F9", "parcel P6: there is no lane from F1 to S1."),
    ],
)
def test_a_lane_has_room_costs_what_it_says_and_leads_there(column, value, fault):
    lanes = SHOP["lanes"].with_columns(pl.lit(value, dtype=SHOP["lanes"].schema[column]).alias(column))
    assert fault in faults(tables={"lanes": lanes})


def test_a_parcel_lies_where_its_delivery_leaves():
    parcels = changed(PLAN["parcels"], "P6", lane_departs_at=None)
    assert "parcel P6: lies at F1, the delivery leaves S1." in faults(parcels=parcels)


def test_the_end_of_a_lane_keeps_what_the_parcel_needs():
    parcels = changed(PLAN["parcels"], "P6", requirements="chilled")
    assert "parcel P6: S1 cannot keep ['chilled']." in faults(parcels=parcels)


def test_what_the_other_checkers_find_is_left_to_them():
    assert faults(deliveries=PLAN["deliveries"].filter(pl.col("delivery_id") != "D4")) == []
    stranger = changed(PLAN["parcels"], "P1", order_id="O2")
    released = as_released(SHOP, PLAN | {"parcels": stranger})
    assert "delivery D1: carries parcel P1 of order O2." in check_deliveries(*released, road)
