"""When own vehicles, lanes and carriers can be where, for many drops at once.

Every function takes rows of equal length (M,) and compares integers on the calendar's days.
"""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.network import NEVER, FleetNetwork
from doorstep.delivery_mode.rate_card import RateCards
from doorstep.delivery_mode.tariff import half_up
from doorstep.foundation.arrays import Bools, Ints, next_true


def first_at_or_after(moments: Ints, site: Ints, at: Ints) -> Ints:
    """Return the first day whose moment at the row's site is at or after ``at``; D if there is none.

    Parameters
    ----------
    moments : (S, D)
        Ascending in each row.
    """
    found = np.empty(at.shape, dtype=np.int64)
    clocks, clock_of_site = np.unique(moments, axis=0, return_inverse=True)
    clock = clock_of_site.reshape(-1)[site]
    for number in range(clocks.shape[0]):
        here = clock == number
        found[here] = np.searchsorted(clocks[number], at[here])
    return found


def parcel_arrivals(cards: RateCards, carrier: int, transit: int, site: Ints, ready_at: Ints) -> tuple[Ints, Ints]:
    """Return when deliveries of what is ready begin and end on the carrier's day; ``NEVER`` past the calendar."""
    collected = first_at_or_after(cards.collects_at[carrier], site, ready_at)
    day = _delivery_days(cards.works[carrier], transit)[collected]
    past = day >= cards.works.shape[1]
    row = np.minimum(day, cards.works.shape[1] - 1)
    begin, end = cards.delivers_from_at[carrier][site, row], cards.delivers_by_at[carrier][site, row]
    return np.where(past, NEVER, begin), np.where(past, NEVER, end)


def _delivery_days(works: Bools, transit: int) -> Ints:
    """Return the day of delivery of what waits for collection from each day on, (D + 1,); D where past the calendar."""
    days = works.size
    found = np.full(days + 1, days, dtype=np.int64)
    working = np.flatnonzero(works)
    for day in range(days):
        later = working[working >= day]
        if later.size > transit:
            found[day] = later[transit]
    return found


def courier_arrivals(cards: RateCards, carrier: int, site: Ints, ready_at: Ints, out_s: Ints, start_at: Ints) -> Ints:
    """Return when an on-demand courier arrives at the earliest, not before the window; ``NEVER`` past the calendar."""
    at = np.maximum(ready_at + cards.lead_s[carrier] + out_s, start_at)
    day = next_true(cards.comes[carrier])[site, first_at_or_after(cards.delivers_by_at[carrier], site, at)]
    past = day >= cards.works.shape[1]
    row = np.minimum(day, cards.works.shape[1] - 1)
    return np.where(past, NEVER, np.maximum(at, cards.delivers_from_at[carrier][site, row]))


class OwnDays(NamedTuple):
    """Days on which an own vehicle could make each trip alone: ``feasible`` (M, L) counted from day ``first`` (M,)."""

    first: Ints
    feasible: Bools

    def cheapest(self, base_minor: Ints, site: Ints) -> Ints:
        """Return the feasible day with the least ``base_minor`` (S, D), the earliest of equals; -1 if none, (M,)."""
        best = np.full(site.shape, -1, dtype=np.int64)
        least = np.full(site.shape, NEVER)
        for later in range(self.feasible.shape[1]):
            day = np.minimum(self.first + later, base_minor.shape[1] - 1)
            price = np.where(self.feasible[:, later], base_minor[site, day], NEVER)
            best, least = np.where(price < least, day, best), np.minimum(price, least)
        return best

    def after(self, day: Ints) -> Ints:
        """Return the first feasible day after the given ones, -1 if none, (M,)."""
        found = np.full(day.shape, -1, dtype=np.int64)
        for later in reversed(range(self.feasible.shape[1])):
            here = self.first + later
            found = np.where(self.feasible[:, later] & (here > day), here, found)
        return found


def own_days(
    fleet: FleetNetwork,
    site: Ints,
    ready_at: Ints,
    out_s: Ints,
    home_s: Ints,
    service_s: Ints,
    open_at: Ints,
    end_at: Ints,
    requirements: Ints,
    midnight_at: Ints,
) -> OwnDays:
    """Return the days on which a vehicle of the site could make each trip alone, inside its shift.

    Parameters
    ----------
    open_at, end_at : (M,)
        Service may begin from the one to the other.
    midnight_at : (S, D + 1)
        The calendar's midnights.
    """
    if not fleet.vehicle_row.size or not site.size:
        return OwnDays(np.zeros(site.shape, dtype=np.int64), np.zeros((*site.shape, 1), dtype=np.bool_))
    days = fleet.shift_ends_at.shape[1]
    first = np.maximum(first_at_or_after(midnight_at, site, np.maximum(open_at, ready_at) + 1) - 1, 0)
    last = np.maximum(first_at_or_after(midnight_at, site, end_at + 1) - 1, first)
    span = int((last - first).max()) + 1
    feasible = np.zeros((site.size, span), dtype=np.bool_)
    slots = np.diff(fleet.vehicle_start)[site]
    for slot in range(int(slots.max())):
        vehicle = np.minimum(fleet.vehicle_start[site] + slot, fleet.vehicle_row.size - 1)
        able = (slot < slots) & ((requirements & ~fleet.vehicle_skills[vehicle]) == 0)
        for later in range(span):
            day = np.minimum(first + later, days - 1)
            leave = np.maximum(ready_at, fleet.shift_starts_at[vehicle, day]) + fleet.loading_s[site]
            serve = np.maximum(leave + out_s, open_at)
            back = serve + service_s + home_s
            inside = (serve <= end_at) & (back <= fleet.shift_ends_at[vehicle, day])
            feasible[:, later] |= able & inside & (first + later < days)
    return OwnDays(first, feasible)


def vehicle_can(fleet: FleetNetwork, site: Ints, requirements: Ints) -> Bools:
    """Return whether some vehicle of the site keeps the requirements."""
    able = np.zeros(site.shape, dtype=np.bool_)
    slots = np.diff(fleet.vehicle_start)[site]
    for slot in range(int(slots.max(initial=0))):
        vehicle = np.minimum(fleet.vehicle_start[site] + slot, fleet.vehicle_row.size - 1)
        able |= (slot < slots) & ((requirements & ~fleet.vehicle_skills[vehicle]) == 0)
    return able


def lanes_between(fleet: FleetNetwork, sender: Ints, receiver: Ints) -> Ints:
    """Return the lane from one site to another, -1 if there is none."""
    sites = fleet.lane_start.size - 1
    if not fleet.lane_to.size:
        return np.full(sender.shape, -1, dtype=np.int64)
    lane_key = np.repeat(np.arange(sites), np.diff(fleet.lane_start)) * sites + fleet.lane_to
    wanted = sender * sites + receiver
    lane = np.minimum(np.searchsorted(lane_key, wanted), lane_key.size - 1)
    return np.where((lane_key[lane] == wanted) & (sender >= 0) & (receiver >= 0), lane, -1)


def lane_departures(fleet: FleetNetwork, lane: Ints, ready_at: Ints) -> Ints:
    """Return the first departure of each lane for what is ready by then; ``NEVER`` past the calendar."""
    days = fleet.lane_departs_at.shape[1]
    day = first_at_or_after(fleet.lane_departs_at, lane, ready_at)
    return np.where(day < days, fleet.lane_departs_at[lane, np.minimum(day, days - 1)], NEVER)


def lane_minor(fleet: FleetNetwork, lane: Ints, parcels: Ints, weight_g: Ints) -> Ints:
    """Return what packages cost on lanes, -1 for none, the receiving site's cross-docking included; they broadcast."""
    each, kilogram = (np.append(price, 0)[lane] for price in (fleet.lane_cost_minor, fleet.lane_kg_minor))
    return np.asarray(each * parcels + half_up(kilogram * weight_g, 1000))


def ready_by_lane(fleet: FleetNetwork, lane: Ints, ready_at: Ints) -> Ints:
    """Return when parcels that take a lane are ready at its end, cross-docking done; ``NEVER`` past the calendar."""
    departs = lane_departures(fleet, lane, ready_at)
    ready = departs + fleet.lane_duration_s[lane] + fleet.cross_dock_s[fleet.lane_to[lane]]
    return np.where(departs < NEVER, ready, NEVER)
