"""How vans really drive: where they are at each moment, how long a drive takes, and where they go next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from doorstep.foundation.arrays import Floats
from doorstep.geography import GreatCircleTimes, Places, TravelTimes
from doorstep.geography.distance import haversine_m
from doorstep.simulation.day.api import Json
from doorstep.simulation.day.course import Course, Spot, course_between
from doorstep.simulation.day.hours import moment

DRIVE_SPREAD, SERVICE_SPREAD = 0.15, 0.35
"""Deviations of the logarithms of what drives and services take beside what is planned."""
SHORTEST_SERVICE_S = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A stop of a route as its driver reads it; service does not begin before ``not_before_at``, where that is set."""

    kind: Literal["start", "delivery", "reload", "end"]
    delivery_id: str
    spot: Spot
    not_before_at: int
    service_s: int

    @classmethod
    def read(cls, stop: Json) -> "Call":
        """Return a stop of the API; where the plan waits at it, so does the driver."""
        lon, lat = stop["point"]["coordinates"]
        arrive_at, service_at = moment(stop["arrive_at"]), moment(stop["service_at"])
        return cls(
            kind=stop["kind"],
            delivery_id=stop["delivery_id"] or "",
            spot=Spot(lat, lon),
            not_before_at=service_at if service_at > arrive_at else 0,
            service_s=moment(stop["leave_at"]) - service_at,
        )


def next_call(calls: Sequence[Call], been: Collection[str], reloads: int) -> Call | None:
    """Return where a van goes next on the newest version of its route; None: nowhere but home.

    Parameters
    ----------
    been
        Deliveries for which it goes nowhere any more.
    reloads
        How often it has been loaded again.
    """
    ahead = False
    waiting: Call | None = None
    for call in calls:
        if call.kind == "reload":
            reloads -= 1
            if reloads < 0 and waiting is None:
                waiting = call
        elif call.kind == "delivery" and call.delivery_id not in been:
            ahead = True
            break
    return (waiting or call) if ahead else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A drive on a course; a van that stands has one of no length."""

    course: Course
    left_at: int
    arrives_at: int

    @classmethod
    def standing(cls, spot: Spot, at: int) -> "Leg":
        """Return no drive at all."""
        return cls(course=Course.straight(spot, spot), left_at=at, arrives_at=at)

    def at(self, now: int) -> Spot:
        """Return where the van is."""
        gone = self._gone(now)
        start, end, since, until = self.course.stretch(gone)
        share = (gone - since) / (until - since) if until > since else 1.0
        return Spot(*(a + share * (b - a) for a, b in zip(start, end, strict=True)))

    def speed_mps(self, now: int) -> float:
        """Return how fast it is [m/s]."""
        start, end, since, until = self.course.stretch(self._gone(now))
        takes_s = (until - since) * (self.arrives_at - self.left_at)
        return haversine_m(*start, *end) / takes_s if self.left_at <= now < self.arrives_at and takes_s > 0 else 0.0

    def course_deg(self, now: int) -> int:
        """Return where it heads to, clockwise from north."""
        start, end, _, _ = self.course.stretch(self._gone(now))
        north, east = end.lat - start.lat, (end.lon - start.lon) * np.cos(np.radians(start.lat))
        return round(float(np.degrees(np.arctan2(east, north)))) % 360

    def _gone(self, now: int) -> float:
        """Return which share of its time has gone by."""
        return min(1.0, max(0.0, (now - self.left_at) / max(1, self.arrives_at - self.left_at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """An area in which drives that begin there take longer for a while."""

    centre: Spot
    radius_m: int
    percent: int
    from_at: int
    until_at: int

    def covers(self, spot: Spot, at: int) -> bool:
        """Return whether a drive that begins there and then is slow."""
        return self.from_at <= at < self.until_at and haversine_m(*self.centre, *spot) <= self.radius_m


@dataclass(slots=True, kw_only=True)
class Roads:
    """The roads as they really are: as the platform thinks, but with chance, and slower where something is wrong."""

    travel: TravelTimes = field(default_factory=GreatCircleTimes)
    slow: list[Slow] = field(default_factory=list)

    def leg(self, start: Spot, end: Spot, at: int, luck: np.random.Generator) -> Leg:
        """Return a drive that begins at a moment: along the streets, where there are any."""
        course = course_between(self.travel, start, end)
        return Leg(course=course, left_at=at, arrives_at=at + self.drive_s(start, end, at, luck))

    def drive_s(self, start: Spot, end: Spot, at: int, luck: np.random.Generator) -> int:
        """Return how long a drive takes that begins at a moment [s]."""
        _, planned_s = self.travel.between(_place(start), _place(end))
        percent = max((slow.percent for slow in self.slow if slow.covers(start, at)), default=100)
        return round(int(planned_s[0]) * percent / 100 * float(luck.lognormal(0.0, DRIVE_SPREAD)))


def service_s(planned_s: int, luck: np.random.Generator) -> int:
    """Return how long it really takes at a door [s]."""
    return max(SHORTEST_SERVICE_S, round(planned_s * float(luck.lognormal(0.0, SERVICE_SPREAD))))


def _place(spot: Spot) -> Places:
    lat: Floats = np.array([spot.lat])
    return Places(lat=lat, lon=np.array([spot.lon]))
