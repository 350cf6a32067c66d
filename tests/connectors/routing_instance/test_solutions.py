"""Solution files become routes of stops; what is published is found beside the instance."""

from pathlib import Path

import pytest

from doorstep.connectors.routing_instance import BestKnown, Instance, best_known, read_instance, read_solution
from doorstep.foundation import InputError
from tests.connectors.routing_instance.small_files import CVRP, LI_LIM, REAL_STREET, read, with_lines

FIVE = """\
TYPE : {kind}
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 0 1
3 0 2
4 0 3
5 0 4
DEPOT_SECTION
1
2
{more}
EOF
"""


@pytest.fixture
def five(tmp_path: Path) -> Instance:
    more = "VEHICLES : 3\nVEHICLES_DEPOT_SECTION\n1 1\n2 2\n3 1"
    return read(tmp_path, FIVE.format(kind="MDVRP", more=more), name="five.vrp")


def written(folder: Path, text: str, name: str = "plan.sol") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_route_k_belongs_to_vehicle_k_and_empty_routes_are_left_out(tmp_path, five):
    plan = written(tmp_path, "Route #1:\nRoute #2: 3 2\nRoute #3: 4\nCost 12\n")
    assert five.ids.tolist() == [2, 3, 4]
    assert read_solution(plan, five) == [(1, ((1, 0),)), (0, ((2,),))]


def test_a_depot_inside_a_route_begins_another_trip(tmp_path, five):
    plan = written(tmp_path, "Route #1: 0 4 0 0 2 3 0\n")
    assert read_solution(plan, five) == [(0, ((2,), (0, 1)))]


def test_the_lists_of_li_and_lim_are_read_too(tmp_path):
    instance = read(tmp_path, LI_LIM, name="lc1.txt")
    text = "Instance name : lc1\nAuthors : A\nDate : 1\nReference :\nSolution\nRoute 1 : 1 2\n"
    assert read_solution(written(tmp_path, text), instance) == [(0, ((0, 1),))]


def test_more_routes_than_equal_vehicles_are_for_a_checker_to_refuse(tmp_path):
    instance = read(tmp_path, CVRP.replace("CAPACITY", "VEHICLES : 1\nCAPACITY"))
    assert read_solution(written(tmp_path, "Route #1: 1\nRoute #2: 2\n"), instance) == [(0, ((0,),)), (0, ((1,),))]


def test_every_fault_of_a_solution_is_told_at_once(tmp_path, five):
    plan = written(tmp_path, "Route #1: 2 9 x\nRoute #1: 2\nRoute #8: 3\n")
    with pytest.raises(InputError) as caught:
        read_solution(plan, five)
    hint = "Maybe the solution is of another instance."
    assert str(caught.value).splitlines() == [
        f"plan.sol line 1 Route '9': must be the number of a stop. {hint}",
        "plan.sol line 1 Route 'x': must be a number. Maybe it was mistyped.",
        f"plan.sol line 1 Route 'x': must be the number of a stop. {hint}",
        "plan.sol line 2 Route '1': must be there once: line 1 has it too. Maybe two solutions were joined.",
        (
            "plan.sol line 2 Route '2': the stop must be served once: line 1 serves it too. "
            "Maybe two solutions were joined."
        ),
        f"plan.sol line 3 Route '8': must be the number of a vehicle, 1 to 3. {hint}",
    ]


def test_a_file_without_routes_is_no_solution(tmp_path, five):
    with pytest.raises(InputError, match=r"whole file Route: must hold a route\. Maybe it is not a solution\."):
        read_solution(written(tmp_path, "Cost 3\n"), five)


def test_the_cost_in_the_solution_beside_is_scaled_into_the_problem_s_units(tmp_path):
    written(tmp_path, "Route #1: 1\nCost: 12.3\n", "tiny.sol")
    more = "TIME_WINDOW_SECTION\n1 0 90\n2 0 90\n3 0 90"
    instance = read(tmp_path, with_lines(more, kind="VRPTW"))
    assert best_known(tmp_path / "tiny.vrp") == BestKnown(cost=12.3)
    assert (instance.best_known, instance.scale) == (123, 10)


def test_another_rounding_than_the_published_one_has_no_best_known_cost(tmp_path):
    written(tmp_path, "Route #1: 1\nCost: 12\n", "tiny.sol")
    assert read(tmp_path, CVRP).best_known == 12
    assert read(tmp_path, CVRP, "exact").best_known is None


def test_vehicles_and_cost_are_read_from_the_name_of_a_solution(tmp_path):
    written(tmp_path, "Route 1 : 1 2\n", "lc1_2.3_41.txt")
    written(tmp_path, "Route 1 : 1 2\n", "lc1_22.9_99.txt")
    instance = read(tmp_path, LI_LIM, name="LC1_2.txt")
    assert best_known(tmp_path / "LC1_2.txt") == BestKnown(vehicles=3, cost=41)
    assert instance.best_known == 3 * 10**9 + 41_000


def test_vehicles_and_cost_are_read_from_the_table_of_the_folder(tmp_path):
    written(tmp_path, "instance;size;vehicles;cost;reference;date\nab;2;1;17;X;1\n", "bks.csv")
    instance = read(tmp_path, REAL_STREET, name="ab.txt")
    assert best_known(tmp_path / "ab.txt") == BestKnown(vehicles=1, cost=17)
    assert instance.best_known == 10**6 + 17
    assert best_known(tmp_path / "other.txt") is None


def test_a_published_cost_that_is_no_number_is_a_fault(tmp_path):
    written(tmp_path, "instance;size;vehicles;cost\nab;2;one;17\n", "bks.csv")
    with pytest.raises(InputError, match=r"bks\.csv line 2 vehicles 'one': must be a number"):
        best_known(tmp_path / "ab.txt")
    written(tmp_path, "Route #1: 1\nCost: much\n", "ab.sol")
    with pytest.raises(InputError, match=r"ab\.sol line 2 Cost 'much': must be a number"):
        best_known(tmp_path / "ab.vrp")


def test_a_solution_given_as_an_instance_is_recognised(tmp_path):
    with pytest.raises(InputError, match="Maybe it is a solution: those are for --start or --compare"):
        read_instance(written(tmp_path, "Route 1 : 1 2\n"))
