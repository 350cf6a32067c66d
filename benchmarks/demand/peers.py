"""Forecasts of the textbook, by statsforecast and by LightGBM as it is used untuned."""

import time
from collections.abc import Callable

import numpy as np
from scipy.stats import poisson

from doorstep.demand import DemandHistory
from doorstep.foundation.arrays import Floats, Ints

LAGS = (1, 7, 14, 21, 28)
MEANS = (7, 28, 56)
LIGHTGBM = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.1,
    "learning_rate": 0.1,
    "num_leaves": 63,
    "num_threads": 1,
    "verbose": -1,
    "seed": 1,
}
TREES = 120


def statsforecast_means(units: Floats, days: int) -> dict[str, tuple[Floats, float]]:
    """Return the forecasts (S, H) of statsforecast's models for intermittent series, and the CPU seconds of each."""
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast import models as m

    models = [
        m.SeasonalNaive(season_length=7),
        m.WindowAverage(window_size=28),
        m.SeasonalWindowAverage(season_length=7, window_size=4),
        m.SimpleExponentialSmoothingOptimized(),
        m.CrostonSBA(),
        m.TSB(alpha_d=0.1, alpha_p=0.1),
        m.ADIDA(),
        m.IMAPA(),
    ]
    series, count = units.shape
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(series), count),
            "ds": np.tile(np.arange(count), series),
            "y": units.ravel(),
        }
    )
    found = {}
    for model in models:
        began = time.process_time()
        table = StatsForecast(models=[model], freq=1, n_jobs=1).forecast(df=frame, h=days)
        name = str(model)
        mean = table.sort_values(["unique_id", "ds"])[name].to_numpy(dtype=np.float64).reshape(series, days)
        found[name] = np.maximum(mean, 0.0), time.process_time() - began
    return found


def lightgbm_untuned(history: DemandHistory, units: Floats, days: int) -> Floats:
    """Return the forecast (S, H) of one LightGBM fed with its own forecasts, as mlforecast would.

    120 trees, rate 0.1, 63 leaves, Tweedie 1.1; lags 1 7 14 21 28, means over 7 28 56 days, days to the next holiday,
    weekday, zone, department and item.
    """
    import lightgbm

    count = units.shape[1]
    filled = np.concatenate([units, np.zeros((units.shape[0], days))], axis=1)
    rows = [_features(history, filled, day) for day in range(max(MEANS), count)]
    known = lightgbm.Dataset(np.concatenate(rows), units[:, max(MEANS) :].T.ravel())
    booster = lightgbm.train(LIGHTGBM, known, TREES)
    for day in range(count, count + days):
        filled[:, day] = booster.predict(_features(history, filled, day), num_threads=1)
    return filled[:, count:]


def _features(history: DemandHistory, units: Floats, day: int) -> Floats:
    series, number = history.series, history.first_day + day
    ahead = history.event_day[history.event_day >= number]
    columns = [units[:, day - lag] for lag in LAGS]
    columns += [units[:, day - length : day].mean(axis=1) for length in MEANS]
    columns += [np.full(series, float(ahead.min() - number) if ahead.size else 99.0), np.full(series, number % 7)]
    columns += [history.zone, history.groups(0), history.product]
    return np.stack(columns, axis=1).astype(np.float32)


def stock_rules(units: Floats) -> dict[str, Callable[[float], Ints]]:
    """Return rules that give the stock (S,) for a quantile of seven days' demand, from the days before (S, T)."""
    recent = units[:, -28:].sum(axis=1) / 4
    weeks = units[:, -84:].reshape(units.shape[0], -1, 7).sum(axis=2)
    spread = weeks.std(axis=1, ddof=1)

    def normal(q: float) -> Ints:
        from scipy.stats import norm

        return np.maximum(np.ceil(recent + float(norm.ppf(q)) * spread), 0).astype(np.int64)

    return {
        "Poisson-28": lambda q: np.nan_to_num(poisson.ppf(q, recent)).astype(np.int64),
        "Normal-textbook": normal,
        "Empirical-12-weeks": lambda q: np.quantile(weeks, q, axis=1, method="higher").astype(np.int64),
    }
