"""Compartments kept for an order from its promise on, one for each parcel that its goods make."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from doorstep.operations.intake.draft import Draft
from doorstep.operations.intake.errors import NoCompartmentError
from doorstep.operations.intake.network import CompartmentSize, LiveNetwork
from doorstep.operations.intake.packing import packing_bench
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place, Want
from doorstep.storage.schema.ledger import COMPARTMENT
from doorstep.warehouse.compartments import Sides, choose_compartments, parcel_sides


def compartment_holder(order_id: str) -> str:
    """Return who holds the compartments of an order in the ledger: they stay its own while its stock moves."""
    return f"{order_id}:compartments"


def let_go(connection: Connection, tenant_id: str, order_id: str, *, now: int) -> None:
    """Free every compartment that is kept for an order."""
    ledger.end_all(connection, tenant_id, compartment_holder(order_id), now=now)


class Compartments:
    """Free compartments where drafts are collected: read once, counted down in memory."""

    def __init__(self, connection: Connection, tenant_id: str, network: LiveNetwork) -> None:
        self._connection, self._tenant_id, self._network = connection, tenant_id, network
        self._free: dict[str, int] = {}

    def give(self, draft: Draft) -> NoCompartmentError | None:
        """Give a draft that has its pieces a compartment for each parcel, or return why it has none.

        Orders to other places than locker banks, and pick-up points without compartments, need none.
        """
        site_id = draft.intake.order.pickup_site_id
        sizes = self._network.compartments_at(site_id) if site_id else None
        if sizes is None:
            return None
        rooms, parcels = [size.sides for size in sizes], self._parcels(draft)
        whole = Counter[str]()
        for line in draft.intake.order.lines:
            whole[line.product_id] += line.quantity
        if choose_compartments(self._packed(whole), rooms, [size.count for size in sizes]) is None:
            return NoCompartmentError(site_id, too_big=True)  # it may yet come from one site
        self._read(sizes)
        found = choose_compartments(parcels, rooms, [self._free[size.compartment_id] for size in sizes])
        if found is None:
            return NoCompartmentError(site_id, too_big=False)
        draft.compartments = [sizes[n].compartment_id for n in found]
        self._count(draft, -1)
        return None

    def give_back(self, draft: Draft) -> None:
        """Take from a draft what it was given."""
        self._count(draft, 1)
        draft.compartments = []

    def wants(self, drafts: Sequence[Draft], *, now: int) -> list[Want]:
        """Return what drafts reserve of compartments, a line for each."""
        taken = {name for draft in drafts for name in draft.compartments}
        found = open_compartments(
            self._connection, self._tenant_id, [self._network.compartments[name] for name in sorted(taken)], now=now
        )
        return [
            Want(compartment_holder(draft.order_id), number, found[name], 1)
            for draft in drafts
            for number, name in enumerate(draft.compartments, 1)
        ]

    def _parcels(self, draft: Draft) -> list[Sides]:
        """Return the parcels that the pieces of a draft make, packed site by site."""
        packages: dict[str, Counter[str]] = defaultdict(Counter)
        for piece in draft.pieces:
            packages[piece.site_id][piece.product_id] += piece.quantity
        return [sides for units in packages.values() for sides in self._packed(units)]

    def _packed(self, units: Mapping[str, int]) -> list[Sides]:
        bench = packing_bench(self._connection, self._tenant_id)
        return parcel_sides(bench.empty, bench.pack(units))

    def _read(self, sizes: Sequence[CompartmentSize]) -> None:
        fresh = [size for size in sizes if size.compartment_id not in self._free]
        self._free |= free_compartments(self._connection, self._tenant_id, fresh)

    def _count(self, draft: Draft, sign: int) -> None:
        for name in draft.compartments:
            self._free[name] += sign


def free_compartments(connection: Connection, tenant_id: str, sizes: Sequence[CompartmentSize]) -> Mapping[str, int]:
    """Return how many compartments of each row nobody has, by its id."""
    found = ledger.find(connection, tenant_id, [size.place for size in sizes])
    taken = {place.item: position.reserved for place, position in found.items()}
    return {size.compartment_id: max(0, size.count - taken.get(size.compartment_id, 0)) for size in sizes}


def open_compartments(
    connection: Connection, tenant_id: str, sizes: Sequence[CompartmentSize], *, now: int
) -> dict[str, int]:
    """Return the positions of compartments in the ledger by id, which have as many as the table says by now."""
    opened = ledger.open_positions(connection, tenant_id, {size.place: size.count for size in sizes}, now=now)
    deltas: dict[Place, int] = {}
    for size in sizes:
        position = opened[size.place]
        more = max(size.count - position.on_hand, -position.spare)
        if more:
            deltas[size.place] = more
    if deltas:
        ledger.change_on_hand(connection, tenant_id, deltas, "adjust", "compartments", now=now)
    return {place.item: position.position_id for place, position in opened.items() if place.kind == COMPARTMENT}
