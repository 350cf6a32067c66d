"""Promised windows from cut-offs and service levels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain.calendar import Calendar
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints, index_of, ints, ints_or

MINUTE_S, QUARTER_S = 60, 900


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisePlan:
    """The promise of each of O orders; both ends of a window belong to it [epoch s].

    ``next_day_ends_at`` is the end of the day after the order was placed, at the place's clock: what arrives by then
    counts as same- or next-day.
    """

    start_at: Ints
    end_at: Ints
    early_allowed: Bools
    next_day_ends_at: Ints


def promised_windows(
    orders: pl.DataFrame,
    service_levels: pl.DataFrame,
    calendar: Calendar,
    clock_site: Ints,
    *,
    next_day_cutoff: Sequence[str] = (),
) -> PromisePlan:
    """Return the window promised to each order.

    An order placed by its service level's cut-off is promised ``promise_days`` after the day of placing, one placed
    later a day after that; a level with ``within_minutes`` counts them from the minute of placing on. Where the promise
    is of a later day, the site nearest to the door may have a later cut-off: a
    station gets parcels by night. A promised day on which that place is closed moves to its next open one. An order's
    own window replaces the service level's.

    Parameters
    ----------
    orders, service_levels
        Tables of the retailer folder.
    calendar
        Covers the promised days.
    clock_site : (O,)
        Site whose local clock an order's place goes by.
    next_day_cutoff
        Later cut-off of each site of the calendar, local HH:MM; none by default.

    Raises
    ------
    InputError
        If a service level is unknown or the calendar is too short.
    """
    level = index_of(orders["service_level_id"], service_levels["service_level_id"], what="service_level_id")
    placed_at = ints(orders["placed_at"])
    placed_day = calendar.day_of(clock_site, placed_at)
    cutoff, starts, ends = (
        _by_level(calendar, service_levels[name].to_list()) for name in ("cutoff", "window_starts", "window_ends")
    )
    zone = _zone_numbers(calendar)[clock_site]
    days, until = ints(service_levels["promise_days"])[level], cutoff[level, zone, placed_day]
    if next_day_cutoff:
        here = calendar.at(next_day_cutoff)[clock_site, placed_day]
        until = np.where(days > 0, np.maximum(until, here), until)
    day = np.minimum(placed_day + days + (placed_at > until), calendar.days)
    day = calendar.next_open(clock_site, day)
    if day.size and int(day.max()) + 1 >= calendar.days:
        raise InputError(f"promised day {int(day.max())} lies outside a calendar of {calendar.days} days.")
    start_at, end_at = starts[level, zone, day], ends[level, zone, day]
    start_at, end_at = _within(placed_at, start_at, end_at, ints_or(service_levels["within_minutes"], 0)[level])
    own_start = ints_or(orders["window_start_at"], -1)
    own_end = ints_or(orders["window_end_at"], -1)
    return PromisePlan(
        start_at=np.where(own_start >= 0, own_start, start_at),
        end_at=np.where(own_end >= 0, own_end, end_at),
        early_allowed=service_levels["early_allowed"].to_numpy()[level] & (own_start < 0),
        next_day_ends_at=calendar.midnight_at[clock_site, placed_day + 2] - 1,
    )


def _within(placed_at: Ints, start_at: Ints, end_at: Ints, minutes: Ints) -> tuple[Ints, Ints]:
    """Return both ends of windows, cut to so many minutes from the minute of placing on where there are any."""
    begun = np.minimum(np.maximum(start_at, placed_at - placed_at % MINUTE_S), end_at)
    last = np.maximum(begun, placed_at) + minutes * MINUTE_S
    ended = np.minimum(-(-last // QUARTER_S) * QUARTER_S, end_at)
    return np.where(minutes > 0, begun, start_at), np.where(minutes > 0, ended, end_at)


def _zone_numbers(calendar: Calendar) -> Ints:
    """Return a number for each site's zone, (S,), counted in order of the zones' names."""
    return np.unique(np.array(calendar.zones), return_inverse=True)[1].astype(np.int64)


def _by_level(calendar: Calendar, times_of_day: list[str]) -> Ints:
    """Return each service level's local time in each zone on each day, (L, Z, D)."""
    first_site = np.unique(np.array(calendar.zones), return_index=True)[1]
    per_level = [calendar.at([time] * len(calendar.zones))[first_site] for time in times_of_day]
    return np.stack(per_level)
