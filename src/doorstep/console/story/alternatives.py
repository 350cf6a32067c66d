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
    cost = taken["cost_minor"][0] if taken.height else None
    lines = [chosen(row, file.retailer.currency) for row in taken.iter_rows(named=True)]
    lines += [rejected(row, cost, file.retailer.currency) for row in others.head(most).iter_rows(named=True)]
    if others.height > most:
        lines.append(f"Also weighed: {w.many(others.height - most, 'more alternative')}, in decisions.parquet.")
    return lines


def chosen(row: Row, currency: str) -> str:
    """Return the option taken in words."""
    cost = f", {w.money(row['cost_minor'], currency)}" if row["cost_minor"] is not None else ""
    why = f": {row['why'].strip()}" if row["why"].strip() else ""
    return w.sentence(f"Chosen: {row['option']}{cost}{why}")


def rejected(row: Row, chosen_minor: int | None, currency: str) -> str:
    """Return an option not taken in words, with its cost beside the option taken."""
    why = f": {row['why'].strip()}" if row["why"].strip() else ""
    cost = row["cost_minor"]
    if cost is None:
        return w.sentence(f"{row['option']} is impossible{why}")
    if chosen_minor is None:
        return w.sentence(f"{row['option']} would cost {w.money(cost, currency)}{why}")
    gap = cost - chosen_minor
    if not gap:
        return w.sentence(f"{row['option']} would cost the same{why}")
    amount = w.money(abs(gap), currency)
    return w.sentence(f"{row['option']} would cost {amount} {'more' if gap > 0 else 'less'}{why}")
