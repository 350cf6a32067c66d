"""The sample's own vans: some stores act as hubs and run one to three of them, FCs a few."""

import math

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Ints, share_exactly
from doorstep.simulation.sample.demand_day import LEVEL_NAMES, DemandDay
from doorstep.simulation.sample.metro import nearest_of
from doorstep.simulation.sample.sites import Sites

OWN_SHARE = 0.75
"""Own capacity as a share of the door drops of the busiest day."""
DROPS_PER_SHIFT = 55
FC_SHARE = 0.15
VANS_PER_HUB = 1.8
SHIFTS = (("early", "07:00", "15:00"), ("late", "13:00", "21:00"))


def vehicles_table(sites: Sites, day: DemandDay, minor_per_cent: float, rng: np.random.Generator) -> pl.DataFrame:
    """Return vans of 3,500 l and 900 kg at hubs near many homes, in two shifts of eight hours."""
    shifts = van_shifts(day)
    at_fcs = min(max(round(FC_SHARE * shifts), 1 if len(sites.fcs) else 0), shifts)
    near = np.bincount(nearest_of(day.homes, sites.stores), minlength=len(sites.stores))
    hubs = np.argsort(-near, kind="stable")[: max(1, min(len(near), math.ceil((shifts - at_fcs) / VANS_PER_HUB)))]
    at_stores = np.zeros(len(near), dtype=np.int64)
    at_stores[hubs] = share_exactly(shifts - at_fcs, near[hubs])
    at_fc = share_exactly(at_fcs, [1] * len(sites.fcs)) if len(sites.fcs) else np.zeros(0, dtype=np.int64)
    rows = _rows([*sites.store_ids, *sites.fc_ids], np.concatenate([at_stores, at_fc]), rng)
    columns = ["vehicle_id", "site_id", "count", "shift_starts", "shift_ends", "skills"]
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        vehicle_type=pl.lit("van"),
        max_weight_g=pl.lit(900_000),
        max_volume_ml=pl.lit(3_500_000),
        max_parcels=pl.lit(180),
        max_distance_m=pl.lit(220_000),
        max_reloads=pl.lit(2),
        fixed_cost_minor=pl.lit(round(2_000 * minor_per_cent)),
        cost_per_km_minor=pl.lit(round(65 * minor_per_cent)),
        cost_per_hour_minor=pl.lit(round(2_800 * minor_per_cent)),
    )


def van_shifts(day: DemandDay) -> int:
    """Return how many van shifts the retailer runs a day: a share of the busiest day's drops."""
    counts = np.bincount(day.level, minlength=len(LEVEL_NAMES))
    today = counts[LEVEL_NAMES.index("same_day")]
    tomorrow = counts[LEVEL_NAMES.index("next_day")] + counts[LEVEL_NAMES.index("scheduled")]
    return max(1, round(OWN_SHARE * max(int(today), int(tomorrow)) / DROPS_PER_SHIFT))


def _rows(site_ids: list[str], shifts: Ints, rng: np.random.Generator) -> list[tuple[str, str, int, str, str, str]]:
    rows = []
    for site, count in zip(site_ids, shifts.tolist(), strict=True):
        late = (count + int(rng.integers(0, 2))) // 2
        for (name, starts, ends), vans in zip(SHIFTS, (count - late, late), strict=True):
            if vans:
                skills = ["age_restricted"]
                skills += ["chilled"] if rng.uniform() < 0.75 else []
                skills += ["two_person"] if rng.uniform() < 0.40 else []
                rows.append((f"{site}-{name}", site, vans, starts, ends, ";".join(skills)))
    return rows
