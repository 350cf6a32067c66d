"""Carriers asked about one order as the corridor would ask them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.delivery_mode import Drops, ModeProblem, quote_drops
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.domain import Retailer
from doorstep.operations.corridor.world import World, build_world
from tests.small import ORDERS, at, retailer

Parcel = tuple[int, int, int]
"""Grams, millilitres, longest side in millimetres."""

SMALL: Parcel = (500, 1_000, 200)
EIGHT = at("08:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a carrier said: price and arrival, or why not (1 window, 2 not taken)."""

    price: int | None
    arrive_at: int | None
    why: int


def shop(*, level="two_day", placed=EIGHT, order=None, **tables) -> Retailer:
    """Return one store and one order of a service level, with carriers given as tables."""
    orders = ORDERS.with_columns(service_level_id=pl.lit(level), placed_at=pl.lit(placed))
    return retailer(**{"orders": orders.with_columns(**{k: pl.lit(v) for k, v in (order or {}).items()})} | tables)


def asked(
    retailer: Retailer,
    parcels: list[Parcel] | None = None,
    *,
    ready_at: int = at("09:00"),
    metres: int = 1_000,
    seconds: int = 100,
    carrier: int = 0,
) -> Answer:
    """Return what a carrier answers for the parcels of the first order."""
    world = build_world(retailer)
    quotes = quote_drops(world.modes, drops(world, parcels or [SMALL], ready_at, metres, seconds))
    price, arrive = int(quotes.price_minor[0, carrier]), int(quotes.arrive_at[0, carrier])
    possible = price < IMPOSSIBLE
    return Answer(
        price=price if possible else None, arrive_at=arrive if possible else None, why=int(quotes.why[0, carrier])
    )


def drops(world: World, parcels: list[Parcel], ready_at: int, metres: int, seconds: int) -> Drops:
    """Return the parcels as one drop of the first order from the first site."""
    columns = np.array(parcels, dtype=np.int64).T
    return Drops(
        order=np.array([0]),
        site=np.array([0]),
        ready_at=np.array([ready_at]),
        metres=np.array([metres]),
        out_s=np.array([seconds]),
        requirements=world.modes.doors.requirements[:1],
        parcel_start=np.array([0, len(parcels)]),
        parcel_g=columns[0],
        parcel_ml=columns[1],
        parcel_mm=columns[2],
    )


def modes(retailer: Retailer) -> ModeProblem:
    """Return the problem of choosing modes."""
    return build_world(retailer).modes
