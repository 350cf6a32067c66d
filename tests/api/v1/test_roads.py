"""Closed roads and slow areas told and ended over the API."""

import pytest

from tests.api.desks import Shop, closed_street

CENTRE = {"type": "Point", "coordinates": [-87.0, 41.0]}
AREA = {"line": [], "centre": CENTRE, "radius_m": 800, "slower_pct": 60}


def test_a_street_is_closed_an_area_slow_and_both_end(shop: Shop):
    client = shop.client()
    street = client.post("/v1/road-events", json=closed_street(note="Parade")).json()
    area = client.post("/v1/road-events", json=closed_street(**AREA, starts_at="2026-03-03T14:30:00Z")).json()
    assert (street["line"], street["centre"], street["note"]) == ([[-87.02, 41.005], [-86.98, 41.005]], None, "Parade")
    assert (street["starts_at"], area["starts_at"]) == ("2026-03-03T14:00:00Z", "2026-03-03T14:30:00Z")
    assert {name: area[name] for name in AREA} == AREA
    assert client.get("/v1/road-events").json()["items"] == [area, street]
    path = f"/v1/road-events/{street['id']}"
    assert client.get(path).json() == street
    assert shop.client(shop.other_key).delete(path).status_code == 404
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    shop.clock.at += 3_600
    assert client.get("/v1/road-events").json()["items"] == []


@pytest.mark.parametrize(
    "changes",
    [{"line": [[-87.0, 41.0]]}, AREA | {"line": [[-87.0, 41.0], [-87.1, 41.0]]}, AREA | {"radius_m": 0},
     {"slower_pct": 5}, {"ends_at": "2026-03-03T14:00:00Z"}],
)  # fmt: skip
def test_what_is_neither_line_nor_area_or_is_over_is_refused(shop: Shop, changes: dict[str, object]):
    assert shop.client().post("/v1/road-events", json=closed_street(**changes)).status_code == 422
