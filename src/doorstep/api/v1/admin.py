"""Keys, and who did what."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.events import AuditRow
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.keys import ApiKey, ApiKeyCreate, ApiKeyCreated
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.problems.answers import FaultsError, FieldFault
from doorstep.api.views.access import find_key_row, list_audit, list_keys
from doorstep.operations.access import create_key, revoke_key
from doorstep.storage import Connection

router = guarded_router("keys")
KeyId = Annotated[ObjectId, Path()]


@router.post("/keys", status_code=201, response_model=ApiKeyCreated, responses=documented("idempotency_key_reused"))
async def create_api_key(wanted: ApiKeyCreate, desk: Acting) -> Response:
    """Make a key and show it, this once only: a repetition of the request hides it."""
    if wanted.expires_at is not None and wanted.expires_at <= desk.now:
        raise FaultsError(
            [FieldFault(part="body", pointer="/expires_at", code="out_of_range", detail="lies in the past")]
        )

    def create(connection: Connection) -> ApiKeyCreated:
        made = create_key(
            connection, desk.caller, name=wanted.name, scopes=wanted.scopes, now=desk.now,
            expires_at=wanted.expires_at,
        )  # fmt: skip
        return ApiKeyCreated(**dict(find_key_row(connection, desk.tenant_id, made.name)), key=made.secret)

    return await desk.act(create, status=201, secrets={"key": ""})


@router.get("/keys", response_model=Page[ApiKey], responses=documented("bad_cursor"))
async def read_api_keys(desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]) -> Response:
    """List keys, the newest first, without their secrets."""
    return await desk.show_page(
        wish,
        lambda connection: list_keys(connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after),
        lambda key: (key.created_at, key.id),
    )


@router.delete("/keys/{key_id}", status_code=204, response_class=Response, responses=documented("not_found"))
async def delete_api_key(key_id: KeyId, desk: Acting) -> Response:
    """End a key: here at once, in other processes within seconds."""
    done = await desk.act(lambda connection: revoke_key(connection, desk.caller, key_id, now=desk.now))
    desk.request.app.state.visitors.forget()
    return done


@router.get("/audit", response_model=Page[AuditRow], responses=documented("bad_cursor"))
async def read_audit(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    object_id: Annotated[ReferenceId | None, Query()] = None,
    actor: Annotated[ReferenceId | None, Query(description="id of a key or a person")] = None,
) -> Response:
    """List who did what to which object, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_audit(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.number, object_id=object_id, actor=actor
        ),
        lambda row: (row.at, str(row.audit_no)),
    )
