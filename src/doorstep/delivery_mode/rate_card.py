"""Carriers and their rate cards as arrays."""

from typing import NamedTuple

import numpy as np
import polars as pl

from doorstep.domain.calendar import Calendar
from doorstep.domain.requirements import Vocabulary, words_of
from doorstep.domain.tables.places import SITE_KINDS
from doorstep.foundation.arrays import Bools, Ints, index_of, ints, ints_or, starts_of

NO_LIMIT = np.iinfo(np.int64).max // 4
PARCEL, ON_DEMAND = 0, 1


class RateCards(NamedTuple):
    """C carriers with R rate rows and U surcharges, each sorted by carrier; a named tuple so that kernels can read it.

    Attributes
    ----------
    on_demand, lead_s, dim_ml_per_kg, max_weight_g, max_side_mm, daily_limit, fuel_bp, failure_bp, skills : (C,)
        As in the carriers table; no limit is ``NO_LIMIT``, no dimensional weight 0; skills is a bit set.
    serves : (C, S)
        Whether the carrier collects from the site; never where its daily limit is none at all.
    works : (C, D)
        Whether it works on the day: never when every site is closed.
    comes : (C, S, D)
        Whether it works on the day and the site is open.
    collects_at, delivers_from_at, delivers_by_at : (C, S, D)
        Its clock at each site [epoch s]; where it does not come, ``collects_at`` is the last collection before, 0 if
        there is none.
    rate_start : (C + 1,)
        Rows of each carrier; the other ``rate_`` arrays are (R,), by carrier, transit, distance, weight.
    zone_row : (C, S)
        Row of ``zone_of_place`` for carrier and site, -1 for carriers by distance.
    zone_of_place : (T, P)
        Zone number of each postal code, -1 where the carrier does not go.
    extra_start : (C + 1,)
        Surcharges of each carrier; -1 in ``extra_over_`` means no condition.
    """

    on_demand: Ints
    lead_s: Ints
    dim_ml_per_kg: Ints
    max_weight_g: Ints
    max_side_mm: Ints
    daily_limit: Ints
    fuel_bp: Ints
    failure_bp: Ints
    skills: Ints
    serves: Bools
    works: Bools
    comes: Bools
    collects_at: Ints
    delivers_from_at: Ints
    delivers_by_at: Ints
    rate_start: Ints
    rate_zone: Ints
    rate_max_m: Ints
    rate_max_g: Ints
    rate_transit: Ints
    rate_price: Ints
    rate_per_km: Ints
    rate_included_m: Ints
    zone_row: Ints
    zone_of_place: Ints
    extra_start: Ints
    extra_over_mm: Ints
    extra_over_g: Ints
    extra_requirement: Ints
    extra_amount: Ints
    extra_bp: Ints


def rate_cards(
    *,
    sites: pl.DataFrame,
    carriers: pl.DataFrame,
    rates: pl.DataFrame,
    zones: pl.DataFrame,
    surcharges: pl.DataFrame,
    vocabulary: Vocabulary,
    calendar: Calendar,
    postal_codes: list[str],
) -> RateCards:
    """Return the arrays of all carriers.

    Parameters
    ----------
    postal_codes
        The P different postal codes of the orders; orders refer to them by number.
    """
    count = carriers.height
    clock = [
        np.stack([calendar.at([time] * sites.height) for time in carriers[name]])
        if count
        else np.zeros((0, sites.height, calendar.days), np.int64)
        for name in ("collects", "delivers_from", "delivers_by")
    ]
    row, start = _sorted_rows(rates, carriers, ["transit_days", "max_distance_m", "max_weight_g", "price_minor"])
    extra, extra_start = _sorted_rows(surcharges, carriers, ["surcharge"])
    zone_names = sorted({*rates["zone"].to_list(), *zones["zone"].to_list()})
    number = {name: n for n, name in enumerate(zone_names)}
    zone_row, zone_of_place = _zones(sites, carriers, zones, number, postal_codes)
    weekdays, shut = calendar.weekdays(), calendar.closed.all(axis=0)
    works = np.array([[str(day) in days for day in weekdays] for days in carriers["weekdays"]], dtype=np.bool_)
    works = works.reshape(count, calendar.days) & ~shut
    comes = works[:, None, :] & ~calendar.closed
    return RateCards(
        on_demand=(carriers["kind"].cast(pl.String) == "on_demand").to_numpy().astype(np.int64),
        lead_s=ints(carriers["lead_s"]),
        dim_ml_per_kg=ints_or(carriers["dim_ml_per_kg"], 0),
        max_weight_g=ints_or(carriers["max_weight_g"], NO_LIMIT),
        max_side_mm=ints_or(carriers["max_side_mm"], NO_LIMIT),
        daily_limit=ints_or(carriers["daily_limit"], NO_LIMIT),
        fuel_bp=ints(carriers["fuel_surcharge_bp"]),
        failure_bp=ints(carriers["failure_bp"]),
        skills=vocabulary.bits(carriers["skills"]),
        serves=_serves(sites, carriers) & (ints_or(carriers["daily_limit"], NO_LIMIT) > 0)[:, None],
        works=works,
        comes=comes,
        collects_at=np.maximum.accumulate(np.where(comes, clock[0], 0), axis=2),
        delivers_from_at=clock[1],
        delivers_by_at=clock[2],
        rate_start=start,
        rate_zone=np.array([number[name] for name in row["zone"]], dtype=np.int64),
        rate_max_m=ints_or(row["max_distance_m"], NO_LIMIT),
        rate_max_g=ints_or(row["max_weight_g"], NO_LIMIT),
        rate_transit=ints(row["transit_days"]),
        rate_price=ints(row["price_minor"]),
        rate_per_km=ints(row["price_per_km_minor"]),
        rate_included_m=ints(row["included_m"]),
        zone_row=zone_row,
        zone_of_place=zone_of_place,
        extra_start=extra_start,
        extra_over_mm=ints_or(extra["over_side_mm"], -1),
        extra_over_g=ints_or(extra["over_weight_g"], -1),
        extra_requirement=vocabulary.bits(extra["requirement"]),
        extra_amount=ints(extra["amount_minor"]),
        extra_bp=ints(extra["percent_bp"]),
    )


def _sorted_rows(table: pl.DataFrame, carriers: pl.DataFrame, by: list[str]) -> tuple[pl.DataFrame, Ints]:
    carrier = index_of(table["carrier_id"], carriers["carrier_id"], what="carrier_id")
    rows = table.with_columns(carrier=pl.Series(carrier, dtype=pl.Int64)).sort("carrier", *by, nulls_last=True)
    return rows, starts_of(ints(rows["carrier"]), carriers.height)


def _serves(sites: pl.DataFrame, carriers: pl.DataFrame) -> Bools:
    kinds = sites["kind"].cast(pl.String).to_list()
    wanted = [set(words_of(text)) or set(SITE_KINDS) for text in carriers["serves_kinds"]]
    return np.array([[kind in these for kind in kinds] for these in wanted], dtype=np.bool_).reshape(
        carriers.height, sites.height
    )


def _zones(
    sites: pl.DataFrame,
    carriers: pl.DataFrame,
    zones: pl.DataFrame,
    number: dict[str, int],
    postal_codes: list[str],
) -> tuple[Ints, Ints]:
    """Return ``zone_row`` and ``zone_of_place``: a row for each carrier, one more for each site with its own zones."""
    site_number = {site: s for s, site in enumerate(sites["site_id"])}
    zone_row = np.full((carriers.height, sites.height), -1, dtype=np.int64)
    rows: list[list[int]] = []
    for c, carrier in enumerate(carriers.iter_rows(named=True)):
        if carrier["basis"] != "zone":
            continue
        mine = zones.filter(pl.col("carrier_id") == carrier["carrier_id"])
        prefixes: dict[str, dict[str, int]] = {"": {}}
        for row in mine.iter_rows(named=True):
            prefixes.setdefault(row["site_id"], {})[row["postal_prefix"]] = number[row["zone"]]
        for site, own in prefixes.items():
            where = slice(None) if site == "" else slice(site_number[site], site_number[site] + 1)
            zone_row[c, where] = len(rows)
            rows.append([_longest_prefix(code, own, prefixes[""]) for code in postal_codes])
    table = np.array(rows, dtype=np.int64).reshape(len(rows), len(postal_codes))
    return zone_row, table if rows else np.full((1, max(1, len(postal_codes))), -1, dtype=np.int64)


def _longest_prefix(code: str, *tables: dict[str, int]) -> int:
    """Return the zone of the longest prefix, the first table before the second; -1 if none fits."""
    for table in tables:
        for length in range(len(code), -1, -1):
            if code[:length] in table:
                return table[code[:length]]
    return -1
