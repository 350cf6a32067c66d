"""A draft's arrays turned into the tables of a plan, every cost shared out to orders to the last minor unit."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from doorstep.domain import DayPlan
from doorstep.domain.tables import PLAN_TABLES
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import great_circle_m
from doorstep.operations.corridor.allocate import SiteChoice
from doorstep.operations.corridor.decisions import mode_decisions, site_decisions
from doorstep.operations.corridor.deliver import Draft
from doorstep.operations.corridor.drone_reasons import drone_reasons
from doorstep.operations.corridor.drop_cost_table import drop_cost_table
from doorstep.operations.corridor.regions import crosses
from doorstep.operations.corridor.route_tables import RouteShares, delivery_ids, route_tables
from doorstep.operations.corridor.world import World
from doorstep.order_routing.plan import OUT_OF_STOCK, REASONS
from doorstep.warehouse.problem import cartons_by_volume

OWN, ON_DEMAND, PARCEL, PICKUP = "own_fleet", "on_demand", "parcel_carrier", "pickup"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOutcome:
    """What became of each of N drops; ``kept`` marks those of served orders."""

    kept: Ints
    mode: list[str]
    carrier: Ints
    dispatch: Ints
    direct: Ints
    arrive_at: Ints
    carrier_minor: Ints
    failure_minor: Ints
    haul_minor: Ints
    shares: RouteShares


Question: TypeAlias = Literal["site", "mode"]
QUESTIONS: tuple[Question, ...] = ("site", "mode")
"""What decisions are about."""


def assemble(world: World, draft: Draft, *, explain: tuple[Question, ...] = QUESTIONS) -> DayPlan:
    """Return the tables of a draft, validated against their schemas; ``explain`` says whose decisions are in it."""
    routes, stops, shares = route_tables(world, draft)
    drops = _drop_outcomes(world, draft, shares)
    deliveries = _deliveries(world, draft, drops)
    parcels, contents = _parcels(world, draft, drops)
    tables = {
        "order_outcomes": _order_outcomes(world, draft, drops),
        "allocations": allocation_table(world, draft.shipment.choice, _statuses(draft)),
        "parcels": parcels,
        "parcel_lines": contents,
        "deliveries": deliveries,
        "routes": routes,
        "stops": stops,
        "drop_costs": drop_cost_table(world, draft, routes, stops),
        "decisions": _decisions(world, draft, drops, explain),
    }
    return DayPlan(**{name: PLAN_TABLES[name].validate(table, cast=True) for name, table in tables.items()})


def _site_ids(world: World, rows: Ints) -> pl.Series:
    return world.tables["sites"]["site_id"].gather(rows.tolist())


def _order_ids(world: World, rows: Ints) -> pl.Series:
    return world.tables["orders"]["order_id"].gather(rows.tolist())


def _statuses(draft: Draft) -> Ints:
    """Return the status of every order, (O,): 0 served, else the number of the reason."""
    status = draft.shipment.choice.status.copy()
    for order, reason in draft.failed.items():
        status[order] = reason
    return status


def _drop_outcomes(world: World, draft: Draft, shares: RouteShares) -> DropOutcome:
    ship = draft.shipment
    status = _statuses(draft)
    carriers = world.modes.cards.lead_s.size
    column = draft.carrier
    carrier = np.where(column >= 0, column % max(1, carriers), -1)
    direct = (column >= carriers) & (column >= 0)
    out = np.flatnonzero(column >= 0)
    price = np.zeros(column.size, dtype=np.int64)
    failure = np.zeros(column.size, dtype=np.int64)
    arrive = np.where(ship.collected, ship.drops.ready_at, 0)
    price[out] = ship.options.price_minor[out, column[out]]
    failure[out] = world.modes.carrier_failure_minor[carrier[out]]
    arrive[out] = ship.options.arrive_at[out, column[out]]
    for drop in set(draft.flown_at) & set(out.tolist()):
        if world.modes.drones.are_of(int(carrier[drop])):
            arrive[drop] = draft.flown_at[drop]
    own = shares.route >= 0
    failure[own] = world.modes.own_failure_minor
    arrive[own] = shares.service_at[own]
    courier = world.modes.cards.on_demand[np.maximum(carrier, 0)] == 1 if carriers else np.zeros(column.size, bool)
    mode = np.where(ship.collected, PICKUP, np.where(own, OWN, np.where(courier, ON_DEMAND, PARCEL)))
    return DropOutcome(
        kept=(status[ship.drops.order] == 0).astype(np.int64),
        mode=mode.tolist(),
        carrier=carrier,
        dispatch=np.where(direct, ship.origin, ship.drops.site),
        direct=direct.astype(np.int64),
        arrive_at=arrive,
        carrier_minor=price,
        failure_minor=failure,
        haul_minor=np.where(direct, 0, ship.haul_minor),
        shares=shares,
    )


def _deliveries(world: World, draft: Draft, drops: DropOutcome) -> pl.DataFrame:
    ship = draft.shipment
    carrier_ids = np.array([*world.tables["carriers"]["carrier_id"].to_list(), ""], dtype=object)
    ready = np.where(drops.direct == 1, _origin_ready(draft), ship.drops.ready_at)
    metres = world.reach(ship.drops.order, drops.dispatch[:, None]).metres[:, 0]
    frame = pl.DataFrame(
        {
            "delivery_id": delivery_ids(ship.collected.size),
            "order_id": _order_ids(world, ship.drops.order),
            "dispatch_site_id": _site_ids(world, drops.dispatch),
            "mode": drops.mode,
            "carrier_id": carrier_ids[drops.carrier].tolist(),
            "route_id": drops.shares.route_ids,
            "ready_at": ready,
            "arrive_at": drops.arrive_at,
            "parcels": np.diff(ship.drops.parcel_start),
            "weight_g": ship.weight_g,
            "volume_ml": ship.volume_ml,
            "distance_m": np.where(ship.collected, 0, metres),
            "line_haul_minor": drops.haul_minor,
            "stem_minor": drops.shares.stem_minor,
            "drop_minor": drops.shares.drop_minor,
            "carrier_fee_minor": drops.carrier_minor,
            "failure_risk_minor": drops.failure_minor,
            "kept": drops.kept,
        },
        strict=False,
    )
    return frame.filter(pl.col("kept") == 1).drop("kept")


def _origin_ready(draft: Draft) -> Ints:
    ship = draft.shipment
    ready = ship.drops.ready_at.copy()
    ready[ship.drop_of_package] = ship.packages.ready_at
    return ready


def _parcels(world: World, draft: Draft, drops: DropOutcome) -> tuple[pl.DataFrame, pl.DataFrame]:
    ship, packed = draft.shipment, draft.shipment.parcels
    cartons = np.array([*cartons_by_volume(world.tables["cartons"]), ""], dtype=object)
    drop = ship.drop_of_parcel
    departs = np.where(drops.direct[drop] == 1, -1, ship.ways.departs_at[packed.package])
    ids = pl.Series([f"P{n + 1:07d}" for n in range(drop.size)], dtype=pl.String)
    order = ship.packages.order[packed.package]
    frame = pl.DataFrame(
        {
            "parcel_id": ids,
            "order_id": _order_ids(world, order),
            "site_id": _site_ids(world, ship.packages.site[packed.package]),
            "carton_id": cartons[packed.carton].tolist(),
            "delivery_id": delivery_ids(ship.collected.size).gather(drop.tolist()),
            "lane_departs_at": pl.Series(departs).replace(-1, None),
            "weight_g": packed.weight_g,
            "volume_ml": packed.volume_ml,
            "longest_side_mm": packed.longest_side_mm,
            "requirements": _texts(world, packed.requirements),
            "carton_minor": packed.carton_minor,
            "kept": drops.kept[drop],
        },
        strict=False,
    )
    contents = pl.DataFrame(
        {
            "parcel_id": ids.gather(packed.content_parcel.tolist()),
            "product_id": world.tables["products"]["product_id"].gather(packed.content_product.tolist()),
            "quantity": packed.content_quantity,
            "kept": drops.kept[drop[packed.content_parcel]],
        }
    )
    return (frame.filter(pl.col("kept") == 1).drop("kept"), contents.filter(pl.col("kept") == 1).drop("kept"))


def _texts(world: World, bits: Ints) -> list[str]:
    text = {int(value): world.vocabulary.text(int(value)) for value in np.unique(bits)}
    return [text[int(value)] for value in bits]


def _decisions(world: World, draft: Draft, drops: DropOutcome, explain: tuple[Question, ...]) -> pl.DataFrame:
    tables: list[pl.DataFrame] = [PLAN_TABLES["decisions"].create_empty()]
    if "site" in explain:
        tables.append(site_decisions(world, draft.shipment.choice))
    if "mode" in explain:
        tables.append(mode_decisions(world, draft, drops))
    return pl.concat(tables)


def allocation_table(world: World, choice: SiteChoice, status: Ints) -> pl.DataFrame:
    """Return the allocations of orders with status 0, (O,), as a table."""
    served = status[choice.order] == 0
    return pl.DataFrame(
        {
            "order_id": _order_ids(world, choice.order[served]),
            "product_id": world.tables["products"]["product_id"].gather(choice.product[served].tolist()),
            "site_id": _site_ids(world, choice.site[served]),
            "quantity": choice.quantity[served],
        }
    )


def _order_outcomes(world: World, draft: Draft, drops: DropOutcome) -> pl.DataFrame:
    ship, orders = draft.shipment, world.orders
    status = _statuses(draft)
    served = status == 0
    of_drop, of_package = ship.drops.order, ship.packages.order
    of_parcel = of_package[ship.parcels.package]

    def total(rows: Ints, values: Ints | Floats) -> Ints:
        summed = np.bincount(rows, weights=values, minlength=orders).astype(np.int64)
        return np.where(served, summed, 0)

    staging = np.where(ship.collected, world.modes.fleet.staging_minor[ship.drops.site], 0)
    parcels = total(of_parcel, np.ones(of_parcel.size))
    delivered = np.zeros(orders, dtype=np.int64)
    np.maximum.at(delivered, of_drop, drops.arrive_at)
    hauled = (ship.ways.lane[ship.parcels.package] >= 0) & (drops.direct[ship.drop_of_parcel] == 0)
    hands = 1 + hauled - ship.collected[ship.drop_of_parcel].astype(np.int64)
    parts = {
        "pick_minor": total(of_package, ship.package_pick_minor) + total(of_drop, staging),
        "carton_minor": total(of_parcel, ship.parcels.carton_minor),
        "line_haul_minor": total(of_drop, drops.haul_minor),
        "stem_minor": total(of_drop, drops.shares.stem_minor),
        "drop_minor": total(of_drop, drops.shares.drop_minor),
        "carrier_fee_minor": total(of_drop, drops.carrier_minor),
        "failure_risk_minor": total(of_drop, drops.failure_minor),
    }
    straight = _straight_m(world, ship.packages.order, ship.packages.site)
    stays = (~crosses(world, ship.packages.order, ship.packages.site)).astype(np.int64)
    inside = np.where(world.region[world.clock_site] >= 0, total(of_parcel, stays[ship.parcels.package]), -1)
    promise = world.promise
    on_time = served & (delivered <= promise.end_at)
    levels = world.tables["service_levels"].select("service_level_id", "method", "fee_minor")
    frame = (
        world.tables["orders"]
        .select("order_id", "service_level_id")
        .join(levels, on="service_level_id", how="left", maintain_order="left")
    )
    return (
        frame.select("order_id", "method", "fee_minor")
        .with_columns(
            status=pl.Series(np.where(served, "served", "unserved")),
            reason=pl.Series([REASONS[s] for s in status]),
            detail=pl.Series(_details(world, draft, status)),
            window_start_at=pl.Series(promise.start_at),
            window_end_at=pl.Series(promise.end_at),
            delivered_at=pl.Series(np.where(served, delivered, -1)).replace(-1, None),
            on_time=pl.Series(on_time),
            same_or_next_day=pl.Series(served & (delivered <= promise.next_day_ends_at)),
            sites=pl.Series(total(of_package, np.ones(of_package.size))),
            parcels=pl.Series(parcels),
            distance_m=pl.Series(_mean(total(of_parcel, straight[ship.parcels.package]), parcels)),
            in_region_parcels=pl.Series(inside).replace(-1, None),
            hand_offs=pl.Series(_mean(100 * total(of_parcel, hands), parcels)),
            **{name: pl.Series(values) for name, values in parts.items()},
            cost_minor=pl.Series(np.sum(list(parts.values()), axis=0)),
            revenue_minor=pl.Series(np.where(served, _goods_margin(world), 0))
            + pl.when(pl.Series(served)).then(pl.col("fee_minor")).otherwise(0),
        )
        .select(list(PLAN_TABLES["order_outcomes"].columns()))
    )


def _mean(total: Ints, count: Ints) -> Ints:
    mean: Ints = (2 * total + count) // np.maximum(2 * count, 1)
    return mean


def _straight_m(world: World, order: Ints, site: Ints) -> Ints:
    metres = great_circle_m(
        lat_a=world.sites.lat[site],
        lon_a=world.sites.lon[site],
        lat_b=world.doors.lat[order],
        lon_b=world.doors.lon[order],
    )
    return np.rint(metres).astype(np.int64)


def _goods_margin(world: World) -> Ints:
    margin = world.tables["products"]["margin_minor"].to_numpy()[world.lines.product] * world.lines.quantity
    order = np.repeat(np.arange(world.orders), np.diff(world.lines.start))
    return np.bincount(order, weights=margin, minlength=world.orders).astype(np.int64)


LANE_FULL = "lane_full: the departures of the lane that would be in time are full."
_WORDS = {
    "out_of_stock": "no site that can keep the promise holds all its units, split or not",
    "no_capacity": "stock is there, but pick capacity, vans or carriers that could bring it are used up",
    "no_admissible_mode": "no own vehicle, carrier or place of collection may bring what it needs",
    "window_cannot_be_met": "every way there arrives after the promised window",
    "": "",
}


def _details(world: World, draft: Draft, status: Ints) -> list[str]:
    more = drone_reasons(world, np.flatnonzero(status > OUT_OF_STOCK))
    ship = draft.shipment
    more |= dict.fromkeys(ship.packages.order[ship.ways.left_behind].tolist(), LANE_FULL)
    return [
        f"{_WORDS[REASONS[s]]}; {more[order]}" if s and order in more else _WORDS[REASONS[s]]
        for order, s in enumerate(status.tolist())
    ]
