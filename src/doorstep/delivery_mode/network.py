"""Own vehicles and lanes of every site as arrays."""

from typing import NamedTuple

import numpy as np
import polars as pl

from doorstep.delivery_mode.rate_card import NO_LIMIT
from doorstep.domain.calendar import Calendar
from doorstep.domain.requirements import Vocabulary
from doorstep.foundation.arrays import Ints, index_of, ints, ints_or, starts_of

NEVER = np.int64(1) << 60
"""A moment that does not come."""


class FleetNetwork(NamedTuple):
    """S sites with their V vehicle rows and L lanes, each sorted by (sending) site; kernels can read it.

    Attributes
    ----------
    vehicle_start, lane_start : (S + 1,)
        Rows of each site.
    vehicle_row : (V,)
        Row of the vehicles table.
    vehicle_skills : (V,)
        Bit sets.
    shift_starts_at, shift_ends_at : (V, D)
        Clock of the shift [epoch s]; one on a closed day ends before it starts.
    lane_row, lane_to, lane_duration_s, lane_cost_minor, lane_kg_minor, lane_capacity, lane_capacity_g : (L,)
        ``lane_cost_minor`` is one parcel's, the receiving site's cross-docking included; ``lane_capacity`` in parcels.
    lane_departs_at : (L, D)
        The next departure from each day on [epoch s], ``NEVER`` after the last. None leaves a closed site, or brings
        parcels that would be ready on a closed day.
    loading_s, cross_dock_s, staging_minor, skills : (S,)
        Of the site.
    """

    vehicle_start: Ints
    vehicle_row: Ints
    vehicle_skills: Ints
    shift_starts_at: Ints
    shift_ends_at: Ints
    lane_start: Ints
    lane_row: Ints
    lane_to: Ints
    lane_duration_s: Ints
    lane_cost_minor: Ints
    lane_kg_minor: Ints
    lane_capacity: Ints
    lane_capacity_g: Ints
    lane_departs_at: Ints
    loading_s: Ints
    cross_dock_s: Ints
    staging_minor: Ints
    skills: Ints


def fleet_network(
    sites: pl.DataFrame, vehicles: pl.DataFrame, lanes: pl.DataFrame, vocabulary: Vocabulary, calendar: Calendar
) -> FleetNetwork:
    """Return the arrays of vehicles and lanes."""
    home = index_of(vehicles["site_id"], sites["site_id"], what="vehicle site_id")
    fleet = vehicles.with_row_index("row").with_columns(site=pl.Series(home, dtype=pl.Int64)).sort("site", "vehicle_id")
    sender = index_of(lanes["from_site_id"], sites["site_id"], what="lane from_site_id")
    receiver = index_of(lanes["to_site_id"], sites["site_id"], what="lane to_site_id")
    haul = (
        lanes.with_row_index("row")
        .with_columns(sender=pl.Series(sender, dtype=pl.Int64), receiver=pl.Series(receiver, dtype=pl.Int64))
        .sort("sender", "receiver")
    )
    to, starts_at = ints(haul["receiver"]), _clock(calendar, ints(fleet["site"]), fleet["shift_starts"].to_list())
    ends_at = _clock(calendar, ints(fleet["site"]), fleet["shift_ends"].to_list())
    return FleetNetwork(
        vehicle_start=starts_of(ints(fleet["site"]), sites.height),
        vehicle_row=ints(fleet["row"]),
        vehicle_skills=vocabulary.bits(fleet["skills"]),
        shift_starts_at=starts_at,
        shift_ends_at=np.where(calendar.closed[ints(fleet["site"])], starts_at - 1, ends_at),
        lane_start=starts_of(ints(haul["sender"]), sites.height),
        lane_row=ints(haul["row"]),
        lane_to=to,
        lane_duration_s=ints(haul["duration_s"]),
        lane_cost_minor=ints(haul["parcel_cost_minor"]) + ints(sites["cross_dock_cost_minor"])[to],
        lane_kg_minor=ints(haul["kg_cost_minor"]),
        lane_capacity=ints_or(haul["capacity_parcels"], NO_LIMIT),
        lane_capacity_g=ints_or(haul["capacity_g"], NO_LIMIT),
        lane_departs_at=_departures(haul, ints(sites["cross_dock_s"]), calendar),
        loading_s=ints(sites["loading_s"]),
        cross_dock_s=ints(sites["cross_dock_s"]),
        staging_minor=ints(sites["staging_cost_minor"]),
        skills=vocabulary.bits(sites["skills"]),
    )


def _departures(haul: pl.DataFrame, cross_dock_s: Ints, calendar: Calendar) -> Ints:
    """Return the next departure of each lane from each day on, (L, D)."""
    sender, receiver = ints(haul["sender"]), ints(haul["receiver"])
    daily = _clock(calendar, sender, haul["departs"].to_list())
    ready_at = daily + (ints(haul["duration_s"]) + cross_dock_s[receiver])[:, None]
    site = np.broadcast_to(receiver[:, None], daily.shape)
    ready_day = np.minimum(calendar.day_of(site, ready_at), calendar.days - 1)
    shut = calendar.closed[sender] | calendar.closed[site, ready_day]
    for row, days in enumerate(haul["weekdays"]):
        goes = np.array([str(weekday) in days for weekday in calendar.weekdays()]) & ~shut[row]
        daily[row] = np.minimum.accumulate(np.where(goes, daily[row], NEVER)[::-1])[::-1]
    return daily


def _clock(calendar: Calendar, site: Ints, times: list[str]) -> Ints:
    """Return local times of rows that stand at sites, (rows, D)."""
    if not times:
        return np.zeros((0, calendar.days), dtype=np.int64)
    found = np.empty((len(times), calendar.days), dtype=np.int64)
    zones = np.array(calendar.zones)
    representative = {zone: int(np.argmax(zones == zone)) for zone in set(calendar.zones)}
    cache: dict[tuple[str, str], Ints] = {}
    for row, (s, time) in enumerate(zip(site.tolist(), times, strict=True)):
        zone = calendar.zones[s]
        if (zone, time) not in cache:
            cache[zone, time] = calendar.at([time] * len(zones))[representative[zone]]
        found[row] = cache[zone, time]
    return found
