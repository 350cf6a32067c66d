"""The stock ledger: positions, who holds how much of them, and the entries they are the fold of.

Everything that can be promised goes through ``reserve``: units of stock, pick lines of an hour, places of a slot. The
update that takes them carries the condition that they are still free, so that nothing is promised twice whoever else is
writing, and a holder gets all that it asks for or nothing.

Every function keeps two things true: a position is the sum of its entries, and its reserved quantity is the sum of its
reservations that are held. ``storage.check`` recomputes both.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from doorstep.foundation import ConflictError
from doorstep.storage.connection import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.ledger_statements import (
    CHANGE,
    CLAIM,
    FIND,
    FIND_BY_ID,
    FORGET,
    HELD_BY,
    HOLD,
    HOLDINGS,
    KEEP_BACK,
    TAKE,
)
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.ledger import FREE, STOCK, ledger_entries, positions, reservations

HELD, CLAIMED = "held", "claimed"
MOST_IDS = 500_000
"""Positions of a tenant whose ids are remembered: looking them up by id costs a fifth."""
PIECE = 900
"""Ids asked for at a time."""


class Place(NamedTuple):
    """What a position is of: ``kind`` stock, pick, slot, receipt, compartment; ``item`` the product, hour, slot ..."""

    kind: str
    site_id: str
    item: str


class Position(NamedTuple):
    """A position as it stands; ``safety`` is never promised, but an order keeps what it holds where a count eats in."""

    position_id: int
    on_hand: int
    reserved: int
    safety: int = 0

    @property
    def spare(self) -> int:
        """What nobody has reserved."""
        return self.on_hand - self.reserved

    @property
    def free(self) -> int:
        """What may still be promised."""
        return max(0, self.spare - self.safety)


class Want(NamedTuple):
    """A quantity of one position wanted by a holder (an order or a slot hold) for one of its lines."""

    holder_id: str
    line_no: int
    position_id: int
    quantity: int
    expires_at: int | None = None


class Holding(NamedTuple):
    """A quantity of one position that a holder has.

    ``taken_by`` is the shipment or hold that claimed it, if any; ``expires_at`` ends it if nobody pays [epoch s].
    """

    holder_id: str
    line_no: int
    position_id: int
    quantity: int
    place: Place
    taken_by: str = ""
    expires_at: int | None = None


def find(connection: Connection, tenant_id: str, places: Iterable[Place]) -> dict[Place, Position]:
    """Return the positions that exist among those asked for."""
    asked = set(places)
    if not asked:
        return {}
    ids: dict[Place, int] = connection.memo(("position_ids", tenant_id, 0), dict)
    remembered = {place: position_id for place in asked if (position_id := ids.get(place)) is not None}
    found = _with_ids(connection, tenant_id, remembered)
    unknown = sorted(asked - found.keys())
    if unknown:
        rows = connection.fetch(FIND, {"tenant_id": tenant_id, "places": canonical(unknown)})
        fresh = {Place(*row[:3]): Position(*row[3:]) for row in rows}
        if len(ids) > MOST_IDS:
            ids.clear()
        ids |= {place: position.position_id for place, position in fresh.items()}
        found |= fresh
    return found


def _with_ids(connection: Connection, tenant_id: str, ids: Mapping[Place, int]) -> dict[Place, Position]:
    """Return positions by the ids they had; an id is wrong if the transaction that made it was rolled back."""
    if not ids:
        return {}
    names = ",".join(map(str, ids.values()))
    asked = {"tenant_id": tenant_id, "ids": f"[{names}]", "array": f"{{{names}}}"}
    found = {Place(*row[:3]): Position(*row[3:]) for row in connection.fetch(FIND_BY_ID, asked)}
    return {place: position for place, position in found.items() if ids.get(place) == position.position_id}


def locked(connection: Connection, tenant_id: str, places: Iterable[Place], *, now: int) -> dict[Place, Position]:
    """Return positions for all places, opened where they were missing, which nobody else changes in the meantime."""
    found = open_positions(connection, tenant_id, dict.fromkeys(places, 0), now=now)
    names = {position.position_id: place for place, position in found.items()}
    ids = sorted(names)
    columns = [positions.c[name] for name in Position._fields]
    query = select(*columns).order_by(positions.c.position_id).with_for_update()
    return {
        names[row.position_id]: Position._make(row)
        for low in range(0, len(ids), PIECE)
        for row in connection.execute(query.where(positions.c.position_id.in_(ids[low : low + PIECE])))
    }


def open_positions(
    connection: Connection, tenant_id: str, on_hand: Mapping[Place, int], *, now: int
) -> dict[Place, Position]:
    """Return positions for all places; those that are missing begin with the quantity given."""
    found = find(connection, tenant_id, on_hand)
    missing = sorted(set(on_hand) - set(found))
    rows = [{"tenant_id": tenant_id, **place._asdict(), "on_hand": 0, "reserved": 0, "safety": 0} for place in missing]
    connection.run(
        inserting(positions, ignore=True), [row for row, p in zip(rows, missing, strict=True) if not on_hand[p]]
    )
    for row, place in zip(rows, missing, strict=True):
        if on_hand[place]:  # only the one who inserts it may count its first quantity
            new = insert(positions).values(row | {"on_hand": on_hand[place]}).on_conflict_do_nothing()
            for position_id in connection.execute(new.returning(positions.c.position_id)).scalars():
                _enter(connection, tenant_id, [(position_id, on_hand[place], 0, "")], "open", now)
    return found | find(connection, tenant_id, missing)


def change_on_hand(
    connection: Connection, tenant_id: str, deltas: Mapping[Place, int], kind: str, reference: str, *, now: int
) -> None:
    """Add to, or take from, what is on hand, as ``kind`` receive, adjust or restock; missing positions are opened.

    Less than the safety stock may remain: it is there to be eaten into.

    Raises
    ------
    ConflictError
        If less would be on hand than is reserved; release or move reservations first.
    """
    found = open_positions(connection, tenant_id, dict.fromkeys(deltas, 0), now=now)
    for place, delta in deltas.items():
        if found[place].spare + delta < 0:
            raise ConflictError(
                f"{place.item} at {place.site_id}: {found[place].on_hand} on hand, {found[place].reserved} of them "
                f"reserved, cannot change by {delta}.",
                hint="Maybe reroute the orders that hold them first.",
            )
    changes = [(found[place].position_id, delta, 0, reference) for place, delta in deltas.items() if delta]
    _change(connection, tenant_id, changes, kind, now)


def keep_back(
    connection: Connection, tenant_id: str, units: Mapping[Place, int], reference: str, *, now: int
) -> dict[Place, Position]:
    """Set how many units of positions are never promised, and return the positions; what is reserved stays so."""
    found = locked(connection, tenant_id, units, now=now)
    changed = {found[p].position_id: units[p] - found[p].safety for p in sorted(units) if units[p] != found[p].safety}
    connection.run(KEEP_BACK, [{"id": position, "safety_delta": more} for position, more in changed.items()])
    _enter(connection, tenant_id, [(p, 0, 0, reference) for p in changed], "keep_back", now, safety=changed)
    return {place: position._replace(safety=units[place]) for place, position in found.items()}


def reserve(
    connection: Connection, tenant_id: str, wants: Sequence[Want], *, now: int, back: Mapping[int, int] | None = None
) -> bool:
    """Take everything that is wanted and return True; or, if anything lacks, take nothing and return False.

    ``back`` are units by position that were just given up for these: no more than those may be taken without asking
    how much is kept back.
    """
    if not take(connection, wants, back=back):
        return False
    hold(connection, tenant_id, wants, now=now)
    return True


def take(connection: Connection, wants: Sequence[Want], *, back: Mapping[int, int] | None = None) -> bool:
    """Do the first half of ``reserve``: count down what is free, all or nothing."""
    totals: Counter[int] = Counter()
    for want in wants:
        totals[want.position_id] += want.quantity
    returned = back or {}
    again = [position for position in sorted(totals) if totals[position] <= returned.get(position, 0)]
    rows = [{"id": position, "quantity": totals[position]} for position in sorted(totals.keys() - set(again))]
    if not _take_guarded(connection, rows):
        return False
    connection.run(CHANGE, [{"id": p, "on_hand_delta": 0, "reserved_delta": totals[p]} for p in again])
    return True


def _take_guarded(connection: Connection, rows: Sequence[Mapping[str, int]]) -> bool:
    if connection.run(TAKE, rows[:1]) < len(rows[:1]):  # the common refusal costs no savepoint
        return False
    try:
        with connection.savepoint():
            if connection.run(TAKE, rows[1:]) < len(rows[1:]):
                raise _LacksError
    except _LacksError:
        connection.run(
            CHANGE, [{"id": r["id"], "on_hand_delta": 0, "reserved_delta": -r["quantity"]} for r in rows[:1]]
        )
        return False
    return True


def hold(connection: Connection, tenant_id: str, wants: Sequence[Want], *, now: int) -> None:
    """Do the second half of ``reserve``, after ``take``: note who has it."""
    held = [
        {"holder_id": holder, "line_no": line, "position_id": position, "taken_by": "", "tenant_id": tenant_id,
         "quantity": quantity, "state": HELD, "expires_at": expires_at}
        for holder, line, position, quantity, expires_at in wants
    ]  # fmt: skip
    connection.run(HOLD, held)
    _enter(connection, tenant_id, [(w.position_id, 0, w.quantity, w.holder_id) for w in wants], "reserve", now)


def holders(connection: Connection, tenant_id: str, products: Sequence[str], *, limit: int = 5_000) -> list[Place]:
    """Return where any of some products is free, wherever that is."""
    query = (
        select(positions.c.kind, positions.c.site_id, positions.c.item)
        .where(
            positions.c.tenant_id == tenant_id,
            positions.c.kind == STOCK,
            positions.c.item.in_(products),
            FREE > 0,
        )
        .order_by(positions.c.position_id)
        .limit(limit)
    )
    return [Place(row.kind, row.site_id, row.item) for row in connection.execute(query)]


def holdings(connection: Connection, holder_ids: Sequence[str], state: str = HELD) -> list[Holding]:
    """Return what holders have in a state, sorted by holder, line and position."""
    if len(holder_ids) == 1:
        rows: Sequence[Iterable[Any]] = connection.fetch(HOLDINGS, {"holder_id": holder_ids[0], "in_state": state})
    else:
        rows = connection.execute(HELD_BY.where(reservations.c.holder_id.in_(holder_ids)), {"in_state": state}).all()
    return [Holding._make((*row[:4], Place(*row[4:7]), *row[7:])) for row in map(tuple, rows)]


def claim(connection: Connection, tenant_id: str, held: Sequence[Holding], taken_by: str, *, now: int) -> None:
    """Let held units leave the shelf, or held capacity be used, with a shipment or a slot hold.

    Raises
    ------
    ConflictError
        If one of them is no longer held as given.
    """
    _all_of(connection.run(CLAIM, [_named(h) | {"to_taker": taken_by} for h in held]), held)
    leaving = sorted(held, key=lambda h: h.position_id)
    changes = [(h.position_id, -h.quantity, -h.quantity, h.holder_id) for h in leaving]
    _change(connection, tenant_id, changes, "claim", now)


def end(
    connection: Connection,
    tenant_id: str,
    held: Sequence[Holding],
    kind: Literal["release", "expire"] = "release",
    *,
    now: int,
) -> None:
    """Free what is held, for good.

    Raises
    ------
    ConflictError
        If one of them is no longer held as given.
    """
    _all_of(connection.run(FORGET, [_named(h) for h in held]), held)
    changes = [(h.position_id, 0, -h.quantity, h.holder_id) for h in sorted(held, key=lambda h: h.position_id)]
    _change(connection, tenant_id, changes, kind, now)


def end_all(
    connection: Connection, tenant_id: str, holder_id: str, kind: Literal["release", "expire"] = "release", *, now: int
) -> None:
    """Free all that a holder still holds."""
    end(connection, tenant_id, holdings(connection, [holder_id]), kind, now=now)


def forget_claims(connection: Connection, claimed: Sequence[Holding]) -> None:
    """Take from holders what was claimed for them, as if it had never left with them; where it is now is not said.

    Raises
    ------
    ConflictError
        If one of them is no longer claimed as given.
    """
    _all_of(connection.run(FORGET, [_named(h) for h in claimed]), claimed)


def move(connection: Connection, tenant_id: str, held: Sequence[Holding], wants: Sequence[Want], *, now: int) -> bool:
    """Release some reservations and take others in one step, or change nothing and return False."""
    try:
        with connection.savepoint():
            end(connection, tenant_id, held, now=now)
            back: Counter[int] = Counter()
            for holding in held:
                back[holding.position_id] += holding.quantity
            if not reserve(connection, tenant_id, wants, now=now, back=back):
                raise _LacksError
    except _LacksError:
        return False
    return True


def keep(connection: Connection, holder_id: str) -> None:
    """Let what a holder has never expire: it is paid for."""
    mine = (reservations.c.holder_id == holder_id) & (reservations.c.state == HELD)
    connection.execute(update(reservations).where(mine).values(expires_at=None))


def overdue(connection: Connection, *, now: int, limit: int) -> list[str]:
    """Return holders whose reservations have expired and still stand, the longest overdue first."""
    expired = (
        select(reservations.c.holder_id, reservations.c.expires_at)
        .where(reservations.c.state == HELD, reservations.c.expires_at <= now)
        .cte("expired")
        .prefix_with("MATERIALIZED")  # grouping by holder in one go would read all that was ever reserved
    )
    query = select(expired.c.holder_id).group_by(expired.c.holder_id)
    query = query.order_by(func.min(expired.c.expires_at), expired.c.holder_id).limit(limit)
    return list(connection.execute(query).scalars())


def _named(holding: Holding) -> dict[str, object]:
    """Return the row of a holding as it was read."""
    return {
        "of_holder": holding.holder_id,
        "of_line": holding.line_no,
        "of_position": holding.position_id,
        "of_quantity": holding.quantity,
        "of_taker": holding.taken_by,
    }


def _all_of(changed: int, holdings: Sequence[Holding]) -> None:
    if changed < len(holdings):
        raise ConflictError("a reservation has changed meanwhile.", hint="Maybe read it again and retry.")


class _LacksError(Exception):
    """Something wanted is not free; never leaves this module."""


def _change(
    connection: Connection, tenant_id: str, changes: Sequence[tuple[int, int, int, str]], kind: str, now: int
) -> None:
    rows = [{"id": p, "on_hand_delta": there, "reserved_delta": spoken} for p, there, spoken, _ in changes]
    connection.run(CHANGE, rows)
    _enter(connection, tenant_id, changes, kind, now)


def _enter(
    connection: Connection,
    tenant_id: str,
    changes: Sequence[tuple[int, int, int, str]],
    kind: str,
    now: int,
    *,
    safety: Mapping[int, int] | None = None,
) -> None:
    """Append entries: position, change on hand, change reserved, reference; ``safety`` changes by position."""
    kept = safety or {}
    rows = [
        {"tenant_id": tenant_id, "position_id": position, "kind": kind, "on_hand_delta": there,
         "reserved_delta": spoken, "safety_delta": kept.get(position, 0), "reference": reference, "at": now}
        for position, there, spoken, reference in changes
    ]  # fmt: skip
    connection.run(inserting(ledger_entries), rows)
