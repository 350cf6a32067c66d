"""Being told of events: endpoints, their messages, trials and repetitions."""

import secrets
from dataclasses import asdict
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.versions import IfMatch
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.webhooks import (
    WebhookEndpoint,
    WebhookEndpointChange,
    WebhookEndpointCreate,
    WebhookEndpointCreated,
    WebhookMessage,
    WebhookReplay,
    WebhookReplayed,
    WebhookTested,
)
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.connectors.webhooks import new_secret, resolve_public
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import InputError, UpstreamError
from doorstep.operations.webhooks import again, endpoints
from doorstep.operations.webhooks.endpoints import Endpoint
from doorstep.operations.webhooks.messages import Message, list_messages
from doorstep.storage import Connection

router = guarded_router("webhooks", "/webhooks")
EndpointId = Annotated[ObjectId, Path()]
STEPS = documented("not_found", "conflict", "version_changed", "bad_version", "idempotency_key_reused")
HIDDEN = {"secret": ""}
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["webhook_message"].states]})]
SECRET_BYTES = 32


@router.post("", status_code=201, response_model=WebhookEndpointCreated, responses=STEPS)
async def create_endpoint(wanted: WebhookEndpointCreate, desk: Acting) -> Response:
    """Register an endpoint and show the secret that signs its messages; a repetition of the request hides it."""
    await _check(desk, wanted.url)
    secret = _new_secret()

    def create(connection: Connection) -> WebhookEndpointCreated:
        made = endpoints.register_endpoint(connection, desk.caller, wanted.url, wanted.types, secret, now=desk.now)
        return _shown_once(made, secret)

    return await desk.act(create, status=201, secrets=HIDDEN)


@router.get("", response_model=Page[WebhookEndpoint], responses=documented("bad_cursor"))
async def read_endpoints(desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]) -> Response:
    """List endpoints, the oldest first."""
    return await desk.show_page(
        wish,
        lambda connection: [
            _shown(found)
            for found in endpoints.list_endpoints(connection, desk.tenant_id, after=wish.after, limit=wish.limit + 1)
        ],
        lambda endpoint: (endpoint.created_at, endpoint.id),
    )


@router.get("/{endpoint_id}", response_model=WebhookEndpoint, responses=documented("not_found", "bad_version"))
async def read_endpoint(endpoint_id: EndpointId, desk: Reading) -> Response:
    """Show an endpoint."""
    return await desk.show(lambda connection: _shown(endpoints.read_endpoint(connection, desk.tenant_id, endpoint_id)))


@router.patch("/{endpoint_id}", response_model=WebhookEndpoint, responses=STEPS)
async def change_endpoint(
    endpoint_id: EndpointId, change: WebhookEndpointChange, desk: Acting, version: MaybeVersion
) -> Response:
    """Change where an endpoint is and what it wants, or switch it on again."""
    if change.url is not None:
        await _check(desk, change.url)

    def act(connection: Connection) -> WebhookEndpoint:
        _expect(connection, desk, endpoint_id, version)
        if change.state == "enabled":
            endpoints.enable_endpoint(connection, desk.caller, endpoint_id, now=desk.now)
        return _shown(
            endpoints.update_endpoint(
                connection, desk.caller, endpoint_id, now=desk.now, url=change.url, types=change.types
            )
        )

    return await desk.act(act)


@router.delete("/{endpoint_id}", status_code=204, response_class=Response, responses=STEPS)
async def delete_endpoint(endpoint_id: EndpointId, desk: Acting, version: MaybeVersion) -> Response:
    """Remove an endpoint and its messages."""

    def act(connection: Connection) -> None:
        _expect(connection, desk, endpoint_id, version)
        endpoints.delete_endpoint(connection, desk.caller, endpoint_id, now=desk.now)

    return await desk.act(act)


@router.post("/{endpoint_id}/rotate", response_model=WebhookEndpointCreated, responses=STEPS)
async def rotate_secret(endpoint_id: EndpointId, desk: Acting, version: MaybeVersion) -> Response:
    """Sign with a new secret, and with the present one too until the next rotation."""
    secret = _new_secret()

    def act(connection: Connection) -> WebhookEndpointCreated:
        _expect(connection, desk, endpoint_id, version)
        made = endpoints.rotate_secret(connection, desk.caller, endpoint_id, secret, now=desk.now)
        return _shown_once(made, secret)

    return await desk.act(act, secrets=HIDDEN)


@router.post("/{endpoint_id}/test", status_code=202, response_model=WebhookTested, responses=STEPS)
async def test_endpoint(endpoint_id: EndpointId, desk: Acting) -> Response:
    """Send `webhook.test` to the endpoint, whatever types it wants."""

    def act(connection: Connection) -> WebhookTested:
        return WebhookTested(event_id=again.test_message(connection, desk.caller, endpoint_id, now=desk.now))

    return await desk.act(act, status=202)


@router.post("/{endpoint_id}/replay", status_code=202, response_model=WebhookReplayed, responses=STEPS)
async def replay_message(endpoint_id: EndpointId, wanted: WebhookReplay, desk: Acting) -> Response:
    """Send events once more: all since a moment, or those of some messages."""

    def act(connection: Connection) -> WebhookReplayed:
        ids = again.replay(
            connection, desk.caller, endpoint_id, now=desk.now, since=wanted.since, message_ids=wanted.message_ids
        )
        return WebhookReplayed(message_ids=ids)

    return await desk.act(act, status=202)


@router.get(
    "/{endpoint_id}/messages", response_model=Page[WebhookMessage], responses=documented("not_found", "bad_cursor")
)
async def read_messages(
    endpoint_id: EndpointId,
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
) -> Response:
    """List the messages to an endpoint, the newest first."""

    def query(connection: Connection) -> list[WebhookMessage]:
        endpoints.read_endpoint(connection, desk.tenant_id, endpoint_id)
        found = list_messages(
            connection, desk.tenant_id, endpoint_id, state=state or "", before=wish.after, limit=wish.limit + 1
        )
        return [_message(message) for message in found]

    return await desk.show_page(wish, query, lambda message: (message.created_at, message.id))


async def _check(desk: Desk, url: str) -> None:
    """Refuse an address that is not public, or has none."""
    loopback, resolver = desk.platform.settings.webhook_allow_loopback, desk.request.app.state.resolver
    try:
        await run_sync(lambda: resolve_public(url, allow_loopback=loopback, resolver=resolver))
    except UpstreamError as error:
        raise InputError(f"url cannot be used: {error.message}", hint=error.hint) from error


def _expect(connection: Connection, desk: Desk, endpoint_id: str, version: IfMatch | None) -> None:
    found = endpoints.lock_endpoint(connection, desk.tenant_id, endpoint_id)
    if version is not None:
        version.check(found.version)


def _new_secret() -> str:
    return new_secret(secrets.token_bytes(SECRET_BYTES))


def _shown(found: Endpoint) -> WebhookEndpoint:
    fields = asdict(found)
    return WebhookEndpoint(id=fields.pop("endpoint_id"), **fields | {"types": list(found.types)})


def _shown_once(found: Endpoint, secret: str) -> WebhookEndpointCreated:
    return WebhookEndpointCreated(**dict(_shown(found)), secret=secret)


def _message(found: Message) -> WebhookMessage:
    fields = asdict(found)
    del fields["object_id"]
    return WebhookMessage(id=fields.pop("message_id"), **fields | {"last_status": found.last_status or None})
