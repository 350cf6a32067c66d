"""VRPLIB files become the problem that they mean, field by field."""

import numpy as np
import pytest

from doorstep.connectors.routing_instance import Instance, read_instance
from doorstep.foundation import InputError, NotFoundError
from doorstep.vehicle_routing.problem import LAST, REQUIRED
from doorstep.vehicle_routing.roads import UNREACHABLE, OneWayRoads, PlaneRoads
from tests.connectors.routing_instance.small_files import CVRP, read, with_lines

THREE = """\
TYPE : {kind}
DIMENSION : {nodes}
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
EDGE_WEIGHT_SECTION
{matrix}
{more}
EOF
"""


def explicit(more: str, *, nodes: int = 4, kind: str = "VRPTW") -> str:
    """Return a file whose distance from node i to node j is 10 i + j."""
    matrix = "\n".join(" ".join(str(10 * i + j if i != j else 0) for j in range(nodes)) for i in range(nodes))
    return THREE.format(kind=kind, nodes=nodes, matrix=matrix, more=more)


def arc(instance: Instance, origin: int, destination: int) -> int:
    return int(instance.problem.roads.along(0, np.array([origin]), np.array([destination]))[0][0])


def test_the_plain_problem_has_a_vehicle_for_every_stop_and_a_unit_of_distance_costs_one(tmp_path):
    instance = read(tmp_path, CVRP)
    problem = instance.problem
    assert (instance.name, instance.family, instance.scale, instance.best_known) == ("tiny", "cvrp", 1, None)
    assert (instance.ids.tolist(), instance.depot_ids.tolist()) == ([1, 2], [0])
    assert instance.vehicle_numbers == ((1, 2),)
    assert (problem.stops.load.tolist(), problem.stops.prize_minor.tolist()) == ([[7], [2]], [REQUIRED, REQUIRED])
    assert problem.vehicles.count.tolist() == [2]
    assert problem.vehicles.capacity.tolist() == [[10]]
    assert problem.vehicles.per_km_minor.tolist() == [1000]
    assert problem.vehicles.max_reloads.tolist() == [0]
    assert arc(instance, 0, 1) == 5
    assert arc(instance, 0, 2) == 2  # 1.5 is halfway and goes up


def test_without_windows_the_horizon_stays_below_the_last_moment(tmp_path):
    problem = read(tmp_path, CVRP).problem
    assert problem.stops.end_at.tolist() == [LAST - 1] * 2
    assert (problem.vehicles.shift_end_at.tolist(), problem.depots.close_at.tolist()) == ([LAST - 1], [LAST - 1])


TIMED = """\
SERVICE_TIME : 2.5
TIME_WINDOW_SECTION
1 0 99.99
2 1.26 30
3 2 40
RELEASE_TIME_SECTION
1 0
2 0
3 1.17
PRIZE_SECTION
1 0
2 0
3 1.58"""


@pytest.mark.parametrize(
    ("convention", "start", "release", "prize", "diagonal"),
    [
        ("auto", [12, 20], [0, 11], [REQUIRED, 15], 39),
        ("dimacs", [12, 20], [0, 11], [REQUIRED, 15], 39),
        ("round", [1, 2], [0, 1], [REQUIRED, 2], 4),
        ("exact", [1260, 2000], [0, 1170], [REQUIRED, 1580], 3905),
    ],
)
def test_distances_times_and_prizes_are_scaled_alike(tmp_path, convention, start, release, prize, diagonal):
    instance = read(tmp_path, with_lines(TIMED, kind="PCVRPTW"), convention)
    stops = instance.problem.stops
    assert stops.start_at.tolist() == start
    assert stops.release_at.tolist() == release
    assert stops.prize_minor.tolist() == prize
    assert stops.load.tolist() == [[7], [2]]
    assert arc(instance, 1, 2) == diagonal  # 3.9051


def test_a_window_of_the_depot_is_the_shift_and_service_takes_none_there(tmp_path):
    problem = read(tmp_path, with_lines(TIMED, kind="VRPTW")).problem
    assert problem.vehicles.shift_end_at.tolist() == [999]
    assert problem.depots.close_at.tolist() == [999]
    assert problem.stops.service_s.tolist() == [25, 25]
    assert problem.depots.loading_s.tolist() == [0]
    assert problem.stops.prize_minor.tolist() == [REQUIRED, 15]


VEHICLES = """\
VEHICLES : 4
CAPACITY_SECTION
1 10
2 20
3 10
4 10
VEHICLES_FIXED_COST_SECTION
1 100
2 300
3 100
4 100
VEHICLES_UNIT_DISTANCE_COST_SECTION
1 2.5
2 4
3 2.5
4 1
VEHICLES_MAX_DISTANCE : 50
VEHICLES_MAX_DURATION_SECTION
1 60
2 60
3 60
4 70"""


def test_equal_vehicles_become_one_type_that_remembers_their_numbers(tmp_path):
    text = with_lines(VEHICLES).replace("CAPACITY : 10\n", "")
    instance = read(tmp_path, text)
    vehicles = instance.problem.vehicles
    assert instance.vehicle_numbers == ((1, 3), (2,), (4,))
    assert vehicles.count.tolist() == [2, 1, 1]
    assert vehicles.capacity.tolist() == [[10], [20], [10]]
    assert vehicles.fixed_minor.tolist() == [100, 300, 100]
    assert vehicles.per_km_minor.tolist() == [2500, 4000, 1000]
    assert vehicles.max_distance_m.tolist() == [50, 50, 50]
    assert vehicles.max_duration_s.tolist() == [60, 60, 70]


def test_heterogeneous_fleets_are_read_exactly_since_their_costs_were_not_rounded(tmp_path):
    instance = read(tmp_path, with_lines(VEHICLES, kind="HFVRP").replace("CAPACITY : 10\n", ""))
    assert instance.problem.vehicles.fixed_minor.tolist() == [100_000, 300_000, 100_000]
    assert instance.problem.vehicles.per_km_minor.tolist() == [2500, 4000, 1000]
    assert arc(instance, 1, 2) == 3905
    assert instance.scale == 100_000


def test_without_a_capacity_none_binds(tmp_path):
    problem = read(tmp_path, CVRP.replace("CAPACITY : 10\n", "")).problem
    assert 2**30 < int(problem.vehicles.capacity[0, 0]) < 2**40


def test_a_capacity_of_zero_and_a_stop_too_heavy_are_for_the_solver_to_say(tmp_path):
    problem = read(tmp_path, CVRP.replace("CAPACITY : 10\n", "CAPACITY : 0\n")).problem
    assert problem.vehicles.capacity.tolist() == [[0]]


def test_stops_that_vehicles_may_not_visit_ask_for_a_skill_that_those_lack(tmp_path):
    more = "VEHICLES : 3\nVEHICLES_ALLOWED_CLIENTS_SECTION\n1 2\n2 2 3\n3 3 1"
    instance = read(tmp_path, with_lines(more))
    stops, vehicles = instance.problem.stops, instance.problem.vehicles
    able = [[bool(r & ~s == 0) for r in stops.requirements.tolist()] for s in vehicles.skills.tolist()]
    assert able == [[True, False], [True, True], [False, True]]
    assert instance.vehicle_numbers == ((1,), (2,), (3,))


def test_a_vehicle_with_a_reload_depot_may_load_again(tmp_path):
    more = "VEHICLES : 3\nVEHICLES_RELOAD_DEPOT_SECTION\n1 1\n2\n3 1\nVEHICLES_MAX_RELOADS_SECTION\n1 4\n2 4\n3 5"
    instance = read(tmp_path, with_lines(more))
    assert instance.problem.vehicles.max_reloads.tolist() == [4, 0, 5]
    unlimited = read(tmp_path, with_lines("VEHICLES : 1\nVEHICLES_RELOAD_DEPOT_SECTION\n1 1"))
    assert unlimited.problem.vehicles.max_reloads.tolist() == [1]  # two stops, so two trips


def test_depots_come_first_wherever_they_stand_in_the_file(tmp_path):
    more = "VEHICLES : 2\nVEHICLES_DEPOT_SECTION\n1 4\n2 2\nDEPOT_SECTION\n2\n4\n-1\nDEMAND_SECTION\n1 6\n2 0\n3 5\n4 0"
    windows = "TIME_WINDOW_SECTION\n1 1 10\n2 2 20\n3 3 30\n4 4 40"
    instance = read(tmp_path, explicit(f"{more}\n{windows}"))
    problem = instance.problem
    assert (instance.depot_ids.tolist(), instance.ids.tolist()) == ([1, 3], [0, 2])
    assert problem.stops.load.tolist() == [[6], [5]]
    assert problem.stops.start_at.tolist() == [1, 3]
    assert problem.depots.close_at.tolist() == [20, 40]
    assert (problem.vehicles.start.tolist(), problem.vehicles.end.tolist()) == ([1, 0], [1, 0])
    assert problem.vehicles.shift_end_at.tolist() == [40, 20]
    assert (arc(instance, 1, 2), arc(instance, 2, 1), arc(instance, 0, 3)) == (30, 3, 12)


def test_explicit_distances_are_whole_already_and_may_be_asymmetric(tmp_path):
    instance = read(tmp_path, explicit("TIME_WINDOW_SECTION\n1 0 9\n2 0 9\n3 0 9\n4 0 9"))
    assert instance.scale == 1
    assert (arc(instance, 1, 2), arc(instance, 2, 1)) == (12, 21)
    assert instance.problem.stops.end_at.tolist() == [9, 9, 9]


def test_backhauls_come_last_and_never_first(tmp_path):
    more = "DEMAND_SECTION\n1 0\n2 5\n3 0\n4 4\nBACKHAUL_SECTION\n1 0\n2 0\n3 6\n4 0\nCAPACITY : 9"
    instance = read(tmp_path, explicit(more, kind="VRPB"))
    assert instance.problem.stops.load.tolist() == [[5], [0], [4]]
    assert instance.problem.stops.pickup.tolist() == [[0], [6], [0]]
    closed = {(i, j) for i in range(4) for j in range(4) if arc(instance, i, j) >= UNREACHABLE}
    assert closed == {(0, 2), (2, 1), (2, 3)}
    assert arc(instance, 1, 2) == 12
    assert arc(instance, 2, 0) == 20


def test_backhauls_of_other_types_may_be_mixed_in(tmp_path):
    more = "LINEHAUL_SECTION\n1 0\n2 5\n3 0\n4 4\nBACKHAUL_SECTION\n1 0\n2 1\n3 6\n4 0"
    instance = read(tmp_path, explicit(more, kind="VRPMPD"))
    assert instance.problem.stops.pickup.tolist() == [[1], [6], [0]]
    assert arc(instance, 0, 2) == 2


def test_loads_and_capacities_may_have_several_dimensions(tmp_path):
    more = "VEHICLES : 1\nDEMAND_SECTION\n1 0 0\n2 5 1\n3 0 2\n4 4 3\nCAPACITY_SECTION\n1 9 6"
    problem = read(tmp_path, explicit(more)).problem
    assert problem.stops.load.tolist() == [[5, 1], [0, 2], [4, 3]]
    assert problem.vehicles.capacity.tolist() == [[9, 6]]


def test_of_a_group_one_stop_must_be_served(tmp_path):
    more = "MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 2 4\n2 3\nPRIZE_SECTION\n1 0\n2 7\n3 8\n4 9"
    problem = read(tmp_path, explicit(more, kind="GVRP")).problem
    assert problem.stops.group.tolist() == [0, -1, 0]
    assert problem.stops.prize_minor.tolist() == [REQUIRED, 8, REQUIRED]


def test_pickups_and_deliveries_become_pairs(tmp_path):
    more = "PICKUP_AND_DELIVERY_SECTION\n1 0 0 90 0 0 0\n2 -5 10 60 3 4 0\n3 2 0 70 1 0 0\n4 5 0 50 4 0 2"
    problem = read(tmp_path, explicit(more, kind="PDPTW")).problem
    assert (problem.pairs.pickup.tolist(), problem.pairs.delivery.tolist()) == ([2], [0])
    assert (problem.pairs.load.tolist(), problem.pairs.max_ride_s.tolist()) == ([[5]], [LAST])
    assert problem.stops.load.tolist() == [[0], [2], [0]]
    assert problem.stops.start_at.tolist() == [10, 0, 0]
    assert problem.stops.service_s.tolist() == [3, 1, 4]
    assert problem.depots.close_at.tolist() == [90]


def test_a_file_may_hold_no_stops_at_all(tmp_path):
    text = "TYPE : CVRP\nDIMENSION : 1\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 5\nNODE_COORD_SECTION\n1 0 0\nEOF\n"
    instance = read(tmp_path, text)
    assert (len(instance.problem.stops), instance.problem.vehicles.count.tolist()) == (0, [])
    assert instance.name == "tiny"


def test_windows_beyond_the_last_moment_end_with_the_horizon(tmp_path):
    problem = read(tmp_path, explicit("TIME_WINDOW_SECTION\n1 0 1e9\n2 0 9\n3 0 1e9\n4 0 9")).problem
    assert problem.depots.close_at.tolist() == [LAST - 1]
    assert problem.stops.end_at.tolist() == [9, LAST - 1, 9]


def test_an_unknown_convention_is_refused(tmp_path):
    with pytest.raises(InputError, match="'dimac' must be one of auto, round, dimacs, exact"):
        read(tmp_path, CVRP, "dimac")  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="is not a file"):
        read_instance(tmp_path / "none.vrp")


def test_explicit_distances_keep_the_coordinates_beside_them(tmp_path):
    more = "NODE_COORD_SECTION\n1 0 0\n2 3 4\n3 5 6.5\n4 7 8\nDEPOT_SECTION\n2\n-1"
    instance = read(tmp_path, explicit(more))
    assert instance.problem.roads.points().tolist() == [[3, 4], [0, 0], [5, 6.5], [7, 8]]
    assert arc(instance, 0, 1) == 10
    assert read(tmp_path, explicit("SERVICE_TIME : 1")).problem.roads.points().shape == (0, 2)


def test_backhauls_in_a_plane_need_no_table(tmp_path):
    text = with_lines("BACKHAUL_SECTION\n1 0\n2 0\n3 6", kind="VRPB").replace("3\t2\n", "3\t0\n")
    roads = read(tmp_path, text).problem.roads
    assert isinstance(roads, OneWayRoads)
    assert isinstance(roads.all_roads, PlaneRoads)
    assert roads.block(0, np.arange(3))[0].tolist() == [[0, 5, UNREACHABLE], [5, 0, 4], [2, UNREACHABLE, 0]]
