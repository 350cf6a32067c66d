"""What a person who drives may see and tell: of the routes that are theirs, and of no others.

A route is a person's if its driver is their id, their e-mail address, or their name as long as nobody else of the
tenant has it.
"""

import json
from collections.abc import Sequence

from sqlalchemy import func, select

from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.bring.at_the_door import required_at_the_door
from doorstep.operations.bring.dispatch import GIVEN
from doorstep.operations.bring.facts import Recorded, ReportedEvent, record_event
from doorstep.operations.bring.pins import Verdict, compare_pin, try_pin
from doorstep.operations.bring.proofs import Proof, keep_proof
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.schema.access import people
from doorstep.storage.schema.fulfilment import deliveries, routes, tracking_events

DAY_S = 86_400
TELLS = ("call", "start_to_dropoff", "arrive_at_dropoff", "deliver", "attempt", "start_return", "take_back")
"""Facts of a delivery that a driver tells; the last says that its parcels are at the site again."""
PROOF_OF = {"age_restricted": "age", "pin": "pin", "signature": "signature"}
"""The kind of proof that each requirement asks for at the door."""


def driven_by(connection: Connection, caller: Caller, *, now: int) -> list[str]:
    """Return the ids of a person's routes of about today, the first to start first."""
    query = select(routes.c.route_id).where(
        routes.c.tenant_id == caller.tenant_id,
        routes.c.driver.in_(_names(connection, caller)),
        routes.c.state.in_(GIVEN),
        routes.c.starts_at < now + DAY_S,
        routes.c.ends_at > now - DAY_S,
    )
    return list(connection.execute(query.order_by(routes.c.starts_at, routes.c.route_id)).scalars())


def tell_as_driver(connection: Connection, caller: Caller, event: ReportedEvent, *, now: int) -> Recorded:
    """Record what a driver tells of a delivery on a route of theirs; what was told before counts once.

    A hand-over whose PIN turns out to be wrong has happened all the same, and becomes an exception.

    Raises
    ------
    NotFoundError
        If it rides on no route of theirs, and they had not told this of it before.
    InputError, ConflictError
        As ``record_event`` says; or if it is delivered without a proof that its order requires.
    """
    if event.event not in TELLS:
        raise InputError(f"type {event.event!r} is nothing that drivers tell: {', '.join(TELLS)} are.")
    of = tracking_events.c
    before = select(of.event).where(
        of.tenant_id == caller.tenant_id, of.source == event.source, of.source_event_id == event.source_event_id
    )
    is_new = connection.execute(before).one_or_none() is None
    if is_new:
        _check_theirs(connection, caller, event.object_id)
        _check_taken(connection, event)
    recorded = record_event(connection, caller, event, now=now)
    if is_new and event.event == "deliver":
        told = (event.source, event.source_event_id)
        compare_pin(connection, caller, event.object_id, told, event.details, now=now)
    return recorded


def try_pin_as_driver(connection: Connection, caller: Caller, delivery_id: str, said: str, *, now: int) -> Verdict:
    """Return whether a PIN that a driver heard is the shopper's, of a delivery on a route of theirs.

    Raises
    ------
    NotFoundError
        If it rides on no route of theirs.
    """
    _check_theirs(connection, caller, delivery_id)
    return try_pin(connection, caller, delivery_id, said, now=now)


def keep_as_driver(connection: Connection, caller: Caller, proof_id: str, proof: Proof, *, now: int) -> bool:
    """Keep a proof of a delivery on a route of theirs, and return whether it is new.

    Raises
    ------
    NotFoundError
        If it rides on no route of theirs.
    InputError, ConflictError
        As ``keep_proof`` says.
    """
    _check_theirs(connection, caller, proof.delivery_id)
    return keep_proof(connection, caller, proof_id, proof, now=now)


def _check_taken(connection: Connection, event: ReportedEvent) -> None:
    """Raise ``InputError`` if something is delivered without what has to be taken at the door for it."""
    if event.event != "deliver":
        return
    taken = {proof["kind"] for proof in json.loads(event.details).get("proofs", ())}
    order_id = select(deliveries.c.order_id).where(deliveries.c.delivery_id == event.object_id)
    required = required_at_the_door(connection, connection.execute(order_id).scalar_one())
    missing = [kind for word, kind in PROOF_OF.items() if word in required and kind not in taken]
    if missing:
        raise InputError(f"proofs has no {' and no '.join(missing)}, which the order requires.",
                         hint="Maybe take it at the door, or report an attempt.")  # fmt: skip


def _check_theirs(connection: Connection, caller: Caller, delivery_id: str) -> None:
    query = (
        select(routes.c.route_id)
        .join(deliveries, deliveries.c.route_id == routes.c.route_id)
        .where(deliveries.c.delivery_id == delivery_id, deliveries.c.tenant_id == caller.tenant_id)
        .where(routes.c.tenant_id == caller.tenant_id, routes.c.driver.in_(_names(connection, caller)))
    )
    if connection.execute(query).first() is None:
        raise NotFoundError(
            f"delivery {delivery_id} is on no route of yours.",
            hint="Maybe somebody else has it by now.",
        )


def _names(connection: Connection, caller: Caller) -> Sequence[str]:
    """Return what stands for a person as the driver of a route."""
    mine = people.c.tenant_id == caller.tenant_id
    row = connection.execute(
        select(people.c.email, people.c.name).where(mine, people.c.person_id == caller.actor)
    ).one_or_none()
    if row is None:
        return [caller.actor]
    alike = connection.execute(select(func.count()).where(mine, people.c.name == row.name)).scalar_one()
    return [caller.actor, row.email, *([row.name] if alike == 1 and row.name else [])]
