"""Vector tiles of streets, read back by the library of those who wrote the format down."""

import math

import mapbox_vector_tile  # type: ignore[import-untyped]
import pytest

from doorstep.geography.roads import PROFILES, build_graph
from doorstep.geography.roads.tiles import EXTENT, StreetTiles
from tests.geography.roads.towns import LAT, LON, grid

TILES = StreetTiles(build_graph(grid(), PROFILES["car"]))


def tile_at(zoom: int) -> tuple[int, int, float, float]:
    """Return column and row of the tile of the town's corner, and where in it the corner lies, from 0 to 1."""
    x = (LON + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(LAT))) / math.pi) / 2 * 2**zoom
    return int(x), int(y), x - int(x), y - int(y)


def test_a_tile_has_the_streets_with_names_and_speeds_where_they_are():
    column, row, east, south = tile_at(14)
    read = mapbox_vector_tile.decode(TILES.tile(14, column, row), default_options={"y_coord_down": True})["streets"]
    assert read["extent"] == EXTENT
    assert {each["properties"]["label"] for each in read["features"]} >= {"Row 0", "Column 0"}
    assert {each["properties"]["kmh"] for each in read["features"]} == {25}
    corners = [tuple(point) for each in read["features"] for point in each["geometry"]["coordinates"]]
    assert (round(east * EXTENT), round(south * EXTENT)) in corners
    beside = mapbox_vector_tile.decode(TILES.tile(14, column + 1, row))["streets"]
    assert len(read["features"]) + len(beside["features"]) >= 4 * 4 + 3 * 5  # some lie in both


def test_seen_from_afar_only_fast_streets_are_shown_and_elsewhere_none():
    column, row, *_ = tile_at(9)
    assert TILES.tile(9, column, row) == b""
    column, row, *_ = tile_at(14)
    assert TILES.tile(14, column + 2, row) == b""


@pytest.mark.parametrize("asked", [(17, 0, 0), (-1, 0, 0), (2, 4, 0), (2, 0, -1)])
def test_what_is_no_tile_is_empty(asked: tuple[int, int, int]):
    assert TILES.tile(*asked) == b""
