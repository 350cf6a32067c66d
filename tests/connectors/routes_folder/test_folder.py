"""Plan, map and report lie in a folder of their own and overwrite nothing of anybody else's."""

import json
from dataclasses import replace

import numpy as np
import pytest

from doorstep.connectors.routes_folder import write_routes
from doorstep.connectors.routes_folder.geojson import route_collection
from doorstep.foundation import ConflictError
from tests.connectors.routes_folder.small_plan import file_of, solved


def test_three_files_are_written_and_replaced(tmp_path):
    for report in ("one", "two"):
        write_routes(tmp_path / "new" / "out", solved(), report_html=report)
        assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == [
            "plan.json",
            "report.html",
            "routes.geojson",
        ]
        assert (tmp_path / "new" / "out" / "report.html").read_text() == report


def test_other_files_beside_are_left_alone_and_names_that_are_taken_are_not_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write_routes(tmp_path, solved(), report_html="")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(
        ConflictError, match=r"holds plan\.json, routes\.geojson, report\.html that doorstep routes did"
    ):
        write_routes(tmp_path, solved(), report_html="")
    with pytest.raises(ConflictError, match="is not a folder"):
        write_routes(tmp_path / "notes.txt", solved(), report_html="")


def test_routes_are_lines_and_stops_are_points_longitude_first():
    collection = route_collection(solved())
    assert collection["coordinates"] == "longitude, latitude"
    features = {feature["id"]: feature for feature in json.loads(json.dumps(collection))["features"]}
    assert list(features) == ["depot/hub", "route/1", "stop/a", "stop/b", "stop/c"]
    assert features["route/1"]["geometry"] == {
        "type": "LineString",
        "coordinates": [[0, 0], [0.01, 0], [0.02, 0], [0, 0]],
    }
    assert features["stop/b"]["geometry"] == {"type": "Point", "coordinates": [0.02, 0]}
    assert features["stop/b"]["properties"] == {
        "layer": "stop", "id": "b", "route": 1, "sequence": 2, "service_at": 360,
    }  # fmt: skip
    assert features["stop/c"]["properties"]["layer"] == "unserved"


def test_a_plane_is_said_to_be_one_and_without_places_nothing_is_drawn():
    assert route_collection(solved(file=file_of(on_earth=False)))["coordinates"] == "x, y as in the file, not degrees"
    nowhere = replace(file_of(), points=np.empty((0, 2)))
    assert route_collection(solved(file=nowhere))["features"] == []
