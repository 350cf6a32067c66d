"""Closed days as the checkers read them: row by row, sharing nothing with the calendars of plans."""

from datetime import date

import polars as pl


class ClosedLog:
    """The closed days of a retailer's tables."""

    def __init__(self, tables: dict[str, pl.DataFrame]) -> None:
        self.sites = tables["sites"]["site_id"].to_list()
        self.rows = {(row["site_id"], row["day"]) for row in tables["closed_days"].iter_rows(named=True)}

    def shut(self, site_id: object, day: date) -> bool:
        """Return whether a site is closed on a day."""
        return (site_id, day.isoformat()) in self.rows or ("", day.isoformat()) in self.rows

    def all_shut(self, day: date) -> bool:
        """Return whether every site is closed on a day."""
        return bool(self.rows) and all(self.shut(site, day) for site in self.sites)
