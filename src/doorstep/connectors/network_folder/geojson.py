"""A network as a map file: RFC 7946, positions as longitude then latitude in WGS 84 degrees."""

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import h3
import polars as pl

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

DECIMALS = 6
"""Digits after the point of a coordinate: a tenth of a metre."""


def collection(tables: Mapping[str, pl.DataFrame]) -> str:
    """Return the zones and sites of a network as the text of one feature collection, a feature a line."""
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features(tables))
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def features(tables: Mapping[str, pl.DataFrame]) -> Iterator[dict[str, Json]]:
    """Yield zones as hexagons, then sites as points."""
    for zone in tables["zones"].iter_rows(named=True):
        ring: list[Json] = [_position(lat, lon) for lat, lon in h3.cell_to_boundary(zone["cell"])]
        yield _feature(f"zone/{zone['cell']}", "Polygon", [[*ring, ring[0]]], "zone", zone)
    for site in tables["sites"].iter_rows(named=True):
        yield _feature(f"site/{site['option_id']}", "Point", _position(site["lat"], site["lon"]), "site", site)


def _position(lat: float, lon: float) -> Json:
    return [round(lon, DECIMALS), round(lat, DECIMALS)]


def _feature(name: str, kind: str, coordinates: Json, layer: str, row: dict[str, Json]) -> dict[str, Json]:
    properties = {"layer": layer, **{key: value for key, value in row.items() if key not in ("lat", "lon")}}
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }
