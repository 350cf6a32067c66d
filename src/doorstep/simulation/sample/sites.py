"""The sample's sites and the lanes between them: stores among the people, fulfilment centres at the outskirts."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Floats, Ints
from doorstep.simulation.sample.metro import Metro, nearest_of, place_fcs, place_stores

ALL_SKILLS = "age_restricted;chilled;two_person"
FC_COSTS = {"package_cost_minor": 60, "line_cost_minor": 45, "unit_cost_minor": 8, "staging_cost_minor": 80,
            "cross_dock_cost_minor": 20}  # fmt: skip
STORE_COSTS = {"package_cost_minor": 90, "line_cost_minor": 140, "unit_cost_minor": 25, "staging_cost_minor": 70,
               "cross_dock_cost_minor": 30}  # fmt: skip
FC_LINES_SHARE = 1.1
"""Lines that the FCs can pick together on a day, as a share of all lines ordered."""
LANE_PARCEL_CENTS = 45
LANE_PARCEL_CENTS_PER_KM = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Where a retailer's sites stand: stores (S, 2) and FCs (F, 2) in metres; ids and sizes of the stores.

    ``size`` (S,) has mean 1.
    """

    metro: Metro
    stores: Floats
    fcs: Floats
    size: Floats
    store_ids: tuple[str, ...]

    @property
    def fc_ids(self) -> tuple[str, ...]:
        """Ids of the FCs in row order."""
        return tuple(f"FC{n + 1:02d}" for n in range(len(self.fcs)))


def place_sites(metro: Metro, stores: int, fcs: int, rng: np.random.Generator) -> Sites:
    """Return sites placed in a metro."""
    size = np.clip(np.exp(rng.normal(0.0, 0.35, stores)), 0.45, 2.2)
    return Sites(
        metro=metro,
        stores=place_stores(metro, stores, rng),
        fcs=place_fcs(metro, fcs, rng),
        size=size / size.mean(),
        store_ids=tuple(f"S{n + 1:04d}" for n in range(stores)),
    )


def sites_table(sites: Sites, *, lines: int, homes: Floats, minor_per_cent: float) -> pl.DataFrame:
    """Return the table of sites; pick capacity follows the homes (N, 2) nearest to each store and the day's lines."""
    near = np.bincount(nearest_of(homes, sites.stores), minlength=len(sites.stores)) / max(len(homes), 1)
    fair = 0.5 * near + 0.5 * sites.size / len(sites.stores)
    store_lines = np.ceil(1.3 * lines * fair + 150).astype(np.int64)
    fc_lines = np.full(len(sites.fcs), math.ceil(FC_LINES_SHARE * lines / max(len(sites.fcs), 1)) + 500)
    common = {"time_zone": pl.lit(sites.metro.city.time_zone), "skills": pl.lit(ALL_SKILLS), "loading_s": pl.lit(900)}
    stores = _placed(sites.metro, sites.stores, sites.store_ids, "store", "Store").with_columns(
        opens=pl.lit("07:00"),
        closes=pl.lit("22:00"),
        order_cutoff=pl.lit("20:00"),
        preparation_s=pl.lit(2_700),
        pick_lines_per_day=pl.Series(store_lines),
        cross_dock_s=pl.lit(1_800),
        **common,
        **_priced(STORE_COSTS, minor_per_cent),
    )
    fcs = _placed(sites.metro, sites.fcs, sites.fc_ids, "fc", "Fulfilment centre").with_columns(
        opens=pl.lit("00:00"),
        closes=pl.lit("24:00"),
        order_cutoff=pl.lit("24:00"),
        preparation_s=pl.lit(5_400),
        pick_lines_per_day=pl.Series(fc_lines),
        cross_dock_s=pl.lit(1_200),
        **common,
        **_priced(FC_COSTS, minor_per_cent),
    )
    number = pl.int_range(pl.len()).mod(100).cast(pl.String).str.zfill(2)
    return pl.concat([stores, fcs]).with_columns(
        phone="+120255501" + number,  # numbers that nobody has
        address=pl.col("name") + f", {sites.metro.city.name}",
    )


def lanes_table(sites: Sites, *, minor_per_cent: float) -> pl.DataFrame:
    """Return a nightly lane from every FC to every store: odd FCs send at 02:00, even ones at 22:00."""
    away = np.hypot(
        sites.fcs[:, None, 0] - sites.stores[None, :, 0], sites.fcs[:, None, 1] - sites.stores[None, :, 1]
    ).ravel()
    road_km = 1.3 * away / 1000
    each, count = len(sites.stores), len(sites.fcs)
    return pl.DataFrame(
        {
            "from_site_id": np.repeat(np.array(sites.fc_ids, dtype=object), each),
            "to_site_id": np.tile(np.array(sites.store_ids, dtype=object), count),
            "departs": np.repeat(np.array([("02:00", "22:00")[f % 2] for f in range(count)], dtype=object), each),
            "duration_s": np.rint(1_800 + road_km / 45 * 3600).astype(np.int64),
            "parcel_cost_minor": np.rint(
                (LANE_PARCEL_CENTS + LANE_PARCEL_CENTS_PER_KM * road_km) * minor_per_cent
            ).astype(np.int64),
        },
        schema_overrides={"from_site_id": pl.String, "to_site_id": pl.String, "departs": pl.String},
    )


def _placed(metro: Metro, places: Floats, ids: tuple[str, ...], kind: str, name: str) -> pl.DataFrame:
    lat, lon = metro.degrees(places)
    names = [f"{name} {n + 1}, {metro.city.name}" for n in range(len(ids))]
    texts = {"site_id": pl.String, "name": pl.String}
    table = pl.DataFrame({"site_id": list(ids), "name": names, "lat": lat, "lon": lon}, schema_overrides=texts)
    return table.with_columns(kind=pl.lit(kind))


def _priced(cents: dict[str, int], minor_per_cent: float) -> dict[str, pl.Expr]:
    return {name: pl.lit(round(amount * minor_per_cent)).cast(pl.Int64) for name, amount in cents.items()}


def rings(metro: Metro, places: Floats, *, count: int = 5) -> Ints:
    """Return in which of ``count`` rings around the centre each place (N, 2) lies, 0 the innermost."""
    ring = count * np.hypot(places[:, 0], places[:, 1]) / metro.radius_m
    return np.minimum(ring.astype(np.int64), count - 1)


def postal_codes(metro: Metro, places: Floats) -> list[str]:
    """Return made-up postal codes: zero, ring, two digits of direction, one of the place; the leading zero matters."""
    ring = rings(metro, places)
    turn = np.degrees(np.arctan2(places[:, 0], places[:, 1])) % 360.0
    sector = (turn / 10.0).astype(np.int64) % 36
    corner = ((turn * 7.3).astype(np.int64)) % 10
    return [f"0{r}{s:02d}{c}" for r, s, c in zip(ring.tolist(), sector.tolist(), corner.tolist(), strict=True)]


OUTER_PREFIXES = ["03", "04"]
"""Postal prefixes of the two outer rings, which the parcel carrier charges more for."""
