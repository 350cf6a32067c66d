"""The retailer folder as tables of the database: made from the schemas of the domain, so they cannot disagree.

Orders, their lines, stock and receipts live on their own: orders and receipts have a life, and stock is the fold of its
ledger.
"""

from typing import Any

import dataframely as dy
from sqlalchemy import BigInteger, Boolean, Column, Float, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeEngine

from doorstep.domain.tables import RETAILER_TABLES
from doorstep.storage.schema.base import metadata, tenant, whole

LIVE = ("orders", "order_lines", "stock", "receipts")


def _type_of(column: dy.Column) -> TypeEngine[Any]:
    kinds: dict[type[dy.Column], TypeEngine[Any]] = {
        dy.Int64: BigInteger(),
        dy.Float64: Float(53),
        dy.Bool: Boolean(),
    }
    return kinds.get(type(column), Text())  # String and Enum


def _table(name: str) -> Table:
    schema = RETAILER_TABLES[name].schema
    columns = [Column(n, _type_of(c), nullable=c.nullable and not c.primary_key) for n, c in schema.columns().items()]
    named = schema.primary_key()
    rules = [UniqueConstraint("tenant_id", *named)] if named else []
    return Table(
        name,
        metadata,
        tenant(),
        whole("row_no"),  # rows keep the order of the folder
        whole("version", 1),
        *columns,
        PrimaryKeyConstraint("tenant_id", "row_no"),
        *rules,
    )


REFERENCE: dict[str, Table] = {name: _table(name) for name in RETAILER_TABLES if name not in LIVE}
"""Table by name in the retailer folder."""
