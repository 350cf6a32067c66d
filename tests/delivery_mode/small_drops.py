"""Drops of one van for round numbers: 36 km/h, a day of 20.00, 1.00 a kilometre, 36.00 an hour, shift of ten hours."""

import numpy as np

from doorstep.delivery_mode.drop_cost import ExpectedDrops, FitErrors, FittedDropCost
from doorstep.delivery_mode.fit import DropSample
from doorstep.foundation.arrays import Floats, Ints

UNKNOWN = FitErrors(mape=0.0, cell_mape=0.0, bias=0.0, worst_site_bias=0.0, r2=0.0)
METRE_MINOR = 0.1 + 0.1
"""A metre: 100 minor units a kilometre, and a tenth of a second at 3,600 an hour."""


def coefficients(
    *, k_hop: float = 1.0, k_stem: float = 1.0, wait_s: float = 0.0, window_power: float = 0.0
) -> FittedDropCost:
    """Return coefficients nobody fitted."""
    return FittedDropCost(k_hop=k_hop, k_stem=k_stem, wait_s=wait_s, window_power=window_power, drops=0, errors=UNKNOWN)


def drops(
    *,
    distance_m: list[int] | Ints,
    density_per_km2: list[float] | Floats,
    window_s: list[int] | Ints | None = None,
    stops_per_route: float = 50.0,
    service_s: int = 180,
    fixed_minor: int = 2_000,
    loading_s: int = 500,
) -> ExpectedDrops:
    """Return drops of the van above; without windows, any hour of its shift."""
    count = len(distance_m)

    def all_have(value: int) -> Ints:
        return np.full(count, value, dtype=np.int64)

    return ExpectedDrops(
        distance_m=np.array(distance_m, dtype=np.int64),
        density_per_km2=np.array(density_per_km2, dtype=np.float64),
        window_s=all_have(36_000) if window_s is None else np.array(window_s, dtype=np.int64),
        service_s=all_have(service_s),
        stops_per_route=np.full(count, stops_per_route),
        fixed_minor=all_have(fixed_minor),
        per_km_minor=all_have(100),
        per_hour_minor=all_have(3_600),
        shift_s=all_have(36_000),
        loading_s=all_have(loading_s),
        metre_s=np.full(count, 0.1),
    )


def made_by(model: FittedDropCost, *, count: int = 300, noise: float = 0.0, seed: int = 1) -> DropSample:
    """Return drops at five sites that cost what the model says, times ``1 + noise`` x a normal number."""
    rng = np.random.default_rng(seed)
    expected = drops(
        distance_m=rng.integers(500, 30_000, count),
        density_per_km2=rng.uniform(0.2, 20.0, count),
        window_s=rng.choice([3_600, 7_200, 14_400, 36_000], count),
    )
    cost = np.rint(model.price(expected) * (1.0 + noise * rng.standard_normal(count))).astype(np.int64)
    site = np.arange(count, dtype=np.int64) % 5
    return DropSample(expected, np.maximum(cost, 0), cell=site * 10 + np.arange(count) % 7, site=site, group=site)
