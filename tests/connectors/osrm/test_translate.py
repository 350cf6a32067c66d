"""Tables in OSRM's words."""

import numpy as np
import pytest

from doorstep.connectors.carrier_wire import Answer
from doorstep.connectors.osrm.translate import read_table, refused, table_path
from doorstep.connectors.road_answers import LARGEST_BLOCK
from doorstep.foundation import InputError, UpstreamError
from doorstep.geography import Places

SAID = {
    "code": "Ok",
    "distances": [[350.5, 1490.2], [-1.7, 1886.2]],
    "durations": [[24.2, None], [0, 153.6]],
    "sources": [
        {"distance": 18.88140128, "name": "Tunnel Dorsale", "location": [7.417194, 43.732581]},
        {"distance": 15.91694251, "name": "Rue Grimaldi", "location": [7.418706, 43.733273]},
    ],
    "destinations": [
        {"distance": 15.91694251, "name": "Rue Grimaldi", "location": [7.418706, 43.733273]},
        {"distance": 13.60395371, "name": "Boulevard du Larvotto", "location": [7.429833, 43.740018]},
    ],
}


def test_a_table_is_asked_for_with_longitude_first_and_six_digits():
    origins = Places(lat=np.array([43.7325]), lon=np.array([7.41740001]))
    destinations = Places(lat=np.array([43.7333, -0.0000001]), lon=np.array([7.0, 1e-5]))
    assert table_path("driving", origins, destinations) == (
        "/table/v1/driving/7.417400,43.732500;7.000000,43.733300;0.000010,-0.000000"
        "?sources=0&destinations=1;2&annotations=duration,distance&generate_hints=false"
    )


def test_the_largest_table_has_an_address_that_the_server_takes():
    points = Places(lat=np.full(LARGEST_BLOCK, -45.123456), lon=np.full(LARGEST_BLOCK, -172.123456))
    assert len(table_path("driving", points, points)) < 24_900  # what osrm-routed 26.10 takes without settings


def test_a_table_is_read_in_whole_numbers_with_what_is_below_nothing_as_nothing():
    found = read_table(SAID, 2, 2)
    assert found.metres.tolist() == [[350, -1], [0, 1886]]
    assert found.seconds.tolist() == [[24, -1], [0, 154]]
    assert (found.origin_m.tolist(), found.destination_m.tolist()) == ([19, 16], [16, 14])


def test_a_table_without_the_way_to_the_street_is_none():
    with pytest.raises(UpstreamError, match="how far sources lie"):
        read_table({**SAID, "sources": [{"name": ""}, {"name": ""}]}, 2, 2)


@pytest.mark.parametrize(
    ("code", "kind", "hint"),
    [
        ("TooBig", InputError, "--max-table-size"),
        ("NoSegment", InputError, "--default-radius"),
        ("InvalidOptions", UpstreamError, "profile"),
    ],
)
def test_refusals_say_what_may_be_done(code, kind, hint):
    error = refused(Answer(status=400, content={"code": code, "message": "Too many table coordinates"}))
    assert type(error) is kind
    assert f"OSRM refuses a table (400 {code}): Too many table coordinates" in str(error)
    assert hint in error.hint
