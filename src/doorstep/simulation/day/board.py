"""What everybody sees of the day, from the platform's events and from what it says of arrivals."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.hours import moment
from doorstep.simulation.day.world import happened

SOON_S, LATER_S = 1_800, 3_600
"""Arrivals are judged by what was said of them so long before, at least and at most [s]."""
THERE = ("delivered", "handed_over", "collected")
OVER = (*THERE, "returned", "abandoned", "cancelled", "rejected", "expired", "restocked")
ON_THE_WAY = ("picked_up", "en_route_to_dropoff", "at_dropoff", "attempted", "rescheduled", "redirected")
ENDED = ("completed", "cancelled", "returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """When a van was said to be at a door, between which moments, and when its route has it there [epoch s]."""

    expected_at: int
    from_at: int
    until_at: int
    planned_at: int


@dataclass(slots=True, kw_only=True)
class Board:
    """The states of all orders and deliveries that were heard of, and what became of promises and predictions.

    ``due_at`` is the end of each order's window, which its shopper may have chosen anew; ``came_at`` when a delivery
    reached them [epoch s]; ``judged`` are predictions with the moments at which vans really came.
    """

    events: int = 0
    attempts: int = 0
    orders: dict[str, str] = field(default_factory=dict)
    deliveries: dict[str, str] = field(default_factory=dict)
    order_of: dict[str, str] = field(default_factory=dict)
    allocated: set[str] = field(default_factory=set)
    packed: set[str] = field(default_factory=set)
    due_at: dict[str, int] = field(default_factory=dict)
    came_at: dict[str, int] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    judged: list[tuple[Said, int]] = field(default_factory=list)

    def hear(self, event: Json) -> None:
        """Take note of what happened."""
        self.events += 1
        object_id, told = event["object_id"], event["data"]
        if event["kind"] == "order" and "state" in told:
            self.orders[object_id] = told["state"]
            for state, those in (("allocated", self.allocated), ("ready", self.packed)):
                if told["state"] == state:
                    those.add(object_id)
        elif event["kind"] in ("delivery", "collection") and "state" in told:
            self._hear_of_delivery(event, told)

    def look(self, routes: Iterable[Json], now: int) -> None:
        """Take note of the arrivals that are said now for the doors of routes."""
        for stop in (stop for route in routes for stop in route["stops"] if stop["eta"]):
            eta = stop["eta"]
            said = Said(expected_at=moment(eta["expected_at"]), from_at=moment(eta["from_at"]),
                        until_at=moment(eta["until_at"]), planned_at=moment(stop["arrive_at"]))  # fmt: skip
            if SOON_S <= said.expected_at - now <= LATER_S:
                self.said[stop["delivery_id"]] = said

    @property
    def late(self) -> int:
        """How many deliveries came after their window."""
        return sum(at > self.due_at.get(self.order_of.get(name, ""), at) for name, at in self.came_at.items())

    def in_states(self, states: Iterable[str]) -> int:
        """Return how many deliveries are in one of some states."""
        wanted = set(states)
        return sum(state in wanted for state in self.deliveries.values())

    @property
    def open_orders(self) -> int:
        """How many orders have not ended."""
        return sum(state not in ENDED for state in self.orders.values())

    def _hear_of_delivery(self, event: Json, told: Json) -> None:
        delivery_id = event["object_id"]
        self.deliveries[delivery_id] = told["state"]
        if "order_id" in told:
            self.order_of[delivery_id] = told["order_id"]
        if told["state"] in THERE:
            self.came_at[delivery_id] = happened(event)
        elif event["type"] == "delivery.attempted":
            self.attempts += 1
        elif event["type"] == "delivery.rescheduled":
            self.due_at[self.order_of[delivery_id]] = told["window_end_at"]
        elif event["type"] == "delivery.dropoff_arrived" and delivery_id in self.said:
            self.judged.append((self.said.pop(delivery_id), happened(event)))
