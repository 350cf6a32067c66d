"""A month of promises whose true chance also depends on what nobody states: the site, the weekday, the weather."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Bools, Floats, Ints

LEVELS = ("same_day", "next_day", "two_day", "scheduled")
BASE_LOGIT = 2.0
LEVEL_SHARE = (0.35, 0.35, 0.15, 0.15)
LEVEL_LOGIT = (0.4, 1.2, 2.0, 0.6)
MEDIAN_SLACK_MIN = (150, 480, 1_100, 240)
SPLIT_SHARE = (0.72, 0.21, 0.07)
SITES = 25
ORDERS_A_DAY = 1_500
WARM_UP_DAYS, DAYS = 14, 30
RAIN_AFTER_SUN, RAIN_AFTER_RAIN = 0.2, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Promises in the order of their days: N of L levels, and what became of each; ``day`` counts from 0."""

    name: str
    levels: int
    day: Ints
    level: Ints
    splits: Ints
    slack_min: Ints
    hour: Ints
    kept: Bools


def month(seed: int) -> Month:
    """Return a made-up month after two weeks from which the first promises are learnt.

    The log-odds of keeping a promise rise with the slack, with less and less effect, and fall with every further site;
    sites, weekdays, the evening rush and rain shift them by what no promise tells.
    """
    rng = np.random.default_rng(seed)
    days = WARM_UP_DAYS + DAYS
    count = days * ORDERS_A_DAY
    day = np.repeat(np.arange(days, dtype=np.int64), ORDERS_A_DAY)
    level = rng.choice(len(LEVELS), count, p=LEVEL_SHARE).astype(np.int64)
    splits = rng.choice(len(SPLIT_SHARE), count, p=SPLIT_SHARE).astype(np.int64) + 1
    slack = np.array(MEDIAN_SLACK_MIN)[level] * np.exp(rng.normal(0.0, 0.6, count)) - 30 * (splits - 1)
    hour = np.clip(np.rint(rng.normal(14.0, 4.0, count)), 0, 23).astype(np.int64)
    site = rng.normal(0.0, 0.45, SITES)[rng.integers(0, SITES, count)]
    weekday = rng.normal(0.0, 0.25, 7)[day % 7]
    logit = (
        np.array(LEVEL_LOGIT)[level]
        + 1.1 * np.log2(np.maximum(slack, 5.0) / np.array(MEDIAN_SLACK_MIN)[level])
        - 0.5 * (splits - 1)
        + site
        + weekday
        - 0.8 * _rain(days, rng)[day]
        - 0.4 * ((hour >= 17) & (hour < 20))
        + BASE_LOGIT
    )
    kept = rng.uniform(size=count) < 1 / (1 + np.exp(-logit))
    return Month(
        name=f"{DAYS} days, {DAYS * ORDERS_A_DAY:,} orders, {SITES} sites",
        levels=len(LEVELS), day=day, level=level, splits=splits, slack_min=np.rint(slack).astype(np.int64), hour=hour,
        kept=kept,
    )  # fmt: skip


def _rain(days: int, rng: np.random.Generator) -> Floats:
    """Return whether it rains on each day, (D,): rain tends to stay."""
    wet = [bool(rng.uniform() < RAIN_AFTER_SUN / (1 + RAIN_AFTER_SUN - RAIN_AFTER_RAIN))]
    for _ in range(days - 1):
        wet.append(bool(rng.uniform() < (RAIN_AFTER_RAIN if wet[-1] else RAIN_AFTER_SUN)))
    return np.array(wet, dtype=np.float64)


def read_month(folder: Path) -> Month:
    """Return the promises of ``outcomes.csv`` in a folder: day, service_level_id, splits, slack_min, hour, kept."""
    table = pl.read_csv(folder / "outcomes.csv").sort("day", maintain_order=True)
    levels = sorted(table["service_level_id"].unique().to_list())
    whole = {name: table[name].cast(pl.Int64).to_numpy() for name in ("day", "splits", "slack_min", "hour")}
    return Month(
        name=folder.name,
        levels=len(levels),
        day=whole["day"] - whole["day"].min(),
        level=np.array([levels.index(name) for name in table["service_level_id"]], dtype=np.int64),
        splits=whole["splits"],
        slack_min=whole["slack_min"],
        hour=whole["hour"],
        kept=table["kept"].cast(pl.Boolean).to_numpy(),
    )
