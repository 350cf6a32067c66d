"""The judge of a meal delivery day: reads the folder itself, recomputes every minute, shares nothing with the rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import NamedTuple


class Done(NamedTuple):
    """What a courier did: left for a restaurant as decided, took orders there, brought them one after another [s]."""

    courier: str
    decided_at: int
    leaves_at: int
    pickup_at: int
    orders: tuple[str, ...]
    dropoff_at: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What a day came to: minutes from placement to door, pay of all couriers, hours on duty, and broken rules."""

    orders: int
    minutes: dict[str, Fraction] = field(default_factory=dict)
    over_longest: int = 0
    target: int = 0
    pay: Fraction = Fraction(0)
    hours: Fraction = Fraction(0)
    faults: list[str] = field(default_factory=list)

    @property
    def delivered(self) -> int:
        """Orders that came within the longest time."""
        return len(self.minutes) - self.over_longest

    @property
    def mean_minutes(self) -> float:
        """The mean click-to-door time of what was brought."""
        return float(sum(self.minutes.values()) / max(1, len(self.minutes)))

    @property
    def in_target(self) -> float:
        """The share of all orders that came within the target."""
        return sum(value <= self.target for value in self.minutes.values()) / self.orders


def judge(folder: Path, jobs: Iterable[Done]) -> Verdict:
    """Return the verdict on what couriers did on the day of a folder."""
    orders, shops, shifts = (_table(folder / f"{name}.txt") for name in ("orders", "restaurants", "couriers"))
    (rules,) = _table(folder / "instance_parameters.txt").values()
    speed, pickup, dropoff, target, longest, each, hourly = rules
    found = Verdict(orders=len(orders), target=int(target))
    where = {name: [int(row[0]), int(row[1])] for name, row in shifts.items()}
    free = {name: Fraction(row[2]) for name, row in shifts.items()}
    brought: dict[str, int] = dict.fromkeys(shifts, 0)
    halves = Fraction(pickup) / 2, Fraction(dropoff) / 2
    for job in sorted(jobs, key=lambda one: (one.leaves_at, one.courier)):
        decided, at, pickup_at = (Fraction(s, 60) for s in (job.decided_at, job.leaves_at, job.pickup_at))
        name = f"{job.courier} at {float(at):g}"
        rows = [orders[order] for order in job.orders]
        if len({row[3] for row in rows}) != 1:
            found.faults.append(f"{name}: orders of {len({row[3] for row in rows})} restaurants in one bundle")
        if at < free[job.courier]:
            found.faults.append(f"{name}: leaves while on another way, or before the shift")
        if at < decided:
            found.faults.append(f"{name}: leaves before it is decided")
        shop = [int(value) for value in shops[rows[0][3]][:2]]
        if pickup_at < at + _minutes(where[job.courier], shop, int(speed)) + halves[0]:
            found.faults.append(f"{name}: picks up sooner than it can be there")
        if pickup_at > int(shifts[job.courier][3]):
            found.faults.append(f"{name}: picks up after the shift")
        clock, here = pickup_at + halves[0], shop
        for order, row, drop_s in zip(job.orders, rows, job.dropoff_at, strict=True):
            drop, door = Fraction(drop_s, 60), [int(row[0]), int(row[1])]
            if decided < int(row[2]):
                found.faults.append(f"{name}: {order} is decided before it is placed")
            if pickup_at < int(row[4]):
                found.faults.append(f"{name}: {order} is taken before it is ready")
            if order in found.minutes:
                found.faults.append(f"{name}: {order} is brought twice")
            if drop < clock + _minutes(here, door, int(speed)) + halves[1]:
                found.faults.append(f"{name}: {order} is brought sooner than it can be")
            clock, here = drop + halves[1], door
            found.minutes[order] = drop - int(row[2])
            found.over_longest += found.minutes[order] > int(longest)
            brought[job.courier] += 1
        free[job.courier], where[job.courier] = clock, here
    for name, row in shifts.items():
        hours = Fraction(int(row[3]) - int(row[2]), 60)
        found.hours += hours
        found.pay += max(Fraction(int(each) * brought[name]), int(hourly) * hours)
    return found


def _minutes(here: list[int], there: list[int], speed: int) -> int:
    """Return the least whole minutes in which the straight way can be driven, in whole numbers only."""
    square = (here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2
    minutes = isqrt(square) // speed
    while (minutes * speed) ** 2 < square:
        minutes += 1
    return minutes


def _table(path: Path) -> dict[str, list[str]]:
    """Return the rows of a table by their first column, the others behind it; of one row of numbers, all of it."""
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    if head.startswith("meters"):
        return {"rules": rows[0].split("\t")}
    return {cells[0]: cells[1:] for cells in (row.split("\t") for row in rows if row)}
