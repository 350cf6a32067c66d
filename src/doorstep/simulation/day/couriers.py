"""Couriers of carriers that are not connected: they fetch what was booked with them, and report by the same API."""

from functools import partial

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.hours import HOUR_S, MINUTE_S, moment
from doorstep.simulation.day.world import World, happened

AGAIN_S, PATIENCE_S = 10 * MINUTE_S, 6 * HOUR_S
"""How often they ask for what is not packed, and how long."""
EARLIEST_S, SPREAD_S = 15 * MINUTE_S, 12 * MINUTE_S
"""From picking up to the door at least; deviation from when they are expected there."""
FAILS = 0.03
WAITING = ("booked", "assigned")
"""States of deliveries that are still to be fetched."""


class Couriers:
    """All who bring single deliveries for carriers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def hear(self, event: Json) -> None:
        """Send a courier for what was booked with a carrier."""
        if event["type"] == "delivery.booked" and event["data"].get("carrier_id"):
            delivery = self._world.api.ask("GET", f"/v1/deliveries/{event['object_id']}").body
            if delivery.get("ready_at"):
                fetch_at = max(happened(event), moment(delivery["ready_at"]), self._world.hours.begins_at)
                self._world.agenda.at(fetch_at, partial(self._fetch, delivery, fetch_at + PATIENCE_S))

    def _fetch(self, delivery: Json, until: int, at: int) -> None:
        path, who = f"/v1/deliveries/{delivery['id']}", f"courier.{delivery['carrier_id']}"
        if not self._world.api.ask("POST", f"{path}/hand-over").ok:
            state = self._world.api.ask("GET", path).body.get("state")
            if at < until and state in WAITING:
                self._world.agenda.at(at + AGAIN_S, partial(self._fetch, delivery, until))
            return
        luck = self._world.dice.of("courier", self._world.name_of(delivery["id"]))
        arrives_at = max(at + EARLIEST_S, moment(delivery["arrive_at"]) + luck.normal(0, SPREAD_S))
        self._world.report(who, delivery["id"], "start_to_dropoff", at + 1)
        event = "attempt" if luck.uniform() < FAILS else "deliver"
        self._world.agenda.at(arrives_at, partial(self._end, who, delivery["id"], event))

    def _end(self, who: str, delivery_id: str, event: str, at: int) -> None:
        self._world.report(who, delivery_id, "arrive_at_dropoff", at)
        if event == "deliver":
            proof = {"kind": "photo", "proof_id": f"prf_{delivery_id[4:]}"}
            self._world.report(who, delivery_id, event, at + MINUTE_S, proofs=[proof])
            return
        self._world.report(who, delivery_id, event, at + MINUTE_S, reason="consignee_unavailable")
        self._world.agenda.at(at + HOUR_S, partial(self._bring_back, who, delivery_id))

    def _bring_back(self, who: str, delivery_id: str, at: int) -> None:
        for n, event in enumerate(("start_return", "arrive_at_return", "take_back")):
            self._world.report(who, delivery_id, event, at + n)
