"""The code that a shopper is asked for at hand-over: told once, and kept as a hash.

It has four digits: what protects it are the few tries, not its hash, which whoever has the database could try out.
"""

import hashlib
import hmac
from typing import Any, Literal

from sqlalchemy import Row, select, update

from doorstep.foundation import ConflictError
from doorstep.operations.access import hash_secret
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.keeping import note
from doorstep.operations.fulfil.parts import DONE, FAILED
from doorstep.storage import Connection
from doorstep.storage.schema.collections import collections
from doorstep.storage.schema.fulfilment import deliveries

DIGITS, MOST_TRIES = 4, 5
Verdict = Literal["right", "wrong", "locked"]


def issue_code(connection: Connection, caller: Caller, delivery_id: str, *, now: int) -> str:
    """Return a new code of four digits without which a delivery is not handed over; one that it had is void.

    Raises
    ------
    NotFoundError, ConflictError
        If the tenant has no such delivery, or nobody is to collect it any more.
    """
    site_id = collected_at(connection, caller, delivery_id)
    salt, drawn = connection.new_secret(), connection.new_secret()
    code = f"{int(hashlib.sha256(drawn.encode()).hexdigest(), 16) % 10**DIGITS:0{DIGITS}}"
    note(connection, caller, delivery_id, site_id, {"code_hash": _hashed(salt, code), "code_tries": 0})
    _audit(connection, caller, "collection_code", delivery_id, "create", now)
    return code


def check_code(connection: Connection, caller: Caller, delivery_id: str, code: str, *, now: int) -> Verdict:
    """Return whether a delivery may be handed over to whoever says this code; where it has none, to anybody.

    A wrong code is counted, so commit whatever this returns. After five the code is locked until there is a new one.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    """
    lock_delivery(connection, caller, delivery_id)
    row = _row(connection, delivery_id)
    if row is None or not row.code_hash or row.state in DONE:
        return "right"
    if row.code_tries >= MOST_TRIES:
        return "locked"
    if hmac.compare_digest(row.code_hash, _hashed(row.code_hash.partition("$")[0], code)):
        return "right"
    if code:
        mine = collections.c.delivery_id == delivery_id
        connection.execute(update(collections).where(mine).values(code_tries=row.code_tries + 1))
        if row.code_tries + 1 == MOST_TRIES:
            _audit(connection, caller, "collection_code", delivery_id, "lock", now)
    return "wrong"


def collected_at(connection: Connection, caller: Caller, delivery_id: str) -> str:
    """Lock a delivery that somebody is to collect, and return the site where.

    Raises
    ------
    NotFoundError, ConflictError
        If the tenant has no such delivery, it goes to a door, or it is over.
    """
    _, kind = lock_delivery(connection, caller, delivery_id)
    query = select(deliveries.c.site_id, deliveries.c.state).where(deliveries.c.delivery_id == delivery_id)
    row = connection.execute(query).one()
    if kind != "collection":
        raise ConflictError(f"delivery {delivery_id} goes to a door: nobody collects it.")
    if row.state in (*DONE, *FAILED, "cancelled"):
        raise ConflictError(f"delivery {delivery_id} is {row.state}: nobody collects it any more.")
    return str(row.site_id)


def _row(connection: Connection, delivery_id: str) -> "Row[Any] | None":
    query = select(collections, deliveries.c.state).join(
        deliveries, deliveries.c.delivery_id == collections.c.delivery_id
    )
    return connection.execute(query.where(collections.c.delivery_id == delivery_id)).one_or_none()


def _hashed(salt: str, code: str) -> str:
    return f"{salt}${hash_secret(salt + code)}"


def _audit(connection: Connection, caller: Caller, kind: str, delivery_id: str, event: str, now: int) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind=kind, object_id=delivery_id, event=event
    )
