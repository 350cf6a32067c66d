"""Zones and sites of a network for the map: coloured by region, or by the site that serves them."""

from collections.abc import Mapping, Sequence

import h3

from doorstep.operations.planning.kept_tables import Cells

HUES = 10


def map_of_study(zones: Cells, sites: Cells) -> dict[str, object]:
    """Return layers: hexagons that are darker where more parcels go, and sites with what becomes of them."""
    places = [
        _feature("Point", [row["lon"], row["lat"]], kind=_mark(row), label=_told(row))
        for row in _rows(sites)
        if row["fate"] != "not needed"
    ]
    at = [(float(str(row["lat"])), float(str(row["lon"]))) for row in _rows(zones)]
    return {"areas": _all(_areas(zones)), "sites": _all(places)} | bounds_of(at)


def map_in_force(sites: Sequence[Mapping[str, object]], zones: Cells) -> dict[str, object]:
    """Return the sites of a retailer as they are, on the zones of the study that was adopted last (none: empty)."""
    return map_of_sites(sites) | ({"areas": _all(_areas(zones))} if zones else {})


def _areas(zones: Cells) -> list[dict[str, object]]:
    rows = _rows(zones)
    groups = [str(row.get("region", row.get("next_day_site", ""))) for row in rows]
    hue = {name: number % HUES for number, name in enumerate(sorted(set(groups)))}
    volumes = [sum(float(str(value or 0)) for name, value in row.items() if name.endswith("parcels_per_day"))
               for row in rows]  # fmt: skip
    most = max(volumes, default=0) or 1
    return [
        _feature("Polygon", [_ring(str(row["cell"]))], hue=hue[group], weight=0.15 + 0.55 * (volume / most) ** 0.5,
                 label=f"{volume:,.1f} parcels a day" + (f", region {group}" if "region" in row else f", {group}"))
        for row, group, volume in zip(rows, groups, volumes, strict=True)
    ]  # fmt: skip


def map_of_sites(sites: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return the sites of a retailer as they are."""
    places = [
        _feature("Point", [site["lon"], site["lat"]], kind=str(site["kind"]),
                 label=str(site["name"] or site["site_id"]))
        for site in sites
    ]  # fmt: skip
    at = [(float(str(site["lat"])), float(str(site["lon"]))) for site in sites]
    return {"sites": _all(places)} | bounds_of(at)


def bounds_of(at: Sequence[tuple[float, float]]) -> dict[str, object]:
    """Return the bounds of places (lat, lon), nothing if there are none."""
    if not at:
        return {}
    lats, lons = zip(*at, strict=True)
    return {"bounds": [min(lons), min(lats), max(lons), max(lats)]}


def rows_of(cells: Cells) -> list[dict[str, object]]:
    """Return a kept table row by row."""
    return _rows(cells)


def _rows(cells: Cells) -> list[dict[str, object]]:
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def _ring(cell: str) -> list[list[float]]:
    ring = [[round(lon, 5), round(lat, 5)] for lat, lon in h3.cell_to_boundary(cell)]
    return [*ring, ring[0]]


def _mark(row: Mapping[str, object]) -> str:
    return "closed" if row["fate"] == "closed" else str(row["role"])


def _told(row: Mapping[str, object]) -> str:
    volume = float(str(row["parcels_per_day"] or 0))
    return f"{row['name'] or row['option_id']}: {row['fate']}, {volume:,.0f} parcels a day"


def _feature(shape: str, coordinates: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"type": shape, "coordinates": coordinates}, "properties": properties}


def _all(features: Sequence[dict[str, object]]) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)}
