"""Orders that nobody could ever bring are refused with what is wrong, before they hold anything."""

import polars as pl
import pytest

from doorstep.domain.new_order import AHEAD_S, NewOrder
from doorstep.operations.intake.errors import OrderFaultsError
from doorstep.operations.intake.holds import confirm_hold, hold_slot
from doorstep.operations.intake.take import take_order
from doorstep.storage import Connection, Database
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.orders import slots
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering
from tests.small import retailer, table

SKILLED = table(
    "vehicle_id site_id max_weight_g max_volume_ml skills", ("V1", "S1", 500_000, 5_000_000, "two_person;frozen")
)
COLLECTED = {"service_level_id": "click_and_collect"}


@pytest.fixture
def shop(database: Database) -> Database:
    open_shop(database, {("S1", "A"): 5, ("S2", "A"): 5}, vehicles=SKILLED)
    return database


def refusal(connection: Connection, order: NewOrder) -> list[tuple[str, str, str]]:
    with pytest.raises(OrderFaultsError) as refused:
        take_order(connection, CALLER, order, now=NOW)
    return list(refused.value.faults)


def test_a_window_lies_within_four_hundred_days_of_now(shop):
    with shop.writing() as connection:
        last = NOW + AHEAD_S
        assert take_order(connection, CALLER, ordering(("A", 1), window=(NOW + 9, last)), now=NOW).window_end_at == last
        for start_at, end_at in ((NOW + 9, last + 1), (-1, NOW + 9)):
            ((field, value, rule),) = refusal(connection, ordering(("A", 1), window=(start_at, end_at)))
            assert (field, value, rule) == ("window", f"{start_at} to {end_at}", "must lie within 400 days of now")


def test_a_requirement_is_one_that_something_here_has(shop):
    with shop.writing() as connection:
        known = ordering(("A", 1), requirements="chilled;two_person")  # a product's flag and a vehicle's skill
        assert take_order(connection, CALLER, known, now=NOW).state == "placed"
        ((field, value, rule),) = refusal(connection, ordering(("A", 1), requirements="frozen;gold_plated"))
    assert (field, value) == ("requirements/1", "gold_plated")
    assert rule == "is no requirement or skill of anything here; known: chilled, frozen, two_person"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("service_levels", retailer().service_levels.with_columns(requirements=pl.lit("signature"))),
        ("sites", table("site_id kind lat lon time_zone skills", ("S1", "store", 41.0, -87.0, "UTC", "signature"))),
        ("carriers", table("carrier_id name kind skills", ("CO", "Courier", "on_demand", "signature"))),
    ],
)
def test_service_levels_sites_and_carriers_make_words_known_as_well(database: Database, name: str, row: pl.DataFrame):
    tables = {name: row}
    open_shop(database, {("S1", "A"): 5}, **tables)  # type: ignore[arg-type] # no table is named tenant_id
    with database.writing() as connection:
        order = ordering(("A", 1), requirements="signature")
        assert take_order(connection, CALLER, order, now=NOW).state == "placed"


def test_what_lacks_cannot_wait_for_a_payment(shop):
    with shop.writing() as connection:
        ((field, value, _),) = refusal(connection, ordering(("A", 9), payment="pending", if_short="backorder"))
    assert (field, value) == ("if_short", "backorder")


def held(connection: Connection, **changes: object) -> str:
    """Define a slot of S1 on the next day and hold its only place."""
    slot = {"slot_id": "slt_1", "tenant_id": CALLER.tenant_id, "zone": "606", "site_id": "S1",
            "service_level_id": "next_day", "state": "open", "starts_at": NOW + 86_400, "ends_at": NOW + 93_600,
            "cutoff_at": NOW + 40_000, "unit": "orders", "capacity": 1, "fee_minor": 0}  # fmt: skip
    connection.run(inserting(slots), [slot | changes])
    return hold_slot(connection, CALLER, "slt_1", now=NOW)


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize(
    ("slot", "order", "rule"),
    [
        ({}, {"service_level_id": "same_day"}, "is for service level next_day"),
        ({}, {"postal_code": "53703"}, "is for zone 606, which 53703 is not in"),
        (COLLECTED, COLLECTED | {"pickup_site_id": "S2"}, "is for collection at S1"),
    ],
)
def test_a_hold_is_good_for_the_level_zone_and_site_of_its_slot_only(shop, slot, order, rule, confirmed):
    with shop.writing() as connection:
        hold_id = held(connection, **slot)
        if confirmed:
            confirm_hold(connection, CALLER, hold_id, now=NOW)
        assert refusal(connection, ordering(("A", 1), hold_id=hold_id, **order)) == [("hold_id", hold_id, rule)]


@pytest.mark.parametrize(
    ("slot", "order"),
    [
        ({}, {"postal_code": "60601"}),
        ({"zone": "north"}, {"postal_code": "53703"}),
        (COLLECTED, COLLECTED | {"pickup_site_id": "S1"}),
    ],
)
def test_a_hold_that_fits_is_taken(shop, slot, order):
    with shop.writing() as connection:
        hold_id = held(connection, **slot)
        assert take_order(connection, CALLER, ordering(("A", 1), hold_id=hold_id, **order), now=NOW).fee_minor == 0
