"""Tables in Valhalla's words: ``/sources_to_targets``, and ``/locate`` for how far streets are."""

from collections.abc import Mapping

import numpy as np

from doorstep.connectors.carrier_wire import Answer, Json, degrees_of, listed, text_of, value_of, whole_of
from doorstep.connectors.road_answers import Block, either_null, figures
from doorstep.connectors.valhalla.settings import Server
from doorstep.foundation import DoorstepError, InputError, UpstreamError
from doorstep.foundation.arrays import Ints
from doorstep.foundation.units import METRES_PER_KM
from doorstep.geography import Places, great_circle_m
from doorstep.geography.near_streets import NOWHERE_M

NAME = "Valhalla"
NO_EDGES, NO_DATA, NO_PATH = 171, 170, 442
NONE_FOUND = frozenset((NO_EDGES, NO_DATA, NO_PATH))
"""Error codes that tell of points without streets, or of a table without one way."""
TOO_MUCH = frozenset((150, 154))
"""Error codes that tell of the limits in the server's configuration."""


def table_request(server: Server, origins: Places, destinations: Places) -> dict[str, Json]:
    """Return what is asked for a table."""
    return {
        **_driven(server),
        "sources": _points(origins, server.within_m),
        "targets": _points(destinations, server.within_m),
        "units": "kilometers",
        "verbose": False,
    }


def locate_request(server: Server, places: Places) -> dict[str, Json]:
    """Return what is asked for the streets nearest to points."""
    return {**_driven(server), "locations": _points(places, 0), "verbose": False}


def read_table(said: Mapping[str, object], rows: int, columns: int) -> Block:
    """Return a table that was answered: two lists of lists, or with older servers one of objects.

    Raises
    ------
    UpstreamError
        If it is not the one that was asked for.
    """
    found = value_of(said, "sources_to_targets")
    if isinstance(found, list):
        cells = [[cell if isinstance(cell, dict) else {} for cell in row] for row in found if isinstance(row, list)]
        km: object = [[cell.get("distance", "") for cell in row] for row in cells]
        s: object = [[cell.get("time", "") for cell in row] for row in cells]
    else:
        km, s = value_of(found, "distances"), value_of(found, "durations")
    metres, seconds = either_null(
        figures(km, (rows, columns), what=f"distances of {NAME}", times=METRES_PER_KM),
        figures(s, (rows, columns), what=f"durations of {NAME}"),
    )
    return Block(metres=metres, seconds=seconds)


def read_located(answer: Answer, places: Places) -> Ints:
    """Return how far points lie from the nearest street found [m], ``NOWHERE_M`` where there is none.

    Raises
    ------
    UpstreamError
        If the answer is not about these points.
    """
    each = listed(answer.content, "locations") if answer.content else list(answer.entries)
    if len(each) != len(places):
        raise UpstreamError(f"{NAME} located {len(each)} of {len(places)} points.")
    nearest = [_nearest_m(said, lat, lon) for said, lat, lon in zip(each, places.lat, places.lon, strict=True)]
    return np.array(nearest, dtype=np.int64)


def refused(answer: Answer) -> DoorstepError:
    """Return the error that a refusal is."""
    number = whole_of(answer.content, "error_code")
    said = text_of(answer.content, "error").rstrip(".")
    told = f"{NAME} refuses ({answer.status} {number or ''}): {said}.".replace(" )", ")").replace(": .", ".")
    if number in TOO_MUCH:
        limits = "max_matrix_location_pairs and max_matrix_distance"
        return InputError(told, hint=f"Maybe block is too large, or points too far apart, for the server's {limits}.")
    return UpstreamError(told, hint="Maybe base_url, costing or options are not what this server answers to.")


def _driven(server: Server) -> dict[str, Json]:
    driven: dict[str, Json] = {"costing": server.costing}
    if server.options:
        driven["costing_options"] = {server.costing: dict(server.options)}
    return driven


def _points(places: Places, cutoff_m: int) -> list[Json]:
    limit: dict[str, Json] = {"search_cutoff": cutoff_m} if cutoff_m else {}
    at = zip(np.round(places.lat, 6).tolist(), np.round(places.lon, 6).tolist(), strict=True)
    return [{"lat": lat, "lon": lon, **limit} for lat, lon in at]


def _nearest_m(said: object, lat: float, lon: float) -> int:
    edges = listed(said, "edges")
    if not edges:
        return NOWHERE_M
    away = great_circle_m(
        lat_a=np.array([degrees_of(edge, "correlated_lat") for edge in edges]),
        lon_a=np.array([degrees_of(edge, "correlated_lon") for edge in edges]),
        lat_b=np.array(lat),
        lon_b=np.array(lon),
    )
    if np.isnan(away).all():
        raise UpstreamError(f"{NAME} located points without coordinates.")
    return round(float(np.nanmin(away)))
