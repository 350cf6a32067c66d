"""Parcels put into compartments, each alone in one of its own, and what lies longer than it is kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.foundation import ConflictError
from doorstep.operations.bring.follow_up import follow_up
from doorstep.operations.caller import Caller
from doorstep.operations.collect.codes import collected_at
from doorstep.operations.fulfil.hand_over import lock_delivery, shipments_of
from doorstep.operations.fulfil.keeping import begin_keeping
from doorstep.operations.fulfil.parts import PACKED, Parts, parts_of
from doorstep.operations.intake.compartments import compartment_holder, free_compartments, open_compartments
from doorstep.operations.intake.errors import NoCompartmentError
from doorstep.operations.intake.network import CompartmentSize, live_network
from doorstep.operations.intake.packing import packing_bench
from doorstep.operations.transitions import advance
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Want
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.collections import collections, deposits
from doorstep.storage.schema.fulfilment import deliveries, parcel_lines, parcels
from doorstep.warehouse.compartments import Sides, choose_compartments, fits

WAITING = ("ready_for_collection", "deposited")
NOT_COLLECTED = "not_collected"
"""Why what nobody came for goes back."""


@dataclass(frozen=True, slots=True, order=True)
class Deposit:
    """A parcel and the compartment that it lies in."""

    parcel_id: str
    compartment_id: str
    number: int


def deposit(connection: Connection, caller: Caller, delivery_id: str, *, now: int) -> list[Deposit]:
    """Put every parcel of a delivery into a compartment of its own and return which; a second call changes nothing.

    Parcels take the compartments that are kept for their order, and others only where those do not fit any more.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If the tenant has no such delivery, or its state does not allow it.
    NoCompartmentError
        If a parcel finds none.
    ConflictError
        If its site has none, or a parcel is not packed.
    """
    site_id = collected_at(connection, caller, delivery_id)
    order_id, _ = lock_delivery(connection, caller, delivery_id)
    parts = parts_of(connection, [order_id])[order_id]
    state = parts.deliveries[delivery_id].state
    if state == "deposited":
        return deposited(connection, delivery_id)
    network = live_network(connection, caller.tenant_id)
    sizes = network.compartments_at(site_id) if site_id in network.site_rows else None
    unpacked = [s.shipment_id for s in shipments_of(parts, delivery_id) if s.state not in PACKED]
    if unpacked or sizes is None:
        why = f"shipments {', '.join(unpacked)} are not packed" if unpacked else f"{site_id} has no compartments"
        raise ConflictError(f"delivery {delivery_id} cannot be deposited: {why}.")
    if state == "preparing":
        advance(connection, caller, "collection", delivery_id, "make_ready", now=now)
    chest = _Chest(connection, caller, order_id, site_id, sizes, now)
    put = chest.put(delivery_id, _parcels(connection, caller, delivery_id, parts))
    if all(shipment.delivery_id == delivery_id for shipment in parts.live()):
        chest.give_up_the_rest()
    told = [{"compartment_id": each.compartment_id, "number": each.number} for each in put]
    advance(connection, caller, "collection", delivery_id, "deposit", now=now, data={"compartments": told})
    begin_keeping(connection, caller, delivery_id, now=now)
    follow_up(connection, caller, order_id, delivery_id, reason="", now=now)
    return put


def deposited(connection: Connection, delivery_id: str) -> list[Deposit]:
    """Return which parcels of a delivery lie in which compartments."""
    query = select(deposits.c.parcel_id, deposits.c.compartment_id, deposits.c.number)
    rows = connection.execute(query.where(deposits.c.delivery_id == delivery_id).order_by(deposits.c.parcel_id))
    return [Deposit(row.parcel_id, row.compartment_id, row.number) for row in rows]


def lapse_overdue(connection: Connection, caller: Caller, *, now: int, limit: int = 500) -> list[str]:
    """Let everything lapse that waited for its shopper as long as it is kept, and return the deliveries.

    A shopper who is on the way is waited for. What has lapsed stays where it is until somebody puts it back on the
    shelf and says so; only then its compartments are free.
    """
    query = overdue(now).where(deliveries.c.tenant_id == caller.tenant_id).order_by(deliveries.c.delivery_id)
    lapsed = []
    for delivery_id in connection.execute(query.limit(limit)).scalars().all():
        order_id, _ = lock_delivery(connection, caller, delivery_id)
        still = select(deliveries.c.state).where(deliveries.c.delivery_id == delivery_id)
        if connection.execute(still).scalar_one() in WAITING:
            advance(connection, caller, "collection", delivery_id, "lapse", now=now, reason=NOT_COLLECTED)
            follow_up(connection, caller, order_id, delivery_id, reason=NOT_COLLECTED, now=now)
            lapsed.append(delivery_id)
    return lapsed


def overdue(now: int) -> "sa.Select[tuple[str]]":
    """Return the query of the deliveries that have waited for too long."""
    joined = select(deliveries.c.delivery_id).join(collections, collections.c.delivery_id == deliveries.c.delivery_id)
    return joined.where(collections.c.keep_until_at <= now, deliveries.c.state.in_(WAITING))


def _parcels(connection: Connection, caller: Caller, delivery_id: str, parts: Parts) -> list[tuple[str, Sides]]:
    """Return the parcels of a delivery with their sides."""
    bench, mine = packing_bench(connection, caller.tenant_id), shipments_of(parts, delivery_id)
    product = sa.func.min(parcel_lines.c.product_id)
    query = (
        select(parcels.c.parcel_id, parcels.c.carton_id, product.label("product_id"))
        .join(parcel_lines, parcel_lines.c.parcel_id == parcels.c.parcel_id)
        .where(parcels.c.shipment_id.in_([shipment.shipment_id for shipment in mine]))
        .group_by(parcels.c.parcel_id, parcels.c.carton_id)
        .order_by(parcels.c.parcel_id)
    )
    found = []
    for row in connection.execute(query):
        sides = bench.sides(row.carton_id, row.product_id)
        if sides is None:
            raise ConflictError(f"nobody knows the size of parcel {row.parcel_id} any more.")
        found.append((row.parcel_id, sides))
    return found


class _Chest:
    """The compartments of a site, as one order may use them."""

    def __init__(
        self,
        connection: Connection,
        caller: Caller,
        order_id: str,
        site_id: str,
        sizes: Sequence[CompartmentSize],
        now: int,
    ) -> None:
        self._connection, self._caller, self._now = connection, caller, now
        self._holder, self._site_id, self._sizes = compartment_holder(order_id), site_id, sizes
        used = select(deposits.c.line_no).join(deliveries, deliveries.c.delivery_id == deposits.c.delivery_id)
        lines = set(connection.execute(used.where(deliveries.c.order_id == order_id)).scalars())
        held = ledger.holdings(connection, [self._holder])
        self._last = max((h.line_no for h in held), default=0)
        self._kept = [h for h in held if h.line_no not in lines and h.place.site_id == site_id]

    def put(self, delivery_id: str, parcels: Sequence[tuple[str, Sides]]) -> list[Deposit]:
        """Store where each parcel lies, and return it."""
        chosen = self._choose([sides for _, sides in parcels])
        rows, numbers = [], {name: self._free_numbers(name) for name in set(chosen)}
        lines = self._lines(chosen)
        for (parcel_id, _), name, line_no in zip(parcels, chosen, lines, strict=True):
            rows.append({"tenant_id": self._caller.tenant_id, "compartment_id": name, "number": next(numbers[name]),
                         "parcel_id": parcel_id, "delivery_id": delivery_id, "line_no": line_no})  # fmt: skip
        self._connection.run(inserting(deposits), rows)
        return sorted(Deposit(str(r["parcel_id"]), str(r["compartment_id"]), int(str(r["number"]))) for r in rows)

    def give_up_the_rest(self) -> None:
        """Free what is kept for the order beyond what its parcels need."""
        ledger.end(self._connection, self._caller.tenant_id, self._kept, now=self._now)
        self._kept = []

    def _choose(self, parcels: Sequence[Sides]) -> list[str]:
        """Return a row of compartments for each parcel: of those that are kept, else with whatever is free."""
        sides = [size.sides for size in self._sizes]
        own = Counter(holding.place.item for holding in self._kept)
        kept = [own[size.compartment_id] for size in self._sizes]
        found = choose_compartments(parcels, sides, kept)
        if found is None:
            free = free_compartments(self._connection, self._caller.tenant_id, self._sizes)
            more = [n + free[size.compartment_id] for n, size in zip(kept, self._sizes, strict=True)]
            found = choose_compartments(parcels, sides, more)
        if found is None:
            too_big = not all(any(fits(parcel, size) for size in sides) for parcel in parcels)
            raise NoCompartmentError(self._site_id, too_big=too_big)
        return [self._sizes[n].compartment_id for n in found]

    def _lines(self, chosen: Sequence[str]) -> list[int]:
        """Return the reservation behind each choice, a new one where none is kept."""
        wants: list[Want] = []
        sizes = [size for size in self._sizes if size.compartment_id in chosen]
        positions = open_compartments(self._connection, self._caller.tenant_id, sizes, now=self._now)
        lines = []
        for name in chosen:
            kept = next((holding for holding in self._kept if holding.place.item == name), None)
            if kept is not None:
                self._kept.remove(kept)
                lines.append(kept.line_no)
            else:
                self._last += 1
                wants.append(Want(self._holder, self._last, positions[name], 1))
                lines.append(self._last)
        if wants and not ledger.reserve(self._connection, self._caller.tenant_id, wants, now=self._now):
            raise NoCompartmentError(self._site_id, too_big=False)
        return lines

    def _free_numbers(self, compartment_id: str) -> Iterator[int]:
        """Yield the numbers of compartments in which nothing lies, the lowest first."""
        query = select(deposits.c.number).where(
            deposits.c.tenant_id == self._caller.tenant_id, deposits.c.compartment_id == compartment_id
        )
        taken = set(self._connection.execute(query).scalars())
        return (number for number in range(1, len(taken) + 1_000_000) if number not in taken)
