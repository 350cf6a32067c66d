"""Reference tables saved whole come back as they were, for their tenant only."""

import numpy as np
import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import NotFoundError
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.storage.retailers import load_reference, reference_version, save_reference
from tests.small import retailer
from tests.storage.shelf import OTHER, TENANT, add_tenants

LIVE = {"orders", "order_lines", "stock"}


@pytest.fixture
def shelf(empty_database):
    add_tenants(empty_database)
    return empty_database


def sample() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 3, 1, 20, np.random.default_rng(5))


def test_every_table_comes_back_row_by_row_and_typed(shelf):
    given = sample().tables()
    shuffled = given | {"sites": given["sites"].reverse()}
    with shelf.writing() as connection:
        save_reference(connection, TENANT, Retailer(**shuffled))
    with shelf.reading() as connection:
        loaded = load_reference(connection, TENANT)
    assert set(loaded) == set(RETAILER_TABLES) - LIVE
    for name, table in loaded.items():
        assert table.equals(shuffled[name]), name
        assert table.schema == shuffled[name].schema, name


def test_what_is_loaded_is_a_complete_retailer(shelf):
    with shelf.writing() as connection:
        save_reference(connection, TENANT, retailer())
        loaded = load_reference(connection, TENANT)
    live = {name: retailer().tables()[name] for name in LIVE}
    assert all(t.equals(retailer().tables()[n]) for n, t in Retailer.complete(loaded | live).tables().items())


def test_saving_again_replaces_all_rows_and_counts_one_change(shelf):
    with shelf.writing() as connection:
        save_reference(connection, TENANT, sample())
        save_reference(connection, TENANT, retailer())
        assert reference_version(connection, TENANT) == 2
    with shelf.reading() as connection:
        assert load_reference(connection, TENANT)["products"].equals(retailer().products)


def test_tenants_do_not_see_one_another(shelf):
    with shelf.writing() as connection:
        save_reference(connection, TENANT, sample())
        save_reference(connection, OTHER, retailer())
    with shelf.reading() as connection:
        assert load_reference(connection, OTHER)["sites"].equals(retailer().sites)
        assert load_reference(connection, TENANT)["sites"].equals(sample().sites)


def test_a_tenant_without_tables_has_empty_ones_and_the_default_policy(shelf):
    with shelf.reading() as connection:
        loaded = load_reference(connection, TENANT)
        assert reference_version(connection, TENANT) == 0
    assert loaded["policy"]["currency"].to_list() == ["USD"]
    assert {name for name, table in loaded.items() if table.height} == {"policy"}
    assert loaded["sites"].schema == retailer().sites.schema


def test_what_a_transaction_takes_back_is_not_remembered(shelf):
    with pytest.raises(ZeroDivisionError), shelf.writing() as connection:  # noqa: PT012 - it raises at its end
        save_reference(connection, TENANT, sample())
        assert load_reference(connection, TENANT)["sites"].height == sample().sites.height
        raise ZeroDivisionError
    with shelf.writing() as connection:
        save_reference(connection, TENANT, retailer())  # the same version as the one taken back
    with shelf.reading() as connection:
        assert load_reference(connection, TENANT)["sites"].equals(retailer().sites)


def test_tables_are_read_once_for_each_version(shelf):
    with shelf.writing() as connection:
        save_reference(connection, TENANT, retailer())
    with shelf.reading() as one:
        first = load_reference(one, TENANT)
    with shelf.reading() as other:
        assert load_reference(other, TENANT)["sites"] is first["sites"]
    with shelf.writing() as connection:
        save_reference(connection, TENANT, retailer(sites=retailer().sites.with_columns(name=pl.lit("new"))))
    with shelf.reading() as later:
        assert load_reference(later, TENANT)["sites"]["name"].to_list() == ["new"]


@pytest.mark.parametrize("ask", [reference_version, load_reference, lambda c, t: save_reference(c, t, retailer())])
def test_a_tenant_that_does_not_exist_is_not_found(shelf, ask):
    with shelf.writing() as connection, pytest.raises(NotFoundError, match="tenant 'ten_9' does not exist"):
        ask(connection, "ten_9")
