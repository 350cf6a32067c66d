"""The texts of Solomon, of Li and Lim, and of Sartori and Buriol."""

import numpy as np
import pytest

from doorstep.connectors.routing_instance import read_instance
from doorstep.vehicle_routing.problem import LAST, REQUIRED
from tests.connectors.routing_instance.small_files import LI_LIM, REAL_STREET, SOLOMON, read


def test_the_classic_text_is_cut_off_behind_the_first_decimal(tmp_path):
    instance = read(tmp_path, SOLOMON, name="c1.txt")
    problem = instance.problem
    assert (instance.name, instance.family, instance.scale) == ("C1", "vrptw", 10)
    assert (instance.ids.tolist(), instance.depot_ids.tolist()) == ([1, 2], [0])
    assert problem.stops.load.tolist() == [[10], [5]]
    assert problem.stops.start_at.tolist() == [100, 0]
    assert problem.stops.end_at.tolist() == [200, 500]
    assert problem.stops.service_s.tolist() == [90, 90]
    assert problem.stops.prize_minor.tolist() == [REQUIRED] * 2
    assert (problem.vehicles.count.tolist(), problem.vehicles.capacity.tolist()) == ([2], [[20]])
    assert problem.vehicles.shift_end_at.tolist() == [1000]
    metres, seconds = problem.roads.block(0, np.arange(3))
    assert metres.tolist() == seconds.tolist() == [[0, 50, 14], [50, 0, 36], [14, 36, 0]]


def test_the_classic_text_may_hold_no_customer(tmp_path):
    text = "\n".join(SOLOMON.splitlines()[:10])
    assert len(read(tmp_path, text, name="c1.txt").problem.stops) == 0


def test_li_and_lim_count_vehicles_first_and_thousandths_second(tmp_path):
    instance = read(tmp_path, LI_LIM, name="lc1.txt")
    problem = instance.problem
    assert (instance.name, instance.family, instance.scale) == ("lc1", "pdptw_lilim", 1000)
    assert (problem.pairs.pickup.tolist(), problem.pairs.delivery.tolist()) == ([0], [1])
    assert problem.pairs.load.tolist() == [[8]]
    assert problem.pairs.max_ride_s.tolist() == [LAST]
    assert problem.stops.load.tolist() == [[0], [0]]
    assert problem.stops.start_at.tolist() == [5000, 10000]
    assert problem.vehicles.fixed_minor.tolist() == [10**9]
    assert problem.vehicles.count.tolist() == [2]
    assert problem.roads.along(0, np.array([1]), np.array([2]))[0].tolist() == [3606]


def test_real_streets_are_asymmetric_minutes(tmp_path):
    instance = read(tmp_path, REAL_STREET, name="ab.txt")
    problem = instance.problem
    assert (instance.name, instance.family, instance.scale) == ("ab-n2-1", "pdptw_realroad", 1)
    metres, seconds = problem.roads.block(0, np.arange(3))
    assert metres.tolist() == seconds.tolist() == [[0, 5, 9], [6, 0, 4], [8, 3, 0]]
    assert problem.vehicles.shift_end_at.tolist() == [90]  # the route's time ends before the depot closes
    assert problem.vehicles.fixed_minor.tolist() == [10**6]
    assert problem.vehicles.count.tolist() == [1]
    assert problem.pairs.load.tolist() == [[3]]
    assert instance.places is not None
    assert (instance.places.lat.tolist(), instance.places.lon.tolist()) == ([41.4, 41.5, 41.6], [2.2, 2.1, 2.0])
    assert np.rint(problem.roads.points()[:, 1]).tolist() == [-11120, 0, 11120]


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n\n"])
def test_line_ends_do_not_matter(tmp_path, ending):
    path = tmp_path / "c1.txt"
    path.write_bytes(b"\xef\xbb\xbf" + SOLOMON.replace("\n", ending).encode())
    assert read_instance(path).problem.stops.load.tolist() == [[10], [5]]
