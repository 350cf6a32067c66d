"""What the apps' own payloads say, with their traps; and that no bytes break the reading."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.phones import osmand, overland, own, owntracks, traccar
from doorstep.connectors.phones.reading import Read, moment_of
from doorstep.foundation import InputError
from doorstep.tracking import Position
from doorstep.tracking.positions import Source
from tests.connectors.phones.payloads import OSMAND, OVERLAND, OWN, OWNTRACKS, TRACCAR

NOW = 1_772_546_400
D = "dev_1"


def of_osmand(body: bytes, device: str = D) -> Read:
    return osmand.read(osmand.fields_of(body), device=device, now=NOW)


READERS: list[Callable[..., Read]] = [owntracks.read, traccar.read, overland.read, own.read]


def test_owntracks_counts_kilometres_an_hour_and_percent():
    assert owntracks.read(OWNTRACKS, device=D).positions == [
        Position(device=D, at=1_497_349_316, lat=48.85833, lon=2.29513, source=Source.OWNTRACKS, speed_mps=61 / 3.6,
                 course_deg=271.0, accuracy_m=5.0, battery=0.67)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["transition", "waypoint", "waypoints", "lwt", "status", "card", "cmd", "encrypted"])
def test_other_messages_of_owntracks_and_empty_ones_are_no_positions(kind: str):
    assert owntracks.read(json.dumps({"_type": kind, "lat": 1, "lon": 2, "tst": 3}).encode(), device=D) == ([], 0)
    assert owntracks.read(b"", device=D) == ([], 0)


def test_traccar_writes_minus_one_for_what_it_does_not_know():
    assert traccar.device_in(TRACCAR) == "48241179"
    assert traccar.read(TRACCAR, device=D).positions == [
        Position(device=D, at=1_749_995_112, lat=37.42, lon=-122.08, source=Source.TRACCAR, speed_mps=0.0,
                 accuracy_m=5.0, battery=1.0, moving=False)
    ]  # fmt: skip


def test_traccar_may_leave_the_coordinates_out():
    told = json.loads(TRACCAR)
    del told["location"]["coords"]
    assert traccar.read(json.dumps(told).encode(), device=D) == ([], 0)


def test_osmand_counts_knots_and_percent():
    assert osmand.device_in(osmand.fields_of(OSMAND)) == "123456"
    moving = OSMAND.replace(b"speed=0.0", b"speed=36").replace(b"bearing=0.0", b"heading=180")
    assert of_osmand(moving).positions == [
        Position(device=D, at=1_377_177_267, lat=60.0, lon=30.0, source=Source.OSMAND, speed_mps=18.52,
                 course_deg=180.0, accuracy_m=5.0, battery=0.87)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["1377177267", "1377177267123", "1377177267.9", "2013-08-22T13:14:27Z", "2013-08-22T15:14:27.5+02:00",
             "2013-08-22T06:14:27-0700", "2013-08-22 13:14:27"]
)  # fmt: skip
def test_the_forms_of_a_moment_say_the_same(text: str):
    assert moment_of(text) == 1_377_177_267


def test_osmand_may_give_the_place_in_one_field_no_time_and_no_fix():
    (found,) = of_osmand(b"deviceid=7&location=60.5,30.25").positions
    assert (found.at, found.lat, found.lon, found.speed_mps) == (NOW, 60.5, 30.25, None)
    assert of_osmand(OSMAND + b"&valid=false") == of_osmand(b"id=7&batt=40") == ([], 0)
    with pytest.raises(InputError, match=r"lat 'x' is no number"):
        of_osmand(b"id=7&lat=x&lon=1")


def test_overland_writes_longitude_first_and_the_hour_of_a_zone():
    assert overland.read(OVERLAND, device=D).positions == [
        Position(device=D, at=1_443_711_600, lat=37.33, lon=-122.03, source=Source.OVERLAND, speed_mps=4.0,
                 accuracy_m=30.0, battery=0.89, moving=True)
    ]  # fmt: skip
    assert b'"ok"' in overland.REPLY


def test_one_bad_position_in_a_batch_is_passed_over_and_the_others_are_taken():
    told = json.loads(OVERLAND)
    good = told["locations"][0]
    told["locations"] = [good, good | {"geometry": None}, good | {"properties": {}}, good]
    found = overland.read(json.dumps(told).encode(), device=D)
    assert (len(found.positions), found.passed_over) == (2, 2)


def test_our_own_batches_say_units_and_the_zone():
    first, second = own.read(OWN, device=D).positions
    assert first == Position(device=D, at=NOW, lat=41.0, lon=-87.0, source=Source.OWN, speed_mps=8.5, course_deg=90.0,
                             accuracy_m=4.0, battery=0.5, moving=True)  # fmt: skip
    assert (second.at, second.speed_mps, second.moving) == (NOW + 5, None, None)
    found = own.read(OWN.replace(b"14:00:00Z", b"14:00:00").replace(b"-86.9995", b"-200"), device=D)
    assert own.reply(found) == b'{"accepted":0,"refused":2}'


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("body", [b"x", b"[]", b"{}", b"\xff", b'{"positions":1,"locations":1,"_type":1}'])
def test_what_is_no_message_is_refused(read: Callable[..., Read], body: bytes):
    with pytest.raises(InputError):
        read(body, device=D)


def test_a_body_of_brackets_alone_breaks_nothing():
    for read in READERS:
        for body in (b"[" * 500_000, b'{"location":' * 50_000, b'{"positions":' + b"[" * 500_000):
            with pytest.raises(InputError):
                read(body, device=D)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
FIELDS = [
    b'"lat":48.85833', b'"tst":1497349316', b"67", b"37.42", b'"2025-06-15T13:45:12.862Z"', b"-1", b"[-122.03,37.33]",
    b'"2015-10-01T08:00:00-0700"', b"30", b'["driving"]', b'"2026-03-03T14:00:05.900Z"', b"8.5",
]  # fmt: skip
messages = st.sampled_from([OWNTRACKS, TRACCAR, OVERLAND, OWN])


@given(messages, st.sampled_from(FIELDS), json_values, st.binary(max_size=9), st.integers(0, 300))
def test_no_bytes_raise_anything_but_input_errors(
    body: bytes, replaced: bytes, value: object, noise: bytes, place: int
):
    new = json.dumps(value).encode()
    named = replaced.partition(b":")[0] + b":" + new if replaced.startswith(b'"lat') or b'"tst' in replaced else new
    for mutated in (body.replace(replaced, named), body[:place] + noise + body[place + len(noise) :], noise):
        for read in READERS:
            try:
                found = read(mutated, device=D)
            except InputError:
                continue
            assert all(p.speed_mps is None or 0 <= p.speed_mps <= 1000 for p in found.positions)


names = st.sampled_from([b"lat", b"lon", b"timestamp", b"speed", b"location", b"batt", b"valid", b"bearing"])
values = st.sampled_from([b"1", b"-91", b"nan", b"inf", b"1e309", b"9" * 400, b"%ff", b"1,2", b"", b"0001-01-01"])


@given(st.lists(st.tuples(names, values | st.binary(max_size=6)), max_size=8))
def test_no_query_raises_anything_but_input_errors(pairs: list[tuple[bytes, bytes]]):
    try:
        of_osmand(b"lat=1&lon=2&" * (len(pairs) % 2) + b"&".join(name + b"=" + value for name, value in pairs))
    except InputError:
        return
