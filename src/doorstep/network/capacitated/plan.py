"""What capacitated siting returns: open sites, who serves whom, the proof, and what binds."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.capacitated._transport import capacity_prices
from doorstep.network.capacitated.bound import CLOSE
from doorstep.network.capacitated.options import Options, Served, divide
from doorstep.network.capacitated.problem import CapacitatedProblem

CLOSED = -1
"""Level of a site that is not open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a little more freedom would save, everything else being kept and customers reassigned, divided if need be.

    ``capacity`` (M,) one more unit of capacity at an open site; ``opening`` (M,) opening one more site, at its best
    level, whatever the number of sites and ``must_not`` say; ``closing`` (M,) closing an open site, whatever
    ``must_open`` and its closing cost say. Never negative; 0 where nothing is saved.
    """

    capacity: Floats
    opening: Floats
    closing: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacitatedPlan:
    """Open sites and assignment, with their cost and a proved lower bound.

    Parameters
    ----------
    level : (M,)
        Level of each site, ``CLOSED`` where it is not open.
    customer, site, share : (R,)
        Who is served from where, by what share of the demand; sorted by customer.
    cost
        Of serving, handling, opening and closing; infinite if no plan was found.
    bound
        No plan costs less.
    binding
        What holds the cost up.
    """

    level: Ints
    customer: Ints
    site: Ints
    share: Floats
    cost: float
    bound: float
    binding: Binding

    @property
    def found(self) -> bool:
        """Whether there is a plan: otherwise patience ended before one was found."""
        return bool(np.isfinite(self.cost))

    @property
    def gap(self) -> float:
        """Share of the cost that is not proved; infinite without a plan."""
        return (self.cost - self.bound) / max(abs(self.cost), 1e-12) if self.found else np.inf

    @property
    def proved(self) -> bool:
        """Whether no plan can be cheaper by more than a millionth."""
        return self.found and self.gap <= CLOSE * (1 + 1e-9)


def plan_of(options: Options, problem: CapacitatedProblem, served: Served | None, bound: float) -> CapacitatedPlan:
    """Return a service as a plan."""
    sites = options.must.size
    level = np.full(sites, CLOSED)
    if served is None:
        none, nothing = np.empty(0, np.int64), np.zeros(sites)
        binding = Binding(capacity=nothing, opening=nothing, closing=nothing)
        return CapacitatedPlan(
            level=level, customer=none, site=none, share=np.empty(0), cost=np.inf, bound=bound, binding=binding
        )
    level[options.site[served.chosen]] = options.level[served.chosen]
    by = np.lexsort((options.site[served.option], served.customer))
    return CapacitatedPlan(
        level=level,
        customer=served.customer[by],
        site=options.site[served.option][by],
        share=served.share[by],
        cost=served.value,
        bound=min(bound, served.value),
        binding=_binding(options, problem, served.chosen),
    )


def binding_reasons(problem: CapacitatedProblem, plan: CapacitatedPlan) -> list[str]:
    """Return what binds in a plan, as sentences, what saves most first."""
    reasons: list[tuple[float, str]] = []
    binding, opened = plan.binding, plan.level != CLOSED
    for j in np.flatnonzero(binding.capacity > 0):
        saved = float(binding.capacity[j])
        reasons.append((saved, f"Site {j} is full: one more unit of capacity saves {saved:g}."))
    for j in np.flatnonzero(binding.closing > 0):
        saved = float(binding.closing[j])
        count = int(opened.sum())
        if problem.must_open[j]:
            why = "must open"
        elif problem.exactly and count == problem.sites:
            why = f"is one of exactly {count} sites"
        elif saved <= problem.closing[j]:
            why = f"is open to save its closing cost {problem.closing[j]:g}"
        else:
            why = "is open because customers stay whole"
        reasons.append((saved, f"Site {j} {why}: being free of it saves {saved:g}."))
    best = int(np.argmax(np.where(problem.must_not, 0.0, binding.opening)))
    if binding.opening[best] > 0 and not problem.must_not[best] and int(opened.sum()) == problem.sites:
        saved = float(binding.opening[best])
        reasons.append((saved, f"Only {problem.sites} sites may open: one more, site {best}, saves {saved:g}."))
    for j in np.flatnonzero(problem.must_not & (binding.opening > 0)):
        saved = float(binding.opening[j])
        reasons.append((saved, f"Site {j} must not open: opening it saves {saved:g}."))
    return [text for _, text in sorted(reasons, key=lambda reason: -reason[0])]


def _binding(options: Options, problem: CapacitatedProblem, chosen: Ints) -> Binding:
    sites = options.must.size
    capacity, opening, closing = np.zeros((3, sites))
    now = divide(options, chosen)
    if not np.isfinite(now.value):
        return Binding(capacity=capacity, opening=opening, closing=closing)
    hair = 1e-9 * (1.0 + abs(now.value))
    price = capacity_prices(now.shift, (now.flow > 0).any(axis=1))
    capacity[options.site[chosen]] = np.where(price > 1e-9 * (1.0 + price.max(initial=0.0)), price, 0.0)
    for k in range(options.site.size):
        j = int(options.site[k])
        if (problem.must_not[j] or chosen.size == problem.sites) and j not in options.site[chosen]:
            saved = now.value - divide(options, np.sort(np.append(chosen, k))).value
            opening[j] = max(opening[j], saved if saved > hair else 0.0)
    for k in chosen:
        j = int(options.site[k])
        saved = now.value - divide(options, chosen[chosen != k]).value + float(problem.closing[j])
        closing[j] = saved if saved > hair else 0.0
    return Binding(capacity=capacity, opening=opening, closing=closing)
