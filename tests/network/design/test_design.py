"""Networks designed by their true cost: small ones worked by hand, and against trying every choice."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Iterations
from doorstep.geography import GreatCircleTimes, Places
from doorstep.network.design import (
    NEVER,
    OUTSIDE,
    DesignPlan,
    DesignProblem,
    SiteOptions,
    Tier,
    VanDay,
    Ways,
    design_network,
    evaluate,
)
from doorstep.network.design.check import check_design
from tests.trials import trials

TIMES = GreatCircleTimes(circuity_pct=100, near_speed_kmh=36, far_speed_kmh=36)
VAN = VanDay(
    fixed_minor=0,
    per_km_minor=100,
    per_hour_minor=0,
    load=1,
    shift_s=36_000,
    loading_s=0,
    service_s=0,
    k_hop=0.0,
    spare=0.0,
)


def on_a_road(*km: float) -> Places:
    """Return places on the equator, some kilometres east of Greenwich."""
    return Places(lat=np.zeros(len(km)), lon=np.array(km, float) / 111.195)


def options(km: list[float], **columns: list[int]) -> SiteOptions:
    """Return hubs on a road, of which columns are given as lists."""
    size = len(km)

    def column(name: str, default: int) -> np.ndarray:
        return np.array(columns.get(name, [default] * size), np.int64)

    return SiteOptions(
        option_id=tuple(f"O{number}" for number in range(size)),
        role=tuple("fc" if fc else "hub" for fc in columns.get("fc", [0] * size)),
        places=on_a_road(*km),
        site=np.arange(size),
        exists=column("exists", 0) == 1,
        must=column("must", 0) == 1,
        must_not=column("must_not", 0) == 1,
        running_minor=column("running", 0),
        opening_minor=column("opening", 0),
        closing_minor=column("closing", 0),
        handling_minor=column("handling", 0),
        capacity=column("capacity", 10**9),
        holds_stock=column("stock", 1) == 1,
        van=column("van", 0),
    )


def problem(
    km: list[float], parcels: list[int], some: SiteOptions, *, outside: int = NEVER, days: int = 1
) -> DesignProblem:
    return DesignProblem(
        zones=on_a_road(*km),
        tiers=(Tier(name="next_day"),),
        parcels=np.array([parcels]),
        doors_per_km2=np.ones((1, len(km))),
        outside_minor=np.full((1, len(km)), outside),
        options=some,
        vans=(VAN,),
        inbound_minor=np.zeros((len(some), int(some.is_fc.sum())), np.int64),
        days=days,
    )


def designed(given_problem: DesignProblem) -> DesignPlan:
    plan = design_network(given_problem, TIMES, rng=np.random.default_rng(1), stop=Iterations(limit=100_000), gap=0.0)
    assert plan.bound_milli <= plan.cost.total_milli
    return plan


def test_a_van_that_carries_one_parcel_costs_the_way_there_and_back():
    plan = designed(problem([10], [3], options([0], running=[50])))
    assert plan.cost.drop_milli == pytest.approx(3 * 2 * 10 * 100 * 1000, rel=1e-4)
    assert plan.cost.sites_milli == 50_000
    assert plan.cost.load.tolist() == [3]
    assert plan.gap == 0.0


def test_a_hub_opens_where_it_saves_more_than_it_costs():
    near = options([0, 10], running=[0, 5_900], exists=[1, 0])
    assert designed(problem([10], [3], near)).open.tolist() == [False, True]
    dear = options([0, 10], running=[0, 6_100], exists=[1, 0])
    plan = designed(problem([10], [3], dear))
    assert plan.open.tolist() == [True, False]
    assert plan.today.total_milli == plan.cost.total_milli


def test_a_third_party_takes_what_it_is_cheaper_for():
    plan = designed(problem([0, 40], [5, 5], options([0], running=[10]), outside=900))
    assert plan.cost.option.tolist() == [[0, OUTSIDE]]
    assert plan.cost.outside_milli == 5 * 900_000


def test_same_day_comes_only_from_sites_with_stock_in_reach():
    some = options([0, 20], stock=[1, 0])
    made = problem([20], [0], some)
    made = replace(
        made,
        tiers=(Tier(name="same_day", reach_s=3_600, needs_stock=True), Tier(name="next_day")),
        parcels=np.array([[2], [2]]),
        doors_per_km2=np.ones((2, 1)),
        outside_minor=np.full((2, 1), NEVER),
    )
    assert designed(made).cost.option.tolist() == [[0], [1]]
    short = replace(made, tiers=(Tier(name="same_day", reach_s=1_000, needs_stock=True), made.tiers[1]))
    with pytest.raises(InputError, match=r"2 of 4 parcels can be served by no option and no third party, .* zone 0"):
        designed(short)


def test_parcels_take_the_line_haul_of_the_fc_that_is_worth_its_price():
    some = options([0, 50, 25], fc=[1, 1, 0], van=[-1, -1, 0], running=[300, 100, 0])
    made = problem([25], [10], some)
    inbound = np.array([[0, 90], [90, 0], [20, 45]])
    plan = designed(replace(made, inbound_minor=inbound))
    assert plan.open.tolist() == [True, False, True]  # 10 x 20 + 300 is less than 10 x 45 + 100
    assert plan.cost.inbound_milli == 200_000
    dearer = designed(replace(made, inbound_minor=inbound, parcels=np.array([[7]])))
    assert dearer.open.tolist() == [False, True, True]


def test_a_site_pays_for_the_van_that_is_not_full_each_time_vans_leave():
    van = replace(VAN, spare=0.5, fixed_minor=700)
    made = replace(problem([10], [3], options([0])), vans=(van,), waves=2)
    cost = designed(replace(made, days=5)).cost
    # 2 x 5 times half a van's day and half of 20 km there and back
    assert cost.idle_milli == pytest.approx(10 * (350 + 1_000) * 1000, rel=1e-4)
    # A hub a kilometre away saves 3 x 18 km of drops, 2 x 9 km of stems and a little of the vans' days: 7,305.
    inbound = np.zeros((2, 0), np.int64)
    for running, opens in ((7_200, [False, True]), (7_400, [True, False])):
        two = replace(made, options=options([0, 9], running=[0, running]), inbound_minor=inbound)
        assert designed(two).open.tolist() == opens


small = st.tuples(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=4),
    st.lists(
        st.tuples(
            st.integers(0, 60), st.booleans(), st.integers(-1, 0), st.integers(0, 9_000), st.booleans(), st.booleans()
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 2**32),
    st.sampled_from([2_000, 20_000]),
    st.sampled_from([0.0, 0.7]),
)


@settings(max_examples=trials(150), deadline=None)
@given(small)
def test_no_choice_of_fcs_and_hubs_is_cheaper_than_the_plan(drawn):
    zones, sites, seed, outside, spare = drawn
    rng = np.random.default_rng(seed)
    fc = [int(is_fc) for _, is_fc, *_ in sites]
    some = options(
        [km for km, *_ in sites],
        fc=fc,
        van=[van if is_fc else 0 for _, is_fc, van, *_ in sites],
        running=[running for *_, running, _, _ in sites],
        exists=[int(exists) for *_, exists, _ in sites],
        must=[int(exists and must) for *_, exists, must in sites],
        opening=rng.integers(0, 5_000, len(sites)).tolist(),
        closing=rng.integers(0, 5_000, len(sites)).tolist(),
    )
    inbound = rng.integers(0, 900, (len(sites), sum(fc)))
    inbound[np.flatnonzero(fc), np.arange(sum(fc))] = 0
    made = problem([km for km, _ in zones], [count for _, count in zones], some, outside=outside)
    made = replace(made, inbound_minor=inbound, amortised_days=2, vans=(replace(VAN, spare=spare),))
    plan = designed(made)
    ways = Ways.of(made, TIMES)
    totals = []
    for chosen in itertools.product([False, True], repeat=len(sites)):
        is_open = np.array(chosen) | some.must
        if not sum(fc) or is_open[some.is_fc].any():
            totals.append(evaluate(made, ways, is_open).total_milli)
    assert plan.cost.total_milli == plan.bound_milli == min(totals)


def test_every_fault_is_told_at_once():
    some = options([0, 1], running=[-1, 0], van=[0, -1])
    with pytest.raises(InputError) as caught:
        problem([0], [-1], some, days=0)
    told = str(caught.value)
    for part in (
        "parcels must not be negative",
        "running_minor must not be negative",
        "option O1 is no FC",
        "days 0",
        "waves 1",
    ):
        assert part in told
    with pytest.raises(InputError, match="load 0 must be positive"):
        replace(VAN, load=0)


def test_a_full_hub_leaves_the_rest_to_the_next_and_the_check_agrees():
    some = options([0, 10], running=[0, 10], capacity=[5, 100])
    made = problem([0, 1], [4, 3], some)
    plan = designed(made)
    assert check_design(made, TIMES, plan) == []
    assert plan.cost.load.tolist() == [4, 3]
    assert plan.open.tolist() == [True, True]


def test_the_level_of_automation_is_the_one_that_its_volume_pays():
    """One site by hand or automated: dearer by the day, cheaper by the parcel, and made for more parcels."""
    two = options([0, 0], running=[100, 1_000], handling=[90, 20], capacity=[30, 500])
    two = replace(two, site=np.array([0, 0]))
    few, many = problem([0], [10], two), problem([0], [20], two)
    assert designed(few).open.tolist() == [True, False]  # 100 + 900 is less than 1,000 + 200
    assert designed(many).open.tolist() == [False, True]  # 100 + 1,800 is more than 1,000 + 400
    full = problem([0], [31], replace(two, running_minor=np.array([100, 9_000])))
    assert designed(full).open.tolist() == [False, True]


@settings(max_examples=trials(80), deadline=None)
@given(small, st.lists(st.integers(0, 15), min_size=6, max_size=6))
def test_within_capacities_no_choice_is_cheaper_for_the_same_fcs(drawn, capacities):
    zones, sites, seed, outside, *_ = drawn
    rng = np.random.default_rng(seed)
    zones = zones[:3]
    sites = sites[:4]
    some = options(
        [km for km, *_ in sites],
        running=[running for *_, running, _, _ in sites],
        exists=[int(exists) for *_, exists, _ in sites],
        opening=rng.integers(0, 5_000, len(sites)).tolist(),
        closing=rng.integers(0, 5_000, len(sites)).tolist(),
        handling=rng.integers(0, 500, len(sites)).tolist(),
        capacity=capacities[: len(sites)],
    )
    some = replace(some, site=rng.integers(0, 3, len(sites)))
    made = problem([km for km, _ in zones], [count for _, count in zones], some, outside=outside)
    made = replace(made, amortised_days=2)
    plan = designed(made)
    if made.parcels.any():
        assert check_design(made, TIMES, plan) == []
    ways, totals = Ways.of(made, TIMES), []
    for choice in itertools.product(range(-1, len(sites)), repeat=len(zones)):
        load = np.bincount([c for c in choice if c >= 0], minlength=len(sites)) * 0
        for zone, option in enumerate(choice):
            if option >= 0:
                load[option] += zones[zone][1]
        if (load > some.capacity).any():
            continue
        used = np.isin(np.arange(len(sites)), [c for zone, c in enumerate(choice) if c >= 0])
        for chosen in itertools.product([False, True], repeat=len(sites)):
            is_open = np.array(chosen) | used
            if len({(some.site[row], sites[row][0]) for row in np.flatnonzero(is_open)}) < is_open.sum():
                continue  # a place has two levels
            cost = evaluate(made, ways, is_open, assigned=np.array([choice]))
            if not cost.unserved:
                totals.append(cost.total_milli)
    if made.parcels.any():
        assert plan.bound_milli <= min(totals) + 1
        assert plan.cost.total_milli <= min(totals) * (1 + 1e-5) + 100


def test_what_must_not_be_closes_and_today_costs_what_it_did():
    some = options([0, 10], exists=[1, 1], running=[7, 9], closing=[0, 3], must_not=[0, 1])
    made = problem([10], [3], some)
    plan = designed(made)
    assert check_design(made, TIMES, plan) == []
    assert plan.open.tolist() == [True, False]
    assert plan.today.sites_milli == 16_000
    assert plan.gap == 0.0


def test_a_zone_that_only_one_fc_reaches_keeps_it_open():
    far = VAN.shift_s // 2 * 10 / 1_000 - 10  # kilometres that a van can just drive there and back
    some = options([0, far], fc=[1, 1], running=[10**6, 10], van=[0, 0])
    made = replace(problem([0, far], [1, 1], some), vans=(replace(VAN, shift_s=7_200),))
    plan = designed(made)
    assert plan.open.tolist() == [True, True]
    assert plan.gap == 0.0


@settings(max_examples=trials(60), deadline=None)
@given(small, st.integers(1, 3))
def test_no_network_of_so_many_sites_with_vans_is_cheaper(drawn, most):
    zones, sites, seed, outside, *_ = drawn
    rng = np.random.default_rng(seed)
    sites = sites[:5]
    fc = [int(is_fc) for _, is_fc, *_ in sites]
    some = options(
        [km for km, *_ in sites],
        fc=fc,
        van=[van if is_fc else 0 for _, is_fc, van, *_ in sites],
        running=[running for *_, running, _, _ in sites],
    )
    inbound = rng.integers(0, 900, (len(sites), sum(fc)))
    inbound[np.flatnonzero(fc), np.arange(sum(fc))] = 0
    made = problem([km for km, _ in zones], [count for _, count in zones], some, outside=outside)
    made = replace(made, inbound_minor=inbound, most_open=most)
    ways, totals = Ways.of(made, TIMES), []
    for chosen in itertools.product([False, True], repeat=len(sites)):
        is_open = np.array(chosen)
        if (is_open & (some.van >= 0)).sum() <= most and (not sum(fc) or is_open[some.is_fc].any()):
            totals.append(evaluate(made, ways, is_open).total_milli)
    plan = designed(made)
    assert check_design(made, TIMES, plan) == []
    assert plan.cost.total_milli == plan.bound_milli == min(totals)
