"""Reference rows one by one: checked, versioned, listed, and kept while others point to them."""

import pytest

from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.storage.reference_faults import BrokenRowError
from doorstep.storage.reference_rows import delete_row, find_row, list_rows, upsert_row
from doorstep.storage.retailers import load_reference, reference_version, save_reference
from tests.hand_plan import shop
from tests.small import CHICAGO
from tests.storage.shelf import OTHER, TENANT, add_order, add_tenants, put

CARTON = {"carton_id": "Z", "length_mm": 100, "width_mm": 90, "height_mm": 80, "max_weight_g": 1_000}
LANE = {"from_site_id": "S1", "departs": "12:00", "duration_s": 60, "parcel_cost_minor": 5}
SITE = {"site_id": "S2", "kind": "store", "lat": 41, "lon": -87.5, "time_zone": CHICAGO}


@pytest.fixture
def connection(empty_database):
    add_tenants(empty_database)
    with empty_database.writing() as connection:
        save_reference(connection, TENANT, shop())
        yield connection


def faults(connection, table, **values):
    with pytest.raises(BrokenRowError) as caught:
        upsert_row(connection, TENANT, table, values)
    assert isinstance(caught.value, InputError)
    return [tuple(fault) for fault in caught.value.faults]


def test_a_new_row_stands_last_with_the_defaults_of_what_it_leaves_out(connection):
    row = upsert_row(connection, TENANT, "cartons", CARTON)
    assert (row.row_no, row.version) == (2, 1)
    assert row.values == CARTON | {"tare_g": 0, "cost_minor": 0}
    assert load_reference(connection, TENANT)["cartons"]["carton_id"].to_list() == ["K", "Z"]


def test_a_row_with_the_same_key_is_replaced_where_it_stands(connection):
    upsert_row(connection, TENANT, "cartons", CARTON)
    row = upsert_row(connection, TENANT, "cartons", CARTON | {"carton_id": "K", "tare_g": 7})
    assert (row.row_no, row.version) == (1, 2)
    assert find_row(connection, TENANT, "cartons", ("K",)) == row
    assert load_reference(connection, TENANT)["cartons"]["tare_g"].to_list() == [7, 0]


def test_every_change_counts(connection):
    upsert_row(connection, TENANT, "cartons", CARTON)
    assert reference_version(connection, TENANT) == 2
    delete_row(connection, TENANT, "cartons", ("Z",))
    assert reference_version(connection, TENANT) == 3
    faults(connection, "cartons", carton_id="Z")
    assert reference_version(connection, TENANT) == 3


@pytest.mark.parametrize(
    "table", ["sites", "products", "lanes", "vehicles", "carriers", "carrier_surcharges", "service_levels"]
)
def test_a_row_that_is_there_can_be_written_back(connection, table):
    (row, *_) = list_rows(connection, TENANT, table)
    again = upsert_row(connection, TENANT, table, row.values)
    assert (again.row_no, again.version, again.values) == (row.row_no, 2, row.values)


def test_every_fault_of_a_row_is_told_at_once(connection):
    found = faults(
        connection, "sites", site_id="", kind="shop", lat=99, lon="west", time_zone="Mars/Olympus", opens="9:00",
        preparation_s=True, loading_s=1.5, line_cost_minor=-1, skills="Cold", colour="red",
    )  # fmt: skip
    assert sorted(found, key=lambda fault: fault[0]) == [
        ("colour", "red", "is not a column of sites"),
        ("kind", "shop", "must be one of store, fc, hub, parcel_station, locker_bank, pickup_point"),
        ("lat", 99, "must be at most 90"),
        ("line_cost_minor", -1, "must be at least 0"),
        ("loading_s", 1.5, "must be a whole number"),
        ("lon", "west", "must be a number"),
        ("opens", "9:00", "must be a local time HH:MM from 00:00 to 24:00"),
        ("preparation_s", True, "must be a whole number"),
        ("site_id", "", "must not be empty"),
        ("skills", "Cold", "must be lower-case words separated by ';'"),
        ("time_zone", "Mars/Olympus", "must be an IANA time zone"),
    ]


@pytest.mark.parametrize(
    ("table", "values", "fault"),
    [
        ("sites", SITE | {"opens": "20:00", "closes": "08:00"},
         ("opens, closes", ("20:00", "08:00"), "must keep the rule opens before it closes")),
        ("sites", SITE | {"lat": float("nan")}, ("lat", "nan", "must be a finite number")),
        ("cartons", CARTON | {"length_mm": None}, ("length_mm", None, "must not be empty")),
        ("cartons", CARTON | {"length_mm": 2**63}, ("length_mm", 2**63, "must be a whole number")),
        ("products", {"product_id": "\0"}, ("product_id", "\0", "must be text")),
        ("lanes", LANE | {"to_site_id": "S1"},
         ("from_site_id, to_site_id", ("S1", "S1"), "must be different: a lane leads to another site")),
        ("lanes", LANE | {"to_site_id": "S9"},
         ("to_site_id", "S9", "must be a site_id of sites")),
        ("service_levels", {"service_level_id": "x", "method": "same_day", "early_allowed": 1},
         ("early_allowed", 1, "must be true or false")),
    ],
)  # fmt: skip
def test_a_rule_that_a_row_breaks(connection, table, values, fault):
    assert [str(told) for told in fault] in [
        [str(told) for told in found] for found in faults(connection, table, **values)
    ]


def test_the_message_names_column_value_and_rule(connection):
    with pytest.raises(
        InputError, match="row of cartons: length_mm 0 must be at least 1; tare_g -1 must be at least 0"
    ):
        upsert_row(connection, TENANT, "cartons", CARTON | {"length_mm": 0, "tare_g": -1})


def test_a_column_may_point_nowhere_where_that_is_allowed(connection):
    row = upsert_row(connection, TENANT, "carrier_zones", {"carrier_id": "PX", "zone": "far"})
    assert row.values["site_id"] == ""


def test_rows_are_listed_in_pages(connection):
    for name in "ZYX":
        upsert_row(connection, TENANT, "cartons", CARTON | {"carton_id": name})
    first = list_rows(connection, TENANT, "cartons", limit=3)
    rest = list_rows(connection, TENANT, "cartons", after=first[-1].row_no, limit=3)
    assert [row.values["carton_id"] for row in (*first, *rest)] == ["K", "Z", "Y", "X"]
    assert list_rows(connection, TENANT, "cartons", after=rest[-1].row_no) == []


def test_a_change_by_somebody_who_saw_another_version_is_a_conflict(connection):
    upsert_row(connection, TENANT, "cartons", CARTON, version=0)
    upsert_row(connection, TENANT, "cartons", CARTON, version=1)
    with pytest.raises(ConflictError, match="cartons Z is at version 2, not at version 1"):
        upsert_row(connection, TENANT, "cartons", CARTON, version=1)
    with pytest.raises(ConflictError, match="cartons Z is at version 2, not at version 1"):
        delete_row(connection, TENANT, "cartons", ("Z",), version=1)
    with pytest.raises(ConflictError, match="cartons Q does not exist, not at version 3"):
        upsert_row(connection, TENANT, "cartons", CARTON | {"carton_id": "Q"}, version=3)


def test_a_row_that_others_point_to_stays(connection):
    put(connection, ("S1", "A", 3))
    put(connection, ("S1", "C", 0))
    with pytest.raises(ConflictError) as caught:
        delete_row(connection, TENANT, "sites", ("S1",))
    assert caught.value.message == (
        "sites S1 cannot be deleted: site_id of stock S1/A; to_site_id of lanes F1/S1; site_id of vehicles V1 "
        "point to it."
    )
    with pytest.raises(ConflictError, match="carrier_id of carrier_rates PX/1, PX/2; carrier_id of carrier_surcharges"):
        delete_row(connection, TENANT, "carriers", ("PX",))


def test_open_orders_point_to_what_they_need_and_ended_ones_do_not(connection):
    for number in range(5):
        add_order(connection, f"O{number}", ("A", 1), pickup_site_id="F1")
    with pytest.raises(ConflictError, match="service_level_id of orders O0, O1, O2 and others point to it"):
        delete_row(connection, TENANT, "service_levels", ("same_day",))
    with pytest.raises(ConflictError, match="product_id of order_lines O0/1, O1/1, O2/1 and others"):
        delete_row(connection, TENANT, "products", ("A",))
    add_order(connection, "O9", ("B", 1), state="completed", service_level_id="two_day")
    delete_row(connection, TENANT, "products", ("B",))
    delete_row(connection, TENANT, "service_levels", ("two_day",))
    assert load_reference(connection, TENANT)["products"]["product_id"].to_list() == ["A", "C"]


def test_rows_of_another_tenant_point_to_nothing_here(connection):
    save_reference(connection, OTHER, shop())
    delete_row(connection, TENANT, "vehicles", ("V1",))
    assert find_row(connection, OTHER, "vehicles", ("V1",)).values["site_id"] == "S1"
    assert faults(connection, "vehicles", vehicle_id="V2", site_id="X", max_weight_g=1, max_volume_ml=1) == [
        ("site_id", "X", "must be a site_id of sites")
    ]


def test_what_does_not_exist_is_not_found(connection):
    with pytest.raises(NotFoundError, match="lanes S1/F1 does not exist"):
        find_row(connection, TENANT, "lanes", ("S1", "F1"))
    with pytest.raises(NotFoundError, match="products Z does not exist"):
        delete_row(connection, TENANT, "products", ("Z",))
    with pytest.raises(NotFoundError, match="table 'orders' is none of sites, products"):
        list_rows(connection, TENANT, "orders")


def test_rows_without_a_key_are_replaced_with_their_table_only(connection):
    with pytest.raises(InputError, match="rows of policy have no key"):
        upsert_row(connection, TENANT, "policy", {"currency": "EUR"})
    with pytest.raises(InputError, match=r"the key of lanes has 2 parts \(from_site_id, to_site_id\), not 1"):
        find_row(connection, TENANT, "lanes", ("S1",))
    assert {n for n, s in RETAILER_TABLES.items() if not s.schema.primary_key()} == {"policy", "carrier_rates"}
