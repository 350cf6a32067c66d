"""What is free while a batch of orders chooses: read once, counted down in memory, taken in one step.

What is on a shelf comes first. An order that lacks units may wait for those of a receipt that comes in time.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from doorstep.operations.intake.choose import Piece, choose_pieces, told_apart
from doorstep.operations.intake.compartments import Compartments
from doorstep.operations.intake.draft import Draft
from doorstep.operations.intake.errors import NotEnoughStockError
from doorstep.operations.intake.expected import Expected, expected_units, still_expected
from doorstep.operations.intake.network import UNLIMITED, LiveNetwork, pick_hours
from doorstep.operations.intake.stock_index import StockIndex
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place, Want
from doorstep.storage.schema.ledger import PICK, STOCK

PAYMENT_HOLD_S = 900
"""How long stock waits for a payment."""
CHOICES = 4
"""Times a draft may look for other sites because the pickers of those it chose are busy."""
ABSENT_S, MOST_ABSENT = 30, 500_000
"""How long it is remembered which sites near a door never had a product; an order that lacks stock looks again."""
FIRST_HOURS = 6
"""Pick hours of a site that are read first; most orders need no more."""


class Balances:
    """Free stock of the sites that may serve some drafts, and free pick lines of their next hours.

    With an index, stock is that of the index: good for quotes, which reserve nothing and need no positions.
    """

    def __init__(
        self,
        connection: Connection,
        tenant_id: str,
        network: LiveNetwork,
        now: int,
        *,
        index: StockIndex | None = None,
    ) -> None:
        self._index = index
        self._connection = connection
        self._tenant_id = tenant_id
        self._network = network
        self._now = now
        self._hours = pick_hours(connection, tenant_id, network, now)
        self._position: dict[Place, int] = {}
        self._free: dict[tuple[str, str], int] = {}
        self._seen: set[Place] = set()
        self._absent: set[Place] = connection.memo(("absent", tenant_id, now // ABSENT_S), set)
        self._lines_free: dict[str, dict[int, int]] = {}
        self._hours_of: dict[tuple[str, int], list[tuple[int, int]]] = {}
        self._expected: dict[str, Expected] = {}
        self._expected_of: set[str] = set()
        self._compartments = Compartments(connection, tenant_id, network)

    def assign(self, drafts: Sequence[Draft]) -> None:
        """Give drafts their pieces and pick hours and count them down, or say why there are none."""
        self._read(drafts, lambda draft: draft.first_sites, passing_over=self._absent)
        lacking = [draft for draft in drafts if not self._chosen(draft, draft.first_sites)]
        self._read(lacking, lambda draft: draft.sites)
        for draft in lacking:
            if not self._chosen(draft, draft.sites) and not self._chosen(draft, self._farther(draft)):
                self._await(draft)
            if not draft.pieces:
                self._refuse(draft)
        self._give_hours([draft for draft in drafts if draft.pieces])
        for draft in drafts:
            full = self._compartments.give(draft) if draft.pieces else None
            if full is not None:
                self._take_back(draft)
                draft.answer, draft.pieces, draft.hours, draft.awaits = full, [], {}, {}

    def read_ahead(self, drafts: Sequence[Draft]) -> None:
        """Read at once what weighing drafts one by one looks at first."""
        self._read(drafts, lambda draft: draft.first_sites, passing_over=self._absent)

    def weigh(self, draft: Draft) -> None:
        """Give a draft its pieces and pick hours, or say why there are none; nothing is counted down for it."""
        self.assign([draft])
        self._take_back(draft)

    def free_of(self, draft: Draft) -> dict[tuple[str, str], int]:
        """Return the units free of a draft's products by site and product, at the sites that may serve it."""
        mine, products = set(draft.sites) if draft.intake.order.pickup_site_id else None, draft.products
        return {
            (site, product): free
            for (site, product), free in self._free.items()
            if product in products and (mine is None or site in mine)
        }

    def coming(self, draft: Draft) -> list[Expected]:
        """Return the receipts of a draft's products that come to sites which may serve it, the earliest first."""
        fresh = draft.products - self._expected_of
        if fresh:
            self._expected |= expected_units(self._connection, self._tenant_id, fresh, after=self._now)
            self._expected_of |= fresh
        mine = set(draft.sites) if draft.intake.order.pickup_site_id else self._network.site_rows.keys()
        return sorted(r for r in self._expected.values() if r.product_id in draft.products and r.site_id in mine)

    def still_expects(self, drafts: Sequence[Draft]) -> bool:
        """Return whether what drafts wait for still comes when it was said to; it stays so until the commit."""
        waited_for = {piece.receipt_id for draft in drafts for piece in draft.pieces if piece.receipt_id}
        return still_expected(self._connection, {name: self._expected[name].expected_at for name in waited_for})

    def has_hours(self, draft: Draft) -> bool:
        """Return whether a site near a draft works at all between now and the end of its promise."""
        return any(ready_at <= draft.end_at for site in draft.sites for _, ready_at in self._working(site)[:1])

    def wants(self, drafts: Sequence[Draft]) -> list[Want]:
        """Return everything that drafts reserve; pick hours not used before are opened."""
        hours = {
            Place(PICK, site, str(hour)): self._hours.capacity(self._network.site_rows[site])
            for draft in drafts
            for site, hour in draft.hours.items()
            if Place(PICK, site, str(hour)) not in self._position
        }
        opened = ledger.open_positions(self._connection, self._tenant_id, hours, now=self._now)
        self._position |= {place: position.position_id for place, position in opened.items()}
        wants = []
        for draft in drafts:
            expires_at = self._now + PAYMENT_HOLD_S if draft.state == "draft" else None
            for piece in draft.pieces:
                position = self._position_of(piece)
                wants.append(Want(draft.order_id, piece.line_no, position, piece.quantity, expires_at))
            for site, hour in draft.hours.items():
                position = self._position[Place(PICK, site, str(hour))]
                wants.append(Want(draft.order_id, 0, position, draft.lines_at[site], expires_at))
        return [*wants, *self._compartments.wants(drafts, now=self._now)]

    def _position_of(self, piece: Piece) -> int:
        if piece.receipt_id:
            return self._expected[piece.receipt_id].position_id
        return self._position[Place(STOCK, piece.site_id, piece.product_id)]

    def _read(
        self,
        drafts: Sequence[Draft],
        sites_of: Callable[[Draft], Sequence[str]],
        *,
        passing_over: Collection[Place] = frozenset(),
    ) -> None:
        if not drafts:
            return
        asked = [(sites_of(draft), draft.products) for draft in drafts]
        places = {Place(STOCK, site, product) for sites, products in asked for site in sites for product in products}
        self._read_stock(places.difference(passing_over))

    def _read_stock(self, places: set[Place]) -> None:
        fresh = places - self._seen
        if not fresh:
            return
        self._seen |= fresh
        if self._index is not None:
            copied = self._index.free(fresh)
            self._free |= {(place.site_id, place.item): units for place, units in copied.items()}
            fresh = fresh - copied.keys()
        found = ledger.find(self._connection, self._tenant_id, fresh)
        for place, position in found.items():
            self._position[place] = position.position_id
            self._free[place.site_id, place.item] = position.free
        if len(self._absent) < MOST_ABSENT:
            self._absent |= fresh - found.keys()

    def _read_hours(self, sites: Iterable[str], most: int, since: int = 0) -> None:
        rows = self._network.site_rows
        limited = [site for site in sorted(sites) if self._network.pick_lines_per_day[rows[site]] != UNLIMITED]
        hours = {site: self._working(site, since)[:most] for site in limited}
        places = [Place(PICK, site, str(hour)) for site in limited for hour, _ in hours[site]]
        found = ledger.find(self._connection, self._tenant_id, places)
        self._position |= {place: position.position_id for place, position in found.items()}
        for place in places:
            free = found[place].free if place in found else self._hours.capacity(rows[place.site_id])
            self._lines_free.setdefault(place.site_id, {}).setdefault(int(place.item), free)

    def _chosen(self, draft: Draft, sites: Sequence[str]) -> bool:
        """Give a draft pieces at some sites and count them down."""
        pieces = choose_pieces(draft.intake.order.lines, sites, self._free)
        draft.pieces, draft.awaits = pieces or [], {}
        self._count_down(draft, 1)
        return pieces is not None

    def _await(self, draft: Draft) -> None:
        """Give a draft pieces of which some have yet to come, in time for its window, and count them down."""
        until = draft.end_at
        coming = [
            r for r in self.coming(draft)
            if r.free and any(ready_at <= until for _, ready_at in self._working(r.site_id, r.expected_at)[:1])
        ]  # fmt: skip
        if not coming:
            return
        order, units = draft.intake.order, dict(self.free_of(draft))
        for r in coming:
            units[r.site_id, r.product_id] = units.get((r.site_id, r.product_id), 0) + r.free
        sites = draft.sites
        if not order.pickup_site_id:
            there = {site for (site, _), free in units.items() if free and site in self._network.site_rows}
            sites = tuple(self._network.by_distance(there, lat=order.lat, lon=order.lon))
        pieces = choose_pieces(order.lines, sites, units) or []
        draft.pieces = told_apart(pieces, self._free, coming)
        for piece in draft.pieces:
            if piece.receipt_id:
                moment = self._expected[piece.receipt_id].expected_at
                draft.awaits[piece.site_id] = max(draft.awaits.get(piece.site_id, 0), moment)
        self._count_down(draft, 1)

    def _count_down(self, draft: Draft, sign: int) -> None:
        for piece in draft.pieces:
            if piece.receipt_id:
                receipt = self._expected[piece.receipt_id]
                self._expected[piece.receipt_id] = receipt._replace(free=receipt.free - sign * piece.quantity)
            else:
                self._free[piece.site_id, piece.product_id] -= sign * piece.quantity

    def _give_hours(self, drafts: Sequence[Draft]) -> None:
        """Give drafts a pick hour at each of their sites; those whose pickers are busy look for other sites."""
        left = {id(draft): list(draft.sites) for draft in drafts}
        awaiting = {id(draft) for draft in drafts if draft.awaits}
        for _ in range(CHOICES):
            if not drafts:
                return
            self._read_hours({site for draft in drafts for site in draft.lines_at}, FIRST_HOURS)
            drafts = [draft for draft in drafts if not self._hours_given(draft, left[id(draft)])]
            self._read(drafts, lambda draft: left[id(draft)])
            for draft in drafts:
                self._chosen(draft, left[id(draft)])
            for draft in drafts:
                if not draft.pieces:
                    self._refuse(draft, busy=id(draft) in awaiting)
            drafts = [draft for draft in drafts if draft.pieces]
        for draft in drafts:
            self._give_back(draft)
            self._refuse(draft)

    def _hours_given(self, draft: Draft, left: list[str]) -> bool:
        """Note and count down the hours in which a draft is picked; else strike its busy sites off those left."""
        since = draft.awaits
        hours = {s: self._hour(s, lines, draft.end_at, since.get(s, 0)) for s, lines in draft.lines_at.items()}
        busy = [site for site, hour in hours.items() if hour is None]
        for site in busy:
            if site in left:
                left.remove(site)
        if busy:
            self._give_back(draft)
            return False
        draft.hours = {site: hour for site, hour in hours.items() if hour}
        draft.ready_at = self._ready_at(hours, since)
        for site, hour in draft.hours.items():
            self._lines_free[site][hour] -= draft.lines_at[site]
        return True

    def _take_back(self, draft: Draft) -> None:
        """Count everything that a draft was given as free again; it still says what that was."""
        self._give_back(draft)
        for site, hour in draft.hours.items():
            self._lines_free[site][hour] += draft.lines_at[site]
        self._compartments.give_back(draft)

    def _give_back(self, draft: Draft) -> None:
        self._count_down(draft, -1)

    def _hour(self, site: str, lines: int, until: int, since: int) -> int | None:
        """Return the first hour in which a site's pickers have room, 0 if it has no limit, None if there is none.

        Not before ``since``, when the last units come that are to be picked.
        """
        row = self._network.site_rows[site]
        if self._network.pick_lines_per_day[row] == UNLIMITED:
            return 0
        hours = self._working(site, since)
        for number, (hour, ready_at) in enumerate(hours):
            if ready_at > until:
                return None
            if hour not in self._lines_free.get(site, {}):
                self._read_hours([site], max(number + FIRST_HOURS, 2 * number), since)
            if self._lines_free[site][hour] >= lines:
                return hour
        return None

    def _ready_at(self, hours: Mapping[str, int | None], since: Mapping[str, int]) -> int | None:
        """Return when the last site is done if each picks in its hour, or its first one; None if it is not known."""
        ready = [
            next((ready_at for start, ready_at in self._working(site, since.get(site, 0)) if hour in (0, start)), None)
            for site, hour in hours.items()
        ]
        known = [moment for moment in ready if moment is not None]
        return max(known) if known and len(known) == len(ready) else None

    def _working(self, site: str, since: int = 0) -> list[tuple[int, int]]:
        if (site, since) not in self._hours_of:
            self._hours_of[site, since] = self._hours.after(self._network.site_rows[site], since, now=self._now)
        return self._hours_of[site, since]

    def _refuse(self, draft: Draft, *, busy: bool = False) -> None:
        draft.pieces, draft.hours, draft.awaits = [], {}, {}
        if draft.intake.order.if_short == "backorder":
            draft.state = "backordered"
        else:
            draft.answer = NotEnoughStockError(() if busy else self._short(draft))

    def _farther(self, draft: Draft) -> list[str]:
        """Return all sites anywhere that hold any of a draft's products, nearest first; none if it is collected."""
        order = draft.intake.order
        if order.pickup_site_id:
            return []
        products = sorted(draft.products)
        if self._index is not None:
            holders = self._index.holders(products)
        else:
            holders = ledger.holders(self._connection, self._tenant_id, products)
        sites = {place.site_id for place in holders if place.site_id in self._network.site_rows}
        self._read_stock({place for place in holders if place.site_id in sites})
        return self._network.by_distance(sites, lat=order.lat, lon=order.lon)

    def _short(self, draft: Draft) -> tuple[tuple[int, str, int, int], ...]:
        """Return the lines of which the sites seen together have too little: line, product, wanted, free."""
        wanted: dict[str, int] = {}
        for line in draft.intake.order.lines:
            wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
        free = dict.fromkeys(wanted, 0)
        for (_, product), units in self.free_of(draft).items():
            free[product] += units
        return tuple(
            (number, line.product_id, line.quantity, free[line.product_id])
            for number, line in enumerate(draft.intake.order.lines, 1)
            if free[line.product_id] < wanted[line.product_id]
        )
