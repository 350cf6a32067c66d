"""The learnt part of the mean: how far a block of days will be off its level times the calendar.

LightGBM's trees start from that base (as the log of it) and learn factors under a Tweedie likelihood, which takes the
many days without a sale as they are. Each block ahead is forecast directly; nothing forecast is fed back. The first
block, for which most stock is held, is learnt by itself as well; its forecast is the mean of both.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from doorstep.demand.features import BLOCK_DAYS, FeatureTable
from doorstep.foundation import Progress, Silent, Stop
from doorstep.foundation.arrays import Floats, Ints

WARM_UP_DAYS = 56
"""Days before the first origin that is learnt from."""
MOST_ORIGINS = 40
MOST_ROWS = 600_000
LEAST_ROWS = 2_000
TREES = 200
PARAMETERS = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.5,
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 200,
    "lambda_l2": 10.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "cat_smooth": 50.0,
    "cat_l2": 50.0,
    "min_data_per_group": 300,
    "boost_from_average": False,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # two threads on a loaded machine of two cores are a hundred times slower
    "verbose": -1,
}


class Booster(Protocol):
    """The part of LightGBM's booster that is used."""

    def predict(self, features: Floats, **options: bool | int) -> Any:  # noqa: ANN401 - LightGBM ships it so
        """Return predictions."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntMean:
    """A factor on the base, learnt from past origins: from all blocks, and from the ``first`` one by itself."""

    booster: Booster = field(repr=False)
    rows: int
    first: Booster | None = field(default=None, repr=False)

    def factors(self, features: Floats) -> Floats:
        """Return the factor of each row (N,)."""
        return np.exp(self._predicted(features, raw_score=True))

    def contributions(self, features: Floats) -> Floats:
        """Return what each feature adds to the log of the factor, a column for all rows alike last (N, F + 1)."""
        return self._predicted(features, pred_contrib=True)

    def _predicted(self, features: Floats, **options: bool) -> Floats:
        found = np.asarray(self.booster.predict(features, num_threads=1, **options), dtype=np.float64)
        near = features[:, 0] == 0
        if self.first is not None and near.any():
            found[near] = (found[near] + self.first.predict(features[near], num_threads=1, **options)) / 2
        return found


def learn_mean(
    table: FeatureTable,
    until: int,
    *,
    horizon_days: int,
    rng: np.random.Generator,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> LearntMean | str:
    """Return what is learnt from weekly origins whose blocks end by day ``until``, or in words why nothing is.

    Each origin gives every series its blocks, a sample of them where they are more than ``MOST_ROWS``.

    References
    ----------
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree, NeurIPS. Jorgensen (1987),
    Exponential dispersion models (Tweedie). Makridakis, Spiliotis, Assimakopoulos (2022), The M5 accuracy competition.
    """
    try:
        lightgbm = load_lightgbm()
    except (ImportError, OSError) as error:  # its wheel needs the system's libgomp
        return f"LightGBM cannot be loaded ({error})"
    plans = training_blocks(until, horizon_days=horizon_days)
    total = sum(starts.size for _, starts in plans) * table.history.series
    if total < LEAST_ROWS:
        return f"{total} rows to learn from are fewer than {LEAST_ROWS}"
    keep = min(1.0, MOST_ROWS / total)
    features, expected, units = [], [], []
    for origin, starts in plans:
        rows = table.rows(origin, starts)
        chosen = rows.counts & (rng.random(rows.counts.size) < keep)
        features.append(rows.features[chosen])
        expected.append(rows.expected[chosen])
        units.append(rows.units[chosen])
    columns = np.concatenate(features)
    sold, base = np.concatenate(units), np.log(np.concatenate(expected))
    boosters = []
    for chosen in (np.ones(sold.size, dtype=np.bool_), columns[:, 0] == 0):
        known = lightgbm.Dataset(
            columns[chosen],
            sold[chosen],
            init_score=base[chosen],
            feature_name=list(table.names),
            categorical_feature=list(range(columns.shape[1] - table.categorical, columns.shape[1])),
        )
        listener = _listener(lightgbm, stop, progress or Silent())
        parameters = PARAMETERS | {"seed": int(rng.integers(2**31))}
        boosters.append(lightgbm.train(parameters, known, TREES, callbacks=[listener]))
    return LearntMean(booster=boosters[0], rows=columns.shape[0], first=boosters[1])


def load_lightgbm() -> Any:  # noqa: ANN401 - its types change with every version
    """Return the module, which is loaded only where something is learnt; ImportError or OSError where it cannot be."""
    import lightgbm

    return lightgbm


def training_blocks(until: int, *, horizon_days: int) -> list[tuple[int, Ints]]:
    """Return origins, newest first, a week apart, each with the starts of its blocks that end by day ``until``."""
    plans = []
    for number in range(1, MOST_ORIGINS + 1):
        origin = until - number * BLOCK_DAYS
        if origin < WARM_UP_DAYS - 1:
            break
        blocks = min(number, -(-horizon_days // BLOCK_DAYS))
        plans.append((origin, np.arange(blocks) * BLOCK_DAYS))
    return plans


def _listener(lightgbm: Any, stop: Stop | None, progress: Progress) -> Any:  # noqa: ANN401 - a module without types
    """Return what LightGBM calls after each tree: tells progress, and ends the training when asked to."""
    progress.stage("learn the mean", TREES)

    def heard(state: Any) -> None:  # noqa: ANN401
        progress.advance()
        if stop is not None and stop():
            raise lightgbm.callback.EarlyStopException(state.iteration, [])

    return heard
