"""What third parties take for a parcel, by their own cards, zones and limits, and by the parcels that orders make."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from doorstep.delivery_mode.rate_card import RateCards, rate_cards
from doorstep.delivery_mode.tariff import IMPOSSIBLE, billable_g, card_prices, transits_of, zones_of
from doorstep.domain import Retailer
from doorstep.domain.calendar import Calendar
from doorstep.domain.requirements import Vocabulary
from doorstep.foundation.arrays import Bools, Floats, Ints, index_of, ints
from doorstep.geography import Places, TravelTimes, nearest_places
from doorstep.network.design import NEVER
from doorstep.operations.corridor.world import asked_of_orders, flags_of_orders
from doorstep.operations.planning.zones import LATER, TIERS, Zones, doors_and_tiers
from doorstep.order_routing.problem import merged_lines
from doorstep.warehouse.problem import product_volume_ml


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What third parties take for a parcel of a tier in a zone.

    ``minor`` (T, Z) is the expected price, ``NEVER`` where nobody comes; ``refused`` (T,) the share of parcels that no
    third party takes where some come: too large, too heavy, or in need of what none can do.
    """

    minor: Ints
    refused: Floats


class Kinds(NamedTuple):
    """K kinds of parcel that no carrier tells apart, one parcel of each (K,), and their ``share`` of each tier (T, K).

    ``promise_days`` is how many days the delivery may take.
    """

    weight_g: Ints
    volume_ml: Ints
    side_mm: Ints
    requirements: Ints
    promise_days: Ints
    share: Floats


class _Way(NamedTuple):
    """How a carrier gets to L places: road metres and its zone (L,)."""

    metres: Ints
    zone: Ints


def outside_prices(retailer: Retailer, zones: Zones, travel: TravelTimes) -> Outside:
    """Return what the cheapest third party takes, expected over the parcels that the folder's orders make.

    An order is a parcel with the weight, volume and longest side of its goods. Each kind of parcel goes with the
    carrier that is cheapest for it and comes: its zone for the site and the postal code, its row for distance and
    weight, surcharges and fuel, from the nearest site that it collects from. Carriers that are called for each drop
    serve both tiers, parcel carriers later days, within the days that were promised.
    """
    tables = retailer.tables()
    vocabulary = Vocabulary.of_network(tables)
    legs = _legs(zones)
    codes = legs["postal_code"].unique().sort()
    cards = rate_cards(
        sites=retailer.sites,
        carriers=retailer.carriers,
        rates=retailer.carrier_rates,
        zones=retailer.carrier_zones,
        surcharges=retailer.carrier_surcharges,
        vocabulary=vocabulary,
        calendar=Calendar.spanning(retailer.sites["time_zone"].to_list(), 0, 0, further_days=0),
        postal_codes=codes.to_list(),
    )
    kinds, zone = parcel_kinds(retailer, vocabulary, cards), ints(legs["zone"])
    places = zones.places.take(zone)
    postal = index_of(legs["postal_code"], codes, what="postal_code")
    ways = [_way(retailer, cards, carrier, places, postal, travel) for carrier in range(cards.lead_s.size)]
    price, taken = np.zeros((2, len(TIERS), zone.size))
    for kind in range(kinds.weight_g.size):
        lowest = _cheapest(cards, ways, kinds, kind, zone.size)
        share = np.where(lowest < IMPOSSIBLE, kinds.share[:, kind, None], 0.0)
        price, taken = price + share * lowest, taken + share
    return _by_zone(zones, zone, legs["parcels"].to_numpy(), price, taken)


def parcel_kinds(retailer: Retailer, vocabulary: Vocabulary, cards: RateCards) -> Kinds:
    """Return the kinds of parcel that the orders to the door make; all orders where none of a tier comes there."""
    tables, orders = retailer.tables(), retailer.orders
    comes, tier = doors_and_tiers(retailer)
    rows = np.flatnonzero(comes) if comes.any() else np.arange(orders.height)
    lines = merged_lines(tables["order_lines"], orders, retailer.products, product_volume_ml(retailer.products))
    order = np.repeat(np.arange(orders.height), np.diff(lines.start))
    side = np.zeros(orders.height, np.int64)
    longest = ints(retailer.products.select(pl.max_horizontal("length_mm", "width_mm", "height_mm")).to_series())
    np.maximum.at(side, order, longest[lines.product])
    levels = retailer.service_levels
    level = index_of(orders["service_level_id"], levels["service_level_id"], what="service_level_id")
    flags = flags_of_orders(lines, vocabulary.bits(retailer.products["flags"]))
    weight, volume = (
        np.bincount(order, weights=column, minlength=orders.height).astype(np.int64)
        for column in (lines.weight_g, lines.volume_ml)
    )
    each = Kinds(
        weight_g=weight[rows],
        volume_ml=volume[rows],
        side_mm=side[rows],
        requirements=(asked_of_orders(tables, vocabulary) | flags)[rows],
        promise_days=np.maximum(ints(levels["promise_days"])[level][rows], 1),
        share=np.ones((len(TIERS), rows.size)),
    )
    _, first, kind = np.unique(_marks(cards, each), axis=0, return_index=True, return_inverse=True)
    mine = [tier[rows] == one for one in range(len(TIERS))]
    count = np.array([np.bincount(kind.reshape(-1), weights=one if one.any() else ~one, minlength=first.size)
                      for one in mine]).reshape(len(TIERS), first.size)  # fmt: skip
    columns = {name: column[first] for name, column in each._asdict().items() if name != "share"}
    return Kinds(**columns, share=count / np.maximum(count.sum(axis=1, keepdims=True), 1))


def _marks(cards: RateCards, parcels: Kinds) -> Ints:
    """Return what carriers tell parcels apart by, a row each."""
    columns = [parcels.promise_days]
    for carrier in range(cards.lead_s.size):
        limits = np.unique(cards.rate_max_g[cards.rate_start[carrier] : cards.rate_start[carrier + 1]])
        columns.append(_fits(cards, carrier, parcels).astype(np.int64))
        columns.append(np.searchsorted(limits, billable_g(cards, carrier, parcels.weight_g, parcels.volume_ml)))
    for extra in range(cards.extra_amount.size):
        needs = int(cards.extra_requirement[extra])
        columns.append((parcels.side_mm > cards.extra_over_mm[extra]).astype(np.int64))
        columns.append((parcels.weight_g > cards.extra_over_g[extra]).astype(np.int64))
        columns.append((needs & ~parcels.requirements == 0).astype(np.int64))
    return np.column_stack(columns).astype(np.int64)


def _fits(cards: RateCards, carrier: int, parcels: Kinds) -> Bools:
    """Return which parcels a carrier takes at all."""
    small = (parcels.side_mm <= cards.max_side_mm[carrier]) & (parcels.weight_g <= cards.max_weight_g[carrier])
    able: Bools = small & (parcels.requirements & ~cards.skills[carrier] == 0)
    return able


def _legs(zones: Zones) -> pl.DataFrame:
    """Return the postal codes of each zone with their parcels."""
    spots = zones.spots
    table = pl.DataFrame({"zone": spots.zone, "postal_code": spots.postal_code, "parcels": spots.parcels})
    return table.group_by("zone", "postal_code").agg(pl.col("parcels").sum()).sort("zone", "postal_code")


def _way(
    retailer: Retailer, cards: RateCards, carrier: int, places: Places, postal: Ints, travel: TravelTimes
) -> _Way | None:
    """Return a carrier's way from the nearest site that it collects from, None if it collects nowhere."""
    rows = np.flatnonzero(cards.serves[carrier])
    if not rows.size:
        return None
    sites = Places.from_table(retailer.sites)
    site = rows[nearest_places(places, sites.take(rows), count=1)[:, 0]]
    metres, _ = travel.between(sites.take(site), places)
    return _Way(metres, zones_of(cards, carrier, site, postal))


def _cheapest(cards: RateCards, ways: list[_Way | None], kinds: Kinds, kind: int, places: int) -> Ints:
    """Return what a parcel of a kind costs in each tier (T, L), ``IMPOSSIBLE`` where nobody comes for it."""
    lowest = np.full((len(TIERS), places), IMPOSSIBLE, np.int64)
    one = Kinds(**{name: column[..., [kind]] for name, column in kinds._asdict().items()})
    for carrier, way in enumerate(ways):
        if way is None or not _fits(cards, carrier, one)[0]:
            continue
        called = bool(cards.on_demand[carrier])
        weight = billable_g(cards, carrier, one.weight_g, one.volume_ml)
        columns = [np.repeat(column, places) for column in (weight, one.weight_g, one.side_mm, one.requirements)]
        for transit in transits_of(cards, carrier):
            if called or transit <= one.promise_days[0]:
                asked = card_prices(cards, carrier, transit, way.zone, way.metres, *columns)
                tiers = slice(0 if called else LATER, None)
                lowest[tiers] = np.minimum(lowest[tiers], asked)
    return lowest


def _by_zone(zones: Zones, zone: Ints, parcels: Floats, price: Floats, taken: Floats) -> Outside:
    """Return prices and shares of legs (T, L) as those of their zones."""
    total, share, whole = np.zeros((3, len(TIERS), len(zones.places)))
    for tier in range(len(TIERS)):
        total[tier] = np.bincount(zone, weights=parcels * price[tier], minlength=len(zones.places))
        share[tier] = np.bincount(zone, weights=parcels * taken[tier], minlength=len(zones.places))
        whole[tier] = np.bincount(zone, weights=parcels, minlength=len(zones.places))
    comes = share > 0
    mean = total / np.where(comes, share, 1.0)
    reached = np.where(comes, whole, 0.0).sum(axis=1)
    return Outside(
        minor=np.where(comes, np.rint(mean), NEVER).astype(np.int64),
        refused=1 - np.divide(share.sum(axis=1), reached, out=np.ones(len(TIERS)), where=reached > 0),
    )
