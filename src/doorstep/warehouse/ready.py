"""When an order that a site prepares is ready to leave it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain.calendar import Calendar
from doorstep.foundation.arrays import Ints, ints


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationClock:
    """Opening, closing and cut-off of S sites on D days, (S, D) [epoch s], and preparation time (S,) [s].

    On a closed day a site closes before it opens.
    """

    opens_at: Ints
    closes_at: Ints
    cutoff_at: Ints
    preparation_s: Ints

    @classmethod
    def from_tables(cls, sites: pl.DataFrame, calendar: Calendar) -> "PreparationClock":
        """Return the clocks of the sites table."""
        opens_at = calendar.at(sites["opens"].to_list())
        return cls(
            opens_at=opens_at,
            closes_at=np.where(calendar.closed, opens_at - 1, calendar.at(sites["closes"].to_list())),
            cutoff_at=calendar.at(sites["order_cutoff"].to_list()),
            preparation_s=ints(sites["preparation_s"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyTimes:
    """When and on which day of the calendar pairs of order and site are ready; -1 where there is no site."""

    ready_at: Ints
    pick_day: Ints


def ready_times(clock: PreparationClock, calendar: Calendar, placed_at: Ints, sites: Ints) -> ReadyTimes:
    """Return when each order would be ready at each of its candidate sites.

    Preparation starts at once while the site is open, else when it opens next. An order placed after the site's
    cut-off, or that could not be ready before it closes, is prepared on the next day that is not closed.

    Parameters
    ----------
    placed_at : (O,)
        When the orders were placed [epoch s].
    sites : (O, C)
        Candidate sites; -1 means none.
    """
    site = np.maximum(sites, 0)
    placed = np.broadcast_to(placed_at[:, None], sites.shape)
    today = calendar.day_of(site, placed)
    work = clock.preparation_s[site]
    start_today = np.maximum(placed, clock.opens_at[site, today])
    too_late = (placed > clock.cutoff_at[site, today]) | (start_today + work > clock.closes_at[site, today])
    day = calendar.next_open(site, today + too_late)
    ready = np.where(too_late, clock.opens_at[site, day], start_today) + work
    none = sites < 0
    return ReadyTimes(ready_at=np.where(none, -1, ready), pick_day=np.where(none, -1, day))
