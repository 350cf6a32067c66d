"""The contest's day: hourly epochs, each with up to 100 requests drawn from a static instance, known only then.

The rules, and the order in which random numbers are drawn, are those of the dynamic problem of EURO Meets NeurIPS 2022
(controller of the quickstart repository), so that costs compare with the published ones: each request takes its place,
window, demand and service time from four customers; one that cannot be served any more is not asked; a vehicle leaves
at the earliest an hour after the epoch begins; who could not be served from the next epoch on must be served now.
Vehicles are as many as needed, cost is the time driven.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from doorstep.foundation.arrays import Bools, Ints

EPOCH_S = 3_600
MARGIN_S = 3_600
ASKED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """An instance: place 0 is the depot; ``seconds`` (C, C), ``window`` (C, 2) [s], ``demand`` (C,), ``service_s``."""

    name: str
    capacity: int
    seconds: Ints
    window: Ints
    demand: Ints
    service_s: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """N requests: ``place``, ``window`` (N, 2), ``demand``, ``service_s``, and ``number`` among all of the day."""

    number: Ints
    place: Ints
    window: Ints
    demand: Ints
    service_s: Ints

    def __len__(self) -> int:
        return int(self.place.size)

    def take(self, rows: Ints | Bools) -> "Requests":
        """Return some of them."""
        return Requests(**{name: getattr(self, name)[rows] for name in Requests.__slots__})

    def and_those(self, others: "Requests") -> "Requests":
        """Return these and others."""
        return Requests(
            **{name: np.concatenate([getattr(self, name), getattr(others, name)]) for name in Requests.__slots__}
        )


@dataclass(slots=True, kw_only=True)
class Day:
    """One run: ``requests`` that wait, how many were ``numbered``, and how much was driven so far [s]."""

    static: Static
    seed: int
    epoch: int = field(init=False)
    last_epoch: int = field(init=False)
    requests: Requests = field(init=False)
    driven_s: int = 0
    _rng: np.random.Generator = field(init=False)
    numbered: int = 0

    def __post_init__(self) -> None:
        opens = self.static.window[1:, 0]
        self.epoch = int(max((opens.min() - MARGIN_S) // EPOCH_S, 0))
        self.last_epoch = int(max((opens.max() - MARGIN_S) // EPOCH_S, 0))
        self._rng = np.random.default_rng(self.seed)
        none = np.empty(0, dtype=np.int64)
        self.requests = Requests(number=none, place=none, window=none.reshape(0, 2), demand=none, service_s=none)

    @property
    def starts_at(self) -> int:
        """When a vehicle may leave at the earliest in this epoch [s]."""
        return self.epoch * EPOCH_S + MARGIN_S

    def epochs(self) -> Iterator[int]:
        """Yield each epoch, its requests drawn; between two, ``serve`` is to be called."""
        while self.epoch <= self.last_epoch:
            new = draw(self.static, self._rng, self.starts_at)
            new = Requests(
                number=self.numbered + np.arange(len(new)),
                **{name: getattr(new, name) for name in Requests.__slots__ if name != "number"},
            )
            self.numbered += len(new)
            self.requests = self.requests.and_those(new)
            yield self.epoch
            self.epoch += 1

    def must_go(self) -> Bools:
        """Return which requests (N,) cannot wait for the next epoch; all in the last one."""
        if self.epoch == self.last_epoch:
            return np.ones(len(self.requests), dtype=np.bool_)
        return ~can_be_served(self.static, self.requests, self.starts_at + EPOCH_S)

    def serve(self, routes: list[list[int]]) -> None:
        """Let vehicles leave with rows of ``requests``, checked one by one, and count what they drive.

        Raises
        ------
        ValueError
            If a route breaks a rule or somebody is left who could not wait.
        """
        gone = [row for route in routes for row in route]
        if len(set(gone)) < len(gone):
            raise ValueError("somebody is served twice")
        left = np.setdiff1d(np.arange(len(self.requests)), gone)
        if self.must_go()[left].any():
            raise ValueError("somebody is left who could not wait")
        self.driven_s += sum(self._driven_s(route) for route in routes)
        self.requests = self.requests.take(left)

    def _driven_s(self, route: list[int]) -> int:
        static, asked = self.static, self.requests
        if asked.demand[route].sum() > static.capacity:
            raise ValueError("a vehicle is overloaded")
        at, here, driven = self.starts_at, 0, 0
        for row in route:
            there = int(asked.place[row])
            driven += int(static.seconds[here, there])
            at = max(at + int(static.seconds[here, there]), int(asked.window[row, 0]))
            if at > asked.window[row, 1]:
                raise ValueError("somebody is served too late")
            at, here = at + int(asked.service_s[row]), there
        driven += int(static.seconds[here, 0])
        if at + static.seconds[here, 0] > static.window[0, 1]:
            raise ValueError("a vehicle is back too late")
        return driven


def draw(static: Static, rng: np.random.Generator, starts_at: int) -> Requests:
    """Return the requests of an epoch that can be served by vehicles leaving from ``starts_at`` on."""
    customers = static.demand.size - 1
    place, window, demand, service = (rng.integers(customers, size=ASKED) + 1 for _ in range(4))
    drawn = Requests(
        number=np.zeros(ASKED, dtype=np.int64),
        place=place,
        window=static.window[window],
        demand=static.demand[demand],
        service_s=static.service_s[service],
    )
    return drawn.take(can_be_served(static, drawn, starts_at))


def can_be_served(static: Static, asked: Requests, starts_at: int) -> Bools:
    """Return who (N,) can be served alone by a vehicle leaving at ``starts_at``."""
    out, home = static.seconds[0, asked.place], static.seconds[asked.place, 0]
    at = np.maximum(starts_at + out, asked.window[:, 0])
    served: Bools = (at <= asked.window[:, 1]) & (at + asked.service_s + home <= static.window[0, 1])
    return served


def read_static(path: Path) -> Static:
    """Return an instance in VRPLIB's format with a full matrix.

    Raises
    ------
    ValueError
        If a section is missing or has another size than it should.
    """
    lines = path.read_text().split("\n")
    keys = dict(line.split(":", 1) for line in lines if ":" in line)
    known = {name.strip(): value.strip() for name, value in keys.items()}
    size = int(known["DIMENSION"])

    def section(name: str, width: int) -> Ints:
        begin = lines.index(name) + 1
        rows = np.array([line.split() for line in lines[begin : begin + size]], dtype=np.int64)
        if rows.shape != (size, width):
            raise ValueError(f"{path.name}: {name} is {rows.shape}, not {(size, width)}")
        return rows

    return Static(
        name=known["NAME"],
        capacity=int(known["CAPACITY"]),
        seconds=section("EDGE_WEIGHT_SECTION", size),
        window=section("TIME_WINDOW_SECTION", 3)[:, 1:],
        demand=section("DEMAND_SECTION", 2)[:, 1],
        service_s=section("SERVICE_TIME_SECTION", 2)[:, 1],
    )
