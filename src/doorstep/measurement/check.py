"""Recomputes each order's cost from parcels, deliveries, allocations and the site's rates."""

from collections import Counter

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from doorstep.domain.tables import UNSERVED_REASONS

Row = dict[str, object]


def check_costs(tables: dict[str, pl.DataFrame], plan: dict[str, pl.DataFrame]) -> list[str]:
    """Return one sentence for each cost, count or flag of an order that the other tables of the plan contradict.

    Parameters
    ----------
    tables, plan
        Tables of the retailer and of the plan by name.
    """
    expected = _expected(tables, plan)
    faults = []
    for row in plan["order_outcomes"].iter_rows(named=True):
        order = row["order_id"]
        if row["status"] == "unserved":
            faults += [f"order {order}: unserved without a reason."] if not row["reason"] else []
            faults += [f"order {order}: unserved, yet {name} is {row[name]}." for name in _OF_SERVED if row[name]]
            continue
        for part in ("pick", "carton", "line_haul", "stem", "drop", "carrier_fee", "failure_risk"):
            if row[f"{part}_minor"] != expected[order, part]:
                faults.append(f"order {order}: {part} is {row[f'{part}_minor']}, not {expected[order, part]}.")
        parts = sum(value for (key, _), value in _parts_of(expected, order))
        if row["cost_minor"] != parts:
            faults.append(f"order {order}: cost {row['cost_minor']} is not the sum of its parts {parts}.")
        late = row["delivered_at"] is None or row["delivered_at"] > row["window_end_at"]
        if row["on_time"] == late:
            faults.append(f"order {order}: on_time is {row['on_time']}, delivered at {row['delivered_at']}.")
    known = (
        plan["order_outcomes"].filter(pl.col("status") == "unserved").filter(~pl.col("reason").is_in(UNSERVED_REASONS))
    )
    faults += [f"order {order}: its reason is none of {UNSERVED_REASONS}." for order in known["order_id"]]
    return faults + _figures(tables, plan) + _route_shares(plan)


_OF_SERVED = (
    *(
        "cost_minor",
        "revenue_minor",
        "sites",
        "parcels",
        "distance_m",
        "in_region_parcels",
        "hand_offs",
        "delivered_at",
    ),
    *("on_time", "same_or_next_day", "pick_minor", "carton_minor", "line_haul_minor", "stem_minor", "drop_minor"),
    *("carrier_fee_minor", "failure_risk_minor"),
)
"""Columns that must be empty, zero or false where an order is unserved."""

_PARTS = ("pick", "carton", "line_haul", "stem", "drop", "carrier_fee", "failure_risk")


def _parts_of(expected: Counter[tuple[str, str]], order: str) -> list[tuple[tuple[str, str], int]]:
    return [((order, part), expected[order, part]) for part in _PARTS]


def _expected(tables: dict[str, pl.DataFrame], plan: dict[str, pl.DataFrame]) -> Counter[tuple[str, str]]:
    sites = {row["site_id"]: row for row in tables["sites"].iter_rows(named=True)}
    found: Counter[tuple[str, str]] = Counter()
    packages: set[tuple[str, str]] = set()
    for row in plan["allocations"].iter_rows(named=True):
        site = sites[row["site_id"]]
        cost = site["line_cost_minor"] + site["unit_cost_minor"] * row["quantity"]
        if (row["order_id"], row["site_id"]) not in packages:
            packages.add((row["order_id"], row["site_id"]))
            cost += site["package_cost_minor"]
        found[row["order_id"], "pick"] += cost
    for row in plan["parcels"].iter_rows(named=True):
        found[row["order_id"], "carton"] += row["carton_minor"]
    for row in plan["deliveries"].iter_rows(named=True):
        if row["mode"] == "pickup":
            found[row["order_id"], "pick"] += sites[row["dispatch_site_id"]]["staging_cost_minor"]
        for part in ("line_haul", "stem", "drop", "carrier_fee", "failure_risk"):
            found[row["order_id"], part] += row[f"{part}_minor"]
    return found


def _figures(tables: dict[str, pl.DataFrame], plan: dict[str, pl.DataFrame]) -> list[str]:
    """Return the faults of what is counted and earned by served orders."""
    units = tables["order_lines"].join(tables["products"].select("product_id", "margin_minor"), on="product_id")
    margin = units.group_by("order_id").agg(margin=(pl.col("quantity") * pl.col("margin_minor")).sum())
    fee = tables["orders"].join(tables["service_levels"], on="service_level_id")
    fee = fee.select("order_id", "fee_minor", e_method=pl.col("method").cast(pl.String))
    modes = plan["deliveries"].select("delivery_id", "mode")
    hands = 1 + pl.col("lane_departs_at").is_not_null().cast(pl.Int64) - (pl.col("mode") == "pickup").cast(pl.Int64)
    carried = plan["parcels"].join(modes, on="delivery_id").group_by("order_id").agg(n=pl.len(), hands=hands.sum())
    home = _home_regions(tables)
    picked = plan["parcels"].join(tables["sites"].select("site_id", "region"), on="site_id").join(home, on="order_id")
    inside = picked.group_by("order_id").agg(
        e_in_region_parcels=pl.when(pl.col("home").first() != "").then((pl.col("region") == pl.col("home")).sum())
    )
    expected = (
        plan["order_outcomes"]
        .filter(pl.col("status") == "served")
        .join(
            plan["allocations"].group_by("order_id").agg(e_sites=pl.col("site_id").n_unique()),
            on="order_id",
            how="left",
        )
        .join(
            plan["deliveries"].group_by("order_id").agg(e_delivered_at=pl.col("arrive_at").max()),
            on="order_id",
            how="left",
        )
        .join(carried, on="order_id", how="left")
        .join(inside, on="order_id", how="left")
        .join(margin, on="order_id", how="left")
        .join(fee, on="order_id", how="left")
        .with_columns(
            e_parcels=pl.col("n"),
            e_hand_offs=(200 * pl.col("hands") + pl.col("n")) // (2 * pl.col("n")),
            e_revenue_minor=pl.col("margin") + pl.col("fee_minor"),
        )
    )
    return [
        f"order {row['order_id']}: {name} is {row[name]}, not {row[f'e_{name}']}."
        for row in expected.iter_rows(named=True)
        for name in ("method", "sites", "parcels", "in_region_parcels", "hand_offs", "delivered_at", "revenue_minor")
        if row[name] != row[f"e_{name}"]
    ]


def _home_regions(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the region of each order: of the site where it is collected, else of the one nearest to its door."""
    sites, orders = tables["sites"], tables["orders"]
    if not orders.height:
        return pl.DataFrame(schema={"order_id": pl.String, "home": pl.String})
    lat, lon = (np.radians(pl.concat([sites[name], orders[name]]).to_numpy()) for name in ("lat", "lon"))
    sphere = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    nearest = cKDTree(sphere[: sites.height]).query(sphere[sites.height :])[1]
    place = pl.when(pl.col("pickup_site_id") != "").then("pickup_site_id").otherwise("nearest")
    known = orders.select("order_id", "pickup_site_id").with_columns(nearest=sites["site_id"].gather(nearest.tolist()))
    regions = sites.select("site_id", home="region")
    return known.select("order_id", site_id=place).join(regions, on="site_id", how="left").select("order_id", "home")


def _route_shares(plan: dict[str, pl.DataFrame]) -> list[str]:
    shared = plan["deliveries"].filter(pl.col("route_id") != "").group_by("route_id")
    totals = shared.agg(stem=pl.col("stem_minor").sum(), drop=pl.col("drop_minor").sum(), doors=pl.len())
    both = (
        plan["routes"]
        .join(totals, on="route_id", how="left")
        .with_columns(pl.col("stem", "drop", "doors").fill_null(0))
    )
    wrong = both.filter(
        (pl.col("stem") != pl.col("stem_minor"))
        | (pl.col("stem") + pl.col("drop") != pl.col("cost_minor"))
        | (pl.col("doors") != pl.col("stops"))
    )
    return [
        f"route {row['route_id']}: its cost {row['cost_minor']} is not what its deliveries bear."
        for row in wrong.to_dicts()
    ]
