"""Associates of sites: they pack what is to be picked, and sometimes find less than there should be."""

from functools import partial

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.hours import MINUTE_S
from doorstep.simulation.day.world import World, happened

PACK_S = (6 * MINUTE_S, 12 * MINUTE_S, 40 * MINUTE_S)
"""From the moment that it may be picked: at least, mostly and at most."""
SHORT_SHARE = 0.015
"""Orders of which something is missing on the shelf."""
LOOK_S, AGAIN_S = 5 * MINUTE_S, 20 * MINUTE_S
"""How long a missing unit is looked for; and until its order is picked again, where it still is."""
EARLY_S = 5 * MINUTE_S
"""So long before the day begins they begin with what came in the evening."""


class Associates:
    """All who pick and pack."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._short: set[str] = set()
        self._gone: set[str] = set()

    def hear(self, event: Json) -> None:
        """Begin with a shipment that may be picked, and leave one that is called off."""
        if event["type"] == "shipment.picking":
            begins_at = max(happened(event), self._world.hours.begins_at - EARLY_S)
            self._world.agenda.at(begins_at, partial(self._pick, event["object_id"]))
        elif event["type"] == "shipment.cancelled":
            self._gone.add(event["object_id"])

    def _pick(self, shipment_id: str, at: int) -> None:
        shipment = self._world.api.ask("GET", f"/v1/shipments/{shipment_id}").body
        if shipment.get("state") != "picking":
            return
        name = self._world.name_of(shipment["order_id"])
        takes_s = self._world.dice.of("pack", name, shipment["site_id"]).triangular(*PACK_S)
        missing = name not in self._short and self._world.dice.luck("short", name) < SHORT_SHARE
        self._world.agenda.at(at + takes_s, partial(self._miss if missing else self._pack, shipment))

    def _pack(self, shipment: Json, _at: int) -> None:
        if shipment["id"] not in self._gone:
            self._world.api.ask("POST", f"/v1/shipments/{shipment['id']}/pack")

    def _miss(self, shipment: Json, at: int) -> None:
        """Note that a unit is missing, and have the sites of its order chosen anew."""
        api, order_id = self._world.api, shipment["order_id"]
        self._short.add(self._world.name_of(order_id))
        if not api.ask("POST", f"/v1/orders/{order_id}/hold", {"reason": "out_of_stock"}).ok:
            return
        lines = api.ask("GET", f"/v1/orders/{order_id}").body["lines"]
        lost = {"site_id": shipment["site_id"], "product_id": lines[0]["product_id"], "delta": -1, "reason": "lost"}
        api.ask("POST", "/v1/stock/adjustments", lost)
        self._world.say(at, f"a unit of {self._world.name_of(order_id)} is missing at {shipment['site_id']}")
        self._world.agenda.at(at + LOOK_S, lambda _: api.ask("POST", f"/v1/orders/{order_id}/release"))
        self._world.agenda.at(at + AGAIN_S, partial(self._pick, shipment["id"]))
