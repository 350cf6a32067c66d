"""How wrong prices of own drops are on routes that were planned with the formula's prices."""

import numpy as np

from benchmarks.drop_cost.days import PlannedDay
from doorstep.delivery_mode.drop_cost import errors_of
from doorstep.delivery_mode.fit import fit_drop_cost, unseen_prices
from doorstep.foundation.arrays import Ints


def error_rows(days: list[PlannedDay]) -> list[dict[str, object]]:
    """Return a row for each day and price.

    The fits have not seen what they are measured on: one is on the other sites of the day, the other on the same
    city's retailer of the seed before (the last seed for the first), where there are several. The flat price is the
    mean cost of a drop of the other sites.
    """
    return [row for day in days for row in _rows(day, _other(days, day))]


def _other(days: list[PlannedDay], day: PlannedDay) -> PlannedDay | None:
    same = [each for each in days if each.name == day.name]
    return same[same.index(day) - 1] if len(same) > 1 else None


def _rows(day: PlannedDay, other: PlannedDay | None) -> list[dict[str, object]]:
    sample = day.driven.sample
    prices = {"fitted to other sites": unseen_prices(sample)}
    if other is not None:
        prices["fitted to another seed"] = fit_drop_cost(other.driven.sample).price(sample.expected)
    prices["learnt from rule (b) before"] = day.ahead_minor
    prices["formula"] = day.formula_minor
    prices["flat mean of other sites"] = _flat(sample.site, sample.cost_minor)
    fitted = fit_drop_cost(sample)
    found = (fitted.k_hop, fitted.k_stem, fitted.wait_s, fitted.window_power)
    rows = []
    for name, price in prices.items():
        errors = errors_of(price, sample.cost_minor, sample.cell, sample.site)
        rows.append(
            {
                "instance": day.name,
                "seed": day.seed,
                "solver": name,
                "drops": sample.cost_minor.size,
                "mape_pct": round(100 * errors.mape, 1),
                "cell_mape_pct": round(100 * errors.cell_mape, 1),
                "bias_pct": round(100 * errors.bias, 1),
                "worst_site_bias_pct": round(100 * errors.worst_site_bias, 1),
                "r2": round(errors.r2, 2),
                "k_hop, k_stem, wait_s, window_power": " ".join(f"{value:.2f}" for value in found)
                if name == "fitted to other sites"
                else "",
            }
        )
    return rows


def _flat(site: Ints, cost_minor: Ints) -> Ints:
    price = np.zeros_like(cost_minor)
    for number in np.unique(site):
        others = cost_minor[site != number]
        price[site == number] = round(float((others if others.size else cost_minor).mean()))
    return price
