"""What would have served an order that is not served."""

import polars as pl

from doorstep.console import words as w
from doorstep.console.story.order_file import OrderFile, named
from doorstep.domain.requirements import words_of


def what_would_have_helped(file: OrderFile) -> tuple[str, ...]:
    """Return hints for the reason at hand; a reason unknown here has none."""
    by_reason = {
        "out_of_stock": missing_goods,
        "no_admissible_mode": missing_skills,
        "no_capacity": missing_capacity,
        "window_cannot_be_met": missing_time,
    }
    hints = by_reason.get(file.outcome["reason"])
    return tuple(w.sentence(line) for line in hints(file)) if hints else ()


def missing_capacity(_file: OrderFile) -> list[str]:
    """Return what could carry or pick more."""
    return [
        "Maybe more lines picked a day at the sites that hold the goods (pick_lines_per_day)",
        "Maybe one more vehicle, or a higher daily limit of a carrier (daily_limit)",
    ]


def missing_time(file: OrderFile) -> list[str]:
    """Return what could make it sooner, or promise it later."""
    end = w.when(file.outcome["window_end_at"], file.zone)
    method = w.plain(file.level.get("method", "this option"))
    return [
        f"Maybe an earlier cut-off or a later promise for {method}: it had to be there by {end}",
        "Maybe a shorter preparation time (preparation_s) at the sites near by, or a courier that starts sooner",
    ]


def missing_goods(file: OrderFile) -> list[str]:
    """Return for each product what was ordered, what may be sold, and what other orders take."""
    free = (
        file.retailer.stock.with_columns((pl.col("on_hand") - pl.col("safety_stock")).clip(lower_bound=0).alias("free"))
        .filter(pl.col("free") > 0)
        .group_by("product_id")
        .agg(pl.col("free").sum(), pl.len().alias("sites"))
    )
    taken = file.plan.allocations.group_by("product_id").agg(pl.col("quantity").sum().alias("taken"))
    lines = file.lines.join(free, on="product_id", how="left", maintain_order="left").join(
        taken, on="product_id", how="left", maintain_order="left"
    )
    told = []
    for row in lines.with_columns(pl.col("free", "taken", "sites").fill_null(0)).iter_rows(named=True):
        short = row["quantity"] - max(row["free"] - row["taken"], 0)
        if short > 0:
            held, others = "none of it is held by any site", ""
            if row["free"]:
                held = f"{w.count(row['free'])} can be sold at {w.many(row['sites'], 'site')}"
                others = f", {w.count(row['taken'])} of them go to other orders" if row["taken"] else ""
            told.append(
                f"{named(row['product_id'], row['name'] or '')}: {row['quantity']} ordered, {held}{others};"
                f" {w.many(short, 'more unit')} would have helped"
            )
    return told or ["Every product is left somewhere, but not together at sites that can serve this order"]


def missing_skills(file: OrderFile) -> list[str]:
    """Return for each requirement who keeps it."""
    tags = [file.order["requirements"], file.level.get("requirements", ""), *file.lines["flags"].to_list()]
    told = []
    for word in words_of(";".join(tags)):
        fleets = sum(word in words_of(skills) for skills in file.retailer.vehicles["skills"])
        carriers = sum(word in words_of(skills) for skills in file.retailer.carriers["skills"])
        if not fleets and not carriers:
            told.append(f"It needs {w.plain(word)}, which no own vehicle and no carrier keeps")
        else:
            kept = f"{w.many(fleets, 'own vehicle type')} and {w.many(carriers, 'carrier')}"
            told.append(f"It needs {w.plain(word)}, which {kept} keep, but none can take it in time or at its place")
    return told or ["Maybe a carrier with a rate for this distance and weight, or an own vehicle near by"]
