"""Deliveries joined with their places, clocks and orders: the table that map and charts are drawn from."""

import polars as pl

from doorstep.console.report.local_time import local_clock
from doorstep.domain import DayPlan, Retailer


def placed_deliveries(retailer: Retailer, plan: DayPlan) -> pl.DataFrame:
    """Return deliveries with their place, local ``arrival`` and ``day``, time zone and ``order_cost_minor``."""
    sites = retailer.sites.select("time_zone", pl.col("site_id").alias("dispatch_site_id"))
    costs = plan.order_outcomes.select("order_id", pl.col("cost_minor").alias("order_cost_minor"))
    return (
        plan.deliveries.with_columns(pl.col("mode").cast(pl.String))
        .join(retailer.orders.select("order_id", "lat", "lon"), on="order_id", how="inner", maintain_order="left")
        .join(sites, on="dispatch_site_id", how="inner", maintain_order="left")
        .join(costs, on="order_id", how="left", maintain_order="left")
        .with_columns(local_clock("arrive_at", "time_zone", retailer.sites["time_zone"]).alias("arrival"))
        .with_columns(pl.col("arrival").dt.date().alias("day"))
    )


def placed_routes(retailer: Retailer, plan: DayPlan) -> pl.DataFrame:
    """Return routes with their vehicle type, capacities, site name and local times."""
    sites = retailer.sites.select("site_id", "time_zone", pl.col("name").alias("site_name"))
    vehicles = retailer.vehicles.select("vehicle_id", "vehicle_type", "max_weight_g", "max_volume_ml", "max_parcels")
    zones = retailer.sites["time_zone"]
    return (
        plan.routes.join(sites, on="site_id", how="left", maintain_order="left")
        .join(vehicles, on="vehicle_id", how="left", maintain_order="left")
        .with_columns(
            local_clock("starts_at", "time_zone", zones).alias("start"),
            local_clock("ends_at", "time_zone", zones).alias("end"),
        )
        .with_columns(pl.col("start").dt.date().alias("day"))
    )


def unserved_orders(retailer: Retailer, plan: DayPlan) -> pl.DataFrame:
    """Return unserved orders with their places."""
    return plan.order_outcomes.filter(pl.col("status").cast(pl.String) == "unserved").join(
        retailer.orders.select("order_id", "lat", "lon", "postal_code"),
        on="order_id",
        how="inner",
        maintain_order="left",
    )
