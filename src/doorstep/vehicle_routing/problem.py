"""What is to be brought and fetched, by which vehicles, from which depots, over which roads."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import TypeAlias

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints, SmallInts
from doorstep.vehicle_routing.roads import Roads, TableRoads

REQUIRED = -1
"""Prize of a stop that must be served."""

NONE = np.empty(0, dtype=np.int64)
"""A column that the problem does not use."""

LAST = 1 << 28
"""Seconds from the first moment of a problem to its last, at most: eight years."""

MOST = 1 << 40
"""The largest load and amount of money, and moment on either side of 1970: sums of a million of them stay exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """N stops, all arrays (N,) but ``load`` and ``pickup`` (N, M) in M dimensions of capacity; times are epoch s.

    ``load`` is brought from the depot, ``pickup`` fetched and brought back. Service must begin within
    [``start_at``, ``end_at``]; ``release_at`` is when the parcels can be loaded. ``prize_minor`` is what a stop costs
    that is not served, ``REQUIRED`` that it must be. ``requirements`` are bit sets that the vehicle's skills must hold.

    Columns that may be left out: service that begins after ``due_at`` costs ``late_per_hour_minor``; a vehicle that
    comes from another ``building`` (-1: none) needs ``approach_s`` from its arrival to the door; serving costs
    ``extra_minor`` besides the route. Of the stops of one ``group`` (-1: none), such as a home and a locker, at most
    one is served; a group left out costs the largest prize in it, once, and must be served if one of its stops must.
    Only the type ``vehicle`` (-1: any) may serve a stop: its parcels may be on board already.
    """

    start_at: Ints
    end_at: Ints
    release_at: Ints
    service_s: Ints
    load: Ints
    prize_minor: Ints
    requirements: Ints
    pickup: Ints = field(default_factory=lambda: NONE)
    due_at: Ints = field(default_factory=lambda: NONE)
    late_per_hour_minor: Ints = field(default_factory=lambda: NONE)
    building: Ints = field(default_factory=lambda: NONE)
    approach_s: Ints = field(default_factory=lambda: NONE)
    extra_minor: Ints = field(default_factory=lambda: NONE)
    group: Ints = field(default_factory=lambda: NONE)
    vehicle: Ints = field(default_factory=lambda: NONE)

    def __len__(self) -> int:
        return int(self.start_at.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreWindows:
    """W further windows: service at ``stop`` (W,) may begin within [``start_at``, ``end_at``] (W,) too [epoch s]."""

    stop: Ints = field(default_factory=lambda: NONE)
    start_at: Ints = field(default_factory=lambda: NONE)
    end_at: Ints = field(default_factory=lambda: NONE)

    def __len__(self) -> int:
        return int(self.stop.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Q pairs: what is fetched at stop ``pickup`` (Q,) is brought to stop ``delivery`` (Q,) later on the same trip.

    ``load`` (Q, M) rides between them, from the end of service at the one to the start at the other, for at most
    ``max_ride_s`` (Q,). Both are served or neither; each adds its own prize.
    """

    pickup: Ints = field(default_factory=lambda: NONE)
    delivery: Ints = field(default_factory=lambda: NONE)
    load: Ints = field(default_factory=lambda: NONE)
    max_ride_s: Ints = field(default_factory=lambda: NONE)

    def __len__(self) -> int:
        return int(self.pickup.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleTypes:
    """V types of vehicle, all arrays (V,) but ``capacity`` (V, M); a trip begins with loading inside the shift.

    Columns that may be left out: depots of ``start`` and ``end`` (0), the depot ``reload`` at which trips after the
    first load (``start``), the ``profile`` of its roads (0),
    ``max_duration_s`` from the first loading to the return, and ``overtime_per_hour_minor`` on top of
    ``per_hour_minor`` for what is longer than ``overtime_after_s``.
    """

    count: Ints
    capacity: Ints
    skills: Ints
    shift_start_at: Ints
    shift_end_at: Ints
    max_distance_m: Ints
    max_reloads: Ints
    fixed_minor: Ints
    per_km_minor: Ints
    per_hour_minor: Ints
    start: Ints = field(default_factory=lambda: NONE)
    end: Ints = field(default_factory=lambda: NONE)
    reload: Ints = field(default_factory=lambda: NONE)
    profile: Ints = field(default_factory=lambda: NONE)
    max_duration_s: Ints = field(default_factory=lambda: NONE)
    overtime_after_s: Ints = field(default_factory=lambda: NONE)
    overtime_per_hour_minor: Ints = field(default_factory=lambda: NONE)

    def __len__(self) -> int:
        return int(self.count.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """B rests: each route of type ``vehicle`` (B,) that is out at ``latest_at`` (B,) rests ``length_s`` (B,) once.

    The rest begins within [``earliest_at``, ``latest_at``], at a stop before service or after it, or between two trips;
    a vehicle may wait for its beginning.
    """

    vehicle: Ints = field(default_factory=lambda: NONE)
    earliest_at: Ints = field(default_factory=lambda: NONE)
    latest_at: Ints = field(default_factory=lambda: NONE)
    length_s: Ints = field(default_factory=lambda: NONE)

    def __len__(self) -> int:
        return int(self.vehicle.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depots:
    """D depots, all arrays (D,): loading takes ``loading_s``, begins within [``open_at``, ``close_at``].

    Vehicles are back by ``close_at``.
    """

    open_at: Ints
    close_at: Ints
    loading_s: Ints

    def __len__(self) -> int:
        return int(self.open_at.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Slower and faster hours: from ``start_at`` (T,) on, driving takes ``percent`` (K, T) of the roads' seconds.

    A drive that meets a new period goes on at its speed, so that who leaves later never arrives earlier. Before the
    first period the first holds.

    References
    ----------
    Ichoua, Gendreau, Potvin (2003), Vehicle dispatching with time-dependent travel times, EJOR 144(2).
    """

    start_at: Ints = field(default_factory=lambda: NONE)
    percent: Ints = field(default_factory=lambda: NONE)

    def __len__(self) -> int:
        return int(self.start_at.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingProblem:
    """Stops, vehicles and depots; place d of ``roads`` is depot d, place D + n is stop n.

    Raises
    ------
    InputError
        Listing every fault: shapes that disagree, columns that are not whole numbers, values out of range, windows and
        shifts that end before they start, shifts that end more than ``LAST`` after the first begins.
    """

    stops: Stops
    vehicles: VehicleTypes
    depots: Depots
    roads: Roads
    windows: MoreWindows = field(default_factory=MoreWindows)
    pairs: Pairs = field(default_factory=Pairs)
    breaks: Breaks = field(default_factory=Breaks)
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stops", _filled_stops(self.stops))
        object.__setattr__(self, "vehicles", _filled_vehicles(self.vehicles))
        faults = list(_faults(self))
        if faults:
            raise InputError("\n".join(faults))

    @classmethod
    def around_one_site(
        cls, *, stops: Stops, vehicles: VehicleTypes, metres: SmallInts, seconds: SmallInts, loading_s: int
    ) -> "RoutingProblem":
        """Return the problem of one site that is open all day: ``metres``, ``seconds`` (N + 1, N + 1), row 0 the site.

        Raises
        ------
        InputError
            As the class.
        """
        from_at = int(vehicles.shift_start_at.min(initial=0)) if len(vehicles) else 0
        to_at = int(vehicles.shift_end_at.max(initial=0)) if len(vehicles) else 0
        depots = Depots(open_at=_one(from_at), close_at=_one(to_at), loading_s=_one(loading_s))
        return cls(stops=stops, vehicles=vehicles, depots=depots, roads=TableRoads(metres=metres, seconds=seconds))

    def place(self, stop: int) -> int:
        """Return the place of a stop."""
        return len(self.depots) + stop

    def with_prizes(self, prize_minor: Ints) -> "RoutingProblem":
        """Return the same problem with other prizes (N,)."""
        return replace(self, stops=replace(self.stops, prize_minor=np.asarray(prize_minor, dtype=np.int64)))

    def windows_of(self, stop: int) -> list[tuple[int, int]]:
        """Return all windows of a stop."""
        stops, more = self.stops, self.windows
        here = np.flatnonzero(more.stop == stop)
        further = zip(more.start_at[here].tolist(), more.end_at[here].tolist(), strict=True)
        return [(int(stops.start_at[stop]), int(stops.end_at[stop])), *further]

    def with_window(self, stop: int, window: tuple[int, int]) -> "RoutingProblem":
        """Return the same problem in which a stop has that window and no other."""
        if self.windows_of(stop) == [window]:
            return self
        start_at, end_at, more = self.stops.start_at.copy(), self.stops.end_at.copy(), self.windows
        start_at[stop], end_at[stop] = window
        kept = more.stop != stop
        windows = MoreWindows(stop=more.stop[kept], start_at=more.start_at[kept], end_at=more.end_at[kept])
        return replace(self, stops=replace(self.stops, start_at=start_at, end_at=end_at), windows=windows)

    def with_stops(self, more: Stops, roads: Roads) -> "RoutingProblem":
        """Return the same problem with more stops behind the others, which keep their numbers, and roads to them."""
        more = _filled_stops(more)
        both = {f.name: np.concatenate([getattr(self.stops, f.name), getattr(more, f.name)]) for f in fields(Stops)}
        return replace(self, stops=Stops(**both), roads=roads)


WIDE = frozenset({"stops.load", "stops.pickup", "vehicles.capacity", "pairs.load"})
"""Columns that have a value for each dimension of capacity."""

_Table: TypeAlias = Stops | VehicleTypes | Depots | MoreWindows | Pairs | Breaks


def _one(value: int) -> Ints:
    return np.array([value], dtype=np.int64)


def _filled_stops(stops: Stops) -> Stops:
    """Return the stops with every column there."""
    count = len(stops)
    defaults = {
        "pickup": np.zeros_like(stops.load),
        "due_at": stops.end_at,
        "late_per_hour_minor": np.zeros(count, dtype=np.int64),
        "building": np.full(count, -1, dtype=np.int64),
        "approach_s": np.zeros(count, dtype=np.int64),
        "extra_minor": np.zeros(count, dtype=np.int64),
        "group": np.full(count, -1, dtype=np.int64),
        "vehicle": np.full(count, -1, dtype=np.int64),
    }
    return replace(stops, **{n: v for n, v in defaults.items() if not getattr(stops, n).size})


def _filled_vehicles(vehicles: VehicleTypes) -> VehicleTypes:
    """Return the vehicles with every column there."""
    none = np.zeros(len(vehicles), dtype=np.int64)
    start = vehicles.start if vehicles.start.size else none
    defaults = {
        **dict.fromkeys(("start", "end", "reload"), start),
        "profile": none,
        "max_duration_s": none + LAST,
        "overtime_after_s": none + LAST,
        "overtime_per_hour_minor": none,
    }
    return replace(vehicles, **{n: v for n, v in defaults.items() if not getattr(vehicles, n).size})


def _faults(problem: RoutingProblem) -> Iterator[str]:
    """Yield a sentence for each fault; what follows from a wrong shape is not looked for."""
    stops, vehicles, depots, roads = problem.stops, problem.vehicles, problem.depots, problem.roads
    tables: dict[str, _Table] = {"stops": stops, "vehicles": vehicles, "depots": depots, "windows": problem.windows,
                                 "pairs": problem.pairs, "breaks": problem.breaks}  # fmt: skip
    shapes: list[str] = []
    for name, table in tables.items():
        for column in fields(table):
            array = np.asarray(getattr(table, column.name))
            where, count = f"{name}.{column.name}", len(table)
            if array.shape[:1] != (count,) or array.ndim != (2 if where in WIDE and (count or array.ndim == 2) else 1):
                shapes.append(f"{where} is {array.shape}, not ({count}, ...).")
            elif array.dtype.kind not in "iu":
                shapes.append(f"{where} is {array.dtype}, not whole numbers.")
    if len(roads) != len(depots) + len(stops):
        shapes.append(f"{len(depots)} depots and {len(stops)} stops need as many places, the roads have {len(roads)}.")
    kinds = {"stops.load": stops.load, "stops.pickup": stops.pickup, "pairs.load": problem.pairs.load}
    for name, array in kinds.items() if not shapes else ():
        if array.shape[0] and array.shape[1:] != vehicles.capacity.shape[1:]:
            shapes.append(f"{name} {array.shape} and vehicles.capacity {vehicles.capacity.shape} differ in dimensions.")
    yield from shapes
    if not shapes:
        yield from _value_faults(problem)


def _value_faults(problem: RoutingProblem) -> Iterator[str]:
    for faults in (_stop_faults, _vehicle_faults, _depot_faults, _pair_faults):
        yield from faults(problem)
    traffic = problem.traffic
    if len(traffic) and traffic.percent.shape != (problem.roads.profiles, len(traffic)):
        yield f"traffic.percent {traffic.percent.shape} must be ({problem.roads.profiles}, {len(traffic)})."
    elif len(traffic) and (traffic.percent.min() <= 0 or (np.diff(traffic.start_at) <= 0).any()):
        yield "traffic periods must start one after another, each with a percentage above zero."


def _stop_faults(problem: RoutingProblem) -> Iterator[str]:
    stops, more, types = problem.stops, problem.windows, len(problem.vehicles)
    yield from _each("stop", stops.end_at < stops.start_at, "window ends before it starts", stops.end_at)
    yield from _each("window", more.end_at < more.start_at, "ends before it starts", more.end_at)
    yield from _each("window", _outside(more.stop, len(stops)), f"is not of one of {len(stops)} stops", more.stop)
    yield from _out_of_range("stop", stops, ("start_at", "end_at", "release_at", "due_at"), least=-MOST)
    yield from _out_of_range("window", more, ("start_at", "end_at"), least=-MOST)
    yield from _out_of_range("stop", stops, ("service_s", "approach_s"), most=LAST)
    yield from _out_of_range("stop", stops, ("load", "pickup", "late_per_hour_minor", "extra_minor"))
    yield from _out_of_range("stop", stops, ("prize_minor",), least=REQUIRED)
    strange = _outside(stops.vehicle + 1, types + 1)
    yield from _each("stop", strange, f"vehicle is not one of {types} types", stops.vehicle)


def _vehicle_faults(problem: RoutingProblem) -> Iterator[str]:
    vehicles, rests, sites = problem.vehicles, problem.breaks, len(problem.depots)
    limits = ("count", "capacity", "max_reloads", "max_distance_m", "max_duration_s", "overtime_after_s")
    yield from _out_of_range("vehicle", vehicles, limits, most=None)
    money = ("fixed_minor", "per_km_minor", "per_hour_minor", "overtime_per_hour_minor")
    yield from _out_of_range("vehicle", vehicles, money)
    yield from _out_of_range("vehicle", vehicles, ("shift_start_at", "shift_end_at"), least=-MOST)
    begin, end = vehicles.shift_start_at, vehicles.shift_end_at
    yield from _each("vehicle", end < begin, "shift ends before it starts", end)
    yield from _each("vehicle", end - begin.min(initial=MOST) > LAST, f"shift ends over {LAST} s after the first", end)
    for name in ("start", "end", "reload"):
        depot = getattr(vehicles, name)
        yield from _each("vehicle", _outside(depot, sites), f"{name} is not one of {sites} depots", depot)
    road = vehicles.profile
    yield from _each("vehicle", _outside(road, problem.roads.profiles), "profile has no roads", road)
    yield from _each("break", _outside(rests.vehicle, len(vehicles)), "is of no vehicle", rests.vehicle)
    yield from _each("break", rests.latest_at < rests.earliest_at, "latest_at is before earliest_at", rests.latest_at)
    yield from _out_of_range("break", rests, ("earliest_at", "latest_at"), least=-MOST)
    yield from _out_of_range("break", rests, ("length_s",), most=LAST)


def _depot_faults(problem: RoutingProblem) -> Iterator[str]:
    depots = problem.depots
    yield from _out_of_range("depot", depots, ("open_at", "close_at"), least=-MOST)
    yield from _each("depot", depots.close_at < depots.open_at, "closes before it opens", depots.close_at)
    yield from _out_of_range("depot", depots, ("loading_s",), most=LAST)


def _pair_faults(problem: RoutingProblem) -> Iterator[str]:
    pairs, count = problem.pairs, len(problem.stops)
    for name in ("pickup", "delivery"):
        stop = getattr(pairs, name)
        yield from _each("pair", _outside(stop, count), f"{name} is not one of {count} stops", stop)
    ends = np.concatenate([pairs.pickup, pairs.delivery])
    if np.unique(ends).size < ends.size:
        yield "a stop is in two pairs, or both ends of one."
    yield from _out_of_range("pair", pairs, ("load",))
    yield from _out_of_range("pair", pairs, ("max_ride_s",), most=None)


def _out_of_range(
    what: str, table: _Table, names: tuple[str, ...], *, least: int = 0, most: int | None = MOST
) -> Iterator[str]:
    """Yield a sentence for each row that has a value below ``least`` or above ``most`` in one of some columns."""
    for name in names:
        column = getattr(table, name)
        rows = column[:, None] if column.ndim == 1 else column
        low, high = rows.min(axis=1, initial=MOST), rows.max(axis=1, initial=least)
        rule = "negative" if least in (0, REQUIRED) else f"below {least}"
        yield from _each(what, low < least, f"{name} is {rule}", low)
        if most is not None:
            yield from _each(what, high > most, f"{name} is above {most}", high)


def _outside(rows: Ints, count: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    outside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (rows < 0) | (rows >= count)
    return outside


def _each(
    what: str, wrong: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", rule: str, values: Ints
) -> Iterator[str]:
    for row in np.flatnonzero(wrong).tolist():
        yield f"{what} {row}: {rule} ({int(values[row])})."
