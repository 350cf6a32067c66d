"""Days of a made-up town: routes as they were planned, and as they went.

What is true and nobody is told: traffic by hour, by zone and by both together, of the day and of the stretch of road
that one is on; how fast a driver drives and serves; how long a kind of dwelling takes, which is lognormal; and one
service in fifty that takes four times as long.
"""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.tracking import Driven
from doorstep.tracking.eta_learning import Spans

ZONES, DRIVERS, VANS = 12, 10, 8
DWELLINGS = {"house": 1.0, "flat": 1.35, "tower": 1.9, "shop": 0.8}
PLANNED_SERVICE_S = 240
DAY_S, HOUR_S, MORNING_S = 86_400, 3_600, 8 * 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Logarithms of what is true: (24,), (Z,), (24, Z), and by driver (D,) of drives and of services."""

    hour: Floats
    zone: Floats
    both: Floats
    driver: Floats
    hands: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A route as it went, its day, and when it should have been at each stop and have left it (L,)."""

    day: int
    driven: Driven
    planned_arrive_at: Ints
    planned_leave_at: Ints


def found_town(rng: np.random.Generator) -> Town:
    """Return a town: two rush hours, slower zones, and a pace for each driver."""
    hours = np.arange(24)
    rush = 0.35 * np.exp(-((hours - 8) ** 2) / 3) + 0.45 * np.exp(-((hours - 17) ** 2) / 5)
    return Town(
        hour=rush + 0.05,
        zone=rng.normal(0.0, 0.2, ZONES),
        both=rng.normal(0.0, 0.08, (24, ZONES)),
        driver=rng.normal(0.0, 0.08, DRIVERS),
        hands=rng.normal(0.0, 0.2, DRIVERS),
    )


def drive_days(town: Town, days: range, rng: np.random.Generator) -> list[Course]:
    """Return the courses of some days, eight vans a day, in the order of their days."""
    courses = []
    for day in days:
        traffic = float(rng.normal(0.0, 0.1))
        drivers = rng.permutation(DRIVERS)[:VANS]
        courses += [_course(town, day, int(driver), traffic, rng) for driver in drivers]
    return courses


def _course(town: Town, day: int, driver: int, traffic: float, rng: np.random.Generator) -> Course:
    stops = int(rng.integers(18, 33))
    zone = np.repeat(rng.integers(0, ZONES, 4), 9)[:stops]
    dwelling = rng.choice(list(DWELLINGS), stops)
    drive_s = np.rint(rng.lognormal(np.log(200.0), 0.6, stops)).astype(np.int64)
    drive_s[0] += 900
    service_s = np.full(stops, PLANNED_SERVICE_S)
    start_at = day * DAY_S + MORNING_S + int(rng.integers(0, 5 * HOUR_S))
    opens, come, go = _planned(start_at, drive_s, service_s, rng)
    hours = [str(int(at) % DAY_S // HOUR_S) for at in come - drive_s]
    there = [f"z{z}" for z in zone]
    who = (f"d{driver}",) * stops
    keys = {"hour": tuple(hours), "place": tuple(there), "driver": who,
            "hour_place": tuple(f"{hour} {place}" for hour, place in zip(hours, there, strict=True))}  # fmt: skip
    arrive, leave = _went(town, driver, traffic, zone, dwelling, start_at, drive_s, opens, rng)
    return Course(
        day=day,
        driven=Driven(
            run=f"{day} {driver}",
            drives=Spans(planned_s=drive_s, keys=keys),
            services=Spans(planned_s=service_s, keys={"dwelling": tuple(map(str, dwelling)), "driver": who}),
            not_before_at=opens,
            start_at=start_at,
            arrive_at=arrive,
            leave_at=leave,
        ),
        planned_arrive_at=come,
        planned_leave_at=go,
    )


def _planned(start_at: int, drive_s: Ints, service_s: Ints, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Return windows that fit the plan (two stops in five have one), and when the plan arrives and leaves."""
    opens, come, go, at = [], [], [], start_at
    for drive, service in zip(drive_s.tolist(), service_s.tolist(), strict=True):
        at += drive
        come.append(at)
        opens.append(at - int(rng.integers(-600, 5_400)) if rng.random() < 0.4 else 0)
        at = max(at, opens[-1]) + service
        go.append(at)
    return np.array(opens), np.array(come), np.array(go)


def _went(
    town: Town,
    driver: int,
    traffic: float,
    zone: Ints,
    dwelling: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    start_at: int,
    drive_s: Ints,
    opens: Ints,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    arrive, leave, at, jam = [], [], float(start_at), 0.0
    hands = town.hands[driver] + float(rng.normal(0.0, 0.1))
    for stop, drive in enumerate(drive_s.tolist()):
        hour, z = int(at) % DAY_S // HOUR_S, int(zone[stop])
        jam = 0.6 * jam + float(rng.normal(0.0, 0.1))
        log = town.hour[hour] + town.zone[z] + town.both[hour, z] + town.driver[driver] + traffic + jam
        at = np.ceil(at + drive * np.exp(log + rng.normal(0.0, 0.2)) + rng.exponential(30.0))
        arrive.append(at)
        service = 180.0 * DWELLINGS[str(dwelling[stop])] * np.exp(hands + rng.normal(0.0, 0.45))
        at = np.ceil(max(at, float(opens[stop])) + service * (4.0 if rng.random() < 0.02 else 1.0))
        leave.append(at)
    return np.array(arrive, dtype=np.int64), np.array(leave, dtype=np.int64)
