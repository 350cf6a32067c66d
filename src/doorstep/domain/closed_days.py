"""Days on which sites are closed: nobody prepares, hands over, drives or collects there."""

from collections.abc import Sequence

import polars as pl


def closed_days(tables: dict[str, pl.DataFrame]) -> tuple[frozenset[str], ...]:
    """Return the days on which each site is closed, YYYY-MM-DD, in the order of the sites table."""
    days: dict[str, set[str]] = {}
    for site, day in tables["closed_days"].select("site_id", "day").iter_rows():
        days.setdefault(site, set()).add(day)
    everywhere = frozenset(days.pop("", ()))
    return tuple(everywhere.union(days.get(site, ())) for site in tables["sites"]["site_id"])


def closed_everywhere(closed: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the days on which every one of some sites is closed."""
    return frozenset.intersection(*closed) if closed else frozenset()
