"""What is to be fetched from the shelves, and what is not there."""

from itertools import groupby

from starlette.responses import Response

from doorstep.console import words
from doorstep.console.shell.forms import form_of
from doorstep.console.store.departures import jobs_at, when_it_leaves
from doorstep.console.store.face import Here, Looking, Site, do, router, show
from doorstep.console.store.shelves import PickLine, pick_lines
from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.fulfil.release import release_wave
from doorstep.operations.fulfil.short import report_short
from doorstep.storage import Connection

BEGUN = ("planned", "picking")


@router.get("/{site_id}/pick")
async def show_picks(site: Here, at: Looking) -> Response:
    """Show what is to be fetched, in the order of a walk."""
    jobs = [
        job
        for job in await at.read(lambda c: jobs_at(c, at.tenant_id, site.site_id, states=BEGUN))
        if not job.is_stopped
    ]
    picking = [job for job in jobs if job.state == "picking"]
    lines = await at.read(lambda c: pick_lines(c, at.tenant_id, site.site_id, picking))
    when = {job.shipment_id: when_it_leaves(job, at.now, site.zone) for job in picking}
    shelves = [(product, list(mine)) for product, mine in groupby(lines, key=lambda line: line.product)]
    return await show(
        at, "pick.html", "Pick", site, shelves=shelves, when=when, orders=len(picking),
        units=sum(line.quantity for line in lines), waiting=sum(job.state == "planned" for job in jobs),
    )  # fmt: skip


@router.post("/{site_id}/pick/begin")
async def begin_picking(site: Here, at: Looking) -> Response:
    """Begin what waits for its turn: what is due, or everything."""
    everything = (await form_of(at.request)).get("everything") == "yes"
    path = f"{site.path}/pick"
    return await do(
        at, lambda c: len(release_wave(c, at.caller, site_id=site.site_id, now=at.now, everything=everything)),
        to=path, done=lambda begun: f"{words.many(begun, 'order')} more to pick." if begun else
        "Nothing more is due yet. Begin with all if you have time.",
    )  # fmt: skip


@router.get("/{site_id}/pick/short")
async def show_short(site: Here, at: Looking, shipment_id: str, product_id: str) -> Response:
    """Ask how many of something are there."""
    line = await at.read(lambda c: _line(c, at.tenant_id, site, shipment_id, product_id))
    return await show(at, "short.html", "Not enough", site, line=line)


@router.post("/{site_id}/pick/short")
async def tell_short(site: Here, at: Looking) -> Response:
    """Take what is not there from the books, and let the order look for other sites."""
    form = await form_of(at.request)
    shipment_id, product_id, found = form.get("shipment_id", ""), form.get("product_id", ""), form.get("found", "")

    def short(connection: Connection) -> PickLine:
        line = _line(connection, at.tenant_id, site, shipment_id, product_id)
        if not found.isdecimal():
            raise InputError("how many are there must be a number.", hint="Maybe 0.")
        report_short(connection, at.caller, shipment_id, product_id, found=int(found), now=at.now)
        return line

    return await do(
        at, short, to=f"{site.path}/pick",
        done=lambda line: f"Order {line.job.code} is looking for other places for {line.product.title}. "
        "Leave what you have of it: it comes back to this list if it stays here.",
    )  # fmt: skip


def _line(connection: Connection, tenant_id: str, site: Site, shipment_id: str, product_id: str) -> PickLine:
    jobs = jobs_at(connection, tenant_id, site.site_id, states=("picking",), shipment_id=shipment_id)
    for line in pick_lines(connection, tenant_id, site.site_id, jobs):
        if line.product.product_id == product_id:
            return line
    raise NotFoundError("this is not being picked here any more.")
