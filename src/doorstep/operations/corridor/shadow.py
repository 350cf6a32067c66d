"""Orders that were decided, decided again by other policies, and what each would have cost; nothing is changed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.domain import Retailer
from doorstep.foundation import Stop
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import TravelTimes
from doorstep.operations.corridor.allocate import TOGETHER_ITERATIONS
from doorstep.operations.corridor.decide_again import as_plan, with_room_for, with_sites
from doorstep.operations.corridor.live import fixed_choice, live_world, sound_allocations
from doorstep.operations.corridor.scarcity import ScarcityPrices
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.waits import waits_of
from doorstep.order_routing import (
    OrderRoutingPlan,
    OrderRoutingProblem,
    Prices,
    reoptimise,
    replay_orders,
    route_orders,
)
from doorstep.order_routing.candidates import holders_of_missing
from doorstep.order_routing.plan import OUT_OF_STOCK, SERVED
from doorstep.order_routing.problem import IMPOSSIBLE
from doorstep.order_routing.replay import Forecast, Policy, Waits
from doorstep.order_routing.rules import cost_components


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowCase:
    """Orders to look at, with what they could have.

    Parameters
    ----------
    retailer
        The orders, and as stock what is free and what they themselves hold or took.
    allocations
        Where their units come from as it was decided: ``order_id``, ``product_id``, ``site_id``, ``quantity``.
    decided
        Ids of the orders that were decided; one of these without allocations is served by nobody.
    now
        The present [epoch s] for orders that are still to be prepared; 0 for recorded ones, each decided as of the
        moment when it was placed.
    density, acceptance, punctuality, scarcity, travel
        As in ``decide_sites``; scarcity counts for orders still to be prepared, recorded ones have their own future.
    """

    retailer: Retailer
    allocations: pl.DataFrame
    decided: Collection[str]
    now: int = 0
    density: DropDensity | None = None
    acceptance: Floats | None = None
    punctuality: Floats | None = None
    scarcity: ScarcityPrices | None = None
    travel: TravelTimes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowCost:
    """What sites of some orders cost by the estimates that sites are chosen by: served orders only, by component."""

    orders: int
    served: int
    split: int
    packages: int
    cost_minor: int
    parts_minor: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """An order that would have other sites, or cost something else; no sites: not served."""

    order_id: str
    sites: tuple[str, ...]
    shadow_sites: tuple[str, ...]
    difference_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowOutcome:
    """What a policy would have made of all orders, and how that differs from what was decided.

    ``difference_minor`` is over the orders compared, at one price list, an order that is not served at its cost of not
    being served; ``differing`` of them would have other sites, the ``most`` are those whose cost changes most.
    """

    policy: str
    cost: ShadowCost
    difference_minor: int
    differing: int
    most: tuple[Differing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """What was decided on the orders that can be compared, the outcomes, and the policies for which time ran out.

    An order is compared if it was decided, and if its sites could still be priced.
    """

    decided: ShadowCost
    outcomes: tuple[ShadowOutcome, ...]
    not_reached: tuple[str, ...]


def shadow_policies(
    case: ShadowCase, policies: Sequence[Policy], *, most: int, stop: Stop, seed: int = 1
) -> ShadowReport:
    """Return what policies would have made of a case, each from the same stock, pickers and prices; nothing of none.

    Orders still to be prepared are decided in the sequence of their placing, ``foresight`` at the standing prices of
    scarcity, ``reoptimised`` at these and all together, as live decisions are. Recorded ones are replayed: see
    ``replay_orders``; what may come is then drawn from the orders themselves.

    Parameters
    ----------
    most
        Orders told for each policy.
    stop
        Patience; a policy that it cuts short is not reported.
    """
    if not case.retailer.orders.height:
        nothing = ShadowCost(orders=0, served=0, split=0, packages=0, cost_minor=0, parts_minor={})
        return ShadowReport(decided=nothing, outcomes=(), not_reached=())
    shop = replace(case.retailer, orders=case.retailer.orders.sort("placed_at", maintain_order=True))
    look = _Look.at(replace(case, retailer=shop), wait=any(policy.hold_pct for policy in policies))
    outcomes: list[ShadowOutcome] = []
    for policy in policies:
        if stop():
            break
        plan = look.plan_of(policy, seed, lambda: not stop())
        if stop():
            break
        outcomes.append(look.outcome(policy.name, plan, most))
    return ShadowReport(
        decided=look.cost_of(look.standing, look.compared),
        outcomes=tuple(outcomes),
        not_reached=tuple(policy.name for policy in policies[len(outcomes) :]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The problem of a case, the plan that stands, and the orders that can be compared (O,).

    ``waits`` says how long orders can wait that are recorded.
    """

    problem: OrderRoutingProblem
    metres: Ints
    refuse_minor: Ints
    scarcity: Prices | None
    live: bool
    waits: Waits | None
    standing: OrderRoutingPlan
    compared: Bools
    order_ids: list[str]
    site_ids: list[str]

    @classmethod
    def at(cls, case: ShadowCase, *, wait: bool) -> "_Look":
        """Return the look at a case whose orders stand in the sequence of their placing."""
        world, own = live_world(
            case.retailer, now=case.now, density=case.density, acceptance=case.acceptance,
            punctuality=case.punctuality, travel=case.travel,
        )  # fmt: skip
        ids, rows = case.retailer.orders["order_id"], np.arange(world.orders)
        decided = ids.is_in(list(case.decided)).to_numpy()
        today = fixed_choice(world, sound_allocations(case.allocations))
        served = np.isin(rows, today.order) & decided
        today.status = np.where(served, SERVED, OUT_OF_STOCK)
        sites = with_sites(world.candidates, today.order, today.site)
        problem, metres = site_problem(world, DOORSTEP, own, rows, sites, world.stock, world.capacity)
        missing = np.flatnonzero(route_orders(problem).status == OUT_OF_STOCK)
        if missing.size:
            holders = holders_of_missing(world.lines, missing, world.stock, world.sites, world.doors)
            order, site = np.repeat(missing, holders.shape[1]), holders.ravel()
            sites = with_sites(sites, order[site >= 0], site[site >= 0])
            problem, metres = site_problem(world, DOORSTEP, own, rows, sites, world.stock, world.capacity)
        standing = as_plan(world, problem, today)
        return cls(
            problem=with_room_for(problem, standing),
            metres=metres,
            refuse_minor=world.unserved_minor,
            scarcity=None if case.scarcity is None else case.scarcity.in_world(world),
            live=case.now > 0,
            waits=waits_of(world, own, rows, sites, problem.price) if wait and not case.now else None,
            standing=standing,
            compared=decided & (standing.cost_minor < IMPOSSIBLE),
            order_ids=ids.to_list(),
            site_ids=world.tables["sites"]["site_id"].to_list(),
        )

    def plan_of(self, policy: Policy, seed: int, keep_going: Callable[[], bool]) -> OrderRoutingPlan:
        """Return what a policy makes of the orders."""
        if not self.live or policy.rule != "least_cost" or not policy.samples:
            forecast = Forecast(like=self.problem, weight=np.ones(self.compared.size), expected=self.compared.size)
            return replay_orders(
                self.problem, policy, np.random.default_rng(seed), metres=self.metres, refuse_minor=self.refuse_minor,
                forecast=forecast, waits=self.waits, keep_going=keep_going,
            )  # fmt: skip
        priced = replace(self.problem, prices=self.scarcity)
        plan = route_orders(priced)
        if not policy.hold_pct:
            return plan
        rng = np.random.default_rng(self.compared.size)  # as live decisions do it
        return reoptimise(
            priced, plan, self.refuse_minor, rng, iterations=TOGETHER_ITERATIONS, keep_going=keep_going
        ).plan

    def cost_of(self, plan: OrderRoutingPlan, counted: Bools) -> ShadowCost:
        """Return what a plan costs for the orders that count (O,)."""
        served = counted & (plan.status == SERVED)
        packages = self._packages(plan)[served]
        parts = {name: int(cost[served].sum()) for name, cost in cost_components(self.problem, plan).items()}
        return ShadowCost(
            orders=int(counted.sum()),
            served=int(served.sum()),
            split=int((packages > 1).sum()),
            packages=int(packages.sum()),
            cost_minor=sum(parts.values()),
            parts_minor=parts,
        )

    def outcome(self, name: str, plan: OrderRoutingPlan, most: int) -> ShadowOutcome:
        """Return what a policy's plan costs, and how it differs from the one that stands."""
        gap = np.where(self.compared, self._total(plan) - self._total(self.standing), 0)
        before, after = self._sites(self.standing), self._sites(plan)
        other = np.array([a != b for a, b in zip(before, after, strict=True)], dtype=np.bool_) | (gap != 0)
        rows = np.flatnonzero(other & self.compared)
        rows = rows[np.argsort(-np.abs(gap[rows]), kind="stable")]
        told = tuple(
            Differing(
                order_id=self.order_ids[row], sites=before[row], shadow_sites=after[row], difference_minor=int(gap[row])
            )
            for row in rows[:most].tolist()
        )
        return ShadowOutcome(
            policy=name,
            cost=self.cost_of(plan, np.ones_like(self.compared)),
            difference_minor=int(gap.sum()),
            differing=rows.size,
            most=told,
        )

    def _total(self, plan: OrderRoutingPlan) -> Ints:
        return np.where(plan.status == SERVED, plan.cost_minor, self.refuse_minor)

    def _packages(self, plan: OrderRoutingPlan) -> Ints:
        pairs = np.unique(np.column_stack([plan.order, plan.site]), axis=0)
        return np.bincount(pairs[:, 0], minlength=plan.status.size)

    def _sites(self, plan: OrderRoutingPlan) -> list[tuple[str, ...]]:
        """Return the sites of each order, sorted by their ids; none for one that is not served."""
        found: list[set[str]] = [set() for _ in self.order_ids]
        for order, site in zip(plan.order.tolist(), plan.site.tolist(), strict=True):
            found[order].add(self.site_ids[site])
        served = (plan.status == SERVED).tolist()
        return [tuple(sorted(sites)) if good else () for sites, good in zip(found, served, strict=True)]
