"""Everything that a plan says about one order, gathered from its tables."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self, TypeAlias

import numpy as np
import polars as pl

from doorstep.domain import DayPlan, Retailer
from doorstep.foundation import NotFoundError
from doorstep.foundation.arrays import floats
from doorstep.geography.distance import great_circle_m

Row: TypeAlias = dict[str, Any]
"""One row of a table by column name; its types are those of the table's schema."""

MOST_MATCHES = 3
MOST_COMPARED = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """The rows of one order; ``lines`` has a product once, ``parcels`` carry their contents as text."""

    retailer: Retailer
    plan: DayPlan
    order: Row
    level: Row
    outcome: Row
    lines: pl.DataFrame
    allocations: pl.DataFrame
    parcels: pl.DataFrame
    contents: pl.DataFrame
    deliveries: pl.DataFrame
    decisions: pl.DataFrame
    zone: str

    @classmethod
    def gather(cls, retailer: Retailer, plan: DayPlan, order_id: str) -> Self:
        """Return the file of an order.

        Raises
        ------
        NotFoundError
            If the plan has no such order; the message names similar ones.
        """
        mine = pl.col("order_id") == order_id
        outcomes = plan.order_outcomes.filter(mine)
        orders = retailer.orders.filter(mine)
        if outcomes.is_empty() or orders.is_empty():
            raise unknown_order(order_id, plan.order_outcomes["order_id"])
        order = orders.row(0, named=True)
        names = retailer.products.select("product_id", "name", "flags")
        parcels = plan.parcels.filter(mine)
        deliveries = plan.deliveries.filter(mine)
        return cls(
            retailer=retailer,
            plan=plan,
            order=order,
            level=row_of(retailer.service_levels, "service_level_id", order["service_level_id"]),
            outcome=outcomes.row(0, named=True),
            lines=retailer.order_lines.filter(mine)
            .group_by("product_id", maintain_order=True)
            .agg(pl.col("quantity").sum())
            .join(names, on="product_id", how="left", maintain_order="left"),
            allocations=plan.allocations.filter(mine).join(names, on="product_id", how="left", maintain_order="left"),
            parcels=parcels,
            contents=plan.parcel_lines.filter(pl.col("parcel_id").is_in(parcels["parcel_id"].to_list())).join(
                names, on="product_id", how="left", maintain_order="left"
            ),
            deliveries=deliveries,
            decisions=plan.decisions.filter(mine),
            zone=zone_of(retailer, order, deliveries),
        )

    def site_name(self, site_id: str) -> str:
        """Return a site's name with its id, the id alone where it has no other name."""
        return named(site_id, row_of(self.retailer.sites, "site_id", site_id).get("name", ""))

    def site_zone(self, site_id: str) -> str:
        """Return a site's time zone, the order's where the site is unknown."""
        return str(row_of(self.retailer.sites, "site_id", site_id).get("time_zone", self.zone))

    def route(self, route_id: str) -> Row:
        """Return a route's row."""
        return row_of(self.plan.routes, "route_id", route_id)

    def stop(self, delivery_id: str) -> tuple[Row, int]:
        """Return a delivery's stop and its number among the doors of its route, both empty where there is none."""
        stop = row_of(self.plan.stops, "delivery_id", delivery_id)
        if not stop:
            return {}, 0
        before = self.plan.stops.filter(
            (pl.col("route_id") == stop["route_id"])
            & (pl.col("kind") == "delivery")
            & (pl.col("sequence") <= stop["sequence"])
        )
        return stop, before.height


def row_of(table: pl.DataFrame, column: str, value: str) -> Row:
    """Return the first row in which a column has a value, empty where none has."""
    rows = table.filter(pl.col(column) == value)
    return rows.row(0, named=True) if rows.height else {}


def named(code: str, name: str) -> str:
    """Return a name followed by its id, or the id alone."""
    return f"{name} ({code})" if name and name != code else code


def zone_of(retailer: Retailer, order: Row, deliveries: pl.DataFrame) -> str:
    """Return the time zone of an order's place: that of its dispatching or pickup site, else of the nearest site."""
    sites = retailer.sites
    known = [*deliveries["dispatch_site_id"].head(1).to_list(), order["pickup_site_id"]]
    for site_id in known:
        site = row_of(sites, "site_id", site_id)
        if site:
            return str(site["time_zone"])
    if sites.is_empty():
        return "UTC"
    metres = great_circle_m(
        lat_a=floats(sites["lat"]),
        lon_a=floats(sites["lon"]),
        lat_b=np.array(order["lat"]),
        lon_b=np.array(order["lon"]),
    )
    return str(sites["time_zone"][int(metres.argmin())])


def unknown_order(order_id: str, known: pl.Series) -> NotFoundError:
    """Return the error that names orders with a similar id."""
    lowered = known.str.to_lowercase()
    wanted = order_id.strip().lower()
    ends = [lowered.str.ends_with(wanted[-most:]) for most in (4, 3, 2)]
    tiers = [known.filter(like) for like in (*ends, lowered.str.starts_with(wanted[:4]))]
    near = pl.concat([*tiers, known.head(MOST_COMPARED)]).unique(maintain_order=True)
    candidates = {str(each).lower(): str(each) for each in near.head(MOST_COMPARED)}
    close = get_close_matches(wanted, list(candidates), n=MOST_MATCHES, cutoff=0.6)
    matches = [candidates[each] for each in close]
    hint = f"Maybe you mean {', '.join(matches)}." if matches else "Maybe it belongs to another plan."
    return NotFoundError(f"order {order_id!r} is not among the {known.len():,} orders of this plan.", hint=hint)
