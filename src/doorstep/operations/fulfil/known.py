"""Orders that point to what the retailer no longer has: they may not spoil the decisions on the others."""

from dataclasses import replace

import polars as pl

from doorstep.domain import Retailer

NOT_IN_CATALOGUE = "not_in_catalogue"
"""Why such an order cannot be served: its product, service level or place of collection is gone."""


def without_unknown(retailer: Retailer) -> tuple[Retailer, list[str]]:
    """Return the retailer with the orders that rooms can read, and the ids of the others."""
    orders, lines = retailer.orders, retailer.order_lines
    strange = pl.concat(
        [
            orders.join(retailer.service_levels, on="service_level_id", how="anti").select("order_id"),
            orders.filter(pl.col("pickup_site_id") != "")
            .join(retailer.sites, left_on="pickup_site_id", right_on="site_id", how="anti")
            .select("order_id"),
            lines.join(retailer.products, on="product_id", how="anti").select("order_id"),
        ]
    ).unique()
    if not strange.height:
        return retailer, []
    kept = replace(
        retailer,
        orders=orders.join(strange, on="order_id", how="anti", maintain_order="left"),
        order_lines=lines.join(strange, on="order_id", how="anti", maintain_order="left"),
    )
    return kept, sorted(strange["order_id"].to_list())
