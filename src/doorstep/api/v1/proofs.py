"""Proofs of deliveries: sent before the fact that names them, and looked at."""

from typing import Annotated

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Reading
from doorstep.api.models.deliveries import ProofKept
from doorstep.api.models.fields import ObjectId
from doorstep.api.problems import ProblemError, documented
from doorstep.operations.bring.proofs import STARTS, Proof, find_proof, keep_proof
from doorstep.storage import Connection

router = guarded_router("deliveries", "/deliveries")
DeliveryId = Annotated[ObjectId, Path()]
ProofId = Annotated[ObjectId, Path(description="made by whoever took it, such as prf_ and random characters")]
_CONTENT = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in STARTS}
PICTURES: dict[int | str, dict[str, object]] = {200: {"description": "The proof", "content": _CONTENT}}


@router.put(
    "/{delivery_id}/proofs/{proof_id}",
    response_model=ProofKept,
    responses=documented("not_found", "conflict", "unsupported_media_type", "body_too_large", "invalid"),
    openapi_extra={"requestBody": {"required": True, "content": _CONTENT}},
)
async def put_proof(request: Request, delivery_id: DeliveryId, proof_id: ProofId, desk: Acting) -> Response:
    """Keep a proof of at most a megabyte; the facts that it belongs to name it afterwards. Sent again, it is kept once.

    It is erased with the person, and after `retention_other_days`.
    """
    proof = await proof_in(request, delivery_id)

    def act(connection: Connection) -> ProofKept:
        keep_proof(connection, desk.caller, proof_id, proof, now=desk.now)
        return ProofKept(id=proof_id, delivery_id=delivery_id, media_type=proof.media_type, bytes=len(proof.content))

    return await desk.act(act)


@router.get("/{delivery_id}/proofs/{proof_id}", response_class=Response, responses=PICTURES | documented("not_found"))
async def read_proof(delivery_id: DeliveryId, proof_id: ProofId, desk: Reading) -> Response:
    """Show a proof as it was taken."""
    found = await desk.read(lambda connection: find_proof(connection, desk.tenant_id, delivery_id, proof_id))
    return Response(found.content, media_type=found.media_type)


async def proof_in(request: Request, delivery_id: str) -> Proof:
    """Return the proof that a request carries; raises ``unsupported_media_type`` if it is of no kind that is kept."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if media_type not in STARTS:
        raise ProblemError("unsupported_media_type", f"The body is kept as {', '.join(STARTS)} only.")
    return Proof(delivery_id, media_type, await request.body())
