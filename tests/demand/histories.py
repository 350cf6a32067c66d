"""Histories made by hand and by lot."""

import numpy as np

from doorstep.demand import DemandHistory
from doorstep.foundation.arrays import Floats, Ints

MONDAY = 17_896
"""2018-12-31."""


def history(
    units: Floats,
    *,
    in_stock: Floats | None = None,
    product: Ints | None = None,
    zone: Ints | None = None,
    attributes: Ints | None = None,
    promotion: Floats | None = None,
    display: Floats | None = None,
    first_day: int = MONDAY,
) -> DemandHistory:
    """Return a history without events; by default each series is a product of its own in one zone."""
    units = np.asarray(units, dtype=np.float64)
    series = units.shape[0]
    product = np.arange(series) if product is None else product
    zone = np.zeros(series, dtype=np.int64) if zone is None else zone
    products = int(product.max()) + 1
    codes = np.zeros((products, 0), dtype=np.int64) if attributes is None else attributes
    return DemandHistory(
        product_ids=tuple(f"p{k}" for k in range(products)),
        zone_ids=tuple(f"z{k}" for k in range(int(zone.max()) + 1)),
        product=product,
        zone=zone,
        attributes=codes,
        attribute_names=("department", "category", "type")[: codes.shape[1]],
        first_day=first_day,
        units=units,
        in_stock=np.ones_like(units) if in_stock is None else in_stock,
        price_minor=np.full(units.shape if promotion is None else promotion.shape, np.nan),
        promotion=np.zeros_like(units) if promotion is None else promotion,
        display=np.zeros_like(units if promotion is None else promotion) if display is None else display,
        event_day=np.zeros(0, dtype=np.int64),
        event_kind=np.zeros(0, dtype=np.int64),
        event_kinds=(),
    )


def shop(*, products: int = 60, zones: int = 4, days: int = 150, seed: int = 0, ahead: int = 28) -> DemandHistory:
    """Return sales drawn by lot: weekends twice as busy, promotions that triple, two departments."""
    rng = np.random.default_rng(seed)
    product, zone = np.divmod(np.arange(products * zones), zones)
    level = rng.gamma(1.0, 1.0, products)[product] + 0.1
    day = np.arange(days + ahead)
    busy = np.where((MONDAY + day + 3) % 7 >= 5, 2.0, 0.6)
    week = rng.random((products, (days + ahead) // 7 + 1)) < 0.1
    promotion = np.repeat(week, 7, axis=1)[:, : days + ahead][product].astype(np.float64)
    mean = level[:, None] * busy * (1 + 2 * promotion)
    units = rng.poisson(mean[:, :days]).astype(np.float64)
    attributes = np.stack([np.arange(products) % 2, np.arange(products) % 6], axis=1)
    return history(units, product=product, zone=zone, attributes=attributes, promotion=promotion)
