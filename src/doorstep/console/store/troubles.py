"""Scans at a site that do not add up, until somebody has looked into them."""

from starlette.responses import Response

from doorstep.api.models.stations import CustodyException
from doorstep.api.views.stations import find_exception, list_exceptions
from doorstep.console import words
from doorstep.console.shell.forms import form_of
from doorstep.console.store.face import Here, Looking, do, router, show
from doorstep.foundation import NotFoundError
from doorstep.operations.exceptions import OPEN, resolve_exception
from doorstep.storage import Connection

MOST = 100
REASONS = {"found": "Parcel found", "wrong_scan": "Scanned by mistake", "told_dispatch": "Dispatch knows of it"}


@router.get("/{site_id}/exceptions")
async def show_exceptions(site: Here, at: Looking) -> Response:
    """Show what does not add up."""

    def read(connection: Connection) -> list[CustodyException]:
        return list_exceptions(connection, at.tenant_id, limit=MOST, state=OPEN, site_id=site.site_id)

    found = await at.read(read)
    when = {one.id: words.when(int(one.created_at), site.zone) for one in found}
    return await show(at, "exceptions.html", "Exceptions", site, found=found, when=when, reasons=REASONS)


@router.post("/{site_id}/exceptions")
async def resolve(site: Here, at: Looking) -> Response:
    """End an exception, for one of a few reasons."""
    form = await form_of(at.request)
    exception_id, reason = form.get("exception_id", ""), form.get("reason", "")

    def act(connection: Connection) -> None:
        if find_exception(connection, at.tenant_id, exception_id).site_id != site.site_id:
            raise NotFoundError(f"exception {exception_id} belongs to another site.")
        resolve_exception(connection, at.caller, exception_id, now=at.now,
                          reason=reason if reason in REASONS else "found")  # fmt: skip

    return await do(at, act, to=f"{site.path}/exceptions", done="Closed.")
