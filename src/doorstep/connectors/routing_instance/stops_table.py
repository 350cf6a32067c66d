"""A CSV table of stops, for who has addresses and vans but no catalogue of tables."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from doorstep.connectors.retailer_folder.csv_text import read_csv_text
from doorstep.connectors.retailer_folder.faults import Source
from doorstep.connectors.retailer_folder.hints import Candidates, tags_hint
from doorstep.connectors.retailer_folder.tables import TableReading, read_table
from doorstep.domain.requirements import MOST_WORDS, Vocabulary, words_of
from doorstep.domain.tables import TableSpec
from doorstep.domain.tables import columns as c
from doorstep.foundation import InputError, NotFoundError
from doorstep.foundation.arrays import Ints, ints, ints_or
from doorstep.geography import GreatCircleTimes, Places, TravelTimes
from doorstep.vehicle_routing.problem import LAST, MOST, REQUIRED, Depots, RoutingProblem, Stops, VehicleTypes
from doorstep.vehicle_routing.roads import AskedRoads

DAY = "00:00-24:00"
ESTIMATE = GreatCircleTimes()
NO_LIMIT_M = (1 << 40) - 1
DEPOT, STOP = "depot", "stop"
_SHIFT = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")


class StopRows(dy.Schema):
    """Stops of one day and the depot that serves them."""

    id = c.key("stop or depot")
    lat = c.latitude()
    lon = c.longitude()
    kind = c.choice("what the row is", (DEPOT, STOP), default=STOP)
    window_start = c.time_of_day("service begins no earlier", default="00:00")
    window_end = c.time_of_day("service begins no later", default="24:00")
    load = c.whole("units of capacity that the stop takes", default=0)
    service_s = c.whole("time at the stop [s]", default=0, high=86_400)
    prize_minor = c.limit("what a stop costs that is not served; empty: it must be")
    requirements = c.tags("skills that the vehicle needs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """``count`` equal vehicles: ``shift`` is HH:MM-HH:MM, ``skills`` are words separated by ';'."""

    count: int
    capacity: int
    shift: str = DAY
    fixed_minor: int = 0
    per_km_minor: int = 0
    per_hour_minor: int = 0
    max_reloads: int = 0
    skills: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopsTable:
    """The problem of a table, the id of each stop (N,), of the depot, and what was left out of the table."""

    problem: RoutingProblem
    ids: tuple[str, ...]
    depot_id: str
    warnings: tuple[str, ...] = ()


def read_stops_table(
    path: Path, *, vehicles: Sequence[Fleet], depot: str = "", loading_s: int = 0, travel: TravelTimes = ESTIMATE
) -> StopsTable:
    """Return the problem of a CSV file of stops; times are seconds from midnight.

    Columns ``id``, ``lat``, ``lon``, and as needed ``kind``, ``window_start``, ``window_end``, ``load``,
    ``service_s``, ``prize_minor`` and ``requirements``. The depot is the row named ``depot``, else the one of kind
    depot, else the first. Roads are asked of ``travel`` as needed, by default the estimate from straight lines.

    Raises
    ------
    InputError
        Listing every fault of the file and of the vehicles.
    NotFoundError
        If there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(f"{path} is not a file.", hint="Maybe the name lacks its ending, .csv.")
    source = Source(table=path.stem, file=path.name)
    reading = read_table(TableSpec(name=path.stem, schema=StopRows), source, read_csv_text(source, path.read_bytes()))
    row = -1
    if reading.usable:
        _ask_windows(reading)
        row = _depot_row(reading, depot)
    faults = [str(fault) for fault in sorted(reading.faults, key=lambda fault: fault.row)]
    faults += _argument_faults(vehicles, loading_s)
    if faults:
        raise InputError("\n".join(faults))
    values = reading.values.with_row_index("row")
    ordered = pl.concat([values.filter(pl.col("row") == row), values.filter(pl.col("row") != row)])
    return StopsTable(
        problem=_problem(ordered, vehicles, loading_s, travel),
        ids=tuple(ordered["id"][1:]),
        depot_id=ordered["id"][0],
        warnings=tuple(reading.warnings),
    )


def _ask_windows(reading: TableReading) -> None:
    start, end = (seconds_of_day(reading.values[name]) for name in ("window_start", "window_end"))
    wrong = pl.Series(end < start) & reading.sound("window_start", "window_end")
    hint = "Maybe the two were swapped, or the window crosses midnight: give one that ends at 24:00."
    reading.add(wrong, ("window_start", "window_end"), "the window must not end before it starts", hint)


def _depot_row(reading: TableReading, depot: str) -> int:
    """Return the row of the depot, -1 and a fault if that is not one."""
    values, source = reading.values, reading.source
    named = (values["kind"] == DEPOT).fill_null(value=False).arg_true().to_list()
    if not values.height:
        if not reading.faults:
            hint = "Maybe add the depot as the first row."
            reading.faults.append(source.fault("the table has no rows; the depot must be one", hint=hint))
        return -1
    if depot:
        found = (values["id"] == depot).fill_null(value=False).arg_true().to_list()
        if not found:
            hint = Candidates([name for name in values["id"] if name]).hint(depot)
            reading.faults.append(source.fault("the depot must be a row", column="id", value=depot, hint=hint))
        others = [row for row in named if row not in found]
    else:
        found, others = (named[:1] or [0]), named[1:]
    for row in others:
        hint = f"Maybe {STOP} was meant: one depot is possible."
        line = reading.rows[row]
        reading.faults.append(source.fault("there must be one depot", row=line, column="kind", value=DEPOT, hint=hint))
    return found[0] if found else -1


def _argument_faults(vehicles: Sequence[Fleet], loading_s: int) -> Iterator[str]:
    """Yield what is wrong with the arguments."""
    numbers = ("count", "capacity", "fixed_minor", "per_km_minor", "per_hour_minor", "max_reloads")
    if not 0 <= loading_s < LAST:
        yield f"loading_s {loading_s}: must be from 0 to {LAST - 1}. Maybe the sign is wrong."
    for place, fleet in enumerate(vehicles, start=1):
        for name in (name for name in numbers if getattr(fleet, name) < 0):
            yield f"vehicles {place} {name} {getattr(fleet, name)}: must not be negative. Maybe the sign is wrong."
        for name in (name for name in numbers if getattr(fleet, name) > MOST):
            yield f"vehicles {place} {name} {getattr(fleet, name)}: must be at most {MOST}. Maybe it was mistyped."
        if not re.fullmatch(c.TAGS, fleet.skills):
            hint = tags_hint(fleet.skills)
            yield f"vehicles {place} skills {fleet.skills!r}: must be lower-case words separated by ';'. {hint}".strip()
        if not (found := _SHIFT.fullmatch(fleet.shift)):
            hint = "Maybe write it like 08:00-18:00."
            yield f"vehicles {place} shift {fleet.shift!r}: must be HH:MM-HH:MM. {hint}"
        elif found[2] < found[1]:
            hint = "Maybe it crosses midnight: give one that ends at 24:00."
            yield f"vehicles {place} shift {fleet.shift!r}: must not end before it starts. {hint}"
    words = {word for fleet in vehicles for word in words_of(fleet.skills)}
    if len(words) > MOST_WORDS:
        yield f"vehicles skills: {len(words)} different words; at most {MOST_WORDS} are possible. Maybe join some."


def _problem(rows: pl.DataFrame, vehicles: Sequence[Fleet], loading_s: int, travel: TravelTimes) -> RoutingProblem:
    """Return the problem of sound rows, the depot first."""
    stops, site = rows[1:], rows[:1]
    vocabulary = Vocabulary.of(
        [stops["requirements"], pl.Series([fleet.skills for fleet in vehicles], dtype=pl.String)]
    )
    return RoutingProblem(
        stops=Stops(
            start_at=seconds_of_day(stops["window_start"]),
            end_at=seconds_of_day(stops["window_end"]),
            release_at=np.zeros(stops.height, dtype=np.int64),
            service_s=ints(stops["service_s"]),
            load=ints(stops["load"]).reshape(-1, 1),
            prize_minor=ints_or(stops["prize_minor"], REQUIRED),
            requirements=vocabulary.bits(stops["requirements"]),
        ),
        vehicles=_vehicle_types(vehicles, vocabulary),
        depots=Depots(
            open_at=seconds_of_day(site["window_start"]),
            close_at=seconds_of_day(site["window_end"]),
            loading_s=np.array([loading_s], dtype=np.int64),
        ),
        roads=AskedRoads(places=Places.from_table(rows), travel=(travel,)),
    )


def _vehicle_types(vehicles: Sequence[Fleet], vocabulary: Vocabulary) -> VehicleTypes:
    shifts = [fleet.shift.split("-") for fleet in vehicles]
    return VehicleTypes(
        count=_column([fleet.count for fleet in vehicles]),
        capacity=_column([fleet.capacity for fleet in vehicles]).reshape(-1, 1),
        skills=vocabulary.bits(pl.Series([fleet.skills for fleet in vehicles], dtype=pl.String)),
        shift_start_at=seconds_of_day(pl.Series([start for start, _ in shifts], dtype=pl.String)),
        shift_end_at=seconds_of_day(pl.Series([end for _, end in shifts], dtype=pl.String)),
        max_distance_m=_column([NO_LIMIT_M for _ in vehicles]),
        max_reloads=_column([fleet.max_reloads for fleet in vehicles]),
        fixed_minor=_column([fleet.fixed_minor for fleet in vehicles]),
        per_km_minor=_column([fleet.per_km_minor for fleet in vehicles]),
        per_hour_minor=_column([fleet.per_hour_minor for fleet in vehicles]),
    )


def _column(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def seconds_of_day(times: pl.Series) -> Ints:
    """Return the seconds from midnight of times HH:MM (N,); 0 for what is none."""
    parts = times.str.extract_groups(r"^(?P<hour>\d\d):(?P<minute>\d\d)$").struct.unnest()
    seconds = parts.select(pl.col("hour").cast(pl.Int64) * 3_600 + pl.col("minute").cast(pl.Int64) * 60).to_series()
    return ints(seconds.fill_null(0))
