"""What all who act in the day share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from doorstep.simulation.day.agenda import Agenda
from doorstep.simulation.day.api import Answer, Api, Json
from doorstep.simulation.day.dice import Dice
from doorstep.simulation.day.hours import Hours, moment, written

Say = Callable[[int, str], None]
"""Tells whoever watches what happens, and when [epoch s]."""


@dataclass(slots=True, kw_only=True)
class World:
    """The platform, the hours, the agenda and the dice.

    ``names`` are those that shoppers gave their orders, by the platform's ids; ``orders`` those of deliveries' orders.
    """

    api: Api
    hours: Hours
    agenda: Agenda
    dice: Dice
    say: Say
    names: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)

    def hear(self, event: Json) -> None:
        """Remember whose a new delivery is."""
        if event["type"] in ("delivery.created", "collection.created"):
            self.orders[event["object_id"]] = event["data"]["order_id"]

    def name_of(self, object_id: str) -> str:
        """Return the name of an order, or of a delivery's: one that is the same whenever the day is lived again."""
        order_id = self.orders.get(object_id, object_id)
        return self.names.get(order_id, order_id)

    def report(self, who: str, delivery_id: str, event: str, at: int, **more: object) -> Answer:
        """Report what happened to a delivery, as whoever saw it."""
        told: Json = {"event_id": f"{delivery_id}-{event}-{at}", "type": event, "occurred_at": written(at),
                      "source": who, **more}  # fmt: skip
        return self.api.ask("POST", f"/v1/deliveries/{delivery_id}/events", told)


def happened(event: Json) -> int:
    """Return when that happened of which an event tells [epoch s]."""
    return int(event["data"].get("occurred_at") or moment(event["timestamp"]))
