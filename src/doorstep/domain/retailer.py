"""A retailer as doorstep knows it: the tables of its folder, complete and typed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Self

import polars as pl

from doorstep.domain.tables import PLANNING_TABLES, RETAILER_TABLES
from doorstep.domain.tables.columns import default_of
from doorstep.foundation import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Retailer:
    """All tables of a retailer folder, one field each; the columns are those of ``RETAILER_TABLES``.

    Build it with ``complete``, which adds what may be left out; nothing else is checked here, that is the work of the
    folder's reader.
    """

    sites: pl.DataFrame
    products: pl.DataFrame
    stock: pl.DataFrame
    receipts: pl.DataFrame
    cartons: pl.DataFrame
    compartments: pl.DataFrame
    closed_days: pl.DataFrame
    lanes: pl.DataFrame
    vehicles: pl.DataFrame
    carriers: pl.DataFrame
    carrier_rates: pl.DataFrame
    carrier_zones: pl.DataFrame
    carrier_surcharges: pl.DataFrame
    drones: pl.DataFrame
    weather: pl.DataFrame
    service_levels: pl.DataFrame
    price_rules: pl.DataFrame
    extras: pl.DataFrame
    membership_plans: pl.DataFrame
    orders: pl.DataFrame
    order_lines: pl.DataFrame
    policy: pl.DataFrame

    @classmethod
    def complete(cls, tables: Mapping[str, pl.DataFrame]) -> Self:
        """Return a retailer from the tables given: absent optional tables and columns take their stated defaults.

        Raises
        ------
        InputError
            If a table is unknown, a required one is missing, or a cell does not fit its schema.
        """
        unknown = sorted(set(tables) - set(RETAILER_TABLES))
        missing = [n for n, spec in RETAILER_TABLES.items() if spec.default is None and n not in tables]
        if unknown or missing:
            raise InputError(f"unknown tables {unknown}, missing tables {missing}.")
        return cls(**{name: completed(name, tables.get(name)) for name in RETAILER_TABLES})

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def policy_value(self, name: str) -> int:
        """Return one whole number of the policy."""
        return int(self.policy[name][0])

    @property
    def currency(self) -> str:
        """ISO 4217 code of all amounts."""
        return str(self.policy["currency"][0])


def completed(name: str, table: pl.DataFrame | None) -> pl.DataFrame:
    """Return a table with every column of its schema, ordered and typed; what is absent or empty gets its default."""
    return _absent(name) if table is None else _typed(name, table)


@cache
def _absent(name: str) -> pl.DataFrame:
    """Return what an absent table stands for; tables are never changed in place, so one does for all."""
    spec = {**RETAILER_TABLES, **PLANNING_TABLES}[name]
    if spec.default is None:
        raise InputError(f"table {name} is missing.")
    return _typed(name, spec.default)


def _typed(name: str, source: pl.DataFrame) -> pl.DataFrame:
    spec = {**RETAILER_TABLES, **PLANNING_TABLES}[name]
    expressions = []
    for column, kind in spec.schema.columns().items():
        value = pl.col(column) if column in source.columns else pl.lit(None)
        default = default_of(kind)
        if default is not None:
            value = value.fill_null(pl.lit(default))
        expressions.append(value.cast(kind.dtype).alias(column))
    try:
        framed = source.select(expressions) if source.width else spec.schema.create_empty()
        return spec.schema.validate(framed)
    except Exception as fault:  # dataframely and polars raise several kinds here
        raise InputError(f"table {name}: {fault}") from fault
