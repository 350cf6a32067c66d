"""View of the map: sites, routes and doors in map units, ready to draw."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

import numpy as np
import polars as pl

from doorstep.console import words as w
from doorstep.console.report.deliveries import placed_deliveries, placed_routes, unserved_orders
from doorstep.console.report.ground import Ground, read_ground
from doorstep.console.report.projection import Projection
from doorstep.console.report.street_lines import most_off_m
from doorstep.domain import DayPlan, Retailer
from doorstep.domain.tables import MODES
from doorstep.foundation.arrays import Ints, floats
from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.courses import Course

Json: TypeAlias = "str | int | float | None | list[Json] | dict[str, Json]"

MOST_DOTS = 40_000
"""Doors drawn; beyond that every n-th is, so that the file stays small."""
FEW_SITES = 60
HUES = 10
"""Colours that routes take in turn."""
MOST_BYTES, COARSEST_M = 1_000_000, 50.0
"""Routes along streets take no more of the file than this, if they are not to be drawn farther off than that [m]."""
STRAIGHT = "Straight lines between stops stand for drives."
ALONG = "Routes run along the streets that they are driven on; a dashed straight line is an estimate."


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """The streets that a plan was made on, how its routes run along them (by ``route_id``), and whose they are."""

    streets: RoadTimes
    courses: Mapping[str, Course]
    credit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMark:
    """A site on the map."""

    x: int
    y: int
    kind: str
    tip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLine:
    """A route on the map: ``path`` is an SVG path in map units, ``guess`` one of the drives that are estimates.

    Where nothing is known of streets, all drives are in ``path``.
    """

    route_id: str
    hue: int
    day: int
    path: str
    gist: str
    tip: str
    guess: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """A mode in the legend with the number of its deliveries."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A rectangle below the routes; ``level`` is the shade, from 0 to 4, -1 for none."""

    x: int
    y: int
    width: int
    height: int
    level: int
    tip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CityMap:
    """Everything that the map shows; ``dots`` is JSON for the page's script.

    ``metric`` is False where a unit of length is not a metre, ``note`` says what is drawn, ``credit`` whose streets lie
    under it.
    """

    sites: tuple[SiteMark, ...]
    site_kinds: tuple[LegendEntry, ...]
    routes: tuple[RouteLine, ...]
    legend: tuple[LegendEntry, ...]
    days: tuple[str, ...]
    view_box: tuple[int, int, int, int]
    units_per_pixel: float
    metres_per_unit: float
    dots_drawn: int
    dots_all: int
    dots: Json = field(repr=False)
    metric: bool = True
    note: str = f"Every door by the mode that serves it, and the routes of own vehicles. {STRAIGHT}"
    legend_title: str = "Doors by mode"
    cells: tuple[Cell, ...] = ()
    ground: Ground | None = None
    credit: str = ""

    @property
    def crowd(self) -> float:
        """The size of site marks on the whole map, 1 for a few of them, less for many."""
        return min(1.0, max(0.4, math.sqrt(FEW_SITES / max(len(self.sites), 1))))

    @property
    def summary(self) -> str:
        """The map in words, for those who do not see it."""
        kinds = w.listed([f"{entry.count} x {entry.name}" for entry in self.site_kinds])
        modes = w.listed([f"{w.count(entry.count)} by {entry.name}" for entry in self.legend if entry.count])
        sites, routes = w.many(len(self.sites), "site"), w.many(len(self.routes), "route")
        return f"Map of {sites} ({kinds}), {routes} and doors: {modes}."


def read_map(retailer: Retailer, plan: DayPlan, driven: Driven | None = None) -> CityMap:
    """Return the view of the map, with streets under it and routes along them if it was ``driven`` on some."""
    deliveries, missed = placed_deliveries(retailer, plan), unserved_orders(retailer, plan)
    routes = placed_routes(retailer, plan)
    days = sorted({*deliveries["day"].drop_nulls(), *routes["day"].drop_nulls()})
    doors = _doors(deliveries, missed, routes, days)
    sites = retailer.sites
    lat = np.concatenate([floats(sites["lat"]), floats(doors["lat"])])
    lon = np.concatenate([floats(sites["lon"]), floats(doors["lon"])])
    projection = Projection.around(lat, lon)
    shown = doors.gather_every(-(-doors.height // MOST_DOTS)) if doors.height > MOST_DOTS else doors
    box = _view_box(projection, sites, doors)
    counts = {**dict(deliveries.group_by("mode").len().iter_rows()), w.UNSERVED: missed.height}
    names = {**w.MODE_NAMES, w.UNSERVED: "unserved"}
    legend = tuple(LegendEntry(code=c, name=n, count=counts.get(c, 0)) for c, n in names.items() if counts.get(c))
    kinds = dict(sites["kind"].cast(pl.String).value_counts().iter_rows())
    city = CityMap(
        sites=_site_marks(projection, sites),
        site_kinds=tuple(LegendEntry(code=k, name=n, count=kinds[k]) for k, n in w.KIND_NAMES.items() if k in kinds),
        routes=_route_lines(projection, plan, routes, days, retailer.currency),
        legend=legend,
        days=tuple(w.day(day) for day in days),
        view_box=box,
        units_per_pixel=max(box[2] / 860, box[3] / 600),
        metres_per_unit=projection.metres_per_unit(float(lat.mean()) if lat.size else 0.0),
        dots_drawn=shown.height,
        dots_all=doors.height,
        dots=_dots(projection, shown, routes),
    )
    at = np.column_stack(projection.units(floats(doors["lat"]), floats(doors["lon"])))
    return city if driven is None else _on_streets(city, projection, driven, at)


def _on_streets(city: CityMap, projection: Projection, driven: Driven, doors: Ints) -> CityMap:
    """Return the map with streets, and its routes along them."""
    ground = read_ground(driven.streets.graph, projection, city.view_box, city.metres_per_unit, doors)
    note = f"Every door by the mode that serves it, and the routes of own vehicles. {ALONG}"
    note += " Small streets far from doors are left out." if ground.left_out else ""
    drawn = replace(city, ground=ground, credit=driven.credit, note=note)
    off_m = most_off_m(city.metres_per_unit)
    while True:
        routes = tuple(
            _along(route, projection, driven.courses.get(route.route_id, ()), off_m) for route in city.routes
        )
        if off_m > COARSEST_M or sum(len(route.path) + len(route.guess) for route in routes) <= MOST_BYTES:
            return replace(drawn, routes=routes)
        off_m *= 2


def _along(route: RouteLine, projection: Projection, course: Course, off_m: float) -> RouteLine:
    """Return a route along its course."""
    drawn = {True: "", False: ""}
    for stretch in course:
        shown = stretch.simplified(off_m)
        drawn[stretch.estimated] += path(*projection.units(shown.lat, shown.lon))
    return replace(route, path=drawn[False], guess=drawn[True])


def _doors(deliveries: pl.DataFrame, missed: pl.DataFrame, routes: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    """Return deliveries and unserved orders as one table of doors."""
    rows = routes.select("route_id").with_row_index("route")
    number = pl.col("day").replace_strict(days, list(range(len(days))), default=-1, return_dtype=pl.Int64)
    minute = pl.col("arrival").dt.hour().cast(pl.Int64) * 60 + pl.col("arrival").dt.minute()
    brought = deliveries.join(rows, on="route_id", how="left", maintain_order="left").select(
        "order_id",
        "mode",
        "lat",
        "lon",
        number.alias("day"),
        minute.alias("minute"),
        pl.col("route").cast(pl.Int64).fill_null(-1),
        pl.col("order_cost_minor").fill_null(0),
    )
    unserved = missed.select(
        "order_id",
        pl.lit(w.UNSERVED).alias("mode"),
        "lat",
        "lon",
        pl.lit(-1, dtype=pl.Int64).alias("day"),
        pl.lit(-1, dtype=pl.Int64).alias("minute"),
        pl.lit(-1, dtype=pl.Int64).alias("route"),
        pl.lit(0, dtype=pl.Int64).alias("order_cost_minor"),
    )
    return pl.concat([brought, unserved])


def _dots(projection: Projection, doors: pl.DataFrame, routes: pl.DataFrame) -> Json:
    """Return the doors column by column; modes are one digit each."""
    x, y = projection.units(floats(doors["lat"]), floats(doors["lon"]))
    codes = {mode: str(number) for number, mode in enumerate((*MODES, w.UNSERVED))}
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "mode": "".join(codes[mode] for mode in doors["mode"]),
        "day": doors["day"].to_list(),
        "minute": doors["minute"].to_list(),
        "route": doors["route"].to_list(),
        "cost": doors["order_cost_minor"].to_list(),
        "id": doors["order_id"].to_list(),
        "routes": routes["route_id"].to_list(),
    }


def _site_marks(projection: Projection, sites: pl.DataFrame) -> tuple[SiteMark, ...]:
    x, y = projection.units(floats(sites["lat"]), floats(sites["lon"]))
    rows = zip(x.tolist(), y.tolist(), sites["kind"], sites["name"], sites["site_id"], strict=True)
    return tuple(
        SiteMark(x=x, y=y, kind=kind, tip=f"{name or code}, {w.KIND_NAMES.get(kind, kind)}")
        for x, y, kind, name, code in rows
    )


def _route_lines(
    projection: Projection, plan: DayPlan, routes: pl.DataFrame, days: list[date], currency: str
) -> tuple[RouteLine, ...]:
    stops = plan.stops.sort("route_id", "sequence")
    x, y = projection.units(floats(stops["lat"]), floats(stops["lon"]))
    order = stops.select("route_id", pl.Series("x", x), pl.Series("y", y)).group_by("route_id").agg("x", "y")
    lines = {code: path(np.array(xs), np.array(ys)) for code, xs, ys in order.iter_rows()}
    number = {day: place for place, day in enumerate(days)}
    return tuple(
        RouteLine(
            route_id=row["route_id"],
            hue=place % HUES,
            day=number.get(row["day"], -1),
            path=lines.get(row["route_id"], ""),
            gist=f"{w.count(row['parcels'])} parcels, {w.distance(row['distance_m'])}",
            tip=(
                f"{row['site_name'] or row['site_id']}, {row['vehicle_type'] or row['vehicle_id']},"
                f" {row['start']:%H:%M} to {row['end']:%H:%M}: {w.many(row['stops'], 'door')},"
                f" {w.many(row['parcels'], 'parcel')}, {w.distance(row['distance_m'])},"
                f" {w.money(row['cost_minor'], currency)}"
            ),
        )
        for place, row in enumerate(routes.iter_rows(named=True))
    )


def path(x: Ints, y: Ints) -> str:
    """Return an SVG path through points, in steps relative to the point before."""
    if not x.size:
        return ""
    steps = [f"{dx} {dy}" for dx, dy in zip(np.diff(x).tolist(), np.diff(y).tolist(), strict=True) if dx or dy]
    return f"M{x[0]} {y[0]}" + (f"l{' '.join(steps)}" if steps else "h0")


def _view_box(projection: Projection, sites: pl.DataFrame, doors: pl.DataFrame) -> tuple[int, int, int, int]:
    """Return the part of the map shown first: all sites and 99 of 100 doors, with a margin."""
    sx, sy = projection.units(floats(sites["lat"]), floats(sites["lon"]))
    dx, dy = projection.units(floats(doors["lat"]), floats(doors["lon"]))
    low, high = [], []
    for at_sites, at_doors in ((sx, dx), (sy, dy)):
        inner = np.quantile(at_doors, (0.005, 0.995)) if at_doors.size else np.zeros(0)
        both = np.concatenate([at_sites, inner])
        low.append(int(both.min()) if both.size else 0)
        high.append(int(both.max()) if both.size else 0)
    margin = max(high[0] - low[0], high[1] - low[1], 100) // 25
    return (
        low[0] - margin,
        low[1] - margin,
        high[0] - low[0] + 2 * margin,
        high[1] - low[1] + 2 * margin,
    )
