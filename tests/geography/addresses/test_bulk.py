import polars as pl
import pytest

from doorstep.foundation import InputError
from doorstep.geography.addresses import AddressIndex, geocode_table
from tests.geography.addresses.towns import index_of, street


@pytest.fixture(scope="module")
def town() -> AddressIndex:
    return index_of(*street("Elm Street", 1, 3, 5, lat=50.0, code="12345", city="Town"))


def test_places_are_filled_in_where_they_are_missing(town: AddressIndex) -> None:
    table = pl.DataFrame(
        {"id": ["a", "b"], "address": ["3 Elm St, Town", "5 Elm St"], "lat": ["", "1"], "lon": ["", "2"]}
    )
    done = geocode_table(town, table)
    assert done.table.columns == ["id", "address", "lat", "lon", "precision", "score"]
    assert done.table["precision"].to_list() == ["house", "given"]
    assert [float(lat) for lat in done.table["lat"]] == [50.00018, 1.0]
    assert done.doubtful.is_empty()


def test_what_is_doubtful_is_told_with_its_row_and_column(town: AddressIndex) -> None:
    table = pl.DataFrame(
        {"street": ["Elm Street", "Qwertz", "Elm Street"], "house_number": ["99", "1", "1"],
         "postal_code": ["12345", "12345", "99999"]}
    )  # fmt: skip
    told = geocode_table(town, table).doubtful.select("row", "column", "value", "precision").rows()
    assert told == [
        (0, "house_number", "99", "street"),
        (1, "street", "Qwertz", "postal_code"),
        (2, "postal_code", "99999", "street"),
    ]


def test_a_table_without_addresses_is_refused(town: AddressIndex) -> None:
    with pytest.raises(InputError, match="hold no address"):
        geocode_table(town, pl.DataFrame({"id": ["a"], "postal_code": ["12345"]}))


def test_a_place_that_is_not_found_stays_empty(town: AddressIndex) -> None:
    done = geocode_table(town, pl.DataFrame({"address": ["Qwertz 5, Nowhere"]})).table
    assert done["lat"].to_list() == [None]
    assert done["precision"].to_list() == ["none"]
