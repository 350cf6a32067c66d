"""A stop on no route, with its reason, in data and in words."""

from dataclasses import dataclass
from enum import StrEnum

from doorstep.vehicle_routing.fixes import Change, Fix
from doorstep.vehicle_routing.problem import REQUIRED


class Reason(StrEnum):
    """What blocks a stop, from what only the stop itself can change to what depends on the plan."""

    GROUP_SERVED = "group_served"
    NO_ROAD = "no_road"
    NO_VEHICLE = "no_vehicle"
    SKILL = "skill"
    CAPACITY = "capacity"
    RANGE = "range"
    DURATION = "duration"
    RELEASE = "release"
    WINDOW = "window"
    SHIFT = "shift"
    PAIR = "pair"
    PRIZE = "prize"
    NO_ROOM = "no_room"
    OVERLOOKED = "overlooked"


BLOCKED_BY = {
    Change.VEHICLE: Reason.NO_VEHICLE,
    Change.SKILL: Reason.SKILL,
    Change.CAPACITY: Reason.CAPACITY,
    Change.RANGE: Reason.RANGE,
    Change.DURATION: Reason.DURATION,
    Change.RELEASE_EARLIER: Reason.RELEASE,
    Change.WINDOW_LATER: Reason.WINDOW,
    Change.WINDOW_EARLIER: Reason.WINDOW,
    Change.SHIFT: Reason.SHIFT,
}

SENTENCES = {
    Reason.GROUP_SERVED: "Stop {stop} is not needed: stop {other} of its group is served.",
    Reason.NO_ROAD: "No road leads to stop {stop} and back from where a vehicle starts and ends.",
    Reason.NO_VEHICLE: "There is no vehicle that may serve stop {stop}.",
    Reason.SKILL: "No vehicle has the skills that stop {stop} requires.",
    Reason.CAPACITY: "Stop {stop} is more than any vehicle that may serve it can carry.",
    Reason.RANGE: "Stop {stop} is out of range even for a trip to it alone.",
    Reason.DURATION: "A trip to stop {stop} alone lasts longer than a route may.",
    Reason.RELEASE: "The parcels of stop {stop} are ready too late, even for a trip to it alone.",
    Reason.WINDOW: "The window of stop {stop} is closed when the first vehicle can be there.",
    Reason.SHIFT: "A trip to stop {stop} alone is back after the end of the shift.",
    Reason.PAIR: "Stop {stop} is left out with stop {other}, the other one of its pair.",
    Reason.PRIZE: "To serve stop {stop} costs {price_minor}, to leave it out {prize_minor}.",
    Reason.NO_ROOM: "Every vehicle is out, and no route has room for stop {stop}.",
    Reason.OVERLOOKED: "There is room for stop {stop} at {price_minor}: the search has not found it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A stop on no route, and why.

    ``fixes`` must all be made for it to be served; ``others`` are single changes that would do as well. ``other`` is a
    stop that is to blame, -1 for none. ``price_minor`` is what it would cost to serve, where that is the matter, and
    ``prize_minor`` what it costs to leave out. Where not ``proven``, a longer look may find more.
    """

    stop: int
    reason: Reason
    fixes: tuple[Fix, ...] = ()
    others: tuple[Fix, ...] = ()
    other: int = -1
    price_minor: int = 0
    prize_minor: int = REQUIRED
    proven: bool = True

    @property
    def sentence(self) -> str:
        """The reason, in one sentence."""
        return self.told(str(self.stop), str(self.other), str(self.price_minor), str(self.prize_minor))

    def told(self, stop: str, other: str, price: str, prize: str) -> str:
        """Return the reason with other names of the stops and other words for money."""
        return SENTENCES[self.reason].format(stop=stop, other=other, price_minor=price, prize_minor=prize)

    @property
    def hint(self) -> str:
        """What would help, beginning with Maybe; empty where nothing needs to."""
        if self.reason == Reason.GROUP_SERVED:
            return ""
        if self.reason == Reason.OVERLOOKED:
            return "Maybe search longer, or start the search from this plan."
        if not self.fixes:
            return f"Maybe look at stop {self.other} first." if self.other >= 0 else "Maybe its place is wrong."
        whole = " and ".join(fix.words for fix in self.fixes)
        return "Maybe " + "; or ".join([whole, *(fix.words for fix in self.others)]) + "."
