"""Stock and capacity: what is there, what is spoken for, and every change that led to it.

A position is anything of which a counted number can be reserved: units of a product at a site, pick lines of a site in
an hour, places of a slot, units of a receipt, compartments of a size at a site. One mechanism serves them all.
Positions are the fold of the ledger's entries; the checks below make the database itself refuse to sell a unit twice.
"""

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import Serial, maybe_moment, metadata, moment, tenant, text, whole

STOCK, PICK, SLOT, RECEIPT, COMPARTMENT = "stock", "pick", "slot", "receipt", "compartment"
"""Kinds of position: item is a product, the hour's first second, a slot, a receipt that is expected, or a row of
compartments."""

positions = Table(
    "positions",
    metadata,
    Column("position_id", Serial, primary_key=True, autoincrement=True),
    tenant(),
    text("kind"),
    text("site_id"),
    text("item"),
    whole("on_hand"),  # units, or capacity
    whole("reserved"),
    whole("safety"),  # units never promised, a buffer against walk-in shoppers and counting errors
    UniqueConstraint("tenant_id", "kind", "site_id", "item"),
    Index(None, "tenant_id", "kind", "item"),
    CheckConstraint("reserved >= 0", name="reserved_is_not_negative"),
    CheckConstraint("reserved <= on_hand", name="reserved_is_there"),
    CheckConstraint("safety >= 0", name="safety_is_not_negative"),
)
_unreserved = positions.c.on_hand - positions.c.reserved
FREE: "sa.ColumnElement[int]" = sa.case(
    (_unreserved > positions.c.safety, _unreserved - positions.c.safety), else_=sa.literal_column("0")
)
"""What may still be promised of a position."""

reservations = Table(
    "reservations",
    metadata,
    text("holder_id"),  # order or slot hold
    whole("line_no"),  # 0 where the holder has no lines
    whole("position_id"),
    text("taken_by"),  # the shipment or hold that claimed it; empty while it is held
    tenant(),
    whole("quantity"),
    text("state"),  # held, claimed
    maybe_moment("expires_at"),
    PrimaryKeyConstraint("holder_id", "line_no", "position_id", "taken_by"),
    CheckConstraint("quantity > 0", name="quantity_is_positive"),
    sqlite_with_rowid=False,
)
_expires = reservations.c.expires_at.is_not(None)
Index(None, reservations.c.expires_at, sqlite_where=_expires, postgresql_where=_expires)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("entry_id", Serial, primary_key=True, autoincrement=True),
    tenant(),
    whole("position_id"),
    text("kind"),  # open, receive, adjust, reserve, release, expire, claim, restock, keep_back
    whole("on_hand_delta"),
    whole("reserved_delta"),
    whole("safety_delta"),
    text("reference"),
    moment("at"),
)
