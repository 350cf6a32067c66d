"""Stock beside what will be asked for: products grouped by how much they sell, and how long units last at each site."""

from dataclasses import dataclass

import polars as pl

from doorstep.operations.planning.kept_tables import Cells

GROUPS = (("A", 0.8), ("B", 0.95), ("C", 1.0))
"""ABC analysis: the products that make up the first 80 % of what is expected, the next 15 %, and the rest."""
SHORT, TIGHT, PLENTY = 0.5, 1.0, 5.0
"""Shares of the days to cover below which stock is short or tight, and above which there is plenty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmth:
    """A group at a site: units there and expected, and for how many days they last, None if nothing is asked for."""

    units: int
    planned: int
    expected: float
    lasts_days: float | None
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Groups (rows: name, number of products, a cell for each site) and sites (columns), for so many days."""

    sites: tuple[str, ...]
    groups: tuple[tuple[str, int, tuple[Warmth, ...]], ...]
    days: int


def heat_of(stock: Cells, days: int) -> Heat | None:
    """Return the heat table of a plan's table ``stock``, None if nothing was expected anywhere.

    Parameters
    ----------
    days
        Days that the plan covers, those of ``expected``.
    """
    rows = pl.DataFrame(
        {name: stock[name] for name in ("site_id", "product_id", "expected", "units_today", "units")},
        schema_overrides={"expected": pl.Float64, "units_today": pl.Float64, "units": pl.Float64},
    )
    if rows.is_empty() or not rows["expected"].sum():
        return None
    selling = rows.group_by("product_id").agg(pl.col("expected").sum())
    selling = selling.sort("expected", "product_id", descending=[True, False])
    before = selling["expected"].cum_sum().shift(1, fill_value=0.0) / selling["expected"].sum()
    group = pl.Series([next(name for name, share in GROUPS if at < share or share == 1.0) for at in before])
    rows = rows.join(selling.select("product_id", group=group), on="product_id")
    sums = rows.group_by("group", "site_id").agg(pl.col("expected", "units_today", "units").sum())
    cells = {(row["group"], row["site_id"]): _warmth(row, days) for row in sums.to_dicts()}
    sites = tuple(sorted(set(rows["site_id"])))
    count = dict(group.value_counts(name="count").iter_rows())
    nothing = _warmth({"expected": 0.0, "units_today": 0.0, "units": 0.0}, days)
    return Heat(
        sites=sites,
        groups=tuple(
            (name, count[name], tuple(cells.get((name, site), nothing) for site in sites))
            for name, _ in GROUPS if name in count
        ),
        days=days,
    )  # fmt: skip


def _warmth(row: dict[str, float], days: int) -> Warmth:
    units, expected = row["units_today"], row["expected"]
    share = units / expected if expected else None
    word = "nothing asked" if share is None else "short" if share < SHORT else "tight" if share < TIGHT else (
        "enough" if share <= PLENTY else "plenty"
    )  # fmt: skip
    return Warmth(
        units=round(units), planned=round(row["units"]), expected=expected,
        lasts_days=None if share is None else share * days, word=word,
    )  # fmt: skip
