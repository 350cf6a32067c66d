import math
from dataclasses import replace

import numpy as np
import pytest

from doorstep.geography import Places
from doorstep.geography.addresses import AddressesNearby, AddressIndex, AddressTables
from tests.geography.addresses.towns import index_of, street, table_of

METRE = 1 / 111_195  # degrees of latitude


def at(lat: float, lon: float) -> Places:
    return Places(lat=np.array([lat]), lon=np.array([lon]))


def with_a_line() -> AddressIndex:
    """Elm Street from west to east for 7 km at latitude 50, drawn by two points, and a house north of it."""
    tables = AddressTables.from_table(table_of(street("Oak Lane", 4, lat=50.01, code="12345", city="Town")))
    return AddressIndex(
        replace(
            tables,
            texts=(*tables.texts, "Elm Street;Ulmenstraße"),
            way_names=np.array([len(tables.texts)], dtype=np.int32),
            way_postal_code=np.zeros(1, dtype=np.int32),
            way_starts=np.array([0, 2]),
            way_points=Places(lat=np.array([50.0, 50.0]), lon=np.array([9.95, 10.05])),
        )
    )


def test_the_nearest_house_is_told_with_its_distance() -> None:
    (found,) = AddressesNearby(index_of(*street("Oak Lane", 4, 6, lat=50.0, code="12345", city="Town"))).nearest(
        at(50.0 - 10 * METRE, 10.0)
    )
    assert (found.street, found.house_number, found.postal_code, found.city) == ("Oak Lane", "4", "12345", "Town")
    assert found.house_m == pytest.approx(10, abs=0.01)
    assert (found.street_alone, found.street_m) == ("Oak Lane", found.house_m)


def test_the_distance_of_a_street_is_to_its_line_and_not_to_its_points() -> None:
    (found,) = AddressesNearby(with_a_line()).nearest(at(50.0 + 30 * METRE, 10.0123))
    assert found.street_alone == "Elm Street"
    assert found.street_m == pytest.approx(30, abs=0.1)
    assert found.street == "Oak Lane"
    assert found.house_m > 1_000


def test_an_empty_map_has_nothing_near() -> None:
    (found,) = AddressesNearby(index_of()).nearest(at(50.0, 10.0))
    assert (found.street, found.street_alone) == ("", "")
    assert found.house_m == found.street_m == math.inf
