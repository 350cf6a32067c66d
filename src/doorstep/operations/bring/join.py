"""A delivery that joins a route: where the detour is least, its load fits, and nobody is served late by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import Select, select

from doorstep.domain import Retailer
from doorstep.domain.requirements import words_of
from doorstep.operations.bring.timing import Done, TimedRoute, Timer, Visit
from doorstep.operations.fulfil.parts import DeliveryNow
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, parcels, shipments

Trips = Sequence[Sequence[Visit]]


class Load(NamedTuple):
    """What a delivery takes of a vehicle; ``needs`` are its requirements."""

    weight_g: int
    volume_ml: int
    parcels: int
    needs: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Deliveries that are on a route or want to be, and what its vehicle can carry."""

    visits: Mapping[str, Visit]
    loads: Mapping[str, Load]
    vehicle_id: str
    most: tuple[int | None, int | None, int | None]
    most_trips: int
    skills: frozenset[str]

    @classmethod
    def of(cls, connection: Connection, retailer: Retailer, asked: Sequence[DeliveryNow], vehicle_id: str) -> "Joining":
        """Return the deliveries with their windows and loads; early delivery counts as the retailer's orders say."""
        doors = {row["order_id"]: row for row in retailer.orders.iter_rows(named=True)}
        levels = dict(retailer.service_levels.select("service_level_id", "requirements").iter_rows())
        rows = {r.delivery_id: r for r in connection.execute(_rows(asked)).all()}
        needs: dict[str, set[str]] = {delivery.delivery_id: set() for delivery in asked}
        for row in connection.execute(_flags(asked)).all():
            needs[row.delivery_id] |= set(words_of(row.requirements))
        visits, loads = {}, {}
        for delivery in asked:
            door, row = doors[delivery.order_id], rows[delivery.delivery_id]
            wanted = {*words_of(door["requirements"]), *words_of(levels.get(door["service_level_id"], ""))}
            visits[delivery.delivery_id] = Visit(
                delivery_id=delivery.delivery_id,
                lat=door["lat"],
                lon=door["lon"],
                start_at=door["window_start_at"],
                end_at=door["window_end_at"],
                release_at=row.ready_at or 0,
                service_s=retailer.policy_value("door_service_s") if door["service_s"] is None else door["service_s"],
            )
            loads[delivery.delivery_id] = Load(
                row.weight_g, row.volume_ml, row.parcels, frozenset(needs[delivery.delivery_id] | wanted)
            )
        van = retailer.vehicles.filter(pl.col("vehicle_id") == vehicle_id).row(0, named=True)
        return cls(
            visits=visits,
            loads=loads,
            vehicle_id=vehicle_id,
            most=(van["max_weight_g"], van["max_volume_ml"], van["max_parcels"]),
            most_trips=van["max_reloads"] + 1,
            skills=frozenset(words_of(van["skills"])),
        )

    def holds(self, trip: Sequence[Visit]) -> bool:
        """Return whether the vehicle can carry what a trip brings."""
        loads = [self.loads[visit.delivery_id] for visit in trip]
        sums = (sum(n.weight_g for n in loads), sum(n.volume_ml for n in loads), sum(n.parcels for n in loads))
        return all(limit is None or total <= limit for total, limit in zip(sums, self.most, strict=True)) and all(
            load.needs <= self.skills for load in loads
        )


def joined(
    timer: Timer, site_id: str, joining: Joining, trips: Trips, done: Done, name: str, *, day_at: int, now: int
) -> list[list[Visit]] | None:
    """Return the trips with one more delivery, None if it has no place on them.

    Trips that have been loaded take nothing any more; a further trip may begin if the vehicle may reload.
    """
    best: tuple[int, list[list[Visit]]] | None = None
    open_trips = range(len(done.load_at), len(trips) + (len(trips) < joining.most_trips))
    for number in open_trips:
        before = list(trips[number]) if number < len(trips) else []
        for place in range(len(before) + 1):
            longer = [*before[:place], joining.visits[name], *before[place:]]
            tried = [list(trip) for trip in (*trips[:number], longer, *trips[number + 1 :])]
            if not joining.holds(longer):
                break
            timed = _on_time(timer, site_id, joining, tried, done, day_at, now)
            if timed is not None and (best is None or timed.cost_minor < best[0]):
                best = timed.cost_minor, tried
    return None if best is None else best[1]


def _on_time(
    timer: Timer, site_id: str, joining: Joining, trips: Trips, done: Done, day_at: int, now: int
) -> TimedRoute | None:
    """Return the route if it keeps all windows; where the van is out already, those that it could have kept."""
    if not done.load_at:
        return timer.timed(site_id, joining.vehicle_id, trips, day_at=day_at, now=now)
    timed = timer.gone_on(site_id, joining.vehicle_id, trips, done, now=now)
    ahead = (stop for stop in timed.stops if stop.delivery_id and stop.delivery_id not in done.stops)
    late = any(stop.service_at > joining.visits[stop.delivery_id].end_at for stop in ahead)
    return None if late or timed.ends_at > timer.shift_end_at(site_id, joining.vehicle_id, day_at) else timed


def _rows(asked: Sequence[DeliveryNow]) -> "Select[*tuple[Any, ...]]":
    names = ("delivery_id", "ready_at", "weight_g", "volume_ml", "parcels")
    return select(*(deliveries.c[name] for name in names)).where(
        deliveries.c.delivery_id.in_([delivery.delivery_id for delivery in asked])
    )


def _flags(asked: Sequence[DeliveryNow]) -> "Select[*tuple[Any, ...]]":
    return (
        select(shipments.c.delivery_id, parcels.c.requirements)
        .join(parcels, parcels.c.shipment_id == shipments.c.shipment_id)
        .where(shipments.c.delivery_id.in_([delivery.delivery_id for delivery in asked]))
    )
