"""When routes are closed before anything else: where vehicles are dear, or where loads fill nearly all there are."""

import numpy as np
import pytest

from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.sisr.fleet import closing_shares
from doorstep.vehicle_routing.sisr.money import money_of
from doorstep.vehicle_routing.sisr.pack import Route, pack
from tests.vehicle_routing.small_routes import Pair, Stop, Van, routing


def shares(*, load: int = 1, fixed: int = 0, prize: int = REQUIRED, paired: bool = False) -> tuple[float, float]:
    """Return the shares of two routes of five stops each, of vans that carry 100."""
    stops = [Stop(x=1_000 * n, load=0 if paired else load, prize=prize, window=(0, 20_000)) for n in range(1, 11)]
    pairs = [Pair(pickup=n, delivery=n + 1) for n in range(0, 10, 2)] if paired else []
    problem = routing(stops, [Van(count=2, capacity=100, fixed=fixed)], pairs=pairs)
    halves = [[0, 1, 2, 3], [4, 5, 6, 7, 8, 9]] if paired else [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    routes = [Route(0, [half]) for half in halves]
    part = pack(problem, np.arange(10), routes, np.array([2]), money_of(problem), np.random.default_rng(1))
    return closing_shares(problem, part)


@pytest.mark.parametrize(("load", "closed"), [(10, False), (15, False), (17, True), (19, True), (20, False)])
def test_cheap_routes_are_closed_where_loads_fill_most_but_not_all_of_them(load, closed):
    assert (shares(load=load) != (0.0, 0.0)) == closed


def test_cheap_routes_are_not_closed_where_stops_are_optional():
    assert shares(load=17, prize=900) == (0.0, 0.0)


def test_dear_vehicles_are_closed_whatever_they_carry_and_pairs_have_more_patience():
    plain, paired = shares(fixed=1_000_000), shares(fixed=1_000_000, paired=True)
    assert 0.0 < plain[0] < paired[0]
    assert paired[1] < paired[0]
