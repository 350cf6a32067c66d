"""Orange juice of Dominick's by store and week: how much price, deal and feature tell, on weeks with a deal.

A week is one day of the forecast: seven times the length, the same model, no weekdays in it.
"""

import time
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.demand import DemandHistory, forecast
from doorstep.demand.check import check_forecast

ORIGINS = (100, 108)
HORIZON = 8
OUNCES = 64
Row = dict[str, object]


def price_rows(data: Path, *, seed: int) -> list[Row]:
    """Return the error on weeks with a deal or feature, with planned prices and promotions learnt and without."""
    table = pl.read_parquet(data / "dominicks_oj.parquet")
    first = int(str(table["week"].min()))
    prices = [f"price{brand}" for brand in range(1, 12)]
    own = pl.coalesce([pl.when(pl.col("brand") == brand).then(pl.col(f"price{brand}")) for brand in range(1, 12)])
    sales = table.select(
        product_id=pl.col("brand").cast(pl.String),
        zone_id=pl.col("store").cast(pl.String),
        day=pl.col("week").cast(pl.Int32).cast(pl.Date),
        units=(pl.col("units_64oz") / OUNCES).round().cast(pl.Int64),
        price_minor=(own * OUNCES * 100).round().cast(pl.Int64),
        promotion=pl.max_horizontal(pl.col("feat").clip(0, 1), pl.col("deal").cast(pl.Float64)),
    )
    assert len(prices) == table["brand"].n_unique()
    events = pl.DataFrame(
        {"day": [], "name": [], "kind": []}, schema={"day": pl.Date, "name": pl.String, "kind": pl.String}
    )
    rows: list[Row] = []
    for origin in (first + 69 - 1, first + 85 - 1):
        known = sales.filter(pl.col("day").cast(pl.Int32) <= origin)
        ahead = sales.filter(pl.col("day").cast(pl.Int32).is_between(origin + 1, origin + HORIZON))
        history = DemandHistory.from_tables(known, events=events, planned=ahead.drop("units"))
        came = np.full((history.series, HORIZON), np.nan)
        promoted = np.zeros((history.series, HORIZON), dtype=np.bool_)
        row = {
            (history.product_ids[p], history.zone_ids[z]): s
            for s, (p, z) in enumerate(zip(history.product.tolist(), history.zone.tolist(), strict=True))
        }
        for product, zone, day, units, promotion in ahead.select(
            "product_id", "zone_id", pl.col("day").cast(pl.Int32), "units", "promotion"
        ).iter_rows():
            at = row[product, zone], day - origin - 1
            came[at], promoted[at] = units, promotion >= 0.5
        for name, offers in (("with price and promotion", True), ("without price and promotion", False)):
            began = time.process_time()
            plan = forecast(history, origin, HORIZON, rng=np.random.default_rng(seed), offers=offers)
            chosen = promoted & np.isfinite(came)
            miss = (came - plan.mean)[chosen]
            rows.append(
                {
                    "instance": f"orange juice, {int(chosen.sum()):,} weeks with a deal after week {origin}",
                    "solver": name,
                    "cpu_s": round(time.process_time() - began, 1),
                    "wape": round(float(np.abs(miss).sum() / came[chosen].sum()), 4),
                    "rmse": round(float(np.sqrt((miss**2).mean())), 1),
                    "bias": round(float(plan.mean[chosen].sum() / came[chosen].sum() - 1), 4),
                    "violations": len(check_forecast(history, plan)),
                }
            )
    return rows
