"""The first page of the store: which site, and what is to be done there, the most pressing first."""

from dataclasses import dataclass

from sqlalchemy import func, select
from starlette.responses import HTMLResponse, Response

from doorstep.api.views.collections import COMING, THERE, list_coming
from doorstep.console import words
from doorstep.console.shell.pages import part
from doorstep.console.shell.said import go
from doorstep.console.store.departures import Departure, Job, departures, jobs_at, when_it_leaves
from doorstep.console.store.face import Here, Looking, Site, router, show, sites_of
from doorstep.operations.returns import OPEN
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import exceptions, station_units
from doorstep.storage.schema.orders import returns

KINDS = {"fc": "fulfilment centre"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A big button: what is to be done, how much of it, and in a few words what that is made of."""

    path: str
    name: str
    number: int
    note: str
    presses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A departure as it stands in the queue."""

    says: str
    when: str
    packed: int
    staged: int
    total: int
    tone: str
    path: str


@router.get("")
async def choose_site(at: Looking) -> Response:
    """Show the sites that a person works at; whoever works at one is there at once."""
    found = [site for site in await at.read(lambda c: sites_of(c, at.tenant_id)) if at.sees(site.site_id)]
    if len(found) == 1:
        return go(at.request, found[0].path)
    kinds = {site.site_id: KINDS.get(site.kind, words.plain(site.kind)) for site in found}
    return await show(at, "sites.html", "Where do you work?", sites=found, kinds=kinds)


@router.get("/{site_id}")
async def show_overview(site: Here, at: Looking) -> Response:
    """Show what is to be done at a site."""
    names = await at.read(lambda connection: _overview(connection, at.tenant_id, site, at.now))
    return await show(at, "overview.html", site.title, site, **names)


@router.get("/{site_id}/now")
async def renew_overview(site: Here, at: Looking) -> Response:
    """Return the moving part of that page."""
    names = await at.read(lambda connection: _overview(connection, at.tenant_id, site, at.now))
    return HTMLResponse(part("store/now.html", {"site": site} | names), headers={"Cache-Control": "no-store"})


def _overview(connection: Connection, tenant_id: str, site: Site, now: int) -> dict[str, object]:
    jobs = jobs_at(connection, tenant_id, site.site_id)
    rows = [_row(departure, site, now) for departure in departures(jobs)]
    return {"queue": rows, "tasks": _tasks(connection, tenant_id, site, jobs), "clock": words.clock(now, site.zone)}


def _row(departure: Departure, site: Site, now: int) -> QueueRow:
    total, left = len(departure.jobs), departure.leaves_at - now
    lacks = departure.packed < total
    tone = "done" if not lacks else "late" if left < 0 else "at-risk" if left < 1_800 else ""
    path = f"{site.path}/pack" if lacks else f"{site.path}/hand"
    return QueueRow(says=departure.says, packed=departure.packed, staged=departure.staged, total=total, tone=tone,
                    path=path, when=when_it_leaves(departure, now, site.zone))  # fmt: skip


def _tasks(connection: Connection, tenant_id: str, site: Site, jobs: list[Job]) -> list[Task]:
    live = [job for job in jobs if not job.is_stopped]
    counts = {state: sum(job.state == state for job in live) for state in ("planned", "picking", "packed", "staged")}
    ready = counts["packed"] + counts["staged"]
    coming = list_coming(connection, tenant_id, site_id=site.site_id)
    there = sum(one.state in THERE for one in coming)
    on_the_way = sum(one.state == COMING for one in coming)
    back = _open_returns(connection, tenant_id, site.site_id)
    odd = _open_exceptions(connection, tenant_id, site.site_id)
    at = site.path
    tasks = [
        Task(path=f"{at}/kerb", name="Kerb", number=there, note=_there(on_the_way), presses=there > 0),
        Task(path=f"{at}/pick", name="Pick", number=counts["planned"] + counts["picking"],
             note=f"{words.many(counts['picking'], 'order')} begun, {counts['planned']} not yet"),
        Task(path=f"{at}/pack", name="Pack", number=counts["picking"], note="orders that are being picked"),
        Task(path=f"{at}/hand", name="Hand over", number=ready, note="packed, to van, carrier or shopper"),
        Task(path=f"{at}/scan", name="Scan", number=_waiting_units(connection, tenant_id, site.site_id),
             note="where does it go? receive, shelve, load"),
        Task(path=f"{at}/returns", name="Returns", number=back, note="on their way back or here"),
        Task(path=f"{at}/exceptions", name="Exceptions", number=odd, note="scans that do not add up", presses=odd > 0),
    ]  # fmt: skip
    return tasks


def _there(on_the_way: int) -> str:
    return f"there now, {on_the_way} on the way" if on_the_way else "there now, nobody on the way"


def _open_returns(connection: Connection, tenant_id: str, site_id: str) -> int:
    query = select(func.count()).select_from(returns).where(
        returns.c.tenant_id == tenant_id, returns.c.site_id.in_((site_id, "")), returns.c.state.in_(OPEN)
    )  # fmt: skip
    return int(connection.execute(query).scalar_one())


def _open_exceptions(connection: Connection, tenant_id: str, site_id: str) -> int:
    query = select(func.count()).select_from(exceptions).where(
        exceptions.c.tenant_id == tenant_id, exceptions.c.site_id == site_id, exceptions.c.state == "open"
    )  # fmt: skip
    return int(connection.execute(query).scalar_one())


def _waiting_units(connection: Connection, tenant_id: str, site_id: str) -> int:
    unit = station_units.c
    query = select(func.count()).select_from(station_units).where(
        unit.tenant_id == tenant_id, unit.site_id == site_id, unit.state.in_(("expected", "received", "overstay"))
    )  # fmt: skip
    return int(connection.execute(query).scalar_one())
