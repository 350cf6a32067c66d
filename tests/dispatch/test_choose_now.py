"""Who goes now and who waits, on streets of a few doors where the best is plain to see."""

import numpy as np
import pytest

from doorstep.dispatch import Consensus, Future, cannot_wait, choose_now
from doorstep.foundation import InputError, Iterations
from doorstep.vehicle_routing import (
    REQUIRED,
    Depots,
    RoutingProblem,
    SisrSolver,
    Stops,
    TableRoads,
    VehicleTypes,
    check_plan,
)

HOUR_S = 3_600
FEW = Consensus(scenarios=4, rounds=2)


def roads(metres: list[int]) -> TableRoads:
    """Return a straight street: the depot at 0, doors so many metres up or down it, 10 m/s."""
    at = np.array([0, *metres])
    apart = np.abs(at[:, None] - at[None, :])
    return TableRoads(metres=apart, seconds=apart // 10)


def stops(count: int, end_at: int, release_at: int = 0) -> Stops:
    zeros = np.zeros(count, dtype=np.int64)
    return Stops(
        start_at=zeros,
        end_at=zeros + end_at,
        release_at=zeros + release_at,
        service_s=zeros + 60,
        load=np.ones((count, 1), dtype=np.int64),
        prize_minor=zeros + REQUIRED,
        requirements=zeros,
    )


def street(metres: list[int], end_at: int = 4 * HOUR_S, capacity: int = 10, vans: int = 9) -> RoutingProblem:
    """Return doors along a street, with vans that cost by the metre alone."""
    one = np.ones(1, dtype=np.int64)
    return RoutingProblem(
        stops=stops(len(metres), end_at),
        vehicles=VehicleTypes(
            count=one * vans, capacity=one[:, None] * capacity, skills=0 * one, shift_start_at=0 * one,
            shift_end_at=one * 8 * HOUR_S, max_distance_m=one * 10**7, max_reloads=0 * one, fixed_minor=0 * one,
            per_km_minor=one * 1_000, per_hour_minor=0 * one,
        ),
        depots=Depots(open_at=0 * one, close_at=one * 8 * HOUR_S, loading_s=0 * one),
        roads=roads(metres),
    )  # fmt: skip


def chosen(problem: RoutingProblem, must: list[bool], coming: list[int], known: list[int], seed: int = 1):
    def future(_: np.random.Generator) -> Future:
        return Future(stops=stops(len(coming), 6 * HOUR_S, HOUR_S), roads=roads([*known, *coming]))

    return choose_now(
        problem, np.array(must), HOUR_S, future, solver=SisrSolver(), consensus=FEW,
        patience=lambda share: Iterations(limit=round(40_000 * share)), rng=np.random.default_rng(seed),
    )  # fmt: skip


def test_who_lies_where_somebody_will_come_waits_and_who_lies_by_one_who_must_go_goes():
    known = [-1_000, -1_100, 9_000]
    found = chosen(street(known), [True, False, False], [9_100, 8_900], known)
    assert [sorted(route.stops) for route in found.routes.routes] == [[0, 1]]
    assert found.wait.tolist() == [2]
    assert found.now_share.tolist() == [1.0, 1.0, 0.0]


def test_nobody_waits_who_cannot_and_the_routes_are_right():
    known = [1_000, 2_000, 3_000, 4_000]
    problem = street(known)
    found = chosen(problem, [True] * 4, [], known)
    assert found.wait.size == 0
    assert found.routes.served() == {0, 1, 2, 3}
    assert check_plan(problem, found.routes) == []


def test_with_room_for_two_the_nearer_neighbour_of_the_one_who_must_goes_along():
    known = [5_000, 5_100, 4_500, 5_200]
    found = chosen(street(known, capacity=2), [True, False, False, False], [5_000] * 4, known)
    assert 0 in found.routes.served()
    assert {0, 1, 2, 3} - found.routes.served() == set(found.wait.tolist())
    assert all(len(route.stops) == 2 for route in found.routes.routes)


def test_the_same_seed_decides_the_same():
    known = [700 * n for n in range(1, 9)]
    first, second = (chosen(street(known), [True] + [False] * 7, [2_000, 5_000], known) for _ in range(2))
    assert first.routes == second.routes
    assert first.now_share.tolist() == second.now_share.tolist()


def test_who_has_no_time_for_the_next_tick_cannot_wait():
    problem = street([9_000, 36_000], end_at=2 * HOUR_S)  # 15 minutes and an hour away
    assert cannot_wait(problem, HOUR_S).tolist() == [False, False]
    assert cannot_wait(problem, HOUR_S + 1).tolist() == [False, True]
    assert cannot_wait(problem, 8 * HOUR_S).tolist() == [True, True]


def test_each_stop_needs_to_be_told_whether_it_must():
    with pytest.raises(InputError, match=r"must is \(1,\), with 2 stops"):
        chosen(street([1_000, 2_000]), [True], [], [1_000, 2_000])
