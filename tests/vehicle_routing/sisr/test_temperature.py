"""Temperatures: what an average stop costs, how hot a search begins, and the same cooling for parts that take turns."""

import numpy as np
import pytest

from doorstep.foundation import AnyOf, Interrupt, Iterations, Seconds
from doorstep.vehicle_routing import RoutingProblem, SisrSolver
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.sisr import solver
from doorstep.vehicle_routing.sisr._search import iterate
from doorstep.vehicle_routing.sisr.money import money_of
from doorstep.vehicle_routing.sisr.pack import Route, pack
from doorstep.vehicle_routing.sisr.temperature import HEAT, expected_iterations, first_heat, money_by_stop
from tests.vehicle_routing.small_routes import Stop, Van, routing


def on_a_line(van: Van, *, prize: int = REQUIRED) -> RoutingProblem:
    return routing([Stop(x=1_000 * n, prize=prize) for n in range(1, 4)], [van])


def average(problem: RoutingProblem) -> float:
    """Return ``money_by_stop`` of one route over all stops."""
    rows = np.arange(len(problem.stops))
    one = Route(0, [rows.tolist()])
    part = pack(problem, rows, [one], np.array([1]), money_of(problem), np.random.default_rng(1))
    return money_by_stop(part) / money_of(problem).minor


@pytest.mark.parametrize(
    ("van", "cost"),
    [
        (Van(fixed=0, per_hour=0), 100.0),
        (Van(fixed=0, per_hour=3_600), 100.0 + 100.0),
        (Van(fixed=150, per_hour=3_600), 100.0 + 100.0 + 50.0),
        (Van(fixed=90_000, per_hour=0), 100.0 + 3 * 100.0),
    ],
)
def test_a_stop_costs_its_kilometre_its_time_and_its_share_of_a_van_that_is_not_too_dear(van, cost):
    assert average(on_a_line(van)) == pytest.approx(cost, rel=0.01)


def test_optional_stops_begin_cooler_the_fewer_iterations_there_are_for_each():
    must, may = on_a_line(Van()), on_a_line(Van(), prize=500)
    assert first_heat(may, 10) < first_heat(may, 50_000) < first_heat(must, 10) == first_heat(must, 50_000) == HEAT


def test_patience_is_that_of_the_first_criterion_to_end():
    assert expected_iterations(AnyOf((Seconds(limit=1_000.0), Interrupt(), Iterations(limit=7)))) == 7
    assert expected_iterations(Seconds(limit=2.0)) == 2 * expected_iterations(Seconds(limit=1.0))


class Ticks:
    """A clock that is a tenth of a second later each time it is read."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self) -> float:
        self.read += 1
        return self.read / 10.0


def test_parts_that_take_turns_cool_down_alike(monkeypatch):
    seen: dict[int, list[float]] = {}

    def noted(search, count, temperature):
        seen.setdefault(id(search.node), []).append(temperature)
        iterate(search, count, temperature)

    monkeypatch.setattr(solver, "iterate", noted)
    rng = np.random.default_rng(5)
    points = rng.integers(-9_000, 9_000, (600, 2)).tolist()
    problem = routing([Stop(x=x, y=y, prize=REQUIRED) for x, y in points], [Van(count=30, capacity=30)])
    patience = Seconds(limit=6.0, _clock=Ticks())
    SisrSolver(threads=1, parts=2).solve(problem, patience, seed=1)
    first, second = list(seen.values())[:2]
    assert len(first) > 1
    assert second[: len(first)] == pytest.approx(first[: len(second)])
