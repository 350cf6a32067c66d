"""GeoJSON puts the longitude first; nothing else in doorstep does."""

import pytest
from pydantic import ValidationError

from doorstep.api.conventions.geojson import Feature, Point, line, point


def test_a_place_is_written_longitude_first_and_read_by_name():
    place = point(lat=41.8781, lon=-87.6298)
    assert place.model_dump(mode="json") == {"type": "Point", "coordinates": [-87.6298, 41.8781]}
    assert (place.lat, place.lon) == (41.8781, -87.6298)


def test_places_are_rounded_to_a_tenth_of_a_metre():
    assert point(lat=1 / 3, lon=2 / 3).coordinates == (0.666667, 0.333333)


def test_a_way_is_a_line_of_places():
    assert line([(1, 2), (3, 4)]).model_dump(mode="json")["coordinates"] == [[2, 1], [4, 3]]


def test_a_feature_carries_its_geometry_and_properties():
    feature = Feature(id="stop 1", geometry=point(lat=1, lon=2), properties={"sequence": 1})
    assert Feature.model_validate_json(feature.model_dump_json()) == feature


@pytest.mark.parametrize(
    "coordinates", [[181, 0], [0, 91], [0], [0, 0, 0], [0, False], ["1", 0], [float("nan"), 0], "ab", None]
)
def test_a_place_off_the_map_is_refused(coordinates):
    with pytest.raises(ValidationError):
        Point.model_validate({"type": "Point", "coordinates": coordinates})
