"""Sites, products, vehicles, carriers, service levels, lanes and the like: rows of tables, read and written."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.versions import IfMatch, VersionChangedError, VersionNeededError, is_not_modified
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading, SureVersion, answer
from doorstep.api.models import network
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ReferenceId
from doorstep.api.models.rows import Row
from doorstep.api.once import Kept, once
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.problems.answers import FaultsError, FieldFault
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.reference_rows import ReferenceRow, delete_row, find_row, list_rows, upsert_row

CHANGES = documented(
    "conflict", "version_changed", "version_needed", "bad_version", "not_found", "idempotency_key_reused"
)
Id = Annotated[ReferenceId, Path()]


def reference_router(model: type[Row], name: str, path: str) -> APIRouter:
    """Return the endpoints of one table; ``name`` is what they call a row."""
    router = guarded_router("network", path)
    keys = RETAILER_TABLES[model.table].schema.primary_key()
    _add_reading(router, model, name, keys)
    _add_writing(router, model, name, keys)
    return router


def _add_reading(router: APIRouter, model: type[Row], name: str, keys: Sequence[str]) -> None:
    table, key_of = model.table, _key_of(keys)

    @router.get("", name=f"list_{name}s", response_model=Page[model], responses=documented("bad_cursor"))  # type: ignore[valid-type]
    async def read_rows(desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]) -> Response:
        """List the rows, in the order in which they were given."""
        found = await desk.read(lambda c: list_rows(c, desk.tenant_id, table, after=wish.number, limit=wish.limit + 1))
        numbers = {_name(row, keys): row.row_no for row in found}
        items = [model.from_row(row.values) for row in found]  # type: ignore[arg-type]
        page, link = wish.cut(items, lambda item: (0, str(numbers[tuple(str(getattr(item, k)) for k in keys)])))
        return answer(200, page.model_dump_json(by_alias=True), headers={"Link": link} if link else {})

    @router.get(
        _path(keys), name=f"read_{name}", response_model=model, responses=documented("not_found", "bad_version")
    )
    async def read_row(desk: Reading, key: Annotated[tuple[str, ...], Depends(key_of)]) -> Response:
        """Show a row; its `ETag` is needed to change it."""
        found = await desk.read(lambda connection: find_row(connection, desk.tenant_id, table, key))
        if is_not_modified(desk.request.headers.get("if-none-match"), found.version):
            return Response(status_code=304, headers={"ETag": f'"{found.version}"'})
        return answer(200, _json(model, found), found.version)


def _add_writing(router: APIRouter, model: type[Row], name: str, keys: Sequence[str]) -> None:
    table, key_of = model.table, _key_of(keys)

    @router.put(_path(keys), name=f"put_{name}", response_model=model, responses=CHANGES | {201: {"model": model}})
    async def put_row(
        row: Annotated[model, Body()],  # type: ignore[valid-type]
        desk: Acting,
        key: Annotated[tuple[str, ...], Depends(key_of)],
        version: MaybeVersion,
    ) -> Response:
        """Write a whole row. One that is there needs `If-Match` with its `ETag`; a new one must come without."""
        given: Row = row
        _check_key(given, keys, key)

        def act(connection: Connection) -> Kept:
            is_new = _expect(connection, desk, table, key, version) is None
            made = upsert_row(connection, desk.tenant_id, table, given.to_row())
            _note(connection, desk, table, key, "create" if is_new else "change")
            return Kept(201 if is_new else 200, _json(model, made), made.version)

        kept = await desk.write(lambda c: once(c, desk.tenant_id, desk.named, lambda: act(c), now=desk.now))
        return answer(kept.status, kept.body, kept.version, replayed=kept.replayed)

    @router.delete(_path(keys), name=f"delete_{name}", status_code=204, response_class=Response, responses=CHANGES)
    async def drop_row(
        desk: Acting, key: Annotated[tuple[str, ...], Depends(key_of)], version: SureVersion
    ) -> Response:
        """Delete a row to which nothing points any more: no other row, no stock on hand, no open order."""

        def act(connection: Connection) -> None:
            if _expect(connection, desk, table, key, version) is None:
                raise NotFoundError(f"{table} {'/'.join(key)} does not exist.")
            delete_row(connection, desk.tenant_id, table, key)
            _note(connection, desk, table, key, "delete")

        return await desk.act(act)


def _expect(
    connection: Connection, desk: Desk, table: str, key: Sequence[str], version: IfMatch | None
) -> ReferenceRow | None:
    """Return the row of a key if it has the version that the caller names, None if there is none.

    Raises
    ------
    VersionNeededError, VersionChangedError
        If the row is there and no version was named, or another one; or it is not there and one was named.
    """
    try:
        found = find_row(connection, desk.tenant_id, table, key)
    except NotFoundError:
        if version is not None and desk.request.method != "DELETE":
            raise VersionChangedError(f"{table} {'/'.join(key)} does not exist.") from None
        return None
    if version is None:
        raise VersionNeededError(
            f"{table} {'/'.join(key)} exists: a change needs the header If-Match.", hint="Maybe read it first."
        )
    version.check(found.version)
    return found


def _key_of(keys: Sequence[str]) -> object:
    """Return the dependency that gives the key in the path, one parameter for each of its columns."""
    if len(keys) == 1:

        async def one(row_id: Id) -> tuple[str, ...]:
            return (row_id,)

        return one

    async def two(from_site_id: Id, to_site_id: Id) -> tuple[str, ...]:
        return (from_site_id, to_site_id)

    return two


def _path(keys: Sequence[str]) -> str:
    # The id of a row may hold a slash; the parts of a longer key may not, to be told apart.
    return "/{row_id:path}" if len(keys) == 1 else "".join(f"/{{{key}}}" for key in keys)


def _check_key(row: Row, keys: Sequence[str], key: Sequence[str]) -> None:
    faults = [
        FieldFault(part="body", pointer=f"/{name}", code="inconsistent", detail="must be the one in the path")
        for name, part in zip(keys, key, strict=True)
        if getattr(row, name) != part
    ]
    if faults:
        raise FaultsError(faults)


def _name(row: ReferenceRow, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.values[key]) for key in keys)


def _json(model: type[Row], row: ReferenceRow) -> str:
    return model.from_row(row.values).model_dump_json(by_alias=True)  # type: ignore[arg-type]


def _note(connection: Connection, desk: Desk, table: str, key: Sequence[str], event: str) -> None:
    connection.journal.audit(
        tenant_id=desk.tenant_id, at=desk.now, actor=desk.caller.actor, kind=table, object_id="/".join(key), event=event
    )


ROUTERS = (
    reference_router(network.Site, "site", "/sites"),
    reference_router(network.Product, "product", "/products"),
    reference_router(network.Vehicle, "vehicle", "/vehicles"),
    reference_router(network.Carrier, "carrier", "/carriers"),
    reference_router(network.DroneFleet, "drone", "/drones"),
    reference_router(network.WeatherRow, "weather_row", "/weather"),
    reference_router(network.ServiceLevel, "service_level", "/service-levels"),
    reference_router(network.Lane, "lane", "/lanes"),
    reference_router(network.ClosedDay, "closed_day", "/closed-days"),
    reference_router(network.Compartment, "compartment", "/compartments"),
    reference_router(network.PriceRule, "price_rule", "/price-rules"),
    reference_router(network.ExtraAtTheDoor, "extra", "/extras"),
    reference_router(network.MembershipPlan, "membership_plan", "/membership-plans"),
)
