"""A van that goes no further: it broke down, or its driver did not come. What it was to bring goes another way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, func, update

from doorstep.domain.lifecycles.route import OUT
from doorstep.foundation import ConflictError, InputError
from doorstep.operations.bring.course import REPLAN, course_of
from doorstep.operations.bring.dispatch import lock_route
from doorstep.operations.bring.follow_up import BEEN_THERE, BY_LANE, follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.proposals import expire_about
from doorstep.operations.dispatching.rewriting import has_left
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.dispatching import vehicle_outages
from doorstep.storage.schema.fulfilment import deliveries, stops

OUT_OF_SERVICE_S = 12 * 3_600
TO_ABOARD = {"booked": "assign", "assigned": "start_to_pickup", "en_route_to_pickup": "arrive_at_pickup",
             "at_pickup": "pick_up"}  # fmt: skip
"""What nobody told of parcels that are on a van."""
Parcels = Literal["back_at_site", "stranded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """A route that has ended: ``waiting`` deliveries look for another van, ``returning`` ones cannot be brought."""

    route_id: str
    state: str
    waiting: tuple[str, ...]
    returning: tuple[str, ...]


def halt_route(
    connection: Connection,
    caller: Caller,
    route_id: str,
    *,
    parcels: Parcels,
    reason: str,
    now: int,
    back_at: int | None = None,
    until_at: int | None = None,
) -> Halted:
    """End a route whose van goes no further; what still lies at the site can ride with others at once.

    Parameters
    ----------
    parcels
        What is on board is ``back_at_site`` at ``back_at`` (now, if it is None), or ``stranded``: it returns.
    until_at
        Until when its vehicle is out of service; half a day by default [epoch s].

    Raises
    ------
    NotFoundError
        If the tenant has no such route.
    ConflictError
        If it has ended.
    InputError
        If parcels are back, or the vehicle in service again, before now.
    """
    for name, at in (("back_at", back_at), ("until_at", until_at)):
        if at is not None and at < now:
            raise InputError(f"{name} {at} is before now, {now}.")
    route = lock_route(connection, caller, route_id)
    if route.state not in REPLAN:
        raise ConflictError(f"route {route_id} is {route.state}: its van goes nowhere.")
    course = course_of(connection, route_id)
    ahead = [delivery for delivery in route.deliveries if delivery.state not in BEEN_THERE]
    out = route.state in OUT
    aboard = [d.delivery_id for d in ahead if out and d.state not in BY_LANE and has_left(connection, d.delivery_id)]
    lost = [delivery.delivery_id for delivery in ahead]
    connection.execute(delete(stops).where((stops.c.route_id == route_id) & stops.c.delivery_id.in_(lost)))
    waiting = [name for name in lost if name not in aboard or parcels == "back_at_site"]
    _set_free(connection, waiting, aboard, now if back_at is None else back_at)
    returning = tuple(name for name in aboard if name not in waiting)
    row = {"route_id": route_id, "tenant_id": caller.tenant_id, "vehicle_id": course.vehicle_id,
           "until_at": now + OUT_OF_SERVICE_S if until_at is None else until_at}  # fmt: skip
    connection.run(inserting(vehicle_outages), [row])
    event = "complete" if route.state == "in_progress" else "cancel"
    told = {"waiting": waiting, "returning": list(returning)}
    change = advance(connection, caller, "route", route_id, event, now=now, reason=reason, data=told)
    expire_about(connection, caller, course.site_id, {route_id, *lost}, now=now)
    for delivery in ahead:  # after its end: a return would start a route that has not left
        if delivery.delivery_id in returning:
            turn_round(connection, caller, delivery.delivery_id, delivery.state, delivery.order_id, reason, now)
    return Halted(route_id=route_id, state=change.to_state, waiting=tuple(waiting), returning=returning)


def _set_free(connection: Connection, names: Sequence[str], aboard: Sequence[str], back_at: int) -> None:
    """Take deliveries off their route; those that were on board are ready when they are back."""
    connection.execute(update(deliveries).where(deliveries.c.delivery_id.in_(names)).values(route_id=None))
    back = [name for name in names if name in aboard]
    later = deliveries.c.delivery_id.in_(back) & (func.coalesce(deliveries.c.ready_at, 0) < back_at)
    connection.execute(update(deliveries).where(later).values(ready_at=back_at))


def turn_round(
    connection: Connection, caller: Caller, delivery_id: str, state: str, order_id: str, reason: str, now: int
) -> None:
    """Let a delivery return that is on board or was, whatever was told of it before; its order is locked."""
    while state in TO_ABOARD:
        state = advance(connection, caller, "delivery", delivery_id, TO_ABOARD[state], now=now).to_state
    advance(connection, caller, "delivery", delivery_id, "start_return", now=now, reason=reason)
    follow_up(connection, caller, order_id, delivery_id, reason=reason, now=now)
