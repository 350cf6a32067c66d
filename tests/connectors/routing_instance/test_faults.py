"""What is wrong with a routing file is told at once: file, line, field, value, rule and a hint."""

import pytest

from doorstep.foundation import InputError
from tests.connectors.routing_instance.small_files import CVRP, LI_LIM, REAL_STREET, SOLOMON, faults, read, with_lines


def test_every_fault_of_a_file_is_told_in_the_order_of_its_lines(tmp_path):
    text = CVRP.replace("2\t3\t4", "2\t3,5\t4").replace("3\t0\t1.5", "2\t0\t1.5").replace("2\t7", "2\t-7")
    text = text.replace("3\t2", "9\t2.5").replace("CAPACITY : 10", "CAPACITY : ten")
    assert faults(tmp_path, text) == [
        "tiny.vrp line 6 CAPACITY 'ten': must be a number. Maybe it was mistyped.",
        "tiny.vrp line 9 NODE_COORD '3,5': must be a number. Maybe write the decimal point as a point: 3.5.",
        "tiny.vrp line 10 NODE_COORD '2': must be unique: line 9 has the same. Maybe the row was copied twice.",
        "tiny.vrp line 13 DEMAND '-7': must not be negative. Maybe the sign is wrong.",
        (
            "tiny.vrp line 14 DEMAND '9': the row must begin with the number of a node, 1 to 3. "
            "Maybe the number was mistyped."
        ),
        "tiny.vrp line 14 DEMAND '2.5': must be a whole number. Maybe multiply all of them by ten, or round.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("DIMENSION : 3\n", "", "whole file DIMENSION: the field is missing."),
        ("DIMENSION : 3", "DIMENSION : 0", "line 4 DIMENSION '0': must be a whole number, 1 or more."),
        ("DIMENSION : 3", "DIMENSION : 1e9", "line 4 DIMENSION '1e9': must be at most 1000000."),
        ("EUC_2D", "GEO", "line 5 EDGE_WEIGHT_TYPE 'GEO': must be one of EUC_2D, EXACT_2D, EXPLICIT."),
        ("EUC_2D", "EXPLICIT", "whole file EDGE_WEIGHT: the section is missing."),
        ("NODE_COORD_SECTION\n1\t0\t0\n2\t3\t4\n3\t0\t1.5\n", "", "whole file NODE_COORD: the section is missing."),
        ("3\t0\t1.5\n", "", "line 7 NODE_COORD: must have 3 rows, one for each node, it has 2."),
        ("3\t0\t1.5", "3\t0", "line 10 NODE_COORD '3\\t0': the row has 2 numbers; 3 are wanted."),
        ("2\t3\t4", "2\tnan\t4", "line 9 NODE_COORD 'nan': must be a number."),
        ("2\t3\t4", "2\t3e12\t4", "line 9 NODE_COORD '3e12': must be below 2^40."),
        ("2\t3\t4", "2\t3e9\t4", "line 7 NODE_COORD '3e+09': places must be less than 268435456 apart"),
        ("NAME : tiny", "NAME tiny", "line 1 'NAME tiny': is neither a field nor in a section."),
        ("NAME : tiny", "DISTANCE : 200", "line 1 DISTANCE '200': the field is not understood"),
        ("NAME : tiny", "DEMAND : 3", "line 1 DEMAND '3': must be a section."),
        ("DEMAND_SECTION", "DEMANDS_SECTION", "line 11 DEMANDS: the section is not understood"),
        ("CAPACITY : 10", "CAPACITY : 10\nCAPACITY : 9", "line 7 CAPACITY: must be there once: line 6 has it too."),
        (" 1\n -1", " 7\n -1", "line 16 DEPOT '7': must be the number of a node, 1 to 3."),
        (" 1\n -1", " 1\n 1", "line 17 DEPOT '1': must be there once."),
        (" 1\n -1", "-1", "line 15 DEPOT: must name a depot."),
        ("CAPACITY : 10", "VEHICLES : 2.5", "line 6 VEHICLES '2.5': must be a whole number, 0 or more."),
    ],
)
def test_a_fault_names_line_field_value_and_rule(tmp_path, old, new, fault):
    assert old in CVRP
    told = faults(tmp_path, CVRP.replace(old, new, 1))
    assert any(line.startswith(f"tiny.vrp {fault}") for line in told), told
    assert all("Maybe" in line for line in told)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (
            "TIME_WINDOW_SECTION\n1 0 9\n2 8 7\n3 0 9",
            "line 20 TIME_WINDOW '7': the window must not end before it starts.",
        ),
        ("SERVICE_TIME : -3", "line 18 SERVICE_TIME '-3': must not be negative."),
        ("PRIZE_SECTION\n1 0\n2 2e9\n3 0", "line 20 PRIZE '2e+09': must be below 2^30."),
        ("RELEASE_TIME_SECTION\n1 0\n2 -1\n3 0", "line 20 RELEASE_TIME '-1': must not be negative."),
        ("BACKHAUL_SECTION\n1 0 0\n2 0 1\n3 0 0", "line 18 BACKHAUL '2': must have as many columns as DEMAND: 1."),
        ("LINEHAUL_SECTION\n1 0\n2 0\n3 0", "line 11 DEMAND: must not stand beside LINEHAUL."),
        (
            "VEHICLES : 2\nVEHICLES_DEPOT_SECTION\n1 1\n2 2",
            "line 21 VEHICLES_DEPOT '2': must be the number of a depot, one of 1.",
        ),
        (
            "VEHICLES : 2\nVEHICLES_RELOAD_DEPOT_SECTION\n1 1 2\n2",
            "line 20 VEHICLES_RELOAD_DEPOT '2': vehicle 1 must reload where it starts, at depot 1.",
        ),
        (
            "VEHICLES : 2\nVEHICLES_ALLOWED_CLIENTS_SECTION\n1 2",
            "line 19 VEHICLES_ALLOWED_CLIENTS: must have 2 rows, one for each vehicle, it has 1.",
        ),
        (
            "VEHICLES : 1\nVEHICLES_ALLOWED_CLIENTS_SECTION\n1 2 9",
            "line 20 VEHICLES_ALLOWED_CLIENTS '9': must be a whole number from 1 to 3.",
        ),
        (
            "VEHICLES_UNIT_DISTANCE_COST : 0.0001",
            "line 18 VEHICLES_UNIT_DISTANCE_COST '0.0001': must have three decimals at most.",
        ),
        ("VEHICLES_FIXED_COST : -2", "line 18 VEHICLES_FIXED_COST '-2': must not be negative."),
        (
            "MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 1 2\n2 2 3",
            "line 19 MUTUALLY_EXCLUSIVE_GROUP '1': a depot must be in no group.",
        ),
        (
            "MUTUALLY_EXCLUSIVE_GROUP_SECTION\n1 1 2\n2 2 3",
            "line 20 MUTUALLY_EXCLUSIVE_GROUP '2': a node must be in one group at most.",
        ),
        (
            "PICKUP_AND_DELIVERY_SECTION\n1 0 0 9 0 0 0\n2 1 0 9 0 0 3\n3 -1 0 9 0 2 0",
            "line 11 DEMAND: must not stand beside PICKUP_AND_DELIVERY, which tells it too.",
        ),
    ],
)
def test_a_fault_of_a_section_names_line_field_value_and_rule(tmp_path, more, fault):
    told = faults(tmp_path, with_lines(more))
    assert any(line.startswith(f"tiny.vrp {fault}") for line in told), told
    assert all("Maybe" in line for line in told)


def test_a_backhaul_that_is_a_linehaul_too_has_no_place_in_a_one_way_route(tmp_path):
    told = faults(tmp_path, with_lines("BACKHAUL_SECTION\n1 0\n2 3\n3 0", kind="VRPB"))
    assert told == [
        "tiny.vrp line 18 BACKHAUL: node 2 must be a linehaul or a backhaul, not both. Maybe TYPE should not be VRPB."
    ]


def test_explicit_distances_are_counted_and_judged(tmp_path):
    head = "TYPE : VRPTW\nDIMENSION : 2\nEDGE_WEIGHT_TYPE : EXPLICIT\n"
    head += "EDGE_WEIGHT_FORMAT : {}\nEDGE_WEIGHT_SECTION\n{}\nEOF\n"
    assert faults(tmp_path, head.format("FULL_MATRIX", "0 1\n2")) == [
        (
            "tiny.vrp line 5 EDGE_WEIGHT: must hold 2 x 2 = 4 distances, it holds 3. "
            "Maybe a row is missing, or only half is given."
        )
    ]
    assert faults(tmp_path, head.format("FULL_MATRIX", "0 1\n-2 x")) == [
        "tiny.vrp line 7 EDGE_WEIGHT 'x': must be a number. Maybe it was mistyped."
    ]
    assert faults(tmp_path, head.format("FULL_MATRIX", "0 1\n-2 0")) == [
        (
            "tiny.vrp line 7 EDGE_WEIGHT '-2': a distance must not be negative. "
            "Maybe it says that there is no way: give a large number."
        )
    ]
    assert faults(tmp_path, head.format("LOWER_ROW", "0 1\n2 0")) == [
        "tiny.vrp line 4 EDGE_WEIGHT_FORMAT 'LOWER_ROW': must be FULL_MATRIX. Maybe write both halves."
    ]


def test_faults_of_the_classic_text(tmp_path):
    text = SOLOMON.replace("  2         20", "  2").replace("3         4         10 ", "3         4        -10 ")
    text = text.replace("    2      1 ", "    1      1 ").replace("0        50          9", "60        50          9")
    assert faults(tmp_path, text, "c1.txt") == [
        (
            "c1.txt line 5 VEHICLE: must be one row with the number of vehicles and their capacity. "
            "Maybe the row below NUMBER and CAPACITY is missing."
        ),
        "c1.txt line 11 demand '-10': must not be negative. Maybe the sign is wrong.",
        "c1.txt line 12 number '1': must be unique: line 11 has the same. Maybe the row was copied twice.",
        "c1.txt line 12 window end '50': the window must not end before it starts. Maybe start and end were swapped.",
    ]


def test_the_classic_text_without_a_depot_is_refused(tmp_path):
    rows = SOLOMON.splitlines()
    assert faults(tmp_path, "\n".join(rows[:9]), "c1.txt") == [
        "c1.txt line 7 CUSTOMER: the depot is missing, the first of the nodes. Maybe the file was cut off."
    ]
    assert faults(tmp_path, "\n".join([*rows[:9], *rows[10:]]), "c1.txt") == [
        "c1.txt line 10 number '1': the first node must be the depot, number 0. Maybe the row of the depot is missing."
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("\t0\t2\n", "\t0\t7\n", "line 3 delivery '7': the delivery must be the number of a stop."),
        ("\t1\t0\n", "\t0\t0\n", "line 4 demand '-8': the demand of a stop without a pair must not be negative."),
        ("\t1\t0\n", "\t0\t0\n", "line 3 delivery '2': the other end of the pair must name this stop."),
        ("\t1\t0\n", "\t1\t1\n", "line 4 pickup '1': a stop must not be pickup and delivery at once."),
        ("-8", "-7", "line 3 demand '8': a pickup's demand must be positive and its delivery's the same below zero"),
        ("2\t30\t1\n", "2\t30\t2\n", "line 1 speed '2': must be 1"),
        ("2\t30\t1\n", "2\tx\t1\n", "line 1 capacity 'x': must be a number."),
        (
            "1\t1\t1\t8",
            "1\t1\t8",
            "line 3 nodes '1\\t1\\t8\\t5\\t60\\t2\\t0\\t2': the row has 8 numbers; 9 are wanted.",
        ),
    ],
)
def test_faults_of_li_and_lim(tmp_path, old, new, fault):
    told = faults(tmp_path, LI_LIM.replace(old, new, 1), "lc1.txt")
    assert any(line.startswith(f"lc1.txt {fault}") for line in told), told
    assert all("Maybe" in line for line in told)


def test_faults_of_real_streets(tmp_path):
    text = REAL_STREET.replace("CAPACITY: 6\n", "").replace("SIZE: 3", "SIZE: 4").replace("41.6 2.0 -3", "41.6 2.0 x")
    assert faults(tmp_path, text, "ab.txt") == [
        "ab.txt whole file CAPACITY: the field is missing. Maybe the head of the file was cut off.",
        "ab.txt line 10 NODES: must have SIZE = 4 rows, it has 3. Maybe SIZE does not count the depot.",
        "ab.txt line 13 nodes 'x': must be a number. Maybe it was mistyped.",
        (
            "ab.txt line 14 EDGES: must hold 4 x 4 = 16 distances, it holds 9. "
            "Maybe a row is missing, or only half is given."
        ),
    ]


def test_a_file_of_another_kind_is_refused(tmp_path):
    assert faults(tmp_path, "id,lat,lon\n", "a.csv") == [
        (
            "a.csv whole file: must be VRPLIB, or a text of Solomon, Li and Lim, or Sartori and Buriol, "
            "or a table of stops (.csv). Maybe it was cut off."
        )
    ]


def test_an_empty_file_and_one_that_is_no_text_are_refused(tmp_path):
    assert faults(tmp_path, " \n") == ["tiny.vrp whole file: the file is empty. Maybe it was not saved."]
    assert faults(tmp_path, "PK\0\1") == [
        (
            "tiny.vrp whole file: must be VRPLIB, or a text of Solomon, Li and Lim, or Sartori and Buriol, "
            "or a table of stops (.csv). Maybe it is packed, or not a text at all."
        )
    ]


@pytest.mark.parametrize("text", [CVRP, SOLOMON, LI_LIM, REAL_STREET])
@pytest.mark.parametrize("spoil", [lambda row: [], lambda row: [row, row], lambda row: [row[: len(row) // 2]]])
def test_whatever_line_is_lost_doubled_or_cut_the_file_is_read_or_every_fault_has_a_hint(tmp_path, text, spoil):
    rows, told = text.splitlines(), []
    for number, row in enumerate(rows):
        try:
            read(tmp_path, "\n".join([*rows[:number], *spoil(row), *rows[number + 1 :]]), name="a.txt")
        except InputError as error:
            told += str(error).splitlines()
    assert [fault for fault in told if not (fault.startswith("a.txt ") and "Maybe" in fault)] == []
