"""View of the map of routes: depots, stops and routes in map units, whether places lie on the earth or in a plane."""

import numpy as np

from doorstep.connectors.routes_folder import SolvedRoutes
from doorstep.console import words as w
from doorstep.console.report.city_map import (
    HUES,
    MOST_DOTS,
    STRAIGHT,
    Cell,
    CityMap,
    Json,
    LegendEntry,
    RouteLine,
    SiteMark,
    path,
)
from doorstep.console.report.projection import UNITS, Projection
from doorstep.console.route_words import RouteWords
from doorstep.domain.tables import MODES
from doorstep.foundation.arrays import Floats, Ints

SHADES = 5
PLANE = "Every stop and every route, in the file's plane."
SERVED, LEFT = "own_fleet", w.UNSERVED
"""The marks of stops on routes and in none: those of the plan's map."""


def read_route_map(solved: SolvedRoutes) -> CityMap | None:
    """Return the view of the map; None if nothing is known of where places lie."""
    file = solved.file
    if not file.points.shape[0]:
        return None
    x, y, length = _units(file.points, on_earth=file.on_earth)
    depots, stops = len(file.depot_ids), len(file.stop_ids)
    route_of = np.full(stops, -1, dtype=np.int64)
    for number, route in enumerate(solved.plan.routes):
        route_of[list(route.stops)] = number
    served = int((route_of >= 0).sum())
    shown = np.arange(0, stops, max(1, -(-stops // MOST_DOTS)))
    margin = max(int(np.ptp(x)), int(np.ptp(y)), 100) // 25
    box = (int(x.min()) - margin, int(y.min()) - margin, int(np.ptp(x)) + 2 * margin, int(np.ptp(y)) + 2 * margin)
    legend = (
        LegendEntry(code=SERVED, name="on a route", count=served),
        LegendEntry(code=LEFT, name="unserved", count=stops - served),
    )
    return CityMap(
        sites=tuple(
            SiteMark(x=int(x[depot]), y=int(y[depot]), kind="fc", tip=f"Depot {name}")
            for depot, name in enumerate(file.depot_ids)
        ),
        site_kinds=(LegendEntry(code="fc", name="depot", count=depots),),
        routes=_lines(solved, x, y),
        legend=tuple(entry for entry in legend if entry.count),
        days=(),
        view_box=box,
        units_per_pixel=max(box[2] / 860, box[3] / 600),
        metres_per_unit=length,
        dots_drawn=shown.size,
        dots_all=stops,
        dots=_dots(solved, shown, x[depots:], y[depots:], route_of),
        metric=file.on_earth,
        note=f"{'Every stop and every route.' if file.on_earth else PLANE} {STRAIGHT}",
        legend_title="Stops",
        cells=_cells(solved, x[depots:], y[depots:]),
    )


def _units(points: Floats, *, on_earth: bool) -> tuple[Ints, Ints, float]:
    """Return whole map units eastward (P,) and southward (P,), and the length of one: in metres, or in the file's."""
    x, y = points.T
    if on_earth:
        projection = Projection.around(y, x)
        east, south = projection.units(y, x)
        return east, south, projection.metres_per_unit(float(y.mean()))
    length = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9) / UNITS
    return (
        np.rint((x - x.min()) / length).astype(np.int64),
        np.rint((y.max() - y) / length).astype(np.int64),
        length,
    )


def _cells(solved: SolvedRoutes, x: Ints, y: Ints) -> tuple[Cell, ...]:
    """Return what one more stop would cost as shaded cells over the stops, a fifth of them in each shade."""
    field, words = solved.one_more, RouteWords.of(solved.file)
    if field is None or not x.size:
        return ()
    known = field.cost[field.possible] if field.possible.any() else np.zeros(1)
    edges = np.quantile(known, np.arange(1, SHADES) / SHADES)
    shade = np.where(field.possible, np.searchsorted(edges, field.cost, side="left"), -1).tolist()
    columns = np.linspace(x.min(), x.max(), field.columns + 1).round().astype(np.int64).tolist()
    rows = np.linspace(y.max(), y.min(), field.rows + 1).round().astype(np.int64).tolist()
    cells = []
    for number, cost in enumerate(field.cost.tolist()):
        row, column = divmod(number, field.columns)
        tip = f"one more stop here costs {words.money(cost)}" if field.possible[number] else "no room for a stop here"
        cells.append(
            Cell(
                x=columns[column],
                y=rows[row + 1],
                width=columns[column + 1] - columns[column],
                height=rows[row] - rows[row + 1],
                level=shade[number],
                tip=tip,
            )
        )
    return tuple(cells)


def _lines(solved: SolvedRoutes, x: Ints, y: Ints) -> tuple[RouteLine, ...]:
    words, problem = RouteWords.of(solved.file), solved.file.problem
    lines = []
    for number, route in enumerate(solved.plan.routes):
        leaves, reaches = route.arcs(problem)
        way = np.concatenate([leaves[:1], reaches])
        stops, driven = w.many(len(route.stops), "stop"), words.distance(route.metres(problem))
        hours = f"{words.moment(route.start_at)} to {words.moment(route.end_at)}"
        lines.append(
            RouteLine(
                route_id=str(number + 1),
                hue=number % HUES,
                day=-1,
                path=path(x[way], y[way]),
                gist=f"{stops}, {driven}",
                tip=f"type {route.vehicle}, {hours}: {stops}, {driven}, cost {words.money(route.cost_minor(problem))}",
            )
        )
    return tuple(lines)


def _dots(solved: SolvedRoutes, shown: Ints, x: Ints, y: Ints, route_of: Ints) -> Json:
    """Return the stops column by column; ``tip`` is what each says of itself."""
    words, ids = RouteWords.of(solved.file), solved.file.stop_ids
    told = {left.stop: f"unserved. {left.text}" for left in solved.unserved}
    for number, route in enumerate(solved.plan.routes, start=1):
        moments = zip(route.stops, (at for times in route.service_at for at in times), strict=True)
        told |= {stop: f"route {number}, stop {n}, at {words.moment(at)}" for n, (stop, at) in enumerate(moments, 1)}
    codes = [str(len(MODES)), str(MODES.index(SERVED))]
    return {
        "x": x[shown].tolist(),
        "y": y[shown].tolist(),
        "mode": "".join(codes[int(route_of[stop] >= 0)] for stop in shown.tolist()),
        "day": [-1] * shown.size,
        "minute": [-1] * shown.size,
        "route": route_of[shown].tolist(),
        "cost": [0] * shown.size,
        "id": [ids[stop] for stop in shown.tolist()],
        "tip": [f"{ids[stop]}: {told.get(stop, 'unserved')}" for stop in shown.tolist()],
        "routes": [str(number) for number in range(1, len(solved.plan.routes) + 1)],
    }
