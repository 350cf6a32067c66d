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


class Desk:
    """Whoever dispatches and answers the telephone; ``open`` proposals waited at the last look."""

    def __init__(self, world: World, control: Control) -> None:
        self._world, self._control = world, control
        self.open = self.accepted = 0
        world.agenda.at(world.hours.begins_at + LOOK_S, self._look)

    def hear(self, event: Json) -> None:
        """Think about an order that was stopped."""
        if event["type"] == "order.held" and event["data"].get("reason") not in OTHERS:
            self._world.agenda.at(happened(event) + THINK_S, partial(self._end, event["object_id"]))

    def _look(self, at: int) -> None:
        found = self._control.proposals()
        self.open = len(found)
        for proposal in found[:MOST]:
            self.accepted += self._control.accept(proposal)
        self._world.agenda.at(at + LOOK_S, self._look)

    def _end(self, order_id: str, _at: int) -> None:
        """Cancel an order that came back, and give up on it for today."""
        self._world.api.ask("POST", f"/v1/orders/{order_id}/cancel", {"reason": "other"})
