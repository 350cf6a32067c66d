"""From a retailer's tables to a network problem: options, vans, third parties and line-haul."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints, ints, ints_or
from doorstep.geography import Places, TravelTimes
from doorstep.network.design import NEVER, DesignProblem, SiteOptions, Tier, VanDay
from doorstep.network.design.ways import straight_inbound
from doorstep.operations.planning.drives import Drives, drives_of
from doorstep.operations.planning.third_parties import Outside, outside_prices
from doorstep.operations.planning.zones import TIERS, Zones

HOP_OF_A_TOUR = 0.7124
"""Length of a long tour by the root of its points and area (Beardwood, Halton, Hammersley 1959)."""
PLAIN_VAN = {
    "shift_starts": "08:00",
    "shift_ends": "16:00",
    "max_weight_g": 900_000,
    "max_volume_ml": 6_000_000,
    "max_parcels": 120,
    "fixed_cost_minor": 4_000,
    "cost_per_km_minor": 60,
    "cost_per_hour_minor": 2_800,
}
"""Cells of the vehicle of a retailer that has none."""
LEAST_TOLD = 0.0005
"""Shares below are not worth a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What the tables do not say; each is told in the report.

    ``same_day_s`` is how long a van may drive to the first door of a same-day tour; the others are costs of a hub where
    the folder has no site options: a day, opening, closing [minor], and of a truck's kilometre and its load.
    ``orders_per_thousand`` are parcels a day of a thousand people where demand is where people live.
    """

    same_day_s: int = 2_700
    hub_day_minor: int = 15_000
    opening_minor: int = 2_500_000
    closing_minor: int = 500_000
    truck_km_minor: int = 120
    truck_parcels: int = 400
    amortised_days: int = 3 * 365
    orders_per_thousand: float = 8.0


def network_problem(
    retailer: Retailer,
    options: pl.DataFrame | None,
    zones: Zones,
    assumed: Assumptions,
    travel: TravelTimes | None = None,
) -> tuple[DesignProblem, pl.DataFrame, Drives, tuple[str, ...]]:
    """Return the problem, the options that it is about, what it drives by, and what was assumed, in sentences.

    ``travel`` is by default the estimate of the retailer's policy.

    Raises
    ------
    InputError
        If there is no site, or options of no site bear the id of one.
    """
    if not retailer.sites.height:
        raise InputError("there is no site: a network changes what there is.")
    table = _placed(retailer, completed("site_options", _options(retailer, assumed) if options is None else options))
    places = Places.from_table(table)
    drives = drives_of(retailer, travel, zones.places.joined(places))
    fcs = np.flatnonzero((table["role"].cast(pl.String) == "fc").to_numpy())
    sends = table["sends_vans"].to_numpy()
    outside = outside_prices(retailer, zones, drives.travel)
    problem = DesignProblem(
        zones=zones.places,
        tiers=(Tier(name="same_day", reach_s=assumed.same_day_s, needs_stock=True), Tier(name="later")),
        parcels=zones.parcels,
        doors_per_km2=zones.doors_per_km2,
        outside_minor=outside.minor,
        options=SiteOptions(
            option_id=tuple(table["option_id"]),
            role=tuple(table["role"].cast(pl.String)),
            places=places,
            site=np.unique(np.where(table["site_id"] == "", table["option_id"], table["site_id"]), return_inverse=True)[
                1
            ],
            exists=table["exists"].to_numpy(),
            must=table["must_stay"].to_numpy(),
            must_not=np.zeros(table.height, np.bool_),
            running_minor=ints(table["running_cost_minor"]),
            opening_minor=ints(table["opening_cost_minor"]),
            closing_minor=ints(table["closing_cost_minor"]),
            handling_minor=ints(table["handling_cost_minor"]),
            capacity=ints_or(table["parcels_per_day"], NEVER),
            holds_stock=table["holds_stock"].to_numpy(),
            van=np.where(sends, 0, -1),
        ),
        vans=(van_of(retailer, drives),),
        inbound_minor=_inbound(retailer, table, places, fcs, drives.travel, assumed),
        days=zones.days,
        waves=zones.waves,
        amortised_days=assumed.amortised_days,
    )
    return problem, table, drives, (*drives.notes, *_notes(options, assumed, retailer, outside, drives))


def van_of(retailer: Retailer, drives: Drives) -> VanDay:
    """Return the day of the retailer's usual vehicle, whose hops are guessed by the estimate of its drives."""
    row = usual_vehicle(retailer)
    return VanDay(
        fixed_minor=row["fixed_cost_minor"],
        per_km_minor=row["cost_per_km_minor"],
        per_hour_minor=row["cost_per_hour_minor"],
        load=row["max_parcels"] or 10_000,
        shift_s=_clock_s(row["shift_ends"]) - _clock_s(row["shift_starts"]),
        loading_s=int(np.median(ints(retailer.sites["loading_s"]))),
        service_s=retailer.policy_value("door_service_s"),
        hop_speed_kmh=drives.hop_kmh,
        k_hop=HOP_OF_A_TOUR * drives.estimate.circuity_pct / 100,
    )


def usual_vehicle(retailer: Retailer) -> dict[str, Any]:
    """Return the row of the retailer's most usual vehicle, a plain van where it has none."""
    rows = retailer.vehicles.sort("count", "vehicle_id", descending=[True, False]).head(1).to_dicts()
    return rows[0] if rows else dict(PLAIN_VAN)


def _clock_s(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3_600 + int(minutes) * 60


def _options(retailer: Retailer, assumed: Assumptions) -> pl.DataFrame:
    """Return today's network, and every other store as a hub that could be."""
    sites = retailer.sites
    runs = sites["site_id"].is_in(retailer.vehicles["site_id"].implode())
    fc = sites["kind"].cast(pl.String) == "fc"
    return pl.DataFrame({
        "option_id": sites["site_id"],
        "site_id": sites["site_id"],
        "role": pl.select(pl.when(fc).then(pl.lit("fc")).otherwise(pl.lit("hub"))).to_series(),
        "exists": runs | fc,
        "must_stay": fc,
        "sends_vans": runs | ~fc,
        "holds_stock": sites["kind"].cast(pl.String) != "parcel_station",
        "running_cost_minor": pl.select(pl.when(fc).then(0).otherwise(assumed.hub_day_minor)).to_series(),
        "opening_cost_minor": [assumed.opening_minor] * sites.height,
        "closing_cost_minor": [assumed.closing_minor] * sites.height,
        "handling_cost_minor": sites["package_cost_minor"],
    })  # fmt: skip


def _placed(retailer: Retailer, table: pl.DataFrame) -> pl.DataFrame:
    """Return the options with name and place, the site's where they have none of their own."""
    own = retailer.sites.select(
        "site_id", pl.col("lat").alias("_lat"), pl.col("lon").alias("_lon"), pl.col("name").alias("_name")
    )
    taken = table.filter(pl.col("site_id") == "").join(own, left_on="option_id", right_on="site_id", how="semi")
    if taken.height:
        raise InputError(
            " ".join(f"option {name} has no site_id, and its id is that of a site." for name in taken["option_id"]),
            hint="Maybe name the site in site_id, or call the new place otherwise.",
        )
    joined = table.join(own, on="site_id", how="left", maintain_order="left")
    named = pl.when(pl.col("name") != "").then("name").otherwise(pl.coalesce("_name", "option_id"))
    return joined.with_columns(
        pl.coalesce("lat", "_lat").alias("lat"), pl.coalesce("lon", "_lon").alias("lon"), name=named
    ).drop("_lat", "_lon", "_name")


def _inbound(
    retailer: Retailer, table: pl.DataFrame, places: Places, fcs: Ints, times: TravelTimes, assumed: Assumptions
) -> Ints:
    """Return what a parcel costs from each FC to each option: the lane's price, or a truck's share without one."""
    sorting = int(np.median(ints(retailer.sites["cross_dock_cost_minor"])))
    per_km = round(1e6 * assumed.truck_km_minor / assumed.truck_parcels)
    cost = straight_inbound(places, fcs, times, per_km_micro=per_km, parcel_minor=sorting)
    lanes = {
        (a, b): price
        for a, b, price in retailer.lanes.select("from_site_id", "to_site_id", "parcel_cost_minor").iter_rows()
    }
    for column, fc in enumerate(fcs.tolist()):
        for row, site in enumerate(table["site_id"]):
            price = lanes.get((table["site_id"][fc], site))
            if price is not None:
                cost[row, column] = price + sorting
    return cost


def _notes(
    options: pl.DataFrame | None, assumed: Assumptions, retailer: Retailer, outside: Outside, drives: Drives
) -> tuple[str, ...]:
    notes = [
        f"Same-day tours start where there is stock and drive {assumed.same_day_s // 60} minutes at most to a door.",
        f"What is paid once counts over {assumed.amortised_days} days.",
        "Third parties collect at the nearest site that they serve; a parcel costs what their cards say of the orders.",
    ]
    notes += [
        f"{share:.1%} of {name.replace('_', '-')} parcels are not taken by any third party; they count like the others."
        for name, share in zip(TIERS, outside.refused, strict=True)
        if share >= LEAST_TOLD
    ]
    if drives.guess:
        how = "" if any(drives.guess in note for note in drives.notes) else f" {drives.guess}"
        notes.append(f"Before doors are routed, hops between them are guessed by straight lines, too.{how}")
    if options is None:
        notes.append(
            "The folder has no site_options: sites with vehicles and FCs are today's network, FCs stay, every other "
            f"site could become a hub for {assumed.opening_minor} once and {assumed.hub_day_minor} a day (minor units)."
        )
    if not retailer.vehicles.height:
        notes.append("The folder has no vehicles: a plain van was assumed.")
    return tuple(notes)
