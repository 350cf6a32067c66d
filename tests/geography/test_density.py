"""Things per square kilometre around a cell."""

import h3
import numpy as np
import pytest

from doorstep.geography import DensityField, Places, cell_numbers
from doorstep.geography.density import one_per_km2

HERE = h3.latlng_to_cell(41.88, -87.63, 8)
AREA_KM2 = 19 * h3.cell_area(HERE, "km^2")


def numbers(*cells: str) -> np.ndarray:
    return np.array([h3.str_to_int(cell) for cell in cells], dtype=np.int64)


def ring(distance: int) -> str:
    return str(min(h3.grid_ring(HERE, distance)))


def of_one_group(*cells: str) -> DensityField:
    return DensityField.around(np.zeros(len(cells), dtype=np.int64), numbers(*cells))


def test_things_in_a_cell_count_up_to_two_rings_away_and_no_further():
    field = of_one_group(HERE, HERE, HERE)
    found = field.at(np.zeros(4, dtype=np.int64), numbers(HERE, ring(1), ring(2), ring(3)))
    assert found == pytest.approx([3 / AREA_KM2, 3 / AREA_KM2, 3 / AREA_KM2, 0.0])


def test_a_thing_may_count_as_many_or_as_a_part():
    field = DensityField.around(np.zeros(2, np.int64), numbers(HERE, HERE), np.array([2.5, 0.25]))
    assert field.at(np.zeros(1, np.int64), numbers(HERE)) == pytest.approx([2.75 / AREA_KM2])


def test_cells_around_add_up():
    field = of_one_group(HERE, ring(1), ring(2), ring(3))
    assert field.at(np.array([0]), numbers(HERE)) == pytest.approx([3 / AREA_KM2], rel=0.01)


def test_groups_do_not_see_each_other():
    field = DensityField.around(np.array([0, 5, 5]), numbers(HERE, HERE, HERE))
    found = field.at(np.array([0, 5, 1]), numbers(HERE, HERE, HERE))
    assert found == pytest.approx([1 / AREA_KM2, 2 / AREA_KM2, 0.0])


def test_one_thing_makes_the_least_density():
    assert one_per_km2() == pytest.approx(1 / (19 * 0.737), rel=0.01)


def test_nothing_is_nowhere():
    none = np.empty(0, dtype=np.int64)
    assert DensityField.around(none, none).at(np.array([0]), numbers(HERE)).tolist() == [0.0]


def test_the_number_of_a_cell_is_its_h3_index():
    place = Places(lat=np.array([41.88]), lon=np.array([-87.63]))
    assert cell_numbers(place).tolist() == numbers(HERE).tolist()
