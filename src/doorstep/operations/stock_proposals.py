"""Proposals for the stock: kept for people to look at, and made movements of the ledger when somebody accepts them.

A transfer takes its units from the shelf where it starts and expects them where it ends; something to buy is expected.
Both are receipts, which orders can be promised. What to mark down or ship from elsewhere is told, and moves nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError
from doorstep.operations.caller import Caller
from doorstep.operations.receipts import NewReceipt, expect_receipt
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.planning import stock_proposals
from doorstep.storage.schema.reference import REFERENCE

PROPOSAL = "stock_proposal"
ACTIONS = ("buy", "transfer", "ship_from", "markdown")
MOVES = ("buy", "transfer")
"""Actions that are movements of units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """What a plan proposes for ``units`` of a product.

    ``site_id`` is where they are wanted, or lie too many; ``from_site_id`` where a transfer starts, or whence orders
    of the zone are to be served. The units would be there at ``arrives_at``, if it is accepted by ``deadline_at``
    [epoch s]. ``value_minor`` is what it is expected to be worth, ``reason`` says why in words.
    """

    action: str
    product_id: str
    site_id: str
    from_site_id: str
    units: int
    value_minor: int
    reason: str
    deadline_at: int
    arrives_at: int


def store_proposals(
    connection: Connection, caller: Caller, proposals: Sequence[NewProposal], *, now: int
) -> tuple[str, ...]:
    """Keep the proposals of a plan and return their ids; those that are still open from an earlier plan expire.

    Raises
    ------
    InputError
        If a transfer ends where it starts, or nothing is to be moved.
    """
    faults = [f"{each.action} of {each.units} {each.product_id} from {each.from_site_id} to {each.site_id}."
              for each in proposals
              if each.units < 1 or (each.action == "transfer" and each.from_site_id in ("", each.site_id))]  # fmt: skip
    if faults:
        raise InputError(f"no proposals: {' '.join(faults)}")
    expire_proposals(connection, caller, now=now, all_open=True)
    ids = tuple(connection.new_id("spr", now) for _ in proposals)
    rows = [
        {"proposal_id": proposal_id, "tenant_id": caller.tenant_id, "state": "proposed", "version": 1,
         "receipt_id": "", "created_at": now, **asdict(proposal)}
        for proposal_id, proposal in zip(ids, proposals, strict=True)
    ]  # fmt: skip
    connection.run(inserting(stock_proposals), rows)
    for proposal_id, proposal in zip(ids, proposals, strict=True):
        known = {name: getattr(proposal, name) for name in ("action", "product_id", "site_id", "units")}
        tell_created(connection, caller, PROPOSAL, proposal_id, "proposed", now=now, data=known)
    return ids


def expire_proposals(connection: Connection, caller: Caller, *, now: int, all_open: bool = False) -> int:
    """Expire open proposals whose deadline has passed, or all of them, and return how many."""
    mine = (stock_proposals.c.tenant_id == caller.tenant_id) & (stock_proposals.c.state == "proposed")
    if not all_open:
        mine &= stock_proposals.c.deadline_at < now
    query = select(stock_proposals.c.proposal_id).where(mine).order_by(stock_proposals.c.proposal_id)
    ids = list(connection.execute(query).scalars())
    for proposal_id in ids:
        advance(connection, caller, PROPOSAL, proposal_id, "expire", now=now)
    return len(ids)


def accept_proposal(connection: Connection, caller: Caller, proposal_id: str, *, now: int) -> None:
    """Take a proposal up: its units leave the shelf and are expected, once.

    Raises
    ------
    NotFoundError
        If the tenant has no such proposal.
    IllegalTransitionError
        If it was taken up, rejected or has expired.
    ConflictError
        If its deadline has passed, its site or product is gone, or fewer units are free where a transfer starts.
    """
    advance(connection, caller, PROPOSAL, proposal_id, "accept", now=now)
    row = connection.execute(select(stock_proposals).where(stock_proposals.c.proposal_id == proposal_id)).one()
    if row.deadline_at < now:
        raise ConflictError("its deadline has passed.", hint="Maybe wait for the next plan.")
    if row.action not in MOVES:
        return
    _check_there(connection, caller, row.site_id, row.product_id)
    if row.action == "transfer":
        _leave(connection, caller, row.from_site_id, row.product_id, row.units, proposal_id, now)
    new = NewReceipt(
        site_id=row.site_id,
        product_id=row.product_id,
        units=row.units,
        expected_at=max(row.arrives_at, now),
        external_id=proposal_id,
    )
    receipt_id = expect_receipt(connection, caller, new, now=now)
    mine = stock_proposals.c.proposal_id == proposal_id
    connection.execute(stock_proposals.update().where(mine).values(receipt_id=receipt_id))


def reject_proposal(connection: Connection, caller: Caller, proposal_id: str, *, reason: str, now: int) -> None:
    """Turn a proposal down.

    Raises
    ------
    NotFoundError
        If the tenant has no such proposal.
    IllegalTransitionError
        If it is not open.
    """
    advance(connection, caller, PROPOSAL, proposal_id, "reject", now=now, reason=reason)


def _check_there(connection: Connection, caller: Caller, site_id: str, product_id: str) -> None:
    """Raise if units would be expected at a site, or of a product, that there is no longer."""
    gone = []
    for table, column, name in (("sites", "site_id", site_id), ("products", "product_id", product_id)):
        rows = REFERENCE[table]
        mine = (rows.c.tenant_id == caller.tenant_id) & (rows.c[column] == name)
        if connection.execute(select(rows.c.row_no).where(mine)).first() is None:
            gone.append(f"{column} {name} is gone.")
    if gone:
        raise ConflictError(" ".join(gone), hint="Maybe wait for the next plan.")


def _leave(
    connection: Connection, caller: Caller, site_id: str, product_id: str, units: int, proposal_id: str, now: int
) -> None:
    """Take units that no order holds and nobody keeps back from a shelf."""
    place = Place(STOCK, site_id, product_id)
    position = ledger.locked(connection, caller.tenant_id, [place], now=now)[place]
    free = position.spare - position.safety
    if free < units:
        raise ConflictError(
            f"{max(free, 0)} units of {product_id} are free at {site_id}, {units} were to leave.",
            hint="Maybe wait for the next plan.",
        )
    ledger.change_on_hand(connection, caller.tenant_id, {place: -units}, "adjust", proposal_id, now=now)
    connection.journal.audit(
        tenant_id=caller.tenant_id,
        at=now,
        actor=caller.actor,
        kind="stock",
        object_id=f"{site_id}/{product_id}",
        event="transfer",
        to_state=str(position.on_hand - units),
        reason=proposal_id,
    )
