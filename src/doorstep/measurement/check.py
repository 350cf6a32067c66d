"""Recomputes each order's cost from parcels, deliveries, allocations and the site's rates."""

from collections import Counter

import polars as pl

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
            faults += [f"order {order}: unserved, yet it costs {row['cost_minor']}."] if row["cost_minor"] else []
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
    return faults + _route_shares(plan)


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


def _route_shares(plan: dict[str, pl.DataFrame]) -> list[str]:
    shared = plan["deliveries"].filter(pl.col("route_id") != "").group_by("route_id")
    totals = shared.agg(stem=pl.col("stem_minor").sum(), drop=pl.col("drop_minor").sum(), doors=pl.len())
    both = plan["routes"].join(totals, on="route_id", how="left")
    wrong = both.filter(
        (pl.col("stem") != pl.col("stem_minor"))
        | (pl.col("stem") + pl.col("drop") != pl.col("cost_minor"))
        | (pl.col("doors") != pl.col("stops"))
    )
    return [
        f"route {row['route_id']}: its cost {row['cost_minor']} is not what its deliveries bear."
        for row in wrong.to_dicts()
    ]
