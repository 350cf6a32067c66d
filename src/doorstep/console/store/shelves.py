"""What lies on which shelf for which order, and what is in parcels, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from doorstep.console import words
from doorstep.console.store.departures import Job
from doorstep.operations.fulfil.parts import pieces
from doorstep.storage import Connection, ledger
from doorstep.storage.schema.fulfilment import parcel_lines, parcels
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.reference import REFERENCE

COLD = frozenset({"chilled", "frozen"})
"""Handling flags of what is fetched last, so that it stays cold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product as people find it on a shelf."""

    product_id: str
    name: str
    flags: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.name or self.product_id

    @property
    def walk(self) -> tuple[bool, str, str]:
        """Its place on a walk: what must stay cold comes last, else by name, so that what is alike lies together."""
        return bool(COLD.intersection(self.flags)), self.title.casefold(), self.product_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """Units of a product that a job needs from the shelf."""

    job: Job
    product: Product
    quantity: int

    @property
    def name(self) -> str:
        """What it is called in forms and in what the browser remembers."""
        return f"{self.job.shipment_id}/{self.product.product_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A packed parcel, with what is in it."""

    parcel_id: str
    sscc: str
    says: str
    holder: str
    contents: Sequence[tuple[int, str]]

    @property
    def short(self) -> str:
        """The last digits of its label, by which people tell parcels apart."""
        return self.sscc[-5:] if self.sscc else self.parcel_id[-5:]


def pick_lines(connection: Connection, tenant_id: str, site_id: str, jobs: Sequence[Job]) -> list[PickLine]:
    """Return what jobs need from the shelves of a site, in the order of a walk."""
    by_order = {job.order_id: job for job in jobs}
    needed: dict[tuple[str, str], int] = {}
    for piece in pieces(sorted(by_order)):
        for held in ledger.holdings(connection, piece):
            if held.place.kind == STOCK and held.place.site_id == site_id:
                key = held.holder_id, held.place.item
                needed[key] = needed.get(key, 0) + held.quantity
    known = products(connection, tenant_id, {product_id for _, product_id in needed})
    lines = [
        PickLine(job=by_order[order_id], product=known[product_id], quantity=quantity)
        for (order_id, product_id), quantity in needed.items()
    ]
    return sorted(lines, key=lambda line: (*line.product.walk, line.job.leaves_at, line.job.shipment_id))


def products(connection: Connection, tenant_id: str, ids: Iterable[str]) -> dict[str, Product]:
    """Return products by id; one that the retailer no longer has is called by its id."""
    of = REFERENCE["products"].c
    query = select(of.product_id, of.name, of.flags).where(of.tenant_id == tenant_id)
    found = {name: Product(product_id=name, name="", flags=()) for name in ids}
    for piece in pieces(sorted(found)):
        for row in connection.execute(query.where(of.product_id.in_(piece))).all():
            flags = tuple(flag for flag in (row.flags or "").split(";") if flag)
            found[row.product_id] = Product(product_id=row.product_id, name=row.name or "", flags=flags)
    return found


def parcels_in(connection: Connection, tenant_id: str, shipment_ids: Sequence[str]) -> list[Parcel]:
    """Return the parcels of shipments, with what is in each."""
    mine = (parcels.c.tenant_id == tenant_id) & parcels.c.shipment_id.in_(shipment_ids)
    rows = connection.execute(select(parcels).where(mine).order_by(parcels.c.parcel_id)).all()
    ids = [row.parcel_id for row in rows]
    of = parcel_lines.c
    inside = select(of.parcel_id, of.product_id, of.quantity).where(of.parcel_id.in_(ids)).order_by(of.product_id)
    lines = connection.execute(inside).all() if ids else []
    known = products(connection, tenant_id, {line.product_id for line in lines})
    return [
        Parcel(
            parcel_id=row.parcel_id, sscc=row.sscc or "", holder=row.holder,
            says=f"{f'carton {row.carton_id}' if row.carton_id else 'own packaging'}, {words.weight(row.weight_g)}",
            contents=[(line.quantity, known[line.product_id].title)
                      for line in lines if line.parcel_id == row.parcel_id],
        )
        for row in rows
    ]  # fmt: skip
