"""Travel times of a road server: what OSRM and Valhalla share behind the one ``TravelTimes``."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol, TypeVar

import httpx2
import numpy as np

from doorstep.connectors.carrier_wire import Wire
from doorstep.connectors.road_answers import NO_WAY, UNTOLD, Block, most_bytes
from doorstep.connectors.road_blocks import Pairs, packed, pairs_of, tiles
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.geography.near_streets import MOST_TOLD, check_near, row_told
from doorstep.geography.roads.times import MOST_PLACES

T = TypeVar("T")
U = TypeVar("U")
MOST_PAIRS_TOLD = 10


class NoWayError(InputError):
    """There is no way between some points: islands, gates, the edge of the extract."""


class Asking(Protocol):
    """How a server of streets is asked; its settings say what each means."""

    @property
    def base_url(self) -> str:
        """Its address."""
        ...

    @property
    def block(self) -> int:
        """So many places are asked for in one table, on each side."""
        ...

    @property
    def within_m(self) -> int:
        """Points farther from any street are refused."""
        ...

    @property
    def timeout_s(self) -> float:
        """How long one table may take."""
        ...

    @property
    def at_once(self) -> int:
        """So many tables are asked for at a time."""
        ...

    @property
    def remembered(self) -> int:
        """So many pairs are kept in memory."""
        ...


class RoadServer(Protocol):
    """A server of streets."""

    def table(self, origins: Places, destinations: Places) -> Block:
        """Return one table, small enough for the server."""
        ...

    def snapped_m(self, places: Places) -> Ints:
        """Return how far points (N,) lie from the nearest street [m], ``NOWHERE_M`` where none is found."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTimes:
    """Metres and seconds by a road server, see ``TravelTimes``; threads may share it.

    A table is asked for in blocks; single pairs are brought into as few small tables as their points allow. What was
    asked pair by pair is remembered, the oldest forgotten first: a server whose speeds change is asked again only then.

    Parameters
    ----------
    block
        Origins, and destinations, of the largest table that the server answers; one of both may be larger if the other
        is smaller by as many.
    within_m
        Points farther from any street are refused.
    at_once
        So many blocks are on their way at a time.
    remembered
        Pairs kept in memory; 0 for none.
    """

    server: RoadServer
    block: int
    within_m: int
    at_once: int
    remembered: int
    _memory: "Memory" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_memory", Memory(self.remembered))

    def close(self) -> None:
        """Close the connections."""
        self.server.close()

    def snapped_m(self, places: Places) -> Ints:
        """Return how far points (N,) lie from the nearest street [m], however far that is.

        Raises
        ------
        InputError
            If a coordinate is none.
        UpstreamError
            If the server fails.
        """
        _check_on_earth(places)
        return self.server.snapped_m(places) if len(places) else UNTOLD

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``.

        Raises
        ------
        InputError
            If a point lies too far from any street, or there is no way between two.
        UpstreamError
            If the server fails.
        """
        if len(origins) != len(destinations):
            raise InputError(f"{len(origins)} origins and {len(destinations)} destinations must be as many.")
        _check_on_earth(origins)
        _check_on_earth(destinations)
        pairs = pairs_of(origins, destinations)
        metres, seconds = self._memory.find(pairs)
        missing = np.flatnonzero(metres == NO_WAY)
        ends = (origins, destinations)
        asked = [missing[run] for run in packed(pairs.origin[missing], pairs.destination[missing], 2 * self.block)]

        def ask(run: Ints) -> tuple[Ints, Ints]:
            rows, row = np.unique(pairs.origin[run], return_inverse=True)
            columns, column = np.unique(pairs.destination[run], return_inverse=True)
            found = self._table(pairs.places.take(rows), pairs.places.take(columns), ends)
            return found.metres[row, column], found.seconds[row, column]

        unsure = True
        for run, (run_m, run_s) in zip(asked, _each(ask, asked, self.at_once), strict=True):
            metres[run], seconds[run] = run_m, run_s
            if unsure and (run_m == NO_WAY).any():
                self._check_near(ends)
                unsure = False
        self._memory.keep(pairs, missing[metres[missing] != NO_WAY], metres, seconds)
        row = np.flatnonzero(metres[pairs.of] == NO_WAY)
        _check_ways(origins, destinations, row, row)
        return metres[pairs.of], seconds[pairs.of]

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes`` and ``table``."""
        return self.table(places, places)

    def table(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds from each of O origins to each of D destinations (O, D).

        Raises
        ------
        InputError
            If a point lies too far from any street, there is no way between two, or there are more than
            ``MOST_PLACES`` squared pairs.
        UpstreamError
            If the server fails.
        """
        if len(origins) * len(destinations) > MOST_PLACES**2:
            raise InputError(
                f"a table of {len(origins):,} x {len(destinations):,} places is larger than {MOST_PLACES:,} squared.",
                hint="Maybe ask for regions of it, or only for near places.",
            )
        _check_on_earth(origins)
        _check_on_earth(destinations)
        metres = np.empty((len(origins), len(destinations)), dtype=np.int64)
        seconds = np.empty_like(metres)
        ends = (origins, destinations)

        def ask(tile: tuple[slice, slice]) -> Block:
            rows, columns = (np.arange(part.start, part.stop) for part in tile)
            return self._table(origins.take(rows), destinations.take(columns), ends)

        unsure = True
        cut = list(tiles(len(origins), len(destinations), 2 * self.block))
        for tile, found in zip(cut, _each(ask, cut, self.at_once), strict=True):
            metres[tile], seconds[tile] = found.metres, found.seconds
            if unsure and (found.metres == NO_WAY).any():
                self._check_near(ends)
                unsure = False
        _check_ways(origins, destinations, *np.nonzero(metres == NO_WAY))
        return metres, seconds

    def _table(self, origins: Places, destinations: Places, ends: tuple[Places, Places]) -> Block:
        """Return one block, after a look at all points if one of its own lies too far away."""
        found = self.server.table(origins, destinations)
        if max(found.origin_m.max(initial=0), found.destination_m.max(initial=0)) > self.within_m:
            self._check_near(ends)
        return found

    def _check_near(self, ends: tuple[Places, Places]) -> None:
        """Check that all points lie near streets, so that all which do not are named at once."""
        for places in ends if ends[0] is not ends[1] else ends[:1]:
            check_near(places, self.server.snapped_m(places), within_m=self.within_m)


class Memory:
    """Answers of pairs, of which the oldest are forgotten first; threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: dict[tuple[int, int], tuple[int, int]] = {}
        self._lock = Lock()

    def find(self, pairs: Pairs) -> tuple[Ints, Ints]:
        """Return metres and seconds (P,) of pairs, ``NO_WAY`` where nothing is known."""
        known = np.full((pairs.origin.size, 2), NO_WAY, dtype=np.int64)
        if self._answers:
            unknown = (NO_WAY, NO_WAY)
            answers = [self._answers.get(key, unknown) for key in _keys(pairs, np.arange(pairs.origin.size))]
            known[:] = np.array(answers, dtype=np.int64).reshape(known.shape)
        return known[:, 0].copy(), known[:, 1].copy()

    def keep(self, pairs: Pairs, rows: Ints, metres: Ints, seconds: Ints) -> None:
        """Remember the answers of some pairs."""
        rows = rows[-self._most :] if self._most else rows[:0]
        with self._lock:
            self._answers.update(
                zip(_keys(pairs, rows), zip(metres[rows].tolist(), seconds[rows].tolist(), strict=True), strict=True)
            )
            for _ in range(len(self._answers) - self._most):
                del self._answers[next(iter(self._answers))]


def _each(ask: Callable[[T], U], asked: Iterable[T], at_once: int) -> Iterator[U]:
    """Return the answers in order, some asked for at a time; nothing more is asked after the first failure."""
    failed: list[Exception] = []

    def one(piece: T) -> U:
        if failed:
            raise failed[0]
        try:
            return ask(piece)
        except Exception as fault:
            failed.append(fault)
            raise

    pool = ThreadPoolExecutor(at_once)
    try:
        yield from pool.map(one, asked)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _keys(pairs: Pairs, rows: Ints) -> list[tuple[int, int]]:
    """Return what pairs are remembered by."""
    origins, destinations = pairs.codes[pairs.origin[rows]], pairs.codes[pairs.destination[rows]]
    return list(zip(origins.tolist(), destinations.tolist(), strict=True))


def _check_on_earth(places: Places) -> None:
    """Check that points have coordinates.

    Raises
    ------
    InputError
        If some have none, or lie beyond the poles or the date line.
    """
    good = (np.abs(places.lat) <= 90) & (np.abs(places.lon) <= 180)
    if not good.all():
        lost = np.flatnonzero(~good)
        told = ", ".join(row_told(places, row) for row in lost[:MOST_TOLD].tolist())
        raise InputError(f"{lost.size} points have no place on the earth: {told}.")


def _check_ways(origins: Places, destinations: Places, rows: Ints, columns: Ints) -> None:
    """Check that no pairs are without a way.

    Raises
    ------
    NoWayError
        If there are some; it names the first.
    """
    if not rows.size:
        return
    told = ", ".join(
        f"from {row_told(origins, row)} to {row_told(destinations, column)}"
        for row, column in zip(rows[:MOST_PAIRS_TOLD].tolist(), columns[:MOST_PAIRS_TOLD].tolist(), strict=True)
    )
    more = f", and {rows.size - MOST_PAIRS_TOLD:,} more" if rows.size > MOST_PAIRS_TOLD else ""
    raise NoWayError(
        f"{rows.size:,} pairs have no way between them: {told}{more}.",
        hint="Maybe a point lies on an island, behind a gate, or at the edge of the server's extract.",
    )


def wire_to(name: str, asked: Asking, transport: httpx2.BaseTransport | None) -> Wire:
    """Return the connection to a server; ``transport`` is another way than the network."""
    return Wire(carrier=name, base_url=asked.base_url.rstrip("/"), timeout_s=asked.timeout_s, transport=transport,
                most_bytes=most_bytes(asked.block))  # fmt: skip


def times_by(server: RoadServer, asked: Asking) -> ServerTimes:
    """Return the travel times of a server, asked as its settings say."""
    return ServerTimes(server=server, block=asked.block, within_m=asked.within_m, at_once=asked.at_once,
                       remembered=asked.remembered)  # fmt: skip
