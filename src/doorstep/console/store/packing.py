"""What is picked put into cartons, one order at a time, the next departure first."""

from starlette.responses import Response

from doorstep.console import words
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.said import go
from doorstep.console.store.departures import jobs_at, when_it_leaves
from doorstep.console.store.face import Here, Looking, Site, refusal, router, show
from doorstep.console.store.shelves import parcels_in, pick_lines
from doorstep.foundation import DoorstepError, NotFoundError
from doorstep.operations.fulfil.pack import pack_shipment
from doorstep.storage import Connection

SHOWN = 100
"""So many orders are listed under the one to pack next; the others are counted, and come up in their turn."""


@router.get("/{site_id}/pack")
async def show_next(site: Here, at: Looking, shipment_id: str = "") -> Response:
    """Show the order to pack next, or the one that was asked for, with what belongs into it."""
    found = await at.read(lambda c: jobs_at(c, at.tenant_id, site.site_id, states=("picking",)))
    picking = [job for job in found if not job.is_stopped]
    chosen = next((job for job in picking if job.shipment_id == shipment_id), picking[0] if picking else None)
    lines = await at.read(lambda c: pick_lines(c, at.tenant_id, site.site_id, [chosen] if chosen else []))
    when = {job.shipment_id: when_it_leaves(job, at.now, site.zone) for job in picking}
    others = [job for job in picking if job is not chosen]
    return await show(at, "pack.html", "Pack", site, chosen=chosen, lines=lines, others=others[:SHOWN],
                      more=len(others[SHOWN:]), when=when)  # fmt: skip


@router.post("/{site_id}/pack")
async def pack(site: Here, at: Looking) -> Response:
    """Pack an order and show its parcels."""
    shipment_id = (await form_of(at.request)).get("shipment_id", "")

    def act(connection: Connection) -> int:
        _mine(connection, at.tenant_id, site, shipment_id)
        return len(pack_shipment(connection, at.caller, shipment_id, now=at.now).parcel_ids)

    try:
        count = await at.write(act)
    except DoorstepError as error:
        return go(at.request, f"{site.path}/pack", refused=refusal(error))
    return go(at.request, f"{site.path}/packed/{shipment_id}", done=f"Packed: {words.many(count, 'parcel')}.")


@router.get("/{site_id}/packed/{shipment_id}")
async def show_parcels(site: Here, shipment_id: str, at: Looking) -> Response:
    """Show the parcels of an order that is packed, with their labels and where they go."""
    mine = await at.read(lambda c: jobs_at(c, at.tenant_id, site.site_id, shipment_id=shipment_id))
    job = mine[0] if mine else None
    if job is None:
        raise NotFoundError(f"shipment {shipment_id} is not here any more.")
    found = await at.read(lambda c: parcels_in(c, at.tenant_id, [shipment_id]))
    begun = await at.read(lambda c: jobs_at(c, at.tenant_id, site.site_id, states=("picking",)))
    left = sum(not each.is_stopped for each in begun)
    return await show(at, "packed.html", f"Order {job.code}", site, job=job, parcels=found, left=left,
                      when=when_it_leaves(job, at.now, site.zone))  # fmt: skip


def _mine(connection: Connection, tenant_id: str, site: Site, shipment_id: str) -> None:
    if not shipment_id or not jobs_at(connection, tenant_id, site.site_id, shipment_id=shipment_id):
        raise NotFoundError(f"shipment {shipment_id} is not prepared at {site.title}.")
