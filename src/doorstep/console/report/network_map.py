"""The map of a network: zones in the colour of who serves them or of their region, sites as large as their volume."""

import math
from dataclasses import dataclass

import h3
import numpy as np
import polars as pl
from markupsafe import Markup, escape

from doorstep.console import words as w
from doorstep.console.report.projection import UNITS, Projection
from doorstep.foundation.arrays import floats

HUES = 10
"""Colours that regions and sites take in turn."""
SITE_UNITS = 620
"""Radius of the busiest site, in map units."""
MARGIN = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkMap:
    """The map as SVG, and what its colours mean."""

    svg: Markup
    caption: str


def network_map(sites: pl.DataFrame, zones: pl.DataFrame) -> NetworkMap:
    """Return the map of the tables ``sites`` and ``zones`` of a network plan."""
    rings = [h3.cell_to_boundary(cell) for cell in zones["cell"]]
    lat = np.array([point[0] for ring in rings for point in ring] + sites["lat"].to_list())
    lon = np.array([point[1] for ring in rings for point in ring] + sites["lon"].to_list())
    projection = Projection.around(lat, lon)
    coloured = "region" in zones.columns
    hue = _hues(sites, zones, coloured=coloured)
    parts = [_zone(projection, ring, row, hue) for ring, row in zip(rings, zones.iter_rows(named=True), strict=True)]
    busiest = max(float(floats(sites["parcels_per_day"]).max(initial=0.0)), 1.0)
    ordered = sites.sort("parcels_per_day", descending=True)
    parts += [_site(projection, row, busiest) for row in ordered.iter_rows(named=True)]
    x, y = projection.units(lat, lon)
    box = f"{-MARGIN} {-MARGIN} {int(x.max()) + 2 * MARGIN} {int(y.max()) + 2 * MARGIN}"
    kept, opened, closed = (sites.filter(pl.col("fate") == fate).height for fate in ("kept", "opened", "closed"))
    told = f"Map of {w.many(zones.height, 'zone')}: {w.many(kept, 'site')} kept, {opened} opened, {closed} closed."
    svg = Markup('<svg class="network" viewBox="{}" role="img" aria-label="{}">{}</svg>').format(
        box, told, Markup("".join(parts))
    )
    by = "their region" if coloured else "the site that serves their next-day parcels (grey: third parties)"
    return NetworkMap(svg=svg, caption=f"Zones in the colour of {by}; sites as large as their parcels. {told}")


def _hues(sites: pl.DataFrame, zones: pl.DataFrame, *, coloured: bool) -> dict[object, int]:
    """Return the colour of each region or site; sites far from one another may share one."""
    if coloured:
        return {label: number % HUES for number, label in enumerate(sorted(set(zones["region"])))}
    open_sites = sites.filter(pl.col("fate").is_in(["kept", "opened"])).sort("lon", "lat")
    return {option: number % HUES for number, option in enumerate(open_sites["option_id"])}


def _zone(
    projection: Projection, ring: tuple[tuple[float, float], ...], row: dict[str, object], hue: dict[object, int]
) -> str:
    x, y = projection.units(np.array([point[0] for point in ring]), np.array([point[1] for point in ring]))
    points = " ".join(f"{a},{b}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    label = row["region"] if "region" in row else row["later_site"]
    colour = hue.get(label)
    css = f"z hue-{colour}" if colour is not None else "z"
    parcels = float(str(row["same_day_parcels_per_day"])) + float(str(row["later_parcels_per_day"]))
    where = f"region {label}" if "region" in row else (label or "nobody")
    strength = min(0.85, 0.25 + 0.12 * math.log1p(parcels))
    tip = escape(f"{parcels:.1f} parcels a day, {where}")
    return f'<polygon points="{points}" class="{css}" fill-opacity="{strength:.2f}"><title>{tip}</title></polygon>'


def _site(projection: Projection, row: dict[str, object], busiest: float) -> str:
    lat, lon, fate = float(str(row["lat"])), float(str(row["lon"])), str(row["fate"])
    x, y = projection.units(np.array([lat]), np.array([lon]))
    parcels = float(str(row["parcels_per_day"]))
    radius = max(UNITS // 300, round(SITE_UNITS * math.sqrt(parcels / busiest)))
    tip = escape(f"{row['name']} ({row['option_id']}), {row['role']}, {fate}: {parcels:.0f} parcels a day")
    square = row["role"] == "fc"
    place = (
        f'rect x="{x[0] - radius}" y="{y[0] - radius}" width="{2 * radius}" height="{2 * radius}"'
        if square
        else f'circle cx="{x[0]}" cy="{y[0]}" r="{radius}"'
    )
    end = "rect" if square else "circle"
    return f'<{place} class="s {fate.replace(" ", "-")}"><title>{tip}</title></{end}>'
