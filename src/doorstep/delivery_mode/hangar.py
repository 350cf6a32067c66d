"""Which drones are out when: one that brings a drop is away from its start until it is loaded again."""

from collections import defaultdict
from dataclasses import dataclass

from doorstep.delivery_mode.drones import DroneFleets, Wishes, calm_s, refused, trips
from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.tariff import POSSIBLE

Away = tuple[int, int]
"""From a start to before the moment at which the drone is loaded again [epoch s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlownTrip:
    """A drone of a carrier that leaves a site and is at a door at a moment [epoch s]."""

    carrier_id: str
    site_id: str
    lat: float
    lon: float
    arrive_at: int


class Hangar:
    """The drones of all sites with the trips that were booked so far.

    Parameters
    ----------
    flown
        Trips of before, as the row of their drones and the time away.
    """

    def __init__(self, fleets: DroneFleets, flown: tuple[tuple[int, Away], ...] = ()) -> None:
        self._fleets = fleets
        self._away: dict[int, list[Away]] = defaultdict(list)
        for fleet, away in flown:
            self._away[fleet].append(away)

    def book(self, carrier: int, wish: Wishes) -> int:
        """Book the earliest trip of a carrier's drones for one drop, and return its arrival; ``NEVER`` if none is free.

        Parameters
        ----------
        wish : (1,)
            The drop.
        """
        found = [self._earliest(fleet, wish) for fleet in self._fleets.at(carrier, int(wish.site[0]))]
        arrive_at, fleet, away = min(found, default=(int(NEVER), -1, (0, 0)))
        if arrive_at < NEVER:
            self._away[fleet].append(away)
        return arrive_at

    def _earliest(self, fleet: int, wish: Wishes) -> tuple[int, int, Away]:
        """Return the earliest arrival of some drones, and the time that one is away for it."""
        nothing = (int(NEVER), fleet, (0, 0))
        if refused(self._fleets, fleet, wish)[0] != POSSIBLE:
            return nothing
        found = [nothing]
        for trip in trips(self._fleets, fleet, wish):
            if trip.why[0] != POSSIBLE:
                continue
            first, last, out_s, trip_s = (int(column[0]) for column in trip[:4])
            length = trip_s + int(self._fleets.turnaround_s[fleet])
            starts = (first, *(back for _, back in self._away[fleet] if first < back <= last))
            free = [start for start in starts if self._is_free(fleet, (start, start + length))]
            found += [(min(free) + out_s, fleet, (min(free), min(free) + length))] if free else []
        return min(found)

    def _is_free(self, fleet: int, wanted: Away) -> bool:
        """Return whether a drone is there all the time: fewer than there are, are away at any moment of it."""
        meets = [away for away in self._away[fleet] if away[0] < wanted[1] and wanted[0] < away[1]]
        begins = [wanted[0], *(start for start, _ in meets if start > wanted[0])]
        busiest = max(sum(start <= at < back for start, back in meets) for at in begins)
        return busiest < int(self._fleets.number[fleet])


def away_for(fleets: DroneFleets, carrier: int, wish: Wishes) -> list[tuple[int, Away]]:
    """Return the drones and the time away of one trip that is known to arrive at a moment; none if they are gone.

    Parameters
    ----------
    wish : (1,)
        The drop, with the moment as both ends of its window.
    """
    for fleet in fleets.at(carrier, int(wish.site[0])):
        turnaround_s = int(fleets.turnaround_s[fleet])
        for trip in trips(fleets, fleet, wish):
            if trip.why[0] == POSSIBLE:
                start = int(trip.first_at[0])
                return [(fleet, (start, start + int(trip.trip_s[0]) + turnaround_s))]
        out_s, trip_s = (int(column[0]) for column in calm_s(fleets, fleet, wish))
        start = int(wish.end_at[0]) - out_s  # the weather has changed since
        return [(fleet, (start, start + trip_s + turnaround_s))]
    return []
