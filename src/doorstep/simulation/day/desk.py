"""People at the desk: they decide what to do with orders that were stopped, and take up what dispatch proposes."""

from functools import partial

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.control import Control
from doorstep.simulation.day.hours import HOUR_S, MINUTE_S, moment
from doorstep.simulation.day.world import World, happened

LOOK_S = 5 * MINUTE_S
"""How often proposals are looked at."""
MOST = 3
"""Proposals that are taken up at one look."""
THINK_S, AGAIN_S = 10 * MINUTE_S, 3 * HOUR_S
"""How long people think about an order, and how much time it needs to go out once more."""
OTHERS = ("out_of_stock",)
"""Reasons of holds that somebody else sees to."""
TOO_LATE = "window_cannot_be_met"
"""Reason for which an order that waits waits in vain."""


class Desk:
    """Whoever dispatches and answers the telephone.

    ``open`` proposals waited at the last look, ``accepted`` were taken up; ``given_up`` are orders cancelled here.
    """

    def __init__(self, world: World, control: Control) -> None:
        self._world, self._control = world, control
        self.open = self.accepted = self.given_up = 0
        self._again: set[str] = set()
        world.agenda.at(world.hours.begins_at + LOOK_S, self._look)

    def hear(self, event: Json) -> None:
        """Think about an order that was stopped, or that nobody can bring in time."""
        reason = event["data"].get("reason")
        stopped = event["type"] == "order.held" and reason not in OTHERS
        if stopped or (event["type"] in ("order.delayed", "order.backordered") and reason == TOO_LATE):
            self._world.agenda.at(happened(event) + THINK_S, partial(self._end, event["object_id"]))

    def _look(self, at: int) -> None:
        found = self._control.proposals()
        self.open = len(found)
        for proposal in found[:MOST]:
            self.accepted += self._control.accept(proposal)
        self._world.agenda.at(at + LOOK_S, self._look)

    def _end(self, order_id: str, at: int) -> None:
        """Let an order that came back go out once more if there is time; else, or if it would be late, cancel it."""
        order = self._world.api.ask("GET", f"/v1/orders/{order_id}").body
        in_time = order.get("state") == "on_hold" and moment(order["promise"]["window"]["end"]) > at + AGAIN_S
        if in_time and order_id not in self._again:
            self._again.add(order_id)
            if self._world.api.ask("POST", f"/v1/orders/{order_id}/release").ok:
                return
        self.given_up += self._world.api.ask("POST", f"/v1/orders/{order_id}/cancel", {"reason": "other"}).ok
