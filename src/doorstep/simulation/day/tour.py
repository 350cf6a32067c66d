"""A driver's route as they know it: the newest version that they read, where they have been, and where they are."""

from dataclasses import dataclass, field

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.course import Spot
from doorstep.simulation.day.driving import Call, Leg, next_call
from doorstep.simulation.day.hours import moment
from doorstep.simulation.day.phones import Phone

OVER = ("completed", "cancelled")


@dataclass(slots=True, kw_only=True)
class Tour:
    """A route and its driver, from when it was planned until the van is home.

    ``been`` are deliveries for which the van goes nowhere any more, ``aboard`` those that it has; ``again`` are to be
    tried once more, each from a moment on; ``back`` go home with it. ``turn`` changes when what was to come next does
    not come any more.
    """

    route_id: str
    vehicle_id: str
    site_id: str
    site: Spot
    driver: str
    phone: Phone
    leg: Leg
    version: int = 0
    state: str = "planned"
    stale: bool = True
    calls: list[Call] = field(default_factory=list)
    been: set[str] = field(default_factory=set)
    aboard: set[str] = field(default_factory=set)
    again: list[tuple[int, Call]] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    reloads: int = 0
    turn: int = 0
    out: bool = False
    stands: bool = False
    leaves_at: int = 0

    def read(self, route: Json) -> None:
        """Take over the newest version of the route."""
        self.calls = [Call.read(stop) for stop in route["stops"]]
        self.version, self.state, self.stale = route["version"], route["state"], False
        if route["stops"]:
            self.leaves_at = moment(route["stops"][0]["leave_at"])

    def next_call(self) -> Call | None:
        """Return where it goes next; None: home."""
        return next_call(self.calls, self.been, self.reloads)

    def has(self, delivery_id: str) -> bool:
        """Return whether a delivery is on it."""
        return any(call.delivery_id == delivery_id for call in self.calls)

    def trip(self) -> list[str]:
        """Return the deliveries of the trip for which the van is loaded now."""
        trips: list[list[str]] = [[]]
        for call in self.calls:
            if call.kind == "reload":
                trips.append([])
            elif call.kind == "delivery":
                trips[-1].append(call.delivery_id)
        mine = trips[min(self.reloads, len(trips) - 1)]
        return [delivery_id for delivery_id in mine if delivery_id not in self.been]

    def stand(self, at: int) -> None:
        """Stay where the van is by now."""
        self.leg = Leg.standing(self.leg.at(at), at)
