"""Decisions in words: the option taken, and one plain sentence for each that was not."""

import polars as pl

from doorstep.console import words as w
from doorstep.console.story.order_file import OrderFile, Row


def weighed(file: OrderFile, which: pl.Expr, *, most: int) -> list[str]:
    """Return a sentence for the option taken, then for the others from cheap to impossible.

    Parameters
    ----------
    which
        Selects the rows of one decision.
    most
        Rejected options told; of the others only the number is.
    """
    rows = file.decisions.filter(which)
    taken = rows.filter(pl.col("chosen"))
    others = rows.filter(~pl.col("chosen")).sort("cost_minor", nulls_last=True, maintain_order=True)
    cost = taken["cost_minor"][0] if taken.height == 1 else None
    lines = [chosen(file, row, cost) for row in taken.iter_rows(named=True)]
    lines += [rejected(file, row, cost) for row in others.head(most).iter_rows(named=True)]
    if others.height > most:
        lines.append(f"Also weighed: {w.many(others.height - most, 'more alternative')}, in decisions.parquet.")
    return lines


def chosen(file: OrderFile, row: Row, cost_minor: int | None) -> str:
    """Return the option taken in words; one of several taken together has no cost of its own."""
    cost = f", {w.money(cost_minor, file.retailer.currency)}" if cost_minor is not None else ""
    return with_reason(f"Chosen: {option_name(file, row)}{cost}{price_of(file, row)}", row["why"])


def rejected(file: OrderFile, row: Row, chosen_minor: int | None) -> str:
    """Return an option not taken in words, with its cost beside the option taken."""
    option, cost, currency = option_name(file, row), row["cost_minor"], file.retailer.currency
    price = price_of(file, row)
    if cost is None:
        return with_reason(f"{option} is impossible", row["why"])
    if chosen_minor is None:
        return with_reason(f"{option} would cost {w.money(cost, currency)}{price}", row["why"])
    gap = cost - chosen_minor
    if not gap:
        return with_reason(f"{option} would cost the same{price}", row["why"])
    words = f"{w.money(abs(gap), currency)} {'more' if gap > 0 else 'less'}"
    return with_reason(f"{option} would cost {words}{price}", row["why"])


def price_of(file: OrderFile, row: Row) -> str:
    """Return in words what the stock and picking of a site are worth to other orders; nothing if that is nothing."""
    price = row["price_minor"]
    return f", and take what is worth {w.money(price, file.retailer.currency)} to other orders" if price else ""


def option_name(file: OrderFile, row: Row) -> str:
    """Return an option in words; a site that is called by its id gets its name."""
    option, site_id = str(row["option"]), str(row["site_id"])
    if row["question"] == "site" and site_id and (option == site_id or option.startswith(f"{site_id} ")):
        return file.site_name(site_id) + option[len(site_id) :]
    return option


def with_reason(statement: str, why: str) -> str:
    """Return a statement and its reason: after a colon, or as a sentence of its own where it is written as one."""
    reason = why.strip()
    if not reason:
        return w.sentence(statement)
    if reason[0].isupper():
        return f"{w.sentence(statement)} {w.sentence(reason)}"
    return w.sentence(f"{statement}: {reason}")
