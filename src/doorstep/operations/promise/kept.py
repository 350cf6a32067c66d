"""How probable it is that a promise is kept, learnt from the tenant's own orders whose promises are over."""

from collections.abc import Callable
from threading import Lock

import numpy as np
from sqlalchemy import func, select

from doorstep.operations.intake.network import HOUR_S, LiveNetwork
from doorstep.promising import Keeping, Outcomes, learn
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

DAY_S, MINUTE_S = 86_400, 60
MOST_OUTCOMES = 20_000
"""The latest orders from which is learnt."""
DEGREES_AN_HOUR = 15
ARRIVED = ("delivered", "collected")
DONE = ("completed", "return_open", "returned")
"""States of orders of which everything has arrived."""
NO_PROMISE = ("draft", "cancelled")


class Lesson:
    """What was learnt last; while one request learns anew, the others go on with that."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[int, Keeping] | None = None

    def of_hour(self, hour: int, build: Callable[[], Keeping]) -> Keeping:
        """Return what was learnt in an hour; whoever comes first in it learns."""
        known = self._known
        if known is not None and (known[0] == hour or not self._lock.acquire(blocking=False)):
            return known[1]
        if known is None:
            self._lock.acquire()
        try:
            if self._known is None or self._known[0] != hour:
                self._known = hour, build()
            return self._known[1]
        finally:
            self._lock.release()


def keeping_of(connection: Connection, tenant_id: str, network: LiveNetwork, *, now: int) -> Keeping:
    """Return what past promises say about new ones; learnt once an hour for each version of the reference tables."""
    lesson = connection.memo(("keeping", tenant_id, network.version), Lesson)
    levels = len(network.levels)
    return lesson.of_hour(now // HOUR_S, lambda: learn(outcomes(connection, tenant_id, network, now), levels=levels))


def outcomes(connection: Connection, tenant_id: str, network: LiveNetwork, now: int) -> Outcomes:
    """Return the latest promises that are over; an order that has not arrived by the end of its window broke its own.

    Orders that were cancelled had no chance to keep theirs, and those that held nothing when they came (backordered,
    imported) were not promised like this.
    """
    arrived_at = (
        select(func.max(deliveries.c.event_at))
        .where(deliveries.c.order_id == orders.c.order_id, deliveries.c.state.in_(ARRIVED))
        .correlate(orders)
        .scalar_subquery()
    )
    columns = (
        orders.c.service_level_id, orders.c.promised_sites, orders.c.promised_ready_at, orders.c.window_end_at,
        orders.c.placed_at, orders.c.lon, orders.c.state,
    )  # fmt: skip
    query = (
        select(*columns, arrived_at.label("arrived_at"))
        .where(
            orders.c.tenant_id == tenant_id,
            orders.c.state.not_in(NO_PROMISE),
            orders.c.window_end_at <= now,
            orders.c.promised_sites > 0,
            orders.c.promised_ready_at.is_not(None),
        )
        .order_by(orders.c.order_id.desc())
        .limit(MOST_OUTCOMES)
    )
    rows = [row for row in connection.execute(query).all() if row.service_level_id in network.levels]
    end_at = _column([row.window_end_at for row in rows])
    return Outcomes(
        level=_column([network.levels[row.service_level_id] for row in rows]),
        splits=_column([row.promised_sites for row in rows]),
        slack_min=(end_at - _column([row.promised_ready_at for row in rows])) // MINUTE_S,
        hour=_column([door_hour(row.placed_at, row.lon) for row in rows]),
        age_days=np.maximum(now - end_at, 0) // DAY_S,
        kept=np.array(
            [r.state in DONE and r.arrived_at is not None and r.arrived_at <= r.window_end_at for r in rows],
            dtype=np.bool_,
        ),
    )


def door_hour(moment: int, lon: float) -> int:
    """Return the hour of the day at a door by the sun: near enough to tell the parts of the day apart."""
    return (moment + round(lon / DEGREES_AN_HOUR) * HOUR_S) // HOUR_S % 24


def _column(values: list[int]) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)
