"""Which drones are out when: one that brings a drop is away from its start until it is loaded again."""

from collections import defaultdict

from doorstep.delivery_mode.clocks import NEVER
from doorstep.delivery_mode.drones import DroneFleets, Wishes, refused, trips
from doorstep.delivery_mode.tariff import POSSIBLE

Away = tuple[int, int]
"""From a start to before the moment at which the drone is loaded again [epoch s]."""


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
        return busiest < int(self._fleets.count[fleet])
