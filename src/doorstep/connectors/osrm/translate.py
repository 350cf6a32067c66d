"""Tables in OSRM's words: its API of HTTP, version 1."""

from collections.abc import Mapping

import numpy as np

from doorstep.connectors.carrier_wire import Answer, listed, text_of, value_of
from doorstep.connectors.road_answers import Block, either_null, figures
from doorstep.foundation import DoorstepError, InputError, UpstreamError
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places

NAME = "OSRM"
DIGITS = 6


def table_path(profile: str, origins: Places, destinations: Places) -> str:
    """Return the address of a table: origins and destinations one after the other, each told by its number."""
    first, last = len(origins), len(origins) + len(destinations)
    points = f"{_points(origins)};{_points(destinations)}"
    wanted = f"sources={_numbers(0, first)}&destinations={_numbers(first, last)}"
    return f"/table/v1/{profile}/{points}?{wanted}&annotations=duration,distance&generate_hints=false"


def read_table(said: Mapping[str, object], rows: int, columns: int) -> Block:
    """Return a table that was answered.

    Raises
    ------
    UpstreamError
        If it is not the one that was asked for.
    """
    if text_of(said, "code") != "Ok":
        raise UpstreamError(f"{NAME} sent a table with code {text_of(said, 'code')!r}.")
    metres, seconds = either_null(
        figures(value_of(said, "distances"), (rows, columns), what=f"distances of {NAME}"),
        figures(value_of(said, "durations"), (rows, columns), what=f"durations of {NAME}"),
    )
    return Block(
        metres=metres,
        seconds=seconds,
        origin_m=_snapped(said, "sources", rows),
        destination_m=_snapped(said, "destinations", columns),
    )


def refused(answer: Answer) -> DoorstepError:
    """Return the error that a refusal is."""
    said = text_of(answer.content, "message").rstrip(".")
    told = f"{NAME} refuses a table ({answer.status} {answer.code}): {said}.".replace(" )", ")").replace(": .", ".")
    if answer.code == "TooBig":
        return InputError(told, hint="Maybe block is larger than the server's --max-table-size.")
    if answer.code == "NoSegment":
        return InputError(told, hint="Maybe the server was started with a --default-radius shorter than within_m.")
    return UpstreamError(told, hint="Maybe base_url or profile is not what this server answers to.")


def _snapped(said: Mapping[str, object], name: str, count: int) -> Ints:
    distances = [value_of(each, "distance") for each in listed(said, name)]
    snapped = figures(distances, (count,), what=f"{name} of {NAME}")
    if (snapped < 0).any():
        raise UpstreamError(f"{NAME} does not say how far {name} lie from their street.")
    return snapped


def _points(places: Places) -> str:
    digits = zip(np.round(places.lon, DIGITS).tolist(), np.round(places.lat, DIGITS).tolist(), strict=True)
    return ";".join(f"{lon:.{DIGITS}f},{lat:.{DIGITS}f}" for lon, lat in digits)


def _numbers(first: int, last: int) -> str:
    return ";".join(map(str, range(first, last)))
