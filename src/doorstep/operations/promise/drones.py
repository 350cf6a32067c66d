"""Whether drones can keep an option that nobody else may bring: from where, in what weather, and if one is free."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from doorstep.delivery_mode.drones import BUSY, CODES, DroneFleets, Wishes, drone_fleets, earliest, refused
from doorstep.delivery_mode.hangar import Hangar, away_for
from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.rate_card import rate_cards
from doorstep.delivery_mode.tariff import NO_MODE, POSSIBLE
from doorstep.domain.calendar import Calendar
from doorstep.domain.new_order import NewOrder
from doorstep.domain.requirements import Vocabulary, words_of
from doorstep.geography import Places
from doorstep.operations.bring.flown import flown_trips
from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.roads import usual_travel
from doorstep.storage import Connection

DAY_S = 86_400
FURTHER_DAYS = 4


class DroneDesk:
    """The drones that could bring one basket, whose cartons are not known yet: what it weighs are the goods alone."""

    def __init__(self, connection: Connection, tenant_id: str, network: LiveNetwork, order: NewOrder, at: int) -> None:
        self._connection, self._tenant_id, self._network = connection, tenant_id, network
        self._order, self._at = order, at
        side = pl.max_horizontal("length_mm", "width_mm", "height_mm")
        mine = network.tables["products"].filter(pl.col("product_id").is_in([line.product_id for line in order.lines]))
        self._sizes = {name: (grams, mm) for name, grams, mm in mine.select("product_id", "weight_g", side).iter_rows()}
        self._travel = usual_travel(connection, tenant_id, network.tables)
        key = ("drones", tenant_id, network.version, at // DAY_S)
        self._fleets = connection.memo(key, lambda: _fleets(network, at))

    def sites(self, able: Callable[[frozenset[str]], bool], near: Sequence[str]) -> tuple[tuple[str, ...], str]:
        """Return the sites from which drones with the skills take the basket, the nearest first, and else why not.

        Whatever the hour and weather; ``not_here`` says that there are none near.
        """
        skills = [frozenset(words_of(tags)) for tags in self._network.tables["carriers"]["skills"]]
        found, told = [], NO_MODE
        for site in near:
            for fleet in np.flatnonzero(self._fleets.site == self._network.site_rows[site]).tolist():
                if able(skills[int(self._fleets.carrier[fleet])]):
                    why = int(refused(self._fleets, fleet, self._wish(site, self._at, self._at, self._at))[0])
                    found += [site] if why == POSSIBLE else []
                    told = max(told, why)
        return tuple(dict.fromkeys(found)), CODES[told] if told > NO_MODE else "not_here"

    def refusal(self, sites: Sequence[str], *, ready_at: int, start_at: int, end_at: int) -> str:
        """Return why the drones of the sites do not keep a window with what is ready then, empty if they do."""
        hangar = Hangar(self._fleets, self._flown())
        for site in sites:
            wish, told = self._wish(site, ready_at, start_at, end_at), 0
            for carrier in np.unique(self._fleets.carrier[self._fleets.site == self._network.site_rows[site]]).tolist():
                why = int(earliest(self._fleets, carrier, wish)[1][0])
                if why == POSSIBLE and hangar.book(carrier, wish) < NEVER:
                    break
                told = max(told, BUSY if why == POSSIBLE else why)
            else:
                return CODES[told]
        return ""

    def _flown(self) -> tuple[tuple[int, tuple[int, int]], ...]:
        """Return the trips that are booked, as the row of their drones and the time away."""
        carriers = {name: row for row, name in enumerate(self._network.tables["carriers"]["carrier_id"].to_list())}
        found = []
        for trip in flown_trips(self._connection, self._tenant_id, self._network.tables, now=self._at):
            door = Places(lat=np.array([trip.lat]), lon=np.array([trip.lon]))
            wish = self._wish(trip.site_id, 0, trip.arrive_at, trip.arrive_at, door)
            found += away_for(self._fleets, carriers[trip.carrier_id], wish)
        return tuple(found)

    def _wish(self, site: str, ready_at: int, start_at: int, end_at: int, door: Places | None = None) -> Wishes:
        row, order = np.array([self._network.site_rows[site]]), self._order
        there = Places(lat=np.array([order.lat]), lon=np.array([order.lon])) if door is None else door
        road_m, _ = self._travel.between(self._network.places.take(row), there)
        grams = sum(self._sizes[line.product_id][0] * line.quantity for line in order.lines)
        longest = max(side_mm for _, side_mm in self._sizes.values())
        numbers = (np.array([n]) for n in (grams, longest, ready_at, start_at, end_at))
        return Wishes(row, there.lat, there.lon, np.array([order.landing_site]), road_m, *numbers)


def _fleets(network: LiveNetwork, at: int) -> DroneFleets:
    tables = network.tables
    further = int(tables["service_levels"]["promise_days"].max() or 0) + FURTHER_DAYS  # type: ignore[arg-type]
    calendar = Calendar.spanning(network.time_zones, at, at, further_days=further, closed=network.closed)
    cards = rate_cards(
        sites=tables["sites"],
        carriers=tables["carriers"],
        rates=tables["carrier_rates"],
        zones=tables["carrier_zones"],
        surcharges=tables["carrier_surcharges"],
        vocabulary=Vocabulary.of_network(tables),
        calendar=calendar,
        postal_codes=[],
    )
    return drone_fleets(tables["sites"], tables["drones"], tables["weather"], tables["carriers"], cards)
