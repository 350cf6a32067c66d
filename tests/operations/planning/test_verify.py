"""Networks routed with sample days: prediction and routes agree where they must, and what is left out is told."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.foundation import InputError, Iterations
from doorstep.geography import GreatCircleTimes, Places
from doorstep.network.design import (
    NEVER,
    DesignPlan,
    DesignProblem,
    SiteOptions,
    Tier,
    VanDay,
    design_network,
)
from doorstep.operations.planning import RoutedDays, SampleDoors, fit_van, route_days, verify
from doorstep.operations.planning.routed import doors_of_some_sites
from doorstep.vehicle_routing import SisrSolver

TIMES = GreatCircleTimes(circuity_pct=100, near_speed_kmh=36, far_speed_kmh=36)
ZONE_KM = (10.0, 6.0, -10.0)
VAN = VanDay(
    fixed_minor=5_000,
    per_km_minor=100,
    per_hour_minor=3_600,
    load=1,
    shift_s=2_103,  # 10 km there and back take 2,000 s: one parcel is all there is time for
    loading_s=3,
    service_s=100,
    k_hop=0.0,
    spare=0.0,
)


def on_a_road(*km: float) -> Places:
    return Places(lat=np.zeros(len(km)), lon=np.array(km) / 111.195)


def problem(van: VanDay = VAN, parcels: tuple[int, ...] = (2, 0, 1), outside: int = NEVER) -> DesignProblem:
    """Return three zones on a road around one site."""
    none = np.zeros(1, np.int64)
    return DesignProblem(
        zones=on_a_road(*ZONE_KM),
        tiers=(Tier(name="next_day"),),
        parcels=np.array([parcels]),
        doors_per_km2=np.ones((1, 3)),
        outside_minor=np.full((1, 3), outside),
        options=SiteOptions(
            option_id=("S1",),
            role=("store",),
            places=on_a_road(0.0),
            site=none,
            exists=none == 0,
            must=none == 0,
            must_not=none == 1,
            running_minor=none,
            opening_minor=none,
            closing_minor=none,
            handling_minor=none,
            capacity=none + 100,
            holds_stock=none == 0,
            van=none,
        ),
        vans=(van,),
        inbound_minor=np.zeros((1, 0), np.int64),
    )


def doors(*zones: int, day: int = 0, shift_s: int = VAN.shift_s) -> SampleDoors:
    zone = np.array(zones, np.int64)
    return SampleDoors(
        places=on_a_road(*(ZONE_KM[row] for row in zones)),
        tier=np.zeros(zone.size, np.int64),
        zone=zone,
        day=np.full(zone.size, day),
        service_s=np.full(zone.size, VAN.service_s),
        start_s=np.zeros(zone.size, np.int64),
        end_s=np.full(zone.size, shift_s),
    )


def routed(made: DesignProblem, sample: SampleDoors) -> tuple[DesignPlan, RoutedDays]:
    plan = design_network(made, TIMES, rng=np.random.default_rng(1), stop=Iterations(limit=1_000))
    days = route_days(
        made,
        plan,
        sample,
        TIMES,
        solver=SisrSolver(threads=1),
        patience=lambda _: Iterations(limit=500),
        rng=np.random.default_rng(1),
    )
    assert days.faults == ()
    return plan, days


def test_vans_that_each_bring_one_parcel_cost_what_was_predicted():
    plan, days = routed(problem(), doors(0, 0, 2))
    assert days.vans.tolist() == [3]
    found = verify((VAN,), days)
    # a van each: 20 km at 1.00, 2,103 s at 0.01 a second, and its day
    assert found.total.routed_by_part == pytest.approx((2_000, 2_103, 5_000), rel=1e-4)
    assert found.total.predicted_by_part == pytest.approx(found.total.routed_by_part, rel=1e-9)
    assert found.total.error == pytest.approx(0)
    assert (found.total.stops_per_route, found.left, found.not_ours) == (1.0, 0, 0)
    assert found.total.km_per_stop == pytest.approx(20, rel=1e-4)
    assert 3 * found.total.predicted_minor == pytest.approx(plan.cost.drop_milli / 1000)


def test_a_second_van_that_is_hardly_used_is_what_the_prediction_misses():
    whole = replace(VAN, load=2, shift_s=2_203)  # no time for a second trip
    _, days = routed(problem(whole), doors(0, 0, 0, shift_s=whole.shift_s))
    assert days.vans.tolist() == [2]
    found = verify((whole,), days)
    # predicted are one and a half vans, 3/4 of what two drive but for the services
    assert found.total.predicted_by_part[0] == pytest.approx(1_000, rel=1e-4)
    assert found.total.routed_by_part[0] == pytest.approx(2 * 2_000 / 3, rel=1e-4)
    assert found.total.errors_by_part[2] == pytest.approx((2_500 - 5_000 * 2 / 3) / found.total.routed_minor)
    assert verify((replace(whole, spare=0.5),), days).total.error == pytest.approx(0, abs=1e-9)


def test_what_is_predicted_for_the_days_of_the_problem_is_what_its_plan_says():
    van = replace(VAN, load=9, shift_s=20_000, k_hop=0.9, spare=0.7)
    made = problem(van, (5, 3, 2))
    plan, days = routed(made, doors(0, 0, 0, 0, 0, 1, 1, 1, 2, 2, shift_s=20_000))
    found = verify((van,), days)
    assert 10 * found.total.predicted_minor == pytest.approx((plan.cost.drop_milli + plan.cost.idle_milli) / 1000)


def test_sites_and_days_are_routed_apart_and_compared_together():
    one, other = doors(0, 2), doors(1, day=7)
    both = SampleDoors(
        places=on_a_road(10, -10, 6),
        **{
            name: np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("tier", "zone", "day", "service_s", "start_s", "end_s")
        },
    )
    _, days = routed(problem(), both)
    assert (days.day.tolist(), days.doors.tolist(), days.vans.tolist()) == ([0, 7], [2, 1], [2, 1])
    found = verify((VAN,), days)
    assert found.by_site == {0: found.total}
    assert found.worst_site == 0


def test_doors_that_nobody_reaches_in_time_and_those_of_others_are_told():
    sample = doors(0, 1)
    early = replace(sample, end_s=np.array([900, VAN.shift_s]))
    _, days = routed(problem(), early)
    found = verify((VAN,), days)
    assert (found.left, found.total.doors, days.left.tolist()) == (1, 1, [1])
    _, days = routed(problem(parcels=(1, 1, 1), outside=9_050), sample)  # 10 km cost 9,103, 6 km less
    found = verify((VAN,), days)
    assert (found.not_ours, found.left, found.total.doors) == (1, 0, 1)


def test_no_doors_are_no_error():
    _, days = routed(problem(), doors())
    found = verify((VAN,), days)
    assert (found.total.error, found.total.doors, found.by_site, found.worst_site) == (0.0, 0, {}, -1)


def test_bad_input_is_told():
    sample = doors(0, 1)
    with pytest.raises(InputError, match="columns of 2 doors must have their length"):
        replace(sample, day=np.zeros(3, np.int64))
    with pytest.raises(
        InputError, match=r"tier must be at least 0 and below 1\. zone must be at least 0 and below 3\."
    ):
        routed(problem(), replace(sample, zone=np.array([0, 3]), tier=np.array([-1, 0])))
    _, days = routed(problem(), sample)
    with pytest.raises(InputError, match="vans of row 0, 0 are given"):
        verify((), days)
    with pytest.raises(InputError, match="1 days of sites are too few"):
        fit_van(VAN, [days])


def served(*option: int) -> DesignPlan:
    """Return a plan that serves the three zones from these options."""
    plan = design_network(problem(), TIMES, rng=np.random.default_rng(1), stop=Iterations(limit=100))
    return replace(plan, cost=replace(plan.cost, option=np.array([option])))


def drawn(plan: DesignPlan, sample: SampleDoors, most: int, at_once: int = 99) -> list[set[int]]:
    """Return the zones whose doors are drawn by twenty lots, each set once."""
    rng, found = np.random.default_rng(1), []
    for _ in range(20):
        zones = set(doors_of_some_sites(plan, sample, most=most, at_once=at_once, rng=rng).zone.tolist())
        found += [zones] if zones not in found else []
    return sorted(found, key=sorted)


def test_as_many_whole_sites_are_drawn_by_lot_as_there_is_time_for():
    sample = doors(0, 0, 0, 1, 1, 2)
    assert drawn(served(0, 1, 2), sample, most=6) == [{0, 1, 2}]
    assert drawn(served(0, 1, 2), sample, most=5) == [{0, 1}, {0, 2}, {1, 2}]
    assert drawn(served(0, 1, 2), sample, most=3) == [{0}, {1}, {1, 2}, {2}]
    assert drawn(served(0, 1, 2), sample, most=2) == [{1}, {2}]
    assert drawn(served(0, 0, 2), sample, most=5) == [{0, 1}, {2}]


def test_sites_with_too_many_doors_on_a_day_and_those_of_third_parties_are_not_drawn():
    sample = doors(0, 0, 0, 1, 1, 2)
    assert drawn(served(0, 1, -1), sample, most=5, at_once=2) == [{1}]
    twice = replace(sample, day=np.array([0, 0, 1, 0, 0, 0]))
    assert drawn(served(0, 1, -1), twice, most=5, at_once=2) == [{0, 1}]
    assert drawn(served(0, 0, 0), sample, most=5) == [set()]
