"""What is wrong with a problem is told at once, with numbers."""

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.network.regions import RegionsProblem
from tests.network.regions.small_maps import line, places


def told(**kwargs: object) -> str:
    with pytest.raises(InputError) as caught:
        line([1, 1, 1, 1], **kwargs)
    return str(caught.value)


def test_every_fault_is_told_at_once():
    faults = told(
        regions=5,
        weights=np.array([[1.0, -2.0, float("nan"), 1.0]]),
        edges=np.array([[0, 1], [3, 4], [-1, 2]]),
        tolerance=np.array([-0.1]),
        fixed=np.array([7, 7]),
        present=np.array([0, 5, -1, -2]),
        move_price_m=-1.0,
        most_moved=1.5,
        areas=places((0, 0), (95, 0), (0, 1), (0, 2)),
    )
    assert "regions is 5, more than the 4 areas." in faults
    assert "weight 0 must be zero or more: areas 1, 2 have [-2.0, nan]." in faults
    assert "edges 1, 2 name areas [[3, 4], [-1, 2]] of 4." in faults
    assert "tolerance [-0.1] must be zero or more." in faults
    assert "fixed [7, 7] must be rows of the 4 places for centres." in faults
    assert "fixed [7, 7] names a centre twice." in faults
    assert "present of areas 1, 3 must be a region from 0 to 4, or -1." in faults
    assert "move_price_m -1.0 must be zero or more." in faults
    assert "most_moved 1.5 must be from 0 to 1." in faults
    assert "areas in rows 1 have no place on the earth." in faults


def test_shapes_are_told():
    faults = told(weights=np.ones(4), edges=np.ones(3), present=np.zeros(2), fixed=np.zeros((1, 1)))
    assert "weights (4,) must be (W, 4)." in faults
    assert "edges (3,) must be (E, 2)." in faults
    assert "fixed (1, 1) must be (F,)." in faults
    assert "present (2,) must be (4,)." in faults
    assert "tolerance (1,) must be (2,)." in told(weights=np.ones((2, 4)))


def test_too_few_sites_and_too_many_fixed_centres_are_told():
    assert "regions is 2, more than the 1 sites" in told(sites=places((0, 0)))
    assert "3 centres are fixed, more than the 2 regions." in told(fixed=np.array([0, 1, 2]))
    assert "regions is 0; there must be one or more." in told(regions=0)
    assert "weight 0 is zero everywhere." in told(weights=np.zeros((1, 4)))


def test_an_area_heavier_than_a_region_may_be_is_named_with_how_much_and_what_would_help():
    faults = told(weights=np.array([[1.0, 1.0, 1.0, 7.0]]))
    assert "area 3 has 7 of weight 0, 1.5 more than a region may have (5.5)" in faults
    assert "the tolerance must be at least 0.4000" in faults
    assert isinstance(line([1, 1, 1, 7], tolerance=np.array([0.4])), RegionsProblem)


def test_a_piece_of_the_map_that_makes_no_whole_number_of_regions_is_told_with_numbers():
    apart = np.array([[0, 1], [1, 2], [3, 4], [4, 5]])
    with pytest.raises(InputError) as caught:
        line([1, 1, 1, 1, 1, 1], edges=apart, regions=3)
    assert "the 3 areas connected to area 0 have 3 of weight 0, 1.500 average regions" in str(caught.value)
    assert "a region has from 1.8 to 2.2, so no whole number of regions fits" in str(caught.value)


def test_fewer_regions_than_pieces_that_cannot_be_joined_are_told():
    faults = told(edges=np.array([[0, 1], [2, 3]]), regions=1, tolerance=np.array([0.6]))
    assert "the map has 2 pieces that are not connected and cannot be joined to another" in faults
    assert "together they make from 2 to 2 regions, not 1" in faults
