"""What placement returns: units of every product at every site, their value, the proof, and prices."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement.problem import PlacementProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementPlan:
    """Units of I products at S sites.

    Value and bound are true expectations over the demand given, exact to a millionth of the mean demand; no scenarios
    are drawn, so there is nothing to overfit.

    Parameters
    ----------
    units : (I, S)
    value
        Expected worth of what is served, less holding, transfer and what stock-outs cost.
    bound
        No plan has more.
    own, in_region, served
        Expected shares of all demand served from the own site, from own or another site in the region, and at all.
    space_price : (S,)
        What one more unit of room is worth.
    inbound_price : (S,)
        What it is worth to receive one more unit.
    gain, loss : (I, S)
        What one more unit there would add, and what one less takes away (0 without stock): the price of taking a unit
        for an order, room and inbound not counted.
    """

    units: Ints
    value: float
    bound: float
    own: float
    in_region: float
    served: float
    space_price: Floats
    inbound_price: Floats
    gain: Floats
    loss: Floats

    @property
    def gap(self) -> float:
        """Share of the value, or of the bound if that is larger, that is not proved."""
        return (self.bound - self.value) / max(abs(self.value), abs(self.bound), 1e-12)


def explain(problem: PlacementProblem, plan: PlacementPlan, product: int, site: int) -> str:
    """Return why there are as many units of a product at a site, in one or two sentences."""
    units, least = int(plan.units[product, site]), int(problem.least[product, site])
    rent = float(plan.space_price[site] * problem.cube[product])
    enters = units >= problem.present[product, site]
    entry = float(plan.inbound_price[site]) if enters else 0.0
    demand = f"{problem.mean[product, site]:.3g} are expected to be wanted in its zone"
    gain, loss = float(plan.gain[product, site]), float(plan.loss[product, site])
    if problem.most[product, site] == 0:
        return "None: the product is not in the site's assortment."
    if units == least and loss < rent:
        why = f"its shelf must show {least}" if least else f"one would gain {gain:.3g}"
    else:
        why = f"the last one gains {loss:.3g}" if units else f"one would gain {gain:.3g}"
    if units == problem.most[product, site]:
        limit = "no more may be there"
    elif gain <= 0:
        limit = "another would gain nothing"
    elif plan.units[product].sum() >= problem.supply[product]:
        limit = "there are no more"
    elif gain <= rent + entry + 1e-9:
        limit = f"another would gain {gain:.3g}, its room is worth {rent:.3g}"
        limit += f" and its receipt {entry:.3g}" if entry > 0 else ""
    else:
        limit = f"another would gain {gain:.3g} and does not fit"
    return f"{units}: {demand}; {why}; {limit}."


def marginal_prices(plan: PlacementPlan, *, scale: float = 1.0) -> Ints:
    """Return the price of taking a unit (I, S) in whole money units, for order routing: it decides between sites by it.

    A unit less at a site costs later demand what is paid more for one from elsewhere, or lost. What is the same
    wherever the product lies decides nothing and is left out: the price is 0 where a unit of the product is least
    worth, and where there is none.
    """
    there = plan.units > 0
    least = np.where(there, plan.loss, np.inf).min(axis=1, initial=np.inf)
    beyond = np.where(there, plan.loss - np.where(there.any(axis=1), least, 0.0)[:, None], 0.0)
    return np.rint(beyond * scale).astype(np.int64)
