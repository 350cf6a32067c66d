"""The PIN that a shopper tells at the door where their order requires one.

It is worked out from the retailer's secret and the delivery, so nobody keeps it: the shopper's page and notices say it,
drivers never see it. It has four digits: what protects it are the few tries.
"""

import hashlib
import hmac
import json
from typing import Literal

from sqlalchemy import select, update

from doorstep.foundation import NotFoundError
from doorstep.operations.access import offer_secret
from doorstep.operations.bring.at_the_door import required_at_the_door
from doorstep.operations.bring.proofs import find_proof
from doorstep.operations.caller import Caller
from doorstep.operations.exceptions import open_about_delivery
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries

PIN, DIGITS, MOST_TRIES = "pin", 4, 5
Verdict = Literal["right", "wrong", "locked"]


def pin_of(connection: Connection, tenant_id: str, delivery_id: str) -> str:
    """Return the PIN of a delivery by an own van whose order requires one; empty if none is asked for."""
    query = select(deliveries.c.order_id, deliveries.c.carrier_id, deliveries.c.kind).where(
        deliveries.c.delivery_id == delivery_id, deliveries.c.tenant_id == tenant_id
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.carrier_id or row.kind == "collection":
        return ""
    if PIN not in required_at_the_door(connection, row.order_id):
        return ""
    key = offer_secret(connection, tenant_id).encode()
    drawn = hmac.digest(key, f"{PIN}:{delivery_id}".encode(), hashlib.sha256)
    return f"{int.from_bytes(drawn) % 10**DIGITS:0{DIGITS}}"


def try_pin(connection: Connection, caller: Caller, delivery_id: str, said: str, *, now: int) -> Verdict:
    """Return whether a shopper has said the PIN of their delivery; a wrong one is counted, so commit what comes back.

    After five wrong ones no other is compared any more. Where no PIN is asked for, each is right.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    """
    lock_delivery(connection, caller, delivery_id)
    mine = deliveries.c.delivery_id == delivery_id
    tries = connection.execute(select(deliveries.c.pin_tries).where(mine)).scalar_one()
    wanted = pin_of(connection, caller.tenant_id, delivery_id)
    if not wanted:
        return "right"
    if tries >= MOST_TRIES:
        return "locked"
    if hmac.compare_digest(wanted.encode(), said.encode()):
        return "right"
    connection.execute(update(deliveries).where(mine).values(pin_tries=tries + 1))
    if tries + 1 == MOST_TRIES:
        connection.journal.audit(tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="delivery_pin",
                                 object_id=delivery_id, event="lock")  # fmt: skip
    return "wrong"


def compare_pin(
    connection: Connection, caller: Caller, delivery_id: str, told: tuple[str, str], details: str, *, now: int
) -> None:
    """Compare the PIN that came with a hand-over, which has happened: a wrong one becomes an exception.

    Parameters
    ----------
    told
        Who told of the hand-over, and its name there.
    details
        Its JSON text, which names the proofs.
    """
    said = ""
    for proof in json.loads(details).get("proofs", ()):
        if proof["kind"] == PIN:
            said = _said(connection, caller, delivery_id, str(proof.get("proof_id", "")))
    if try_pin(connection, caller, delivery_id, said, now=now) == "right":
        return
    detail = "Order {code} was handed over with a PIN that is not the shopper's: ask the driver and them."
    open_about_delivery(connection, caller, "wrong_pin", delivery_id, told, detail, now=now)


def _said(connection: Connection, caller: Caller, delivery_id: str, proof_id: str) -> str:
    """Return what is kept as the PIN that was said, empty if nothing readable is."""
    try:
        kept = json.loads(find_proof(connection, caller.tenant_id, delivery_id, proof_id).content)
    except (NotFoundError, ValueError):
        return ""
    return str(kept[0]) if isinstance(kept, list) and kept else ""
