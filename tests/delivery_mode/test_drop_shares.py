"""A route's cost shared out to its doors by hand: 1.00 a kilometre and nothing an hour, or 36.00 an hour alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from doorstep.delivery_mode.drop_shares import RouteRows, shared_route_costs


def rows(
    *,
    legs_m: list[int],
    doors: list[bool],
    depot_m: list[int],
    stays_s: list[int] | None = None,
    fixed: int = 0,
    per_km: int = 100,
    per_hour: int = 0,
    metre_s: float = 0.1,
    route: list[int] | None = None,
) -> RouteRows:
    """Return rows that cost what their legs and stays add up to; the van drives 10 m in a second."""
    stay = np.array(stays_s or [0] * len(legs_m), dtype=np.int64)
    drive = np.rint(np.array(legs_m) * metre_s).astype(np.int64)
    leave = np.cumsum(drive + stay)
    number = np.array(route or [0] * len(legs_m), dtype=np.int64)
    routes = int(number.max()) + 1
    metres = np.bincount(number, weights=legs_m, minlength=routes)
    lasts = np.bincount(number, weights=drive + stay, minlength=routes)
    return RouteRows(
        route=number,
        door=np.array(doors),
        distance_m=np.array(legs_m, dtype=np.int64),
        arrive_at=leave - stay,
        leave_at=leave,
        depot_m=np.array(depot_m, dtype=np.int64),
        cost_minor=np.rint(fixed + metres * per_km / 1_000 + lasts * per_hour / 3_600).astype(np.int64),
        fixed_minor=np.full(routes, fixed, dtype=np.int64),
        per_km_minor=np.full(routes, per_km, dtype=np.int64),
        per_hour_minor=np.full(routes, per_hour, dtype=np.int64),
    )


OUT_AND_HOME = [False, True, True, False]


def test_the_road_between_two_doors_is_borne_half_and_half_and_stems_by_distance():
    route = rows(legs_m=[0, 3_000, 2_000, 5_000], doors=OUT_AND_HOME, depot_m=[0, 3_000, 5_000, 0])
    assert shared_route_costs(route).tolist() == [100 + 800 * 3 // 8, 100 + 800 * 5 // 8]


def test_a_door_bears_its_own_waiting_and_service():
    route = rows(
        legs_m=[0, 0, 0, 0], doors=OUT_AND_HOME, depot_m=[0, 1, 1, 0], stays_s=[0, 60, 180, 0], per_km=0, per_hour=3_600
    )
    assert shared_route_costs(route).tolist() == [60, 180]


def test_the_day_and_the_loading_are_borne_by_all_alike():
    route = rows(
        legs_m=[0, 0, 0, 0], doors=OUT_AND_HOME, depot_m=[0, 1, 9, 0], stays_s=[600, 0, 0, 0], fixed=2_000,
        per_km=0, per_hour=3_600,
    )  # fmt: skip
    assert shared_route_costs(route).tolist() == [1_300, 1_300]


def test_each_trip_bears_its_own_stems_and_loading():
    route = rows(
        legs_m=[0, 1_000, 1_000, 9_000, 9_000],
        doors=[False, True, False, True, False],
        depot_m=[0, 1_000, 0, 9_000, 0],
        stays_s=[0, 0, 30, 0, 0],
        per_hour=3_600,
        metre_s=0.0,
    )
    assert shared_route_costs(route).tolist() == [200, 1_830]


def test_routes_do_not_mix():
    route = rows(
        legs_m=[0, 1_000, 1_000, 0, 2_000, 2_000],
        doors=[False, True, False, False, True, False],
        depot_m=[0, 1_000, 0, 0, 2_000, 0],
        route=[0, 0, 0, 1, 1, 1],
    )
    assert shared_route_costs(route).tolist() == [200, 400]


@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 900), st.booleans()), min_size=1, max_size=12))
def test_the_doors_of_a_route_add_up_to_its_cost(legs):
    doors = [False, True, *(door for _, _, door in legs), False]
    metres = [0, 700, *(leg for leg, _, _ in legs), 300]
    stays = [900, 180, *(stay for _, stay, _ in legs), 0]
    route = rows(legs_m=metres, doors=doors, depot_m=metres, stays_s=stays, fixed=2_345, per_km=65, per_hour=2_800)
    assert shared_route_costs(route).sum() == route.cost_minor.sum()


def test_no_routes_have_no_shares():
    none = np.empty(0, dtype=np.int64)
    assert shared_route_costs(RouteRows(none, none > 0, *(none for _ in range(8)))).tolist() == []
