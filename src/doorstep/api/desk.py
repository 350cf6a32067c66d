"""Where a request is served: who asks, when, and how its answer is read or made."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Annotated, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Depends, Header
from pydantic import BaseModel
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.visitors import Visitor
from doorstep.api.conventions.versions import IfMatch, etag_of, is_not_modified, parse_if_match
from doorstep.api.dependencies import Platform
from doorstep.api.models.base import Reply
from doorstep.api.once import Kept, Named, fingerprint, once
from doorstep.api.paging import PageWish
from doorstep.api.reading import reading
from doorstep.foundation import NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.transitions import KINDS
from doorstep.storage import Connection

T = TypeVar("T")
Item = TypeVar("Item", bound=BaseModel)
JSON = "application/json"
KEY_PATTERN = r"^[\x21-\x7e]{1,200}$"


class Desk:
    """One request at work: ``named`` is how its caller named it, so that it is done once."""

    __slots__ = ("caller", "currency", "named", "now", "offer_secret", "platform", "request", "tenant_id")

    def __init__(self, request: Request, named: Named | None = None) -> None:
        visitor: Visitor = request.scope["state"]["visitor"]
        self.request = request
        self.platform: Platform = request.app.state.platform
        self.caller: Caller = visitor.holder.caller
        self.tenant_id = visitor.holder.tenant_id
        self.currency = visitor.currency
        self.offer_secret = visitor.offer_secret
        self.now = self.platform.clock.now()
        self.named = named

    async def read(self, query: Callable[[Connection], T], *, lane: CapacityLimiter | None = None) -> T:
        """Return what a query finds, in a thread; with a lane, in one of the few that it has."""
        return await run_sync(reading, self.platform, query, limiter=lane)

    async def show(self, query: Callable[[Connection], Reply]) -> Response:
        """Answer with one object, or that the caller has this version already."""
        found = await self.read(query)
        version = getattr(found, "version", None)
        if version is not None and is_not_modified(self.request.headers.get("if-none-match"), version):
            return Response(status_code=304, headers={"ETag": etag_of(version)})
        return answer(200, found.model_dump_json(by_alias=True), version)

    async def show_page(
        self,
        wish: PageWish,
        query: Callable[[Connection], Sequence[Item]],
        place_of: Callable[[Item], tuple[int, str]],
    ) -> Response:
        """Answer with a page of what a query finds; it is asked for one item more than wanted."""
        page, link = wish.cut(await self.read(query), place_of)
        return answer(200, page.model_dump_json(by_alias=True), headers={"Link": link} if link else {})

    async def write(self, operation: Callable[[Connection], T]) -> T:
        """Return what an operation gives, after its commit."""
        return await committed(self.platform.writer.call(operation))

    async def act(
        self,
        operation: Callable[[Connection], Reply | None],
        *,
        status: int = 200,
        secrets: Mapping[str, object] | None = None,
    ) -> Response:
        """Do what is asked, once for each name of a request, and answer with the object after it.

        Parameters
        ----------
        secrets
            Fields that are told this once only, and what a repetition is told instead.
        """

        def act(connection: Connection) -> Kept:
            made = operation(connection)
            if made is None:
                return Kept(204, "")
            hidden = made.model_copy(update=dict(secrets)).model_dump_json(by_alias=True) if secrets else None
            return Kept(status, made.model_dump_json(by_alias=True), getattr(made, "version", None), hidden)

        kept = await self.write(lambda c: once(c, self.tenant_id, self.named, lambda: act(c), now=self.now))
        return answer(kept.status, kept.body, kept.version, replayed=kept.replayed)

    async def step(
        self,
        kind: str,
        object_id: str,
        version: IfMatch | None,
        operation: Callable[[Connection], object],
        show: Callable[[Connection], Reply],
    ) -> Response:
        """Do a step of an object that has the version that the caller names, and answer with what it is by then."""

        def act(connection: Connection) -> Reply:
            expect_version(connection, self.caller, kind, object_id, version)
            operation(connection)
            return show(connection)

        return await self.act(act)


async def committed(future: "Future[T]") -> T:
    """Return what the writer answers. A caller who goes away does not take back what is waiting to be written."""
    return await asyncio.shield(asyncio.wrap_future(future))


def answer(
    status: int,
    body: str | bytes,
    version: int | None = None,
    *,
    replayed: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return JSON text as a response, with the version of what it shows as its ETag."""
    fields = dict(headers or {})
    if version is not None:
        fields["ETag"] = etag_of(version)
    if replayed:
        fields["Idempotency-Replayed"] = "true"
    return Response(body, status, fields, media_type=JSON if body else None)


def expect_version(connection: Connection, caller: Caller, kind: str, object_id: str, wanted: IfMatch | None) -> None:
    """Go on if the object has a version that the caller names, or the caller names none.

    Raises
    ------
    NotFoundError
        If the tenant has no such object.
    VersionChangedError
        If it has another version.
    """
    if wanted is None:
        return
    of = KINDS[kind]
    mine = (of.table.c[of.key] == object_id) & (of.table.c.tenant_id == caller.tenant_id)
    version = connection.execute(select(of.table.c.version).where(mine).with_for_update()).scalar()
    if version is None:
        raise NotFoundError(f"{of.name} {object_id} does not exist.")
    wanted.check(int(version))


async def reading_desk(request: Request) -> Desk:
    """Return the desk of a request that changes nothing."""
    return Desk(request)


async def acting_desk(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(pattern=KEY_PATTERN, description="names the request: sent again, it is done once")
    ] = None,
) -> Desk:
    """Return the desk of a request that acts."""
    if idempotency_key is None:
        return Desk(request)
    asked = fingerprint(request.method, request.url.path, request.url.query, await request.body())
    return Desk(request, Named(idempotency_key, asked))


async def maybe_version(
    if_match: Annotated[
        str | None, Header(max_length=1_000, description="the `ETag` that the change is made to; else to any")
    ] = None,
) -> IfMatch | None:
    """Return the versions that a change may be made to, None for any."""
    return parse_if_match(if_match) if if_match and if_match.strip() else None


async def sure_version(
    if_match: Annotated[str | None, Header(max_length=1_000, description="the `ETag` of the last read")] = None,
) -> IfMatch:
    """Return the versions that a change may be made to, which must be named.

    Raises
    ------
    VersionNeededError
        If they are not.
    """
    return parse_if_match(if_match)


Reading = Annotated[Desk, Depends(reading_desk)]
Acting = Annotated[Desk, Depends(acting_desk)]
MaybeVersion = Annotated[IfMatch | None, Depends(maybe_version)]
SureVersion = Annotated[IfMatch, Depends(sure_version)]
