"""What has happened on a route under way that somebody should hear of: a state machine, each event told once.

``follow`` takes one position after another, ``judge`` one prediction after another; each returns the watch as it is
then and what is new. A position that is not newer than the last one, and a prediction that is older, change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats
from doorstep.geography.distance import EARTH_RADIUS_M, haversine_m

Kind = Literal["arriving", "arrived", "left", "dwell", "off_route", "on_route", "delay_predicted", "eta_changed"]
IN_TIME, LIKELY_LATE, SURELY_LATE = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When something is worth telling.

    A van arrives within ``fence_m`` and leaves beyond ``fence_out_m``; it is off its route once it has been farther
    than ``off_m`` from the planned legs for ``off_s``, and back within ``back_m``; it dwells if it stays within
    ``still_m`` for ``dwell_s``. A shopper hears of a new time if it moved by ``changed_s``.
    """

    arriving_s: int = 60
    arriving_m: int = 80
    fence_m: int = 100
    fence_out_m: int = 160
    still_m: int = 60
    dwell_s: int = 900
    off_m: int = 1_500
    back_m: int = 800
    off_s: int = 180
    changed_s: int = 900

    def __post_init__(self) -> None:
        if not (self.fence_m <= self.fence_out_m and self.back_m <= self.off_m):
            raise InputError(f"{self} must let a van in within where it is let out.")


class Seen(NamedTuple):
    """A vehicle was there at that moment."""

    at: int
    lat: float
    lon: float


class Fence(NamedTuple):
    """A site or stop, by its name."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where a van is to go: ``fences`` are its sites and stops, ``lat``, ``lon`` (P,) the line of its legs.

    ``coming`` is the name of the stop that is next, empty if none is.
    """

    fences: tuple[Fence, ...]
    lat: Floats
    lon: Floats
    coming: str = ""


class Arrival(NamedTuple):
    """When a stop is likely to be reached, what was told of it when the route was planned, and what is promised."""

    name: str
    expected_at: int
    from_at: int
    until_at: int
    planned_at: int
    due_at: int


class Told(NamedTuple):
    """What a shopper knows: when the van is to come, and how late that is."""

    expected_at: int
    lateness: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something new; ``subject`` is a site or stop, empty for the van itself, ``arrival`` what is predicted of it."""

    kind: Kind
    subject: str
    at: int
    lateness: int = IN_TIME
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known of a route so far, and what has been told."""

    seen_at: int = -1
    judged_at: int = -1
    inside: frozenset[str] = frozenset()
    still: Seen | None = None
    dwells: bool = False
    off_since_at: int | None = None
    off: bool = False
    arriving: frozenset[str] = frozenset()
    told: Mapping[str, Told] = field(default_factory=dict)


Step = tuple[Watch, tuple[Happened, ...]]


def follow(watch: Watch, seen: Seen, plan: Plan, limits: Limits) -> Step:
    """Return what a position changes; one that comes late or again changes nothing."""
    if seen.at <= watch.seen_at:
        return watch, ()
    watch = replace(watch, seen_at=seen.at)
    found: list[Happened] = []
    for part in (_fences, _approach, _stillness, _line):
        watch, new = part(watch, seen, plan, limits)
        found += new
    return watch, tuple(found)


def judge(watch: Watch, arrivals: Sequence[Arrival], limits: Limits, *, coming: str, now: int) -> Step:
    """Return what a prediction changes: delays as they become worse, times that moved much, and ``coming`` if near."""
    if now < watch.judged_at:
        return watch, ()
    told, found = dict(watch.told), []
    for arrival in arrivals:
        before = told.get(arrival.name, Told(arrival.planned_at, IN_TIME))
        lateness = LIKELY_LATE if arrival.expected_at > arrival.due_at else IN_TIME
        lateness = SURELY_LATE if arrival.from_at > arrival.due_at else lateness
        if lateness > before.lateness:
            found.append(Happened(kind="delay_predicted", subject=arrival.name, at=now, lateness=lateness,
                                  arrival=arrival))  # fmt: skip
        elif abs(arrival.expected_at - before.expected_at) >= limits.changed_s:
            found.append(Happened(kind="eta_changed", subject=arrival.name, at=now, lateness=lateness, arrival=arrival))
        else:
            told[arrival.name] = before
            continue
        told[arrival.name] = Told(arrival.expected_at, max(lateness, before.lateness))
    watch = replace(watch, told=told, judged_at=now)
    if any(a.name == coming and a.expected_at - now <= limits.arriving_s for a in arrivals):
        watch, new = _arriving(watch, coming, now)
        found += new
    return watch, tuple(found)


def _fences(watch: Watch, seen: Seen, plan: Plan, limits: Limits) -> Step:
    far = {fence.name: haversine_m(seen.lat, seen.lon, fence.lat, fence.lon) for fence in plan.fences}
    came = [name for name, metres in far.items() if metres <= limits.fence_m and name not in watch.inside]
    went = [name for name, metres in far.items() if metres > limits.fence_out_m and name in watch.inside]
    events = [Happened(kind="left", subject=name, at=seen.at) for name in went]
    events += [Happened(kind="arrived", subject=name, at=seen.at) for name in came]
    return replace(watch, inside=(watch.inside - set(went)) | set(came)), tuple(events)


def _approach(watch: Watch, seen: Seen, plan: Plan, limits: Limits) -> Step:
    for fence in plan.fences:
        if fence.name == plan.coming and haversine_m(seen.lat, seen.lon, fence.lat, fence.lon) <= limits.arriving_m:
            return _arriving(watch, fence.name, seen.at)
    return watch, ()


def _arriving(watch: Watch, name: str, at: int) -> Step:
    if name in watch.arriving:
        return watch, ()
    return replace(watch, arriving=watch.arriving | {name}), (Happened(kind="arriving", subject=name, at=at),)


def _stillness(watch: Watch, seen: Seen, plan: Plan, limits: Limits) -> Step:
    still = watch.still
    if still is None or haversine_m(seen.lat, seen.lon, still.lat, still.lon) > limits.still_m:
        return replace(watch, still=seen, dwells=False), ()
    if watch.dwells or seen.at - still.at < limits.dwell_s:
        return watch, ()
    here = [fence.name for fence in plan.fences if fence.name in watch.inside]
    return replace(watch, dwells=True), (Happened(kind="dwell", subject=here[0] if here else "", at=seen.at),)


def _line(watch: Watch, seen: Seen, plan: Plan, limits: Limits) -> Step:
    far = metres_from_line(seen, plan.lat, plan.lon)
    if watch.off:
        if far > limits.back_m:
            return watch, ()
        return replace(watch, off=False, off_since_at=None), (Happened(kind="on_route", subject="", at=seen.at),)
    if far <= limits.off_m:
        return replace(watch, off_since_at=None), ()
    since_at = seen.at if watch.off_since_at is None else watch.off_since_at
    off = seen.at - since_at >= limits.off_s
    events = (Happened(kind="off_route", subject="", at=seen.at),) if off else ()
    return replace(watch, off_since_at=since_at, off=off), events


def metres_from_line(seen: Seen, lat: Floats, lon: Floats) -> float:
    """Return how far a point is from a line through P points [m]; no line is far from nothing.

    On the plane that touches the earth at the point, which is exact enough for some kilometres.
    """
    if not lat.size:
        return 0.0
    x = np.radians(lon - seen.lon) * np.cos(np.radians(seen.lat)) * EARTH_RADIUS_M
    y = np.radians(lat - seen.lat) * EARTH_RADIUS_M
    if lat.size == 1:
        return float(np.hypot(x[0], y[0]))
    dx, dy = np.diff(x), np.diff(y)
    length = np.maximum(dx**2 + dy**2, 1e-9)
    along = np.clip(-(x[:-1] * dx + y[:-1] * dy) / length, 0.0, 1.0)
    return float(np.hypot(x[:-1] + along * dx, y[:-1] + along * dy).min())
