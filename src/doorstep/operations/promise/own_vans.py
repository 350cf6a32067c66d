"""What an option adds to standing routes: the cheapest place for a door more, or else what a drop usually costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from doorstep.domain.new_order import NewOrder
from doorstep.domain.requirements import words_of
from doorstep.foundation.arrays import ints
from doorstep.operations.bring.standing import Door, Standing, standing_routes
from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.promise.costs import Earning
from doorstep.operations.promise.offers import Offered
from doorstep.storage import Connection
from doorstep.vehicle_routing.quotes import Offer
from doorstep.warehouse.problem import product_volume_ml

Basis = Literal["standing_route", "new_route", "estimate"]
WANTED = {"product_id": pl.String, "quantity": pl.Int64}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVan:
    """What bringing an option by an own van would add, or why no van can; its basis says how that is known.

    ``route_id`` is the standing route that it would join, empty if none. Where ``reason`` says why no van can, there is
    no cost.
    """

    basis: Basis
    cost_minor: int | None
    route_id: str = ""
    reason: str = ""

    @property
    def feasible(self) -> bool:
        """Whether a van can."""
        return not self.reason


def own_vans_of(
    connection: Connection,
    tenant_id: str,
    network: LiveNetwork,
    order: NewOrder,
    offered: Sequence[Offered],
    earned: Mapping[str, Earning],
    *,
    now: int,
) -> list[OwnVan | None]:
    """Return the own van of each option, None where none would come: collected, refused, or no van at the sites.

    A split, and a site and day without standing routes, have the expected drop cost that order routing decides by.
    """
    found: list[OwnVan | None] = []
    for one in offered:
        earning = earned.get(one.service_level_id)
        if one.refusal is not None or earning is None or earning.own_drop_minor is None:
            found.append(None)
            continue
        estimate = OwnVan(basis="estimate", cost_minor=earning.own_drop_minor)
        standing = standing_routes(connection, tenant_id, earning.site_id, now=now) if earning.site_id else ()
        door = _door(network, order, one, now)
        days = [day for day in standing if day.from_at <= door.end_at and door.start_at <= day.to_at]
        found.append(_cheapest(days, door) if days else estimate)
    return found


def _cheapest(days: Sequence[Standing], door: Door) -> OwnVan:
    quotes = [day.quote(door) for day in days]
    offers = [(quote.cost_minor, route_id) for quote, route_id in quotes if isinstance(quote, Offer)]
    if offers:
        cost_minor, route_id = min(offers)
        return OwnVan(basis="standing_route" if route_id else "new_route", cost_minor=cost_minor, route_id=route_id)
    reasons = [quote.reason for quote, _ in quotes if not isinstance(quote, Offer)]
    return OwnVan(basis="standing_route", cost_minor=None, reason=reasons[-1])


def _door(network: LiveNetwork, order: NewOrder, one: Offered, now: int) -> Door:
    """Return the door of an option; what comes in one parcel is an estimate, as nothing is packed yet."""
    products, levels = network.tables["products"], network.tables["service_levels"]
    level = levels.row(network.levels[one.service_level_id], named=True)
    wanted = pl.DataFrame([(line.product_id, line.quantity) for line in order.lines], orient="row", schema=WANTED)
    chosen = wanted.join(products, on="product_id", how="left", maintain_order="left")
    quantity = ints(chosen["quantity"])
    needs = {*words_of(network.door.requirements(order)), *words_of(level["requirements"])}
    for flags in chosen["flags"]:
        needs |= set(words_of(flags))
    early = level["early_allowed"] and one.slot is None
    return Door(
        lat=order.lat,
        lon=order.lon,
        start_at=min(now, one.start_at) if early else one.start_at,
        end_at=one.end_at,
        release_at=max(now, one.ready_at or now),
        service_s=network.door.service_s(order, network.levels[one.service_level_id]),
        weight_g=int(ints(chosen["weight_g"]) @ quantity),
        volume_ml=int(product_volume_ml(chosen) @ quantity),
        parcels=1,
        needs=";".join(sorted(needs)),
    )
