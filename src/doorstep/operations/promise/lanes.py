"""Whether a lane that an option needs departs in time and has room: what was planned, or waits to be, has its place."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from doorstep.domain.calendar import day_of, local_at, local_day, number_of, seconds_of_day
from doorstep.domain.new_order import NewOrder
from doorstep.operations.bring.lane_load import lane_load
from doorstep.operations.fulfil.parts import TO_BRING, pieces
from doorstep.operations.intake.network import LiveNetwork
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.orders import order_lines, orders

DAYS_AHEAD = 15
EPOCH = number_of(1970, 1, 1)
Goes = Callable[[str, str, float, float], bool]
"""Whether somebody goes from a site to a door: the site, where it is collected or nothing, lat, lon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane with its clock; limits are None where there are none.

    ``closed`` are the days on which its sender is closed, ``closed_there`` those of its receiver, YYYY-MM-DD.
    """

    from_site_id: str
    to_site_id: str
    zone: str
    zone_there: str
    closed: frozenset[str]
    closed_there: frozenset[str]
    departs_s: int
    weekdays: str
    takes_s: int
    capacity_parcels: int | None
    capacity_g: int | None
    given: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def departures(self, ready_at: int) -> Iterator[int]:
        """Yield the departures of two weeks for what is ready then [epoch s]."""
        today = local_day(self.zone, ready_at)
        for number in range(today, today + DAYS_AHEAD):
            day = day_of(EPOCH + number)
            at = local_at(self.zone, day, self.departs_s)
            if (
                at >= ready_at
                and str(day.isoweekday()) in self.weekdays
                and day.isoformat() not in self.closed
                and day_of(EPOCH + local_day(self.zone_there, at + self.takes_s)).isoformat() not in self.closed_there
            ):
                yield at

    def has_room(self, departs_at: int, weight_g: int) -> bool:
        """Return whether a departure has room for one parcel more."""
        parcels, grams = self.given[departs_at]
        return (self.capacity_parcels is None or parcels < self.capacity_parcels) and (
            self.capacity_g is None or grams + weight_g <= self.capacity_g
        )

    def give(self, departs_at: int, parcels: int, weight_g: int) -> None:
        """Give some of the room of a departure away."""
        given = self.given[departs_at]
        given[0], given[1] = given[0] + parcels, given[1] + weight_g


class LaneDesk:
    """The lanes that lead to some sites, with the room that is left; a basket is one parcel of the goods' weight."""

    def __init__(
        self, connection: Connection, tenant_id: str, network: LiveNetwork, stations: Sequence[str], goes: Goes, at: int
    ) -> None:
        self._network, self._at = network, at
        self._grams = dict(network.tables["products"].select("product_id", "weight_g").iter_rows())
        docks = dict(network.tables["sites"].select("site_id", "cross_dock_s").iter_rows())
        zones = dict(zip(network.site_ids, network.time_zones, strict=True))
        closed = dict(zip(network.site_ids, network.closed, strict=True))
        self._lanes = {
            (row["from_site_id"], row["to_site_id"]): Lane(
                from_site_id=row["from_site_id"],
                to_site_id=row["to_site_id"],
                zone=zones[row["from_site_id"]],
                zone_there=zones[row["to_site_id"]],
                closed=closed[row["from_site_id"]],
                closed_there=closed[row["to_site_id"]],
                departs_s=seconds_of_day(row["departs"]),
                weekdays=row["weekdays"],
                takes_s=row["duration_s"] + docks[row["to_site_id"]],
                capacity_parcels=row["capacity_parcels"],
                capacity_g=row["capacity_g"],
            )
            for row in network.tables["lanes"].iter_rows(named=True)
            if row["to_site_id"] in stations
        }
        if any(lane.capacity_parcels is not None or lane.capacity_g is not None for lane in self._lanes.values()):
            self._take_places(connection, tenant_id, goes)

    def refusal(self, order: NewOrder, sites: Sequence[str], *, ready_at: int, end_at: int) -> str:
        """Return why no lane brings what the sites have ready by an end [epoch s], empty if one does from each."""
        weight_g = sum(self._grams[line.product_id] * line.quantity for line in order.lines)
        for site in sites:
            lanes = [lane for (sender, _), lane in self._lanes.items() if sender == site]
            in_time = [
                (lane, departs_at)
                for lane in lanes
                for departs_at in lane.departures(ready_at)
                if departs_at + lane.takes_s <= end_at
            ]
            if not any(lane.has_room(departs_at, weight_g) for lane, departs_at in in_time):
                return "lane_full" if in_time else "lane_late"
        return ""

    def _take_places(self, connection: Connection, tenant_id: str, goes: Goes) -> None:
        """Give departures what was planned for them, then what waits at their sites to be planned, the oldest first."""
        for load in lane_load(connection, tenant_id, now=self._at):
            lane = self._lanes.get((load.from_site_id, load.to_site_id))
            if lane is not None:
                lane.give(load.departs_at, load.parcels, load.weight_g)
        waiting = (
            select(shipments.c.site_id, shipments.c.ready_at, orders.c.pickup_site_id, orders.c.lat, orders.c.lon,
                   orders.c.order_id)
            .join(orders, orders.c.order_id == shipments.c.order_id)
            .where(
                shipments.c.tenant_id == tenant_id,
                shipments.c.site_id.in_(sorted({sender for sender, _ in self._lanes})),
                shipments.c.delivery_id.is_(None),
                shipments.c.state.in_(TO_BRING),
            )
        )  # fmt: skip
        rows = connection.execute(
            waiting.order_by(func.coalesce(shipments.c.ready_at, self._at), orders.c.order_id)
        ).all()
        weights = self._weights(connection, [row.order_id for row in rows])
        for row in rows:
            if goes(row.site_id, row.pickup_site_id, row.lat, row.lon):
                continue
            for (sender, to), lane in self._lanes.items():
                if sender == row.site_id and goes(to, row.pickup_site_id, row.lat, row.lon):
                    ready_at, weight_g = max(row.ready_at or 0, self._at), weights.get(row.order_id, 0)
                    found = (at for at in lane.departures(ready_at) if lane.has_room(at, weight_g))
                    lane.give(next(found, 0), 1, weight_g)
                    break

    def _weights(self, connection: Connection, order_ids: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        lines = select(order_lines.c.order_id, order_lines.c.product_id, order_lines.c.quantity)
        for piece in pieces(sorted(set(order_ids))):
            for row in connection.execute(lines.where(order_lines.c.order_id.in_(piece))):
                found[row.order_id] += self._grams.get(row.product_id, 0) * row.quantity
        return found
