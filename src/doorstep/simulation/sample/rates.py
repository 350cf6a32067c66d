"""Third parties at US price level: a courier by distance band, one by kilometre, and a parcel carrier."""

import polars as pl

BANDS = ((4_000, 750), (8_000, 925), (13_000, 1_200), (30_000, 1_600), (60_000, 2_400))
"""Courier A: price of a drop up to a road distance [m, US cents]."""

PARCEL_BREAKS = ((1_000, 710), (2_000, 810), (5_000, 960), (10_000, 1_300), (30_000, 1_800))
"""Parcel carrier: price up to a billable weight [g, US cents]; 5 litres bill as a kilogram."""

OUTER_ZONE_EXTRA = 110


def carriers(*, daily_parcels: int | None) -> pl.DataFrame:
    """Return the three carriers of the sample; the parcel carrier takes at most ``daily_parcels`` a day."""
    return pl.DataFrame(
        [
            ("citycourier", "City Courier (distance bands)", "on_demand", "distance", "store;fc;hub", "18:00", "08:00",
             "22:00", "1234567", 1200, None, 120_000, None, None, 0, 300, "age_restricted;chilled;two_person"),
            ("dashline", "Dashline (by kilometre)", "on_demand", "distance", "store;hub", "18:00", "08:00", "23:00",
             "1234567", 900, None, 25_000, 800, None, 0, 600, "age_restricted;chilled"),
            ("parcelpost", "Parcel Post (next day)", "parcel", "zone", "", "18:00", "08:00", "18:00", "123456", 0,
             5_000, 30_000, 1_200, daily_parcels, 0, 250, "age_restricted"),
        ],
        schema={
            "carrier_id": pl.String, "name": pl.String, "kind": pl.String, "basis": pl.String,
            "serves_kinds": pl.String, "collects": pl.String, "delivers_from": pl.String, "delivers_by": pl.String,
            "weekdays": pl.String, "lead_s": pl.Int64, "dim_ml_per_kg": pl.Int64, "max_weight_g": pl.Int64,
            "max_side_mm": pl.Int64, "daily_limit": pl.Int64, "fuel_surcharge_bp": pl.Int64, "failure_bp": pl.Int64,
            "skills": pl.String,
        },
        orient="row",
    )  # fmt: skip


def carrier_rates(minor_per_cent: float) -> pl.DataFrame:
    """Return the rate cards of the three carriers."""
    rows: list[tuple[str, str, int | None, int | None, int, int, int]] = [
        ("citycourier", "", distance, None, cents, 0, 0) for distance, cents in BANDS
    ]
    rows.append(("dashline", "", 35_000, None, 625, 80, 2_000))
    for zone, extra in (("inner", 0), ("outer", OUTER_ZONE_EXTRA)):
        rows += [("parcelpost", zone, None, weight, cents + extra, 0, 0) for weight, cents in PARCEL_BREAKS]
    whole = ["max_distance_m", "max_weight_g", "price_minor", "price_per_km_minor", "included_m"]
    types = {"carrier_id": pl.String, "zone": pl.String, **dict.fromkeys(whole, pl.Int64)}
    table = pl.DataFrame(rows, schema=types, orient="row")
    transit = pl.when(pl.col("carrier_id") == "parcelpost").then(1).otherwise(0).cast(pl.Int64).alias("transit_days")
    money = [(pl.col(c) * minor_per_cent).round().cast(pl.Int64) for c in ("price_minor", "price_per_km_minor")]
    return table.with_columns(transit, *money)


def carrier_zones(outer_prefixes: list[str]) -> pl.DataFrame:
    """Return the parcel carrier's zones: ``outer`` for the postal prefixes given, ``inner`` for all others."""
    prefixes = ["", *outer_prefixes]
    return pl.DataFrame(
        {
            "carrier_id": ["parcelpost"] * len(prefixes),
            "site_id": [""] * len(prefixes),
            "postal_prefix": prefixes,
            "zone": ["inner"] + ["outer"] * len(outer_prefixes),
        }
    )


def carrier_surcharges(minor_per_cent: float) -> pl.DataFrame:
    """Return what the carriers add for bulky goods, long or heavy parcels and the check of age."""
    rows = [
        ("citycourier", "bulky", None, None, "two_person", 300),
        ("parcelpost", "long", 800, None, "", 350),
        ("parcelpost", "heavy", None, 20_000, "", 400),
        ("parcelpost", "check of age", None, None, "age_restricted", 290),
    ]
    schema = {"carrier_id": pl.String, "surcharge": pl.String, "over_side_mm": pl.Int64, "over_weight_g": pl.Int64,
              "requirement": pl.String, "amount_minor": pl.Int64}  # fmt: skip
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.with_columns((pl.col("amount_minor") * minor_per_cent).round().cast(pl.Int64))
