"""Shoppers: they ask what can be promised, order, cancel, fetch, and say what to do when nobody was at home."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from doorstep.domain.new_order import NewOrder
from doorstep.domain.tables import COLLECTED
from doorstep.simulation.day.api import Json
from doorstep.simulation.day.hours import HOUR_S, MINUTE_S, moment, written
from doorstep.simulation.day.shop import Wish
from doorstep.simulation.day.world import World, happened

NEIGHBOUR, AGAIN = 0.4, 0.75
"""After an attempt: below the first, a neighbour may take it; below the second, they choose another window."""
ANSWER_S = (30, 150)
LAST_S = 90 * MINUTE_S
"""Nobody chooses a window that ends later than so long before the day does."""
FETCH_S = (20 * MINUTE_S, 3 * HOUR_S)


class Shoppers:
    """All who order in a day: ``waiting`` have not yet, ``gone`` found nothing that suited them.

    Parameters
    ----------
    due_at
        Where the end of what is promised is written down for each order [epoch s].
    """

    def __init__(self, world: World, wishes: Sequence[Wish], due_at: dict[str, int]) -> None:
        self._world, self._due_at = world, due_at
        self._wishes = wishes
        self.waiting, self.gone = 0, 0
        for wish in wishes:
            if wish.at:
                self.waiting += 1
                world.agenda.at(wish.at, partial(self._order, wish))

    def order_the_evening_before(self, at: int) -> None:
        """Place the orders of those who do not wait for the day."""
        for wish in self._wishes:
            if not wish.at:
                self.waiting += 1
                self._order(wish, at)

    def hear(self, event: Json) -> None:
        """Answer what concerns a shopper."""
        delivery_id, agenda = event["object_id"], self._world.agenda
        if event["type"] == "delivery.attempted":
            answers_s = int(self._luck("answer", delivery_id).integers(*ANSWER_S))
            agenda.at(happened(event) + answers_s, partial(self._decide, delivery_id))
        elif event["type"] == "collection.ready":
            comes_at = happened(event) + int(self._luck("fetch", delivery_id).integers(*FETCH_S))
            agenda.at(min(comes_at, self._world.hours.ends_at - 15 * MINUTE_S), partial(self._fetch, delivery_id))

    def _luck(self, what: str, delivery_id: str) -> np.random.Generator:
        return self._world.dice.of(what, self._world.name_of(delivery_id))

    def _order(self, wish: Wish, at: int) -> None:
        """Choose among the options, and order; who finds none that suits goes elsewhere."""
        api = self._world.api
        self.waiting -= 1
        body = wish.body
        if wish.order.window is None:
            options = api.ask("POST", "/v1/options", wish.basket).body.get("options", [])
            option = chosen(options, wish.order, ends_at=self._world.hours.ends_at)
            if option is None:
                self.gone += 1
                return
            body |= {"option_id": option["option_id"], "service_level_id": option["service_level_id"]}
        answer = api.ask("POST", "/v1/orders", body)
        if not answer.ok:
            self.gone += 1
            return
        order_id = answer.body["id"]
        self._world.names[order_id] = wish.name
        self._due_at[order_id] = moment(answer.body["promise"]["window"]["end"])
        if wish.cancels_at is not None:
            self._world.agenda.at(max(wish.cancels_at, at), partial(self._cancel, order_id))

    def _cancel(self, order_id: str, at: int) -> None:
        reason = {"reason": "customer_changed_mind"}
        done = self._world.api.ask("POST", f"/v1/orders/{order_id}/cancel", reason).ok
        name = self._world.name_of(order_id)
        self._world.say(at, f"{name} is cancelled" if done else f"{name} would be cancelled, but is on its way")

    def _decide(self, delivery_id: str, at: int) -> None:
        """Say what to do with what could not be delivered."""
        luck, path = self._luck("decide", delivery_id).uniform(), f"/v1/deliveries/{delivery_id}"
        ask = self._world.api.ask
        if luck < NEIGHBOUR:
            ask("POST", f"{path}/redirect", {"reason": "consignee_asked", "neighbour_ok": True})
        elif luck < AGAIN and at + 4 * HOUR_S <= self._world.hours.ends_at - LAST_S:
            window = {"start": written(at + 2 * HOUR_S), "end": written(at + 4 * HOUR_S)}
            ask("POST", f"{path}/reschedule", {"reason": "consignee_asked", "window": window})

    def _fetch(self, delivery_id: str, _at: int) -> None:
        self._world.api.ask("POST", f"/v1/deliveries/{delivery_id}/hand-over")


def chosen(options: Sequence[Json], order: NewOrder, *, ends_at: int) -> Json | None:
    """Return the option of an order's service level or, if it cannot be had this day, the first other one that can.

    Who fetches it does so where they wanted to; what is fetched is no substitute for what is brought.
    """
    today = [option for option in options if option["feasible"] and moment(option["window"]["start"]) < ends_at]
    wanted = [option for option in today if option["service_level_id"] == order.service_level_id]
    if order.pickup_site_id:
        return next((option for option in wanted if order.pickup_site_id in option["sites"]), None)
    return next((option for option in [*wanted, *today] if option["method"] not in COLLECTED), None)
