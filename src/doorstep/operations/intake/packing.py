"""Packages as the tenant's cartons hold them: at checkout to see what fits a compartment, at the bench for good."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from doorstep.domain.requirements import Vocabulary
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference, reference_version
from doorstep.warehouse import PackingProblem, pack_parcels
from doorstep.warehouse.compartments import Sides, sides_of
from doorstep.warehouse.plan import ParcelPlan
from doorstep.warehouse.problem import cartons_by_volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What packing needs of the reference tables: all products, without anything to pack yet."""

    row_of: dict[str, int]
    names: tuple[str, ...]
    cartons: tuple[str, ...]
    company_prefix: str
    vocabulary: Vocabulary
    empty: PackingProblem

    def pack(self, units: Mapping[str, int]) -> ParcelPlan:
        """Return the parcels of one package, units by product; each product must be known here."""
        rows = sorted(self.row_of[product] for product in units)
        return pack_parcels(
            replace(
                self.empty,
                package_start=np.array([0, len(rows)], dtype=np.int64),
                line_product=np.array(rows, dtype=np.int64),
                line_quantity=np.array([units[self.names[row]] for row in rows], dtype=np.int64),
            )
        )

    def sides(self, carton_id: str, product_id: str) -> Sides | None:
        """Return the sides of a parcel: those of its carton, or without one of its product; None if it is not known."""
        if carton_id:
            known = carton_id in self.cartons
            return sides_of(self.empty.carton_sides_mm[self.cartons.index(carton_id)]) if known else None
        row = self.row_of.get(product_id)
        return None if row is None else sides_of(self.empty.product_sides_mm[row])


def packing_bench(connection: Connection, tenant_id: str) -> Bench:
    """Return the bench of a tenant, kept for each version of the reference tables."""
    version = reference_version(connection, tenant_id)
    return connection.memo(("packing", tenant_id, version), lambda: _built(connection, tenant_id))


def _built(connection: Connection, tenant_id: str) -> Bench:
    tables = load_reference(connection, tenant_id)
    products = tables["products"]
    vocabulary, none = Vocabulary.of([products["flags"]]), np.empty(0, dtype=np.int64)
    return Bench(
        row_of={name: row for row, name in enumerate(products["product_id"].to_list())},
        names=tuple(products["product_id"].to_list()),
        cartons=(*cartons_by_volume(tables["cartons"]), ""),
        company_prefix=str(tables["policy"]["gs1_company_prefix"][0]),
        vocabulary=vocabulary,
        empty=PackingProblem.from_tables(
            products,
            tables["cartons"],
            product_flags=vocabulary.bits(products["flags"]),
            package_start=np.zeros(1, dtype=np.int64),
            line_product=none,
            line_quantity=none,
            fill_pct=int(tables["policy"]["carton_fill_pct"][0]),
        ),
    )
