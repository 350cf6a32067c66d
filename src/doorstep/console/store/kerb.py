"""Shoppers at the kerb: who is there, who is on the way, in which bay, and since when."""

from dataclasses import dataclass

from sqlalchemy import select
from starlette.responses import HTMLResponse, Response

from doorstep.api.models.collections import Collection
from doorstep.api.views.collections import THERE, find_collection, list_coming
from doorstep.console import words
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.pages import part
from doorstep.console.store.face import Here, Looking, Site, do, router, show
from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.collect.kerb import assign_bay
from doorstep.storage import Connection
from doorstep.storage.schema.orders import contacts, orders

LONG_S = 300
"""Seconds after which somebody waits too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A shopper who is there or on the way; ``bay`` is 0 where they have none."""

    delivery_id: str
    code: str
    who: str
    car: str
    is_there: bool
    bay: int
    since: str
    is_long: bool
    parcels: int


@router.get("/{site_id}/kerb")
async def show_kerb(site: Here, at: Looking) -> Response:
    """Show who is there and who comes."""
    names = await at.read(lambda connection: _arrivals(connection, at.tenant_id, site, at.now))
    return await show(at, "kerb.html", "Kerb", site, **names)


@router.get("/{site_id}/kerb/now")
async def renew_kerb(site: Here, at: Looking) -> Response:
    """Return the moving part of that page."""
    names = await at.read(lambda connection: _arrivals(connection, at.tenant_id, site, at.now))
    shown = part("store/arrivals.html", {"site": site, "csrf": at.csrf} | names)
    return HTMLResponse(shown, headers={"Cache-Control": "no-store"})


@router.post("/{site_id}/kerb/bay")
async def give_bay(site: Here, at: Looking) -> Response:
    """Give a shopper a bay, the lowest free one if none is named."""
    form = await form_of(at.request)
    delivery_id, bay = form.get("delivery_id", ""), form.get("bay", "")

    def act(connection: Connection) -> int:
        if all(one.delivery_id != delivery_id for one in list_coming(connection, at.tenant_id, site_id=site.site_id)):
            raise NotFoundError("this shopper is not here any more.")
        if bay and not bay.isdecimal():
            raise InputError(f"bay {bay!r} must be a number.")
        assign_bay(connection, at.caller, delivery_id, bay=int(bay) if bay else None, now=at.now)
        return find_collection(connection, at.tenant_id, delivery_id).bay or 0

    return await do(at, act, to=f"{site.path}/kerb", done=lambda given: f"Bay {given}.")


def _arrivals(connection: Connection, tenant_id: str, site: Site, now: int) -> dict[str, object]:
    found = list_coming(connection, tenant_id, site_id=site.site_id)
    called = _names(connection, [one.order_id for one in found])
    rows = [_arrival(one, called.get(one.order_id, ""), site, now) for one in found]
    taken = {row.bay for row in rows}
    return {
        "there": [row for row in rows if row.is_there],
        "coming": [row for row in rows if not row.is_there],
        "free": [bay for bay in range(1, site.bays + 1) if bay not in taken],
        "clock": words.clock(now, site.zone),
    }


def _arrival(one: Collection, who: str, site: Site, now: int) -> Arrival:
    there = one.state in THERE
    waits_s = now - int(one.arrived_at) if there and one.arrived_at is not None else 0
    if there:
        since = f"waiting {words.duration(max(0, waits_s))}"
    elif one.expected_at is None:
        since = "on the way"
    else:
        left = int(one.expected_at) - now
        clock = words.clock(int(one.expected_at), site.zone)
        since = f"in {words.duration(left)} ({clock})" if left > 0 else f"expected at {clock}"
    return Arrival(
        delivery_id=one.delivery_id, code=one.order_code, who=who, car=one.vehicle, is_there=there, bay=one.bay or 0,
        since=since, is_long=waits_s > LONG_S, parcels=one.parcels,
    )  # fmt: skip


def _names(connection: Connection, order_ids: list[str]) -> dict[str, str]:
    named = orders.join(contacts, contacts.c.contact_id == orders.c.contact_id)
    query = select(orders.c.order_id, contacts.c.name).select_from(named).where(orders.c.order_id.in_(order_ids))
    return {row.order_id: row.name for row in connection.execute(query).all()} if order_ids else {}
