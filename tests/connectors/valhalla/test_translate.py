"""Tables in Valhalla's words."""

import numpy as np
import pytest

from doorstep.connectors.carrier_wire import Answer
from doorstep.connectors.valhalla import Server
from doorstep.connectors.valhalla.translate import locate_request, read_located, read_table, refused, table_request
from doorstep.foundation import InputError, UpstreamError
from doorstep.geography import Places

HERE = Places(lat=np.array([43.7325]), lon=np.array([7.4174]))
THERE = Places(lat=np.array([43.7333, 43.74]), lon=np.array([7.4189, 7.43]))
TRUCK = Server(base_url="http://valhalla:8002", costing="truck", options={"height": 3.2}, within_m=500)


def test_a_table_says_what_is_driven_and_how_far_a_street_may_be():
    assert table_request(TRUCK, HERE, THERE) == {
        "costing": "truck",
        "costing_options": {"truck": {"height": 3.2}},
        "sources": [{"lat": 43.7325, "lon": 7.4174, "search_cutoff": 500}],
        "targets": [
            {"lat": 43.7333, "lon": 7.4189, "search_cutoff": 500},
            {"lat": 43.74, "lon": 7.43, "search_cutoff": 500},
        ],
        "units": "kilometers",
        "verbose": False,
    }


def test_how_far_streets_are_is_asked_without_limit():
    assert locate_request(Server(base_url="http://valhalla:8002"), HERE) == {
        "costing": "auto",
        "locations": [{"lat": 43.7325, "lon": 7.4174}],
        "verbose": False,
    }


@pytest.mark.parametrize(
    "found",
    [
        {"durations": [[23, None]], "distances": [[0.352, None]]},
        [
            [
                {"from_index": 0, "to_index": 0, "time": 23, "distance": 0.352},
                {"from_index": 0, "to_index": 1, "time": None, "distance": None},
            ]
        ],
    ],
    ids=["two lists", "objects, as older servers send"],
)
def test_kilometres_become_metres_and_nulls_no_way(found):
    block = read_table({"sources_to_targets": found, "units": "kilometers"}, 1, 2)
    assert (block.metres.tolist(), block.seconds.tolist()) == ([[352, -1]], [[23, -1]])


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_nearest_street_counts_and_none_is_far_away(wrapped):
    near = {"correlated_lat": 43.732581, "correlated_lon": 7.417193}
    said = [{"edges": [{"correlated_lat": 43.74, "correlated_lon": 7.42}, near]}, {"edges": [], "nodes": []}, {}]
    answer = Answer(status=200, content={"locations": said} if wrapped else {}, entries=() if wrapped else tuple(said))
    three = HERE.take(np.zeros(3, dtype=int))
    assert read_located(answer, three).tolist() == [19, 10_000_000, 10_000_000]


def test_locations_of_other_points_are_none():
    with pytest.raises(UpstreamError, match="located 0 of 1 points"):
        read_located(Answer(status=200, content={}), HERE)
    with pytest.raises(UpstreamError, match="without coordinates"):
        read_located(Answer(status=200, content={}, entries=({"edges": [{}]},)), HERE)


@pytest.mark.parametrize(
    ("number", "kind", "hint"),
    [(150, InputError, "block"), (154, InputError, "max_matrix_distance"), (125, UpstreamError, "costing")],
)
def test_refusals_say_what_may_be_done(number, kind, hint):
    error = refused(Answer(status=400, content={"error_code": number, "error": "Exceeded max locations: 2500"}))
    assert type(error) is kind
    assert f"Valhalla refuses (400 {number}): Exceeded max locations: 2500" in str(error)
    assert hint in error.hint
