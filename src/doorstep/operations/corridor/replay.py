"""Shadow mode: a recorded day's orders routed by other policies, and what each would have cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from doorstep.domain import Retailer
from doorstep.foundation import InputError, Interrupt, Progress, Silent
from doorstep.foundation.arrays import Ints
from doorstep.geography import TravelTimes
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.waits import waits_of
from doorstep.operations.corridor.world import World, build_world
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, replay_orders, shadow_prices
from doorstep.order_routing.plan import SERVED
from doorstep.order_routing.replay import Forecast, Policy, Waits
from doorstep.order_routing.rules import cost_components

BOUND_ITERATIONS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOutcome:
    """What a policy would have cost, by the estimates that sites are chosen by.

    ``cost_minor`` of the served orders, by component in ``parts_minor``; ``above_bound_share`` is how far cost and
    unserved orders together lie above what any policy costs, even one that knew all orders beforehand.
    """

    policy: str
    orders: int
    unserved: int
    cost_minor: int
    parts_minor: dict[str, int]
    packages: int
    above_bound_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Outcomes of all policies replayed, the proved bound that they share, and whether somebody interrupted."""

    outcomes: tuple[PolicyOutcome, ...]
    bound_minor: int
    interrupted: bool


def replay_day(
    retailer: Retailer,
    policies: Sequence[Policy],
    *,
    history: Retailer | None = None,
    travel: TravelTimes | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    interrupt: Interrupt | None = None,
) -> Replay:
    """Return what policies would have made of a retailer's orders, as they came, from the stock of the folder.

    Parameters
    ----------
    history
        Whose orders foresight takes for what may come; by default the retailer's own, drawn at random: foresight then
        knows what is ordered where, but neither which orders come nor when.
    travel
        What orders are brought by; by default the estimate of the retailer's policy.

    Raises
    ------
    InputError
        If there are no orders or no policies, or if the history wants products that the retailer does not have.
    """
    if not retailer.orders.height or not policies:
        raise InputError("a replay needs at least one order and one policy.")
    listen, stop = progress or Silent(), interrupt or Interrupt()
    world = build_world(retailer, travel)
    problem, metres, refuse, waits = _problem(world, wait=any(policy.hold_pct for policy in policies))
    forecast = Forecast(like=problem, weight=np.ones(refuse.size), expected=float(refuse.size))
    if history is not None:
        like = _problem(build_world(_with_orders_of(retailer, history), travel), wait=False)[0]
        forecast = replace(forecast, like=like, weight=np.ones(like.sequence.size))
    plans: list[tuple[Policy, OrderRoutingPlan]] = []
    listen.stage("replaying", len(policies) + 1)
    for policy in policies:
        if stop():
            break
        rng = np.random.default_rng(seed)
        plan = replay_orders(
            problem, policy, rng, metres=metres, refuse_minor=refuse, forecast=forecast, waits=waits,
            keep_going=lambda: not stop(),
        )  # fmt: skip
        plans.append((policy, plan))
        listen.advance()
    totals = [_total(plan, refuse) for _, plan in plans]
    bound = shadow_prices(
        problem, refuse, iterations=BOUND_ITERATIONS, reach_minor=min(totals, default=None),
        keep_going=lambda: not stop(),
    ).bound_minor  # fmt: skip
    listen.advance()
    outcomes = [
        _outcome(problem, policy, plan, total, bound) for (policy, plan), total in zip(plans, totals, strict=True)
    ]
    return Replay(outcomes=tuple(outcomes), bound_minor=bound, interrupted=stop())


def _problem(world: World, *, wait: bool) -> tuple[OrderRoutingProblem, Ints, Ints, Waits | None]:
    """Return all orders as they were placed, metres, what each costs if it is not served, and how long it can wait."""
    rows = np.lexsort((np.arange(world.orders), world.placed_at))
    own = own_drop_price(world, drop_density(world))
    sites = world.candidates[rows]
    problem, metres = site_problem(world, DOORSTEP, own, rows, sites, world.stock, world.capacity)
    waits = waits_of(world, own, rows, sites, problem.price) if wait else None
    return problem, metres, world.unserved_minor[rows], waits


def _with_orders_of(retailer: Retailer, history: Retailer) -> Retailer:
    unknown = history.order_lines.join(retailer.products, on="product_id", how="anti")["product_id"].unique().sort()
    if unknown.len():
        raise InputError(f"the history wants {unknown.len()} products that the retailer lacks, as {unknown[0]}.")
    return replace(retailer, orders=history.orders, order_lines=history.order_lines)


def _total(plan: OrderRoutingPlan, refuse_minor: Ints) -> int:
    return int(np.where(plan.status == SERVED, plan.cost_minor, refuse_minor).sum())


def _outcome(
    problem: OrderRoutingProblem, policy: Policy, plan: OrderRoutingPlan, total: int, bound: int
) -> PolicyOutcome:
    parts = {name: int(cost.sum()) for name, cost in cost_components(problem, plan).items()}
    return PolicyOutcome(
        policy=policy.name,
        orders=plan.status.size,
        unserved=int((plan.status != SERVED).sum()),
        cost_minor=sum(parts.values()),
        parts_minor=parts,
        packages=len(np.unique(np.column_stack([plan.order, plan.site]), axis=0)),
        above_bound_share=total / bound - 1 if bound > 0 else 0.0,
    )
