"""Published plans cost what was published, and break no rule, by the problem that was read."""

from pathlib import Path

import pytest

from doorstep.connectors.routing_instance import Instance, Route, best_known, read_instance, read_solution
from tests.connectors.routing_instance.published import broken, cost_of, data_file

EQUAL = [
    "cvrp/X-n1001-k43.vrp",
    "cvrp/X-n209-k16.vrp",
    "cvrp/X-n502-k39.vrp",
    "cvrp/X-n749-k98.vrp",
    "cvrp_xxl/Antwerp1.vrp",
    "cvrp_xxl/Brussels2.vrp",
    "cvrp_xxl/Flanders1.vrp",
    "cvrp_xxl/Ghent1.vrp",
    "cvrp_xxl/Leuven2.vrp",
    "dynamic_vrptw/ORTEC-VRPTW-ASYM-05362619-d1-n212-k20.txt",
    "dynamic_vrptw/ORTEC-VRPTW-ASYM-73fcc0ab-d1-n275-k20.txt",
    "dynamic_vrptw/ORTEC-VRPTW-ASYM-80974c9e-d1-n258-k20.txt",
    "dynamic_vrptw/ORTEC-VRPTW-ASYM-852a6910-d1-n202-k20.txt",
    "dynamic_vrptw/ORTEC-VRPTW-ASYM-94798935-d1-n246-k25.txt",
    "dynamic_vrptw/ORTEC-VRPTW-ASYM-be9d7acd-d1-n221-k15.txt",
    "dynamic_vrptw/ORTEC-VRPTW-ASYM-c7de4e2f-d1-n471-k34.txt",
    "mdvrptw/PR13A.vrp",
    "mdvrptw/PR22B.vrp",
    "mtvrptw_release/C203R0.5.vrp",
    "mtvrptw_release/R2_2_05R0.5.vrp",
    "mtvrptw_release/RC2_2_08R0.25.vrp",
    "pcvrptw_optional/C1_10_4.vrp",
    "pcvrptw_optional/RC2_10_6.vrp",
    "sdvrptw_skills/PR10.vrp",
    "sdvrptw_skills/PR17A.vrp",
    "vrp_backhaul/X-n627-66-k29.vrp",
    "vrptw/C1_10_2.vrp",
    "vrptw/C2_10_3.vrp",
    "vrptw/R1_10_4.vrp",
    "vrptw/R2_10_5.vrp",
    "vrptw/RC1_10_5.vrp",
    "vrptw/RC2_10_2.vrp",
]
HETEROGENEOUS = ["hfvrp/X1001-FSMF.vrp", "hfvrp/X247-HVRP.vrp", "hfvrp/X502-FSMFD.vrp"]
PAIRED = [
    ("pdptw_realroad/bar-n400-5.txt", "bar-n400-5.41_3349.txt", 41, 3349),
    ("pdptw_realroad/ber-n200-4.txt", "ber-n200-4.5_1081.txt", 5, 1081),
    ("pdptw_realroad/nyc-n400-2.txt", "nyc-n400-2.14_1958.txt", 14, 1958),
    ("pdptw_realroad/poa-n1000-1.txt", "poa-n1000-1.29_8288.txt", 29, 8288),
    ("pdptw_lilim/LC1_2_3.txt", "lc1_2_3.17_3128.txt", 17, 3128),
    ("pdptw_lilim/LR1_10_4.txt", "lr1_10_4.27_30788.txt", 27, 30788),
    ("pdptw_lilim/LR2_2_5.txt", "lr2_2_5.4_3438.txt", 4, 3438),
    ("pdptw_lilim/LRC1_4_3.txt", "lrc1_4_3.24_7805.txt", 24, 7805),
]


def instance_and_plan(name: str, solution: str = "") -> tuple[Path, Instance, list[Route]]:
    path = data_file(name)
    instance = read_instance(path)
    return path, instance, read_solution(path.with_name(solution or f"{path.stem}.sol"), instance)


@pytest.mark.parametrize("name", EQUAL)
def test_the_cost_is_the_published_one_to_the_unit(name):
    path, instance, routes = instance_and_plan(name)
    published = best_known(path)
    assert published is not None
    assert cost_of(instance.problem, routes) == instance.best_known == round(published.cost * instance.scale)
    assert broken(instance, routes) == []


@pytest.mark.parametrize("name", HETEROGENEOUS)
def test_the_cost_of_unrounded_distances_is_the_published_one_up_to_thousandths(name):
    path, instance, routes = instance_and_plan(name)
    published = best_known(path)
    assert published is not None
    assert instance.scale == 100_000
    assert cost_of(instance.problem, routes) == pytest.approx(published.cost * instance.scale, rel=5e-7)
    assert broken(instance, routes) == []


@pytest.mark.parametrize(("name", "solution", "vehicles", "cost"), PAIRED)
def test_vehicles_and_cost_of_pairs_are_those_in_the_name_of_the_plan(name, solution, vehicles, cost):
    path, instance, routes = instance_and_plan(name, solution)
    published = best_known(path)
    assert published is not None
    assert (published.vehicles, published.cost, len(routes)) == (vehicles, cost, vehicles)
    fixed = vehicles * int(instance.problem.vehicles.fixed_minor[0])
    assert instance.best_known == fixed + cost * instance.scale
    assert abs(cost_of(instance.problem, routes) - fixed - cost * instance.scale) <= (instance.scale > 1) * 500
    assert broken(instance, routes) == []
