"""Proofs of deliveries as they were taken at the door: photos, and signatures as pictures and as strokes."""

from typing import NamedTuple

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, proofs

STARTS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "application/json": b"["}
"""Media types that are kept, and how their bytes begin; JSON is for the strokes of a signature."""
MOST_BYTES = 1_000_000


class Proof(NamedTuple):
    """What was taken, and of which media type it is."""

    delivery_id: str
    media_type: str
    content: bytes


def keep_proof(connection: Connection, caller: Caller, proof_id: str, proof: Proof, *, now: int) -> bool:
    """Keep a proof under the name that its maker gave it, and return whether it is new: sent again it is kept once.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    InputError
        If it is empty, too large, or not what its media type says.
    ConflictError
        If the name stands for another proof.
    """
    begins = STARTS.get(proof.media_type)
    if begins is None:
        raise InputError(f"content-type {proof.media_type!r} is none of {', '.join(STARTS)}.")
    if not proof.content.startswith(begins) or len(proof.content) > MOST_BYTES:
        raise InputError(f"body is no {proof.media_type} of at most {MOST_BYTES} bytes.")
    mine = (deliveries.c.delivery_id == proof.delivery_id) & (deliveries.c.tenant_id == caller.tenant_id)
    if connection.execute(select(deliveries.c.delivery_id).where(mine)).one_or_none() is None:
        raise NotFoundError(f"delivery {proof.delivery_id} does not exist.")
    known = _find(connection, caller.tenant_id, proof_id)
    if known is not None:
        if known != proof:
            raise ConflictError(f"proof {proof_id} is another one.", hint="Maybe give each proof a name of its own.")
        return False
    row = {"tenant_id": caller.tenant_id, "proof_id": proof_id, "created_at": now} | proof._asdict()
    connection.run(inserting(proofs), [row])
    return True


def find_proof(connection: Connection, tenant_id: str, delivery_id: str, proof_id: str) -> Proof:
    """Return a proof of a delivery.

    Raises
    ------
    NotFoundError
        If the tenant's delivery has no such proof, or no longer.
    """
    found = _find(connection, tenant_id, proof_id)
    if found is None or found.delivery_id != delivery_id:
        raise NotFoundError(f"delivery {delivery_id} has no proof {proof_id}.", hint="Maybe it was erased.")
    return found


def _find(connection: Connection, tenant_id: str, proof_id: str) -> Proof | None:
    query = select(*(proofs.c[name] for name in Proof._fields))
    row = connection.execute(query.where(proofs.c.tenant_id == tenant_id, proofs.c.proof_id == proof_id)).one_or_none()
    return None if row is None else Proof(row.delivery_id, row.media_type, bytes(row.content))
