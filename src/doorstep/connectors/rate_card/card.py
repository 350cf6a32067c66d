"""The rate card of one carrier, and what it asks for a delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from doorstep.connectors.rate_card.settings import Account
from doorstep.connectors.retailer_folder.csv_text import read_csv_text
from doorstep.connectors.retailer_folder.faults import Fault, Source
from doorstep.connectors.retailer_folder.tables import read_table
from doorstep.delivery_mode.rate_card import RateCards, rate_cards
from doorstep.delivery_mode.tariff import IMPOSSIBLE, NOWHERE, billable_g, card_prices, transits_of, zones_of
from doorstep.domain.calendar import Calendar
from doorstep.domain.requirements import Vocabulary, words_of
from doorstep.domain.retailer import completed
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import InputError
from doorstep.geography.distance import haversine_m
from doorstep.ports import CarrierRefusedError, Shipping

TABLES = ("carriers", "carrier_rates", "carrier_zones", "carrier_surcharges")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The tables of one carrier, and its own row."""

    tables: Mapping[str, pl.DataFrame]
    carrier: Mapping[str, Any]

    @property
    def skills(self) -> frozenset[str]:
        """Requirements that it keeps."""
        return frozenset(words_of(self.carrier["skills"]))


def read_card(account: Account) -> Card:
    """Return the rate card in a carrier's folder. Zones that hold for one site only are left out: none is told here.

    Raises
    ------
    InputError
        If a table has faults, all of which are named, or the carrier has no row.
    """
    faults: list[Fault] = []
    tables = {name: _read(Path(account.folder), name, faults) for name in TABLES}
    if faults:
        raise InputError(" ".join(str(fault) for fault in faults))
    mine = {name: table.filter(pl.col("carrier_id") == account.carrier_id) for name, table in tables.items()}
    mine["carrier_zones"] = mine["carrier_zones"].filter(pl.col("site_id") == "")
    if not mine["carriers"].height or not mine["carrier_rates"].height:
        raise InputError(f"carrier_id {account.carrier_id!r} has no row in carriers.csv, or none in carrier_rates.csv.")
    return Card(tables=mine, carrier=mine["carriers"].row(0, named=True))


def asked_prices(card: Card, account: Account, asked: Shipping, *, now: int) -> dict[int, int]:
    """Return what the carrier asks for a delivery, as one parcel, by the service days that it takes.

    Raises
    ------
    CarrierRefusedError
        If it does not go there or does not take it.
    """
    missing = [word for word in asked.requirements if word not in card.skills]
    if missing:
        raise CarrierRefusedError(f"{account.carrier_id} does not keep {', '.join(missing)}.", reason="invalid")
    weight_g = sum(item.weight_g * item.quantity for item in asked.items)
    volume_ml = sum(item.volume_ml * item.quantity for item in asked.items)
    side_mm = max((round(10 * item.volume_ml ** (1 / 3)) for item in asked.items), default=0)
    cards, vocabulary = _arrays(card, account, asked, now)
    if weight_g > cards.max_weight_g[0] or side_mm > cards.max_side_mm[0]:
        raise CarrierRefusedError(f"{account.carrier_id} takes no {weight_g} g, {side_mm} mm.", reason="too_heavy")
    here = np.zeros(1, dtype=np.int64)
    zone = zones_of(cards, 0, here, here)
    if zone[0] == NOWHERE:
        told = f"{account.carrier_id} has no zone for {asked.dropoff.postal_code!r}."
        raise CarrierRefusedError(told, reason="out_of_coverage")
    ends = (asked.pickup.lat, asked.pickup.lon, asked.dropoff.lat, asked.dropoff.lon)
    metres = np.array([round(haversine_m(*ends) * account.detour_pct / 100)], dtype=np.int64)
    weight = np.array([weight_g], dtype=np.int64)
    billable = billable_g(cards, 0, weight, np.array([volume_ml], dtype=np.int64))
    side, wanted = np.array([side_mm], dtype=np.int64), vocabulary.bits(pl.Series([";".join(asked.requirements)]))
    prices = {
        transit: int(card_prices(cards, 0, transit, zone, metres, billable, weight, side, wanted)[0])
        for transit in transits_of(cards, 0)
    }
    found = {transit: price for transit, price in prices.items() if price < IMPOSSIBLE}
    if not found:
        heavy = bool((billable > cards.rate_max_g).all())
        told = f"{account.carrier_id} has no rate for {billable[0]} g over {metres[0]} m."
        raise CarrierRefusedError(told, reason="too_heavy" if heavy else "too_far")
    return found


def _arrays(card: Card, account: Account, asked: Shipping, now: int) -> tuple[RateCards, Vocabulary]:
    tables = card.tables
    vocabulary = Vocabulary.of([tables["carriers"]["skills"], tables["carrier_surcharges"]["requirement"]])
    cards = rate_cards(
        sites=pl.DataFrame({"site_id": ["here"], "kind": ["store"]}),
        carriers=tables["carriers"].with_columns(serves_kinds=pl.lit("")),
        rates=tables["carrier_rates"],
        zones=tables["carrier_zones"],
        surcharges=tables["carrier_surcharges"],
        vocabulary=vocabulary,
        calendar=Calendar.spanning([account.time_zone], now, now, further_days=0),
        postal_codes=[asked.dropoff.postal_code],
    )
    return cards, vocabulary


def _read(folder: Path, name: str, faults: list[Fault]) -> pl.DataFrame:
    file = folder / f"{name}.csv"
    source = Source(table=name, file=file.name)
    if not file.is_file():
        if name in TABLES[:2]:
            faults.append(source.fault("the file is missing"))
        return completed(name, None)
    reading = read_table(RETAILER_TABLES[name], source, read_csv_text(source, file.read_bytes()))
    faults += reading.faults
    return completed(name, None) if reading.faults else reading.values
