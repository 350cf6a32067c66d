"""Hours of pickers that orders take when they come to other sites than intake had thought."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from doorstep.operations.intake.network import UNLIMITED, LiveNetwork, PickHours, live_network, pick_hours
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Holding, Place, Want
from doorstep.storage.schema.ledger import PICK

LOOKED_AT = 12
"""Hours that are looked at together."""


class HourFit(NamedTuple):
    """Hours to give back and hours to take; ``busy`` are sites that have none in time."""

    ending: list[Holding]
    wants: list[Want]
    busy: list[str]


class PickBook:
    """The hours of all sites, as they are free when asked."""

    def __init__(self, connection: Connection, tenant_id: str, *, now: int) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._now = now
        self._network: LiveNetwork = live_network(connection, tenant_id)
        self._hours: PickHours = pick_hours(connection, tenant_id, self._network, now)

    def fit(self, order_id: str, lines_at: Mapping[str, int], held: Sequence[Holding], *, until: int) -> HourFit:
        """Return how an order's hours change so that each site can pick its lines in time.

        A site that keeps its number of lines keeps its hour; no hour is asked of sites without a limit.
        """
        kept = {h.place.site_id for h in held if lines_at.get(h.place.site_id) == h.quantity}
        ending = [h for h in held if h.place.site_id not in kept]
        wants, busy = [], []
        for site in sorted(set(lines_at) - kept):
            if self._network.pick_lines_per_day[self._network.site_rows[site]] == UNLIMITED:
                continue
            own = {h.position_id: h.quantity for h in ending if h.place.site_id == site}
            position = self._free_hour(site, lines_at[site], until, own)
            if position is None:
                busy.append(site)
            else:
                wants.append(Want(order_id, 0, position, lines_at[site]))
        return HourFit(ending, wants, busy)

    def _free_hour(self, site: str, lines: int, until: int, own: Mapping[int, int]) -> int | None:
        """Return the first position of a site with room for some lines, what the order itself gives back included."""
        row = self._network.site_rows[site]
        capacity = self._hours.capacity(row)
        hours = [hour for hour, ready_at in self._hours.of(row, now=self._now) if ready_at <= until]
        for low in range(0, len(hours), LOOKED_AT):
            places = [Place(PICK, site, str(hour)) for hour in hours[low : low + LOOKED_AT]]
            found = ledger.find(self._connection, self._tenant_id, places)
            for place in places:
                if place not in found and capacity >= lines:
                    opened = ledger.open_positions(self._connection, self._tenant_id, {place: capacity}, now=self._now)
                    return opened[place].position_id
                if place in found and found[place].free + own.get(found[place].position_id, 0) >= lines:
                    return found[place].position_id
        return None
