"""What choosing a mode needs to know about orders, carriers and fleets."""

from typing import NamedTuple

import numpy as np
import polars as pl

from doorstep.delivery_mode.drones import DroneFleets, drone_fleets
from doorstep.delivery_mode.network import FleetNetwork, fleet_network
from doorstep.delivery_mode.rate_card import RateCards, rate_cards
from doorstep.domain.calendar import Calendar
from doorstep.domain.requirements import Vocabulary
from doorstep.domain.tables import COLLECTED
from doorstep.foundation.arrays import Bools, Floats, Ints, index_of, ints, ints_or


class Doors(NamedTuple):
    """Where and when each of O orders is due; kernels can read it.

    ``collected`` (O,) 1 if the shopper comes, ``pickup_site`` (O,) site or -1, ``fits`` (O,) whether
    its parcels find room there, ``start_at``, ``end_at`` (O,) the
    promise [epoch s], ``early`` (O,) whether it may be kept before the window starts, ``open_at`` (O,) when service at
    the door may begin: at once where early, else with the window; ``requirements`` (O,) of the whole order as
    bits, ``service_s`` (O,) at the door, ``postal`` (O,) number of the postal code, ``landing`` (O,) whether
    drones may land, ``lat``, ``lon`` (O,) degrees.
    """

    collected: Ints
    pickup_site: Ints
    fits: Bools
    start_at: Ints
    end_at: Ints
    early: Bools
    open_at: Ints
    requirements: Ints
    service_s: Ints
    postal: Ints
    landing: Bools
    lat: Floats
    lon: Floats

    def take(self, rows: Ints) -> "Doors":
        """Return the doors of some orders."""
        return Doors(**{name: column[rows] for name, column in self._asdict().items()})


class LaneLoad(NamedTuple):
    """Parcels and grams that were given a departure [epoch s] of a lane, a row of the fleet's, before."""

    lane: int
    departs_at: int
    parcels: int
    weight_g: int


class ModeProblem(NamedTuple):
    """Carriers, fleets and doors of one retailer, on one calendar with midnights ``midnight_at`` (S, D + 1)."""

    cards: RateCards
    drones: DroneFleets
    fleet: FleetNetwork
    doors: Doors
    vocabulary: Vocabulary
    midnight_at: Ints
    own_failure_minor: int
    carrier_failure_minor: Ints
    lane_load: tuple[LaneLoad, ...] = ()

    @classmethod
    def from_tables(
        cls,
        tables: dict[str, pl.DataFrame],
        calendar: Calendar,
        vocabulary: Vocabulary,
        *,
        window_start_at: Ints,
        window_end_at: Ints,
        early_allowed: Bools,
        requirements: Ints,
        fits: Bools,
    ) -> "ModeProblem":
        """Return the problem of a retailer's tables with its promises.

        Parameters
        ----------
        tables
            The retailer's tables by name.
        window_start_at, window_end_at, early_allowed, requirements, fits : (O,)
            What each order was promised and needs, and whether there is room for it where it is collected.
        """
        sites, orders, policy = tables["sites"], tables["orders"], tables["policy"]
        codes = orders["postal_code"].unique().sort()
        levels = tables["service_levels"]
        level = index_of(orders["service_level_id"], levels["service_level_id"], what="service_level_id")
        collected = levels["method"].cast(pl.String).is_in(COLLECTED).to_numpy()[level].astype(np.int64)
        pickup = np.full(orders.height, -1, dtype=np.int64)
        come = np.flatnonzero(collected)
        pickup[come] = index_of(orders["pickup_site_id"][come], sites["site_id"], what="pickup_site_id")
        usual_s = ints_or(levels["service_s"], int(policy["door_service_s"][0]))[level]
        doors = Doors(
            collected=collected,
            pickup_site=pickup,
            fits=fits,
            start_at=window_start_at,
            end_at=window_end_at,
            early=early_allowed,
            open_at=np.where(early_allowed, ints(orders["placed_at"]), window_start_at),
            requirements=requirements,
            service_s=np.where(orders["service_s"].is_null().to_numpy(), usual_s, ints_or(orders["service_s"], 0)),
            postal=index_of(orders["postal_code"], codes, what="postal_code"),
            landing=orders["landing_site"].to_numpy(),
            lat=orders["lat"].to_numpy(),
            lon=orders["lon"].to_numpy(),
        )
        carriers = tables["carriers"]
        failed = int(policy["failed_delivery_cost_minor"][0])
        cards = rate_cards(
            sites=sites,
            carriers=carriers,
            rates=tables["carrier_rates"],
            zones=tables["carrier_zones"],
            surcharges=tables["carrier_surcharges"],
            vocabulary=vocabulary,
            calendar=calendar,
            postal_codes=codes.to_list(),
        )
        return cls(
            cards=cards,
            drones=drone_fleets(sites, tables["drones"], tables["weather"], carriers, cards),
            fleet=fleet_network(sites, tables["vehicles"], tables["lanes"], vocabulary, calendar),
            doors=doors,
            vocabulary=vocabulary,
            midnight_at=calendar.midnight_at,
            own_failure_minor=(2 * failed * int(policy["own_failure_bp"][0]) + 10_000) // 20_000,
            carrier_failure_minor=(2 * failed * ints(carriers["failure_bp"]) + 10_000) // 20_000,
        )
