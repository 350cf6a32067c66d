"""People at the desk: they decide what to do with orders that were stopped, and take up what dispatch proposes."""

from functools import partial

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.control import Control
from doorstep.simulation.day.hours import MINUTE_S
from doorstep.simulation.day.world import World, happened

LOOK_S = 5 * MINUTE_S
"""How often proposals are looked at."""
MOST = 3
"""Proposals that are taken up at one look."""
THINK_S = 10 * MINUTE_S
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

    def _end(self, order_id: str, _at: int) -> None:
        """Cancel an order that came back, or would come too late."""
        self.given_up += self._world.api.ask("POST", f"/v1/orders/{order_id}/cancel", {"reason": "other"}).ok
