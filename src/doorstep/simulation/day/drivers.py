"""Drivers: they take the routes that are planned, drive them stop after stop, and report what happens at the doors."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from doorstep.simulation.day.api import Json
from doorstep.simulation.day.course import Spot
from doorstep.simulation.day.driving import Call, Leg, Roads, service_s
from doorstep.simulation.day.hours import MINUTE_S, moment
from doorstep.simulation.day.loading import load
from doorstep.simulation.day.phones import Phone, new_phone
from doorstep.simulation.day.tour import OVER, Tour
from doorstep.simulation.day.world import World

TAKEN_S = 30 * MINUTE_S
"""How long before it starts a route is given to a driver."""
PATIENCE_S, AGAIN_S = 20 * MINUTE_S, 5 * MINUTE_S
"""How long a driver waits at the dock for what is not packed, and how often they ask."""
FAILS = 0.05
REASONS = ("consignee_unavailable", "consignee_unavailable", "consignee_no_access", "consignee_refused")
ANSWER_S = 4 * MINUTE_S
"""How long a driver waits at a door in vain for the shopper to say something."""
NEXT_DOOR_S = 2 * MINUTE_S


class Drivers:
    """All who drive own vans; ``tours`` are theirs by route.

    Parameters
    ----------
    ping_s
        How often their phones say where they are [s].
    """

    def __init__(self, world: World, roads: Roads, *, ping_s: int) -> None:
        self._world, self._roads, self._ping_s = world, roads, ping_s
        self.tours: dict[str, Tour] = {}
        self._answers: dict[str, Json] = {}
        self._phones: dict[str, Phone] = {}
        self.no_show_s = 0
        """How late the driver of the next route that is taken will come [s]."""

    @property
    def out(self) -> list[Tour]:
        """The tours whose vans are on the road."""
        return [tour for tour in self.tours.values() if tour.out]

    @property
    def positions(self) -> int:
        """How many positions their phones have sent."""
        return sum(phone.sent for phone in self._phones.values())

    def hear(self, event: Json) -> None:
        """Take a new route, notice a new version, and what a shopper answers."""
        kind, object_id = event["type"], event["object_id"]
        if kind == "route.planned" and object_id not in self.tours:
            self._take(object_id, moment(event["timestamp"]))
        elif kind.startswith("route.") and object_id in self.tours:
            self.tours[object_id].stale = True
        elif kind in ("delivery.redirected", "delivery.rescheduled"):
            self._answers[object_id] = event["data"]

    def break_down(self, tour: Tour, at: int) -> None:
        """Let a van stop where it is."""
        tour.turn += 1
        tour.stand(at)
        tour.stands = True

    def go_on(self, tour: Tour, at: int) -> None:
        """Let a van that stood go on."""
        tour.stands = False
        self._next(tour, at)

    def tow_home(self, tour: Tour, at: int, *, given_back: bool) -> None:
        """Bring a van home that goes nowhere today; what it has on board is ``given_back``, or rides with others."""
        for delivery_id in sorted(tour.aboard - tour.been) if given_back else ():
            self._world.report(tour.driver, delivery_id, "arrive_at_return", at)
            self._world.report(tour.driver, delivery_id, "take_back", at + 1)
        tour.out = False

    def _take(self, route_id: str, at: int) -> None:
        route = self._world.api.ask("GET", f"/v1/routes/{route_id}").body
        if not route.get("stops"):
            return
        driver = self._free_driver(route["vehicle_id"])
        site = Call.read(route["stops"][0]).spot
        tour = Tour(route_id=route_id, vehicle_id=route["vehicle_id"], site_id=route["site_id"], site=site,
                    driver=driver, phone=self._phones[driver], leg=Leg.standing(site, at))  # fmt: skip
        tour.read(route)
        self.tours[route_id] = tour
        self._later(tour, max(at, tour.leaves_at - TAKEN_S), self._assign)

    def _free_driver(self, vehicle_id: str) -> str:
        """Return the first driver of a kind of vehicle who drives no other tour; each has a phone."""
        busy = {tour.driver for tour in self.tours.values() if tour.state not in OVER or tour.out}
        number = 1
        while (driver := f"{vehicle_id}.{number}") in busy:
            number += 1
        if driver not in self._phones:
            self._phones[driver] = new_phone(self._world.api, driver, len(self._phones))
        return driver

    def _later(self, tour: Tour, at: float, step: Callable[[Tour, int], None]) -> None:
        """Have a driver do something at a moment, unless something else comes in between."""
        turn = tour.turn
        self._world.agenda.at(at, lambda then: step(tour, then) if tour.turn == turn else None)

    def _fresh(self, tour: Tour) -> bool:
        """Read the newest version of a route; return whether there is anything to drive."""
        if tour.stale:
            answer = self._world.api.ask("GET", f"/v1/routes/{tour.route_id}")
            if answer.ok:
                tour.read(answer.body)
        return tour.state not in OVER

    def _assign(self, tour: Tour, at: int) -> None:
        self._world.api.ask("POST", f"/v1/routes/{tour.route_id}/assign", {"driver": tour.driver})
        late_s, self.no_show_s = self.no_show_s, 0
        if late_s:
            self._world.say(at, f"{tour.driver} does not show up; somebody else comes {late_s // 60} minutes later")
        self._later(tour, max(at, tour.leaves_at) + late_s, partial(self._depart, until=tour.leaves_at + late_s))

    def _depart(self, tour: Tour, at: int, *, until: int) -> None:
        """Load what is packed, wait a little for the rest, and go without what does not come."""
        if not self._fresh(tour):
            if tour.out:  # others bring what was to be loaded now
                self._finish(tour, at)
            return
        missing = load(self._world, tour, leave_behind=at >= until + PATIENCE_S)
        if missing and at < until + PATIENCE_S:
            self._later(tour, at + AGAIN_S, partial(self._depart, until=until))
            return
        for delivery_id in tour.trip():
            if delivery_id in tour.aboard:
                self._world.report(tour.driver, delivery_id, "pick_up", at)
        if not tour.out:
            tour.out = True
            tour.phone.ride(self._world.api, tour.route_id)
            self._ping(tour, at)
        self._next(tour, at)

    def _ping(self, tour: Tour, at: int) -> None:
        """Let the phone say where it is, and again after a while; one that cannot keep up leaves some out."""
        if not tour.out:
            return
        if self._world.agenda.late_s < self._ping_s:
            tour.phone.tell(self._world.api, tour.leg, at)
        self._world.agenda.at(at + self._ping_s, partial(self._ping, tour))

    def _drive(self, tour: Tour, to: Spot, at: int) -> int:
        """Set out for a place, and return when the van will be there."""
        start = tour.leg.at(at)
        luck = self._world.dice.of("drive", tour.driver, f"{to.lat:.5f}", f"{to.lon:.5f}")
        tour.leg = self._roads.leg(start, to, at, luck)
        return tour.leg.arrives_at

    def _next(self, tour: Tour, at: int) -> None:
        """Go where the newest version of the route says."""
        self._fresh(tour)
        call = tour.next_call()
        if call is None:
            self._finish(tour, at)
        elif call.kind == "reload":
            self._later(tour, self._drive(tour, call.spot, at), partial(self._reload, call=call))
        else:
            self._world.report(tour.driver, call.delivery_id, "start_to_dropoff", at)
            self._later(tour, self._drive(tour, call.spot, at), partial(self._arrive, call=call))

    def _reload(self, tour: Tour, at: int, *, call: Call) -> None:
        tour.reloads += 1
        loaded_at = max(at, call.not_before_at) + call.service_s
        self._later(tour, loaded_at, partial(self._depart, until=loaded_at))

    def _arrive(self, tour: Tour, at: int, *, call: Call, again: bool = False) -> None:
        self._fresh(tour)
        if not again and not tour.has(call.delivery_id):
            self._next(tour, at)  # it was taken from the route on the way
            return
        self._world.report(tour.driver, call.delivery_id, "arrive_at_dropoff", at)
        dice, name = self._world.dice, self._world.name_of(call.delivery_id)
        ends_at = max(at, call.not_before_at) + service_s(call.service_s, dice.of("serve", name, again))
        fails = dice.luck("fail", name, again) < FAILS
        self._later(tour, ends_at, partial(self._attempt if fails else self._deliver, call=call))

    def _deliver(self, tour: Tour, at: int, *, call: Call, **more: object) -> None:
        proof = {"kind": "photo", "proof_id": f"prf_{call.delivery_id[4:]}"}
        self._world.report(tour.driver, call.delivery_id, "deliver", at, proofs=[proof], **more)
        tour.been.add(call.delivery_id)
        self._next(tour, at)

    def _attempt(self, tour: Tour, at: int, *, call: Call) -> None:
        reason = str(self._world.dice.of("reason", self._world.name_of(call.delivery_id)).choice(REASONS))
        self._world.report(tour.driver, call.delivery_id, "attempt", at, reason=reason)
        tour.been.add(call.delivery_id)
        self._later(tour, at + ANSWER_S, partial(self._heed, call=call))

    def _heed(self, tour: Tour, at: int, *, call: Call) -> None:
        """Do what the shopper has answered: next door, later today, or nothing."""
        answer = self._answers.pop(call.delivery_id, {})
        who, delivery_id = tour.driver, call.delivery_id
        if answer.get("to") == "neighbour":
            self._world.report(who, delivery_id, "start_to_dropoff", at)
            self._world.report(who, delivery_id, "arrive_at_dropoff", at + 1)
            neighbour = {"name": "A neighbour", "number": "next door"}
            self._later(tour, at + NEXT_DOOR_S, partial(self._deliver, call=call, neighbour=neighbour))
            return
        if "window_start_at" in answer and answer["window_start_at"] < self._world.hours.ends_at:
            tour.again.append((answer["window_start_at"], call))
        else:
            tour.back.append(delivery_id)
        self._next(tour, at)

    def _finish(self, tour: Tour, at: int) -> None:
        """Try again where a shopper asked for it, and bring the rest home."""
        if tour.again:
            tour.again.sort(key=lambda one: one[0])
            from_at, call = tour.again.pop(0)
            self._world.report(tour.driver, call.delivery_id, "start_to_dropoff", at)
            later = replace(call, not_before_at=from_at)
            self._later(tour, self._drive(tour, call.spot, at), partial(self._arrive, call=later, again=True))
            return
        for delivery_id in tour.back:
            self._world.report(tour.driver, delivery_id, "start_return", at)
        self._later(tour, self._drive(tour, tour.site, at), self._come_home)

    def _come_home(self, tour: Tour, at: int) -> None:
        for delivery_id in tour.back:
            self._world.report(tour.driver, delivery_id, "arrive_at_return", at)
            self._world.report(tour.driver, delivery_id, "take_back", at + 1)
        tour.back.clear()
        tour.out = False
        tour.phone.ride(self._world.api, "")
