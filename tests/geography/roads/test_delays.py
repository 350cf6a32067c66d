"""What is waited at lights, signs and gates, and on which side one drives."""

from collections.abc import Mapping

import numpy as np
import pytest

from doorstep.geography.roads import PROFILES, build_graph
from doorstep.geography.roads.delays import GATE_MS, SIGN_MS, drives_left, turn_table
from tests.geography.roads.towns import Line, town

CAR = PROFILES["car"]
STREET = {"highway": "residential"}
FREE_MS = 14_400
LIGHT, STOP = SIGN_MS["traffic_signals"], SIGN_MS["stop"]


def ms_of(node: Mapping[str, str], at_m: float = 30.0, profile: str = "car") -> tuple[int, int]:
    """Return what a street of 100 m takes along and against it, with something on it after some metres [ms]."""
    lines: list[Line] = [([0, 1, 2], STREET, "")]
    graph = build_graph(town([(0, 0), (at_m, 0), (100, 0)], lines, node_tags={1: node}), PROFILES[profile])
    return int(graph.ms[0]), int(graph.ms[1])


@pytest.mark.parametrize(("node", "along", "against"), [
    ({"highway": "traffic_signals"}, LIGHT, LIGHT),
    ({"highway": "traffic_signals", "traffic_signals:direction": "forward"}, LIGHT, 0),
    ({"highway": "traffic_signals", "direction": "backward"}, 0, LIGHT),
    ({"highway": "stop"}, 0, STOP), ({"highway": "stop", "stop": "all"}, STOP, STOP),
    ({"highway": "give_way", "direction": "forward"}, SIGN_MS["give_way"], 0),
    ({"barrier": "gate"}, GATE_MS, GATE_MS), ({"barrier": "gate", "access": "yes"}, 0, 0), ({}, 0, 0),
])  # fmt: skip
def test_a_sign_makes_those_wait_whom_it_is_for(node: dict[str, str], along: int, against: int):
    assert ms_of(node) == (FREE_MS + along, FREE_MS + against)


def test_a_sign_without_a_direction_is_for_those_who_come_to_the_nearest_junction():
    assert ms_of({"highway": "stop"}, 70.0) == (FREE_MS + STOP, FREE_MS)


def test_a_walker_waits_at_no_light():
    assert ms_of({"highway": "traffic_signals"}, profile="foot") == (72_000, 72_000)


def test_a_light_on_a_junction_is_waited_for_before_the_turn():
    nodes, lines = (
        [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (100.0, 100.0)],
        [([0, 1, 2], STREET, ""), ([1, 3], STREET, "")],
    )
    lit = {1: {"highway": "traffic_signals"}}
    plain, waited = (build_graph(town(nodes, lines, node_tags=tags), CAR) for tags in ({}, lit))
    at_light = np.repeat(plain.head, np.diff(plain.turn_first)) == 1
    assert (waited.turn_ms - plain.turn_ms).tolist() == np.where(at_light, LIGHT, 0).tolist()


@pytest.mark.parametrize("left", [False, True])
def test_roundabouts_tell_on_which_side_one_drives(left: bool):
    ring = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)]
    lines: list[Line] = [([0, 1, 2, 3, 0], STREET | {"junction": "roundabout"}, ""), ([0, 4], STREET, "")]
    streets = town([*(ring[::-1] if left else ring), (-100.0, 0.0)], lines)
    assert drives_left(streets) == left
    turn, crossing = turn_table(CAR, left=left)
    far, near = (270, 90) if left else (90, 270)
    assert turn[far] + crossing[far] > turn[near] + crossing[near] > turn[180] + crossing[180]


def test_a_side_road_that_only_joins_makes_one_slow_down():
    nodes = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (100.0, 100.0)]
    lines: list[Line] = [([0, 1, 2], STREET | {"oneway": "yes"}, ""), ([3, 1], STREET | {"oneway": "yes"}, ""),
                         ([2, 3], STREET, ""), ([3, 0], STREET, "")]  # fmt: skip
    graph = build_graph(town(nodes, lines), CAR)
    joining = [int(graph.turn_ms[graph.turn_first[arc]]) for arc in range(graph.arcs) if graph.head[arc] == 1]
    assert max(joining) > 3_000
