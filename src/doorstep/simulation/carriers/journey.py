"""The way of a courier: which states a delivery passes when, and where the courier is in between.

The whole way is known when a delivery is booked; what happens later (a cancellation) cuts it off. So everything that a
carrier says is a function of the booking and the time, and no thread has to move anything.
"""

from bisect import bisect_right
from dataclasses import dataclass

from doorstep.geography.distance import EARTH_RADIUS_M, haversine_m

DETOUR = 1.3
"""Streets are longer than the great circle by about this much."""
METRES_PER_DEGREE = EARTH_RADIUS_M * 3.141592653589793 / 180
HOME_M = 1_500.0
"""How far from the pickup a courier hears of it."""

WITH_COURIER = frozenset(
    (
        "assigned",
        "en_route_to_pickup",
        "at_pickup",
        "picked_up",
        "en_route_to_dropoff",
        "at_dropoff",
        "returning",
        "at_return",
    )
)
BEFORE_PICKUP = frozenset(("created", "assigned", "en_route_to_pickup", "at_pickup"))
ENDS = frozenset(("delivered", "returned", "cancelled"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place [WGS 84 degrees]."""

    lat: float
    lon: float

    def metres_to(self, other: "Point") -> float:
        """Return the length of the way to another place [m]."""
        return DETOUR * float(haversine_m(self.lat, self.lon, other.lat, other.lon))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a carrier offers: where, at what price, how fast.

    Parameters
    ----------
    centre, radius_m
        Where it works; everywhere without a centre.
    longest_m
        The longest way from pickup to drop-off that it takes.
    base_minor, per_km_minor, cancel_fee_minor, return_fee_minor
        The price of a delivery, of a cancellation once a courier was assigned, and of a return beside the delivery.
    quote_s
        How long a quote holds.
    assign_s, handover_s, wait_s
        Until a courier is found; at a door; at a door where nobody opens.
    """

    centre: Point | None = None
    radius_m: float = 20_000.0
    longest_m: float = 25_000.0
    heaviest_g: int = 22_000
    base_minor: int = 599
    per_km_minor: int = 85
    cancel_fee_minor: int = 300
    return_fee_minor: int = 450
    currency: str = "USD"
    quote_s: int = 900
    metres_per_s: float = 7.0
    assign_s: int = 60
    handover_s: int = 120
    wait_s: int = 300

    def price_minor(self, pickup: Point, dropoff: Point) -> int:
        """Return the price of the way from a place to another."""
        return self.base_minor + round(self.per_km_minor * pickup.metres_to(dropoff) / 1_000)

    def travel_s(self, start: Point, end: Point) -> int:
        """Return how long a courier needs from a place to another."""
        return max(1, round(start.metres_to(end) / self.metres_per_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A state that begins at ``at``, where the courier then is, and why, if something failed."""

    state: str
    at: int
    point: Point
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps of a delivery in the order of their time; the first one is its booking."""

    steps: tuple[Step, ...]

    def number(self, now: float) -> int:
        """Return how many steps have begun."""
        return bisect_right(self.steps, now, key=lambda step: step.at)

    def step(self, now: float) -> Step:
        """Return the step that it is in."""
        return self.steps[max(0, self.number(now) - 1)]

    def position(self, now: float) -> Point | None:
        """Return where the courier is, on the straight line between two steps; None without a courier."""
        step = self.step(now)
        if step.state not in WITH_COURIER:
            return None
        after = self.steps[min(self.number(now), len(self.steps) - 1)]
        share = min(1.0, max(0.0, (now - step.at) / max(1, after.at - step.at)))
        return Point(
            lat=step.point.lat + share * (after.point.lat - step.point.lat),
            lon=step.point.lon + share * (after.point.lon - step.point.lon),
        )

    def begins_at(self, *states: str) -> int:
        """Return when one of these states begins for the last time, 0 if none ever does."""
        return max((step.at for step in self.steps if step.state in states), default=0)

    def cut(self, now: float, state: str, reason: str) -> "Journey":
        """Return the journey that ends now in another way."""
        passed = self.steps[: max(1, self.number(now))]
        return Journey((*passed, Step(state=state, at=int(now), point=passed[-1].point, reason=reason)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What will go wrong on the way: a courier that drops out, with or without another one; a drop-off that fails."""

    drops_out: bool = False
    replaced: bool = True
    returned: bool = False


def plan_journey(pickup: Point, dropoff: Point, terms: Terms, *, now: int, ready_at: int, fate: Fate) -> Journey:
    """Return the way of a delivery that is booked now and may be picked up from ``ready_at`` on."""
    north, south = (Point(lat=pickup.lat + side * HOME_M / METRES_PER_DEGREE, lon=pickup.lon) for side in (1, -1))
    steps = [Step(state="created", at=now, point=pickup)]
    steps += _to_pickup(north, pickup, terms, asked_at=now, ready_at=ready_at)
    if fate.drops_out:
        start, arrival = steps[-2].at, steps.pop().at
        lost_at = (start + arrival) // 2
        if not fate.replaced:
            return Journey((*steps, Step(state="cancelled", at=lost_at, point=pickup, reason="no_courier")))
        steps.append(Step(state="created", at=lost_at, point=pickup, reason="courier_dropped_out"))
        steps += _to_pickup(south, pickup, terms, asked_at=lost_at, ready_at=ready_at)
    picked_at = max(steps[-1].at + terms.handover_s, ready_at)
    there_at = picked_at + 10 + terms.travel_s(pickup, dropoff)
    steps += [
        Step(state="picked_up", at=picked_at, point=pickup),
        Step(state="en_route_to_dropoff", at=picked_at + 10, point=pickup),
        Step(state="at_dropoff", at=there_at, point=dropoff),
    ]
    if not fate.returned:
        return Journey((*steps, Step(state="delivered", at=there_at + terms.handover_s, point=dropoff)))
    turned_at = there_at + terms.wait_s
    back_at = turned_at + terms.travel_s(dropoff, pickup)
    steps += [
        Step(state="returning", at=turned_at, point=dropoff, reason="customer_unavailable"),
        Step(state="at_return", at=back_at, point=pickup, reason="customer_unavailable"),
        Step(state="returned", at=back_at + terms.handover_s, point=pickup, reason="customer_unavailable"),
    ]
    return Journey(tuple(steps))


def _to_pickup(home: Point, pickup: Point, terms: Terms, *, asked_at: int, ready_at: int) -> list[Step]:
    """Return the steps of a courier to the pickup, who comes no earlier than needed."""
    travel_s = terms.travel_s(home, pickup)
    found_at = max(asked_at + terms.assign_s, ready_at - travel_s - 10)
    return [
        Step(state="assigned", at=found_at, point=home),
        Step(state="en_route_to_pickup", at=found_at + 10, point=home),
        Step(state="at_pickup", at=found_at + 10 + travel_s, point=pickup),
    ]
