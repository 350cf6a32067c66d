"""Orders that wait for their release decided again, all together: sites change where that pays."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import select

from doorstep.operations.caller import Caller
from doorstep.operations.corridor.decide_again import Move, Redecision, decide_again
from doorstep.operations.fulfil.deciding import Choice, OpenCase, case_of
from doorstep.operations.fulfil.fit import OrderedLine
from doorstep.operations.fulfil.parts import holdings_of
from doorstep.operations.fulfil.sites import Round
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import orders

THRESHOLD_MINOR = 50
"""What a move must save for each order moved."""
AT_ONCE = 500
HOLDING = {"order_id": pl.String, "product_id": pl.String, "site_id": pl.String, "quantity": pl.Int64}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreleasedCase:
    """Orders that wait for their release, and where their units come from today, as in a plan."""

    open: OpenCase
    allocations: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedOrder:
    """An order that changed sites, and what that saved, prices included; negative if it made room for another."""

    order_id: str
    sites: tuple[str, ...]
    gain_minor: int


def reoptimise_orders(
    connection: Connection, caller: Caller, *, now: int, threshold_minor: int = THRESHOLD_MINOR, limit: int = AT_ONCE
) -> list[MovedOrder]:
    """Decide orders again that wait for their release, move those where it pays, and return them.

    Promised windows stay as they are. An order that changed meanwhile, or whose units another writer took, stays where
    it is, and so do those that can only move with it.
    """
    case = load_unreleased(connection, caller.tenant_id, now=now, limit=limit)
    return store_moves(connection, caller, case, decide_moves(case, threshold_minor=threshold_minor), now=now)


def load_unreleased(connection: Connection, tenant_id: str, *, now: int, limit: int = AT_ONCE) -> UnreleasedCase:
    """Return the allocated orders of which nothing is being picked or given to a route, first those due first."""
    columns = (orders.c.order_id, orders.c.state, orders.c.version, orders.c.window_end_at)
    query = select(*columns).where(orders.c.tenant_id == tenant_id, unreleased(), orders.c.window_end_at > now)
    rows = connection.execute(query.order_by(orders.c.window_end_at, orders.c.order_id).limit(limit)).all()
    held = _held_at_known_sites(connection, tenant_id, rows)
    case = case_of(connection, tenant_id, [row for row in rows if row.order_id in held], now=now)
    whole = [o for o, order in case.orders.items() if o not in case.unknown and _holds_all(order.lines, held[o])]
    allocations = [(o, product, site, units) for o in whole for (product, site), units in sorted(held[o].items())]
    return UnreleasedCase(
        open=case.only(whole, full=()), allocations=pl.DataFrame(allocations, schema=HOLDING, orient="row")
    )


def decide_moves(case: UnreleasedCase, *, threshold_minor: int) -> Redecision:
    """Return which orders should move; nothing is looked up, nothing changes."""
    shop = case.open
    if not shop.orders:
        return Redecision(moves=(), allocations=case.allocations, decisions=pl.DataFrame())
    return decide_again(
        shop.retailer, case.allocations, now=shop.now, threshold_minor=threshold_minor, density=shop.density,
        acceptance=shop.acceptance, punctuality=shop.punctuality,
        scarcity=shop.scarcity, travel=shop.travel,
    )  # fmt: skip


def store_moves(
    connection: Connection, caller: Caller, case: UnreleasedCase, found: Redecision, *, now: int
) -> list[MovedOrder]:
    """Move reservations, pick hours and shipments of the orders found, group by group; return those that moved."""
    round_ = Round(connection, caller, [order_id for move in found.moves for order_id in move.order_ids], now)
    choices, moved = _choices(found), []
    for move in found.moves:
        decided = [(case.open.orders[order_id], choices[order_id]) for order_id in move.order_ids]
        if round_.move_together(decided, move.gain_minor):
            moved += [
                MovedOrder(order_id=o.order_id, sites=tuple(sorted({s for _, s in choice.wanted})), gain_minor=gain)
                for (o, choice), gain in zip(decided, move.gain_minor, strict=True)
            ]
    return moved


def unreleased() -> "sa.ColumnElement[bool]":
    """Return the condition that an order has sites and nothing of it is being picked or given to a route."""
    mine = (shipments.c.order_id == orders.c.order_id) & (shipments.c.state != "cancelled")
    begun = mine & ((shipments.c.state != "planned") | shipments.c.delivery_id.is_not(None))
    return (orders.c.state == "allocated") & sa.exists().where(mine) & ~sa.exists().where(begun)


def _held_at_known_sites(
    connection: Connection, tenant_id: str, rows: "Sequence[sa.Row[Any]]"
) -> dict[str, Counter[tuple[str, str]]]:
    """Return the units that orders hold by product and site, without the orders that hold some at a site now gone."""
    known = set(load_reference(connection, tenant_id)["sites"]["site_id"].to_list())
    held: dict[str, Counter[tuple[str, str]]] = {}
    for order_id, holdings in holdings_of(connection, [row.order_id for row in rows]).items():
        units = [h for h in holdings if h.place.kind == STOCK]
        if units and all(h.place.site_id in known for h in units):
            held[order_id] = Counter()
            for h in units:
                held[order_id][h.place.item, h.place.site_id] += h.quantity
    return held


def _holds_all(lines: Sequence[OrderedLine], held: Mapping[tuple[str, str], int]) -> bool:
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.product_id] += line.quantity
    have: Counter[str] = Counter()
    for (product, _), units in held.items():
        have[product] += units
    return wanted == have


def _choices(found: Redecision) -> dict[str, Choice]:
    """Return the new sites of the orders moved; what was weighed says what their move saves."""
    wanted: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for order_id, product_id, site_id, quantity in found.allocations.iter_rows():
        wanted[order_id][product_id, site_id] = quantity
    gains = {o: (gain, move) for move in found.moves for o, gain in zip(move.order_ids, move.gain_minor, strict=True)}
    weighed: dict[str, list[Mapping[str, object]]] = defaultdict(list)
    names = ("order_id", "option", "site_id", "cost_minor", "price_minor", "chosen", "why")
    for row in found.decisions.select(names).to_dicts() if found.moves else ():
        order_id = row.pop("order_id")
        weighed[order_id].append(row | {"why": _why(*gains[order_id])} if row["chosen"] else row)
    return {order_id: Choice(wanted=wanted[order_id], reason="", alternatives=weighed[order_id]) for order_id in gains}


def _why(gain_minor: int, move: Move) -> str:
    total, others = sum(move.gain_minor), len(move.order_ids) - 1
    if not others:
        return f"Decided again before picking: it saves {gain_minor} here, prices included."
    return f"Decided again before picking: it moves with {others} others, and together they save {total}."
