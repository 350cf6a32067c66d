"""Associates of sites: they pack what is to be picked, and sometimes find less than there should be."""

from functools import partial

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.hours import MINUTE_S
from doorstep.simulation.day.world import World, happened

PACK_S = (6 * MINUTE_S, 12 * MINUTE_S, 40 * MINUTE_S)
"""From the moment that it may be picked: at least, mostly and at most."""
SHORT_SHARE = 0.015
"""Orders of which something is missing on the shelf."""
AGAIN_S = 5 * MINUTE_S


class Associates:
    """All who pick and pack."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._short: set[str] = set()

    def hear(self, event: Json) -> None:
        """Begin with a shipment that may be picked."""
        if event["type"] == "shipment.picking":
            self._world.agenda.at(happened(event), partial(self._pick, event["object_id"]))

    def _pick(self, shipment_id: str, at: int) -> None:
        shipment = self._world.api.ask("GET", f"/v1/shipments/{shipment_id}").body
        if shipment.get("state") != "picking":
            return
        name = self._world.name_of(shipment["order_id"])
        takes_s = self._world.dice.of("pack", name, shipment["site_id"]).triangular(*PACK_S)
        missing = name not in self._short and self._world.dice.luck("short", name) < SHORT_SHARE
        self._world.agenda.at(at + takes_s, partial(self._miss if missing else self._pack, shipment))

    def _pack(self, shipment: Json, _at: int) -> None:
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
        self._world.agenda.at(at + AGAIN_S, lambda _: api.ask("POST", f"/v1/orders/{order_id}/release"))
