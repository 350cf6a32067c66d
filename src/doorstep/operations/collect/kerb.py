"""A shopper who comes by car: on the way, near, there, in which bay, or gone again.

Where the shopper is becomes a number of seconds at once; no position is kept. What is known of them goes when the goods
are handed over.
"""

import numpy as np
from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError
from doorstep.geography import Places
from doorstep.operations.caller import Caller
from doorstep.operations.collect.codes import collected_at
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.keeping import NOBODY, note
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.operations.roads import travel_now
from doorstep.operations.shoppers.links import Link
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.collections import collections
from doorstep.storage.schema.fulfilment import deliveries

COMING, THERE = "customer_on_the_way", ("customer_arrived", "bay_assigned")
Point = tuple[float, float]
"""Latitude and longitude [degrees]."""


def set_out(
    connection: Connection,
    link: Link,
    *,
    vehicle: str,
    expected_at: int | None = None,
    now: int,
) -> None:
    """Note that a shopper is on the way, in what, and when they should be there: as they say, or as ``arrives_at``.

    Raises
    ------
    IllegalTransitionError
        If the goods are not ready, or the shopper is there already.
    """
    lock_delivery(connection, link.caller, link.delivery_id)
    if _state(connection, link.delivery_id) != COMING:
        advance(connection, link.caller, "collection", link.delivery_id, "set_out", now=now)
    known = NOBODY | {"vehicle": vehicle, "expected_at": expected_at}
    note(connection, link.caller, link.delivery_id, link.site_id, known)


def expect_at(connection: Connection, link: Link, expected_at: int) -> None:
    """Note when a shopper who is on the way should be there, after they said where they are.

    Raises
    ------
    ConflictError
        If they are not on the way; one who is there already changes nothing.
    """
    lock_delivery(connection, link.caller, link.delivery_id)
    state = _state(connection, link.delivery_id)
    if state == COMING:
        note(connection, link.caller, link.delivery_id, link.site_id, {"expected_at": expected_at})
    elif state not in THERE:
        raise ConflictError(f"the shopper is not on the way: it is {state}.", hint="Maybe say that you set out first.")


def arrive(connection: Connection, link: Link, *, bay: int | None, now: int) -> None:
    """Note that a shopper is there, in a bay if they say in which.

    Raises
    ------
    IllegalTransitionError
        If the goods are not ready.
    InputError, ConflictError
        If the site has no such bay, or another car stands in it.
    """
    lock_delivery(connection, link.caller, link.delivery_id)
    if _state(connection, link.delivery_id) not in THERE:
        advance(connection, link.caller, "collection", link.delivery_id, "arrive", now=now)
        note(connection, link.caller, link.delivery_id, link.site_id, {"arrived_at": now})
    if bay is not None:
        _take_bay(connection, link.caller, link.delivery_id, link.site_id, bay, now=now)


def leave(connection: Connection, link: Link, *, now: int) -> None:
    """Note that a shopper has turned back; the goods go on waiting.

    Raises
    ------
    IllegalTransitionError
        If nobody was coming.
    """
    lock_delivery(connection, link.caller, link.delivery_id)
    advance(connection, link.caller, "collection", link.delivery_id, "turn_back", now=now)
    note(connection, link.caller, link.delivery_id, link.site_id, NOBODY)


def assign_bay(connection: Connection, caller: Caller, delivery_id: str, *, bay: int | None, now: int) -> None:
    """Give a shopper who is there a bay, the lowest free one if none is named; another one in place of an earlier.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If the tenant has no such delivery, or its shopper is not there.
    InputError, ConflictError
        If the site has no such bay, or a car stands in it, or in all.
    """
    site_id = collected_at(connection, caller, delivery_id)
    _take_bay(connection, caller, delivery_id, site_id, bay, now=now)


def arrives_at(connection: Connection, link: Link, position: Point, *, now: int) -> int:
    """Return when somebody who is at a point now should be at the site [epoch s].

    It may ask a road server: ask before anything is written, so that nobody waits for that who has something to write.
    """
    network = live_network(connection, link.caller.tenant_id)
    row = network.site_rows[link.site_id]
    here = Places(lat=np.array([position[0]]), lon=np.array([position[1]]))
    times = travel_now(connection, link.caller.tenant_id, network.tables, now=now)
    return now + int(times.between(here, network.places.take(np.array([row])))[1][0])


def bays_at(network: LiveNetwork, site_id: str) -> int:
    """Return how many bays of a site are numbered."""
    row = network.site_rows.get(site_id)
    return 0 if row is None else int(network.tables["sites"]["curbside_bays"][row])


def _take_bay(
    connection: Connection, caller: Caller, delivery_id: str, site_id: str, bay: int | None, *, now: int
) -> None:
    bays = bays_at(live_network(connection, caller.tenant_id), site_id)
    if bay is not None and not 1 <= bay <= bays:
        numbers = f"its bays are 1 to {bays}" if bays else "none of its bays is numbered"
        raise InputError(f"{site_id} has no bay {bay}: {numbers}.")
    there = select(collections.c.bay).where(
        collections.c.tenant_id == caller.tenant_id,
        collections.c.site_id == site_id,
        collections.c.delivery_id != delivery_id,
        collections.c.bay.is_not(None),
    )
    taken = set(connection.execute(there).scalars())
    found = next((n for n in range(1, bays + 1) if n not in taken), None) if bay is None else bay
    if found is None or found in taken:
        raise ConflictError(f"a car stands in bay {bay} of {site_id}." if bay else f"no bay of {site_id} is free.")
    if _state(connection, delivery_id) != "bay_assigned":
        advance(connection, caller, "collection", delivery_id, "assign_bay", now=now, data={"bay": found})
    note(connection, caller, delivery_id, site_id, {"bay": found})


def _state(connection: Connection, delivery_id: str) -> str:
    query = select(deliveries.c.state).where(deliveries.c.delivery_id == delivery_id)
    return str(connection.execute(query).scalar_one())
