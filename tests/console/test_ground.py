"""What lies under the maps: the platform's own streets, tiles of a server that an operator names, or nothing."""

from collections.abc import Iterator

import mapbox_vector_tile  # type: ignore[import-untyped]
import pytest

from doorstep.api.middleware.security_headers import policy_of
from doorstep.console.shell import route_lines
from doorstep.settings import Settings
from doorstep.storage import Database
from tests.console.browsing import browsing
from tests.databases import Furnished
from tests.operations.dispatching.test_dispatching import planned
from tests.operations.test_streets import round_town

TILES = "https://tiles.example/{z}/{x}/{y}.png"


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        yield found


def test_without_streets_maps_have_our_layers_alone(database: Database):
    with browsing(database) as browser:
        page = browser.see("/dispatch")
        assert "streets=" not in page
        assert "tiles" not in page
        assert browser.client.get("/streets/12/1060/1523.mvt").status_code == 204


def test_streets_lie_under_the_maps_with_their_credit(database: Database):
    database.streets = round_town()
    with browsing(database) as browser:
        page = browser.see("/dispatch")
        assert 'streets="/streets/{z}/{x}/{y}.mvt"' in page
        assert "OpenStreetMap contributors" in page
        answer = browser.client.get("/streets/12/1058/1535.mvt")
        around = [(x, y) for x in range(1057, 1060) for y in range(1534, 1537)]
        answers = [browser.client.get(f"/streets/12/{x}/{y}.mvt").content for x, y in around]
        assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        assert "max-age" in answer.headers["cache-control"]
        found = [mapbox_vector_tile.decode(each) for each in answers if each]
        assert {one["properties"]["label"] for tile in found for one in tile["streets"]["features"]} == {"Round"}
        assert browser.client.get("/streets/12/x/1.mvt").status_code == 422


def test_routes_on_the_dispatchers_map_run_along_the_streets(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(route_lines, "PATIENCE_S", 60.0)  # enough for a machine that compiles and is busy
    database.streets = round_town()
    east = float(database.streets.graph.lon.max())
    with browsing(database) as browser:
        layers = browser.ask("/dispatch/map.json")
    lines = [line["geometry"]["coordinates"] for line in layers["lines"]["features"]]  # type: ignore[index]
    doors = [stop["geometry"]["coordinates"] for stop in layers["stops"]["features"]]  # type: ignore[index]
    assert max(lon for lon, _ in doors) < east - 0.03
    assert max(lon for line in lines for lon, _ in line) == pytest.approx(east, abs=1e-4)


def test_pages_ask_a_tile_server_only_if_it_is_named():
    assert "tiles.example" not in policy_of()
    named = policy_of(TILES)
    assert "img-src 'self' data: blob: https://tiles.example;" in named
    assert named.endswith("connect-src 'self' https://tiles.example")


@pytest.mark.parametrize("broken", ["tiles.example/{z}", "https://tiles.example/; script-src *", "https://x/{y}"])
def test_an_address_that_is_none_is_refused(broken: str):
    with pytest.raises(ValueError, match="map_tiles"):
        Settings(map_tiles=broken)
    assert Settings(map_tiles=TILES).map_tiles == TILES
