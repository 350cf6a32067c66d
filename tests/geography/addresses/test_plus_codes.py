import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlocationcode import openlocationcode

from doorstep.foundation import InputError
from doorstep.geography.addresses.plus_codes import area_of_plus_code, is_plus_code, plus_code

LATS = st.floats(-90, 90)
LONS = st.floats(-180, 180)
LENGTHS = st.sampled_from([2, 4, 6, 8, 10, 11, 12, 13, 14, 15])


def test_a_place_has_the_code_of_the_specification() -> None:
    assert plus_code(lat=47.365590, lon=8.524997) == "8FVC9G8F+6X"
    assert plus_code(lat=47.365590, lon=8.524997, length=11) == "8FVC9G8F+6XQ"
    assert plus_code(lat=20.375, lon=2.775, length=6) == "7FG49Q00+"


@given(LATS, LONS, LENGTHS)
def test_codes_are_those_of_the_reference(lat: float, lon: float, length: int) -> None:
    code = plus_code(lat=lat, lon=lon, length=length)
    assert code == openlocationcode.encode(lat, lon, length)
    area, reference = area_of_plus_code(code), openlocationcode.decode(code)
    assert area.lat == pytest.approx(reference.latitudeCenter, abs=1e-9)
    assert area.lon == pytest.approx(reference.longitudeCenter, abs=1e-9)


@given(LATS, LONS, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_a_short_code_is_the_nearest_to_a_place(lat: float, lon: float, north: float, east: float) -> None:
    code = plus_code(lat=lat, lon=lon)
    middle = openlocationcode.decode(code)
    short = openlocationcode.shorten(code, middle.latitudeCenter, middle.longitudeCenter)
    near_lat, near_lon = max(-90.0, min(90.0, lat + north)), lon + east
    found = area_of_plus_code(short, near_lat=near_lat, near_lon=near_lon)
    reference = openlocationcode.decode(openlocationcode.recoverNearest(short, near_lat, near_lon))
    assert found.lat == pytest.approx(reference.latitudeCenter, abs=1e-9)
    assert abs((found.lon - reference.longitudeCenter + 180) % 360 - 180) < 1e-9


@given(st.text(alphabet="2345CFX0+9A", max_size=12))
def test_what_is_a_whole_code_for_the_reference_is_one_here(text: str) -> None:
    if openlocationcode.isFull(text):
        assert is_plus_code(text)
    elif not openlocationcode.isValid(text):
        assert not is_plus_code(text)


def test_a_short_code_needs_a_place_and_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match="short plus code"):
        area_of_plus_code("9G8F+6X")
    for text in ("", "+", "hello", "8FVC9G8F6X", "8FVC9G8F+6", "WFVC9G8F+6X"):
        with pytest.raises(InputError, match="not a plus code"):
            area_of_plus_code(text)
    with pytest.raises(InputError, match="length"):
        plus_code(lat=0, lon=0, length=9)
    with pytest.raises(InputError, match="must be numbers"):
        plus_code(lat=float("nan"), lon=0)
