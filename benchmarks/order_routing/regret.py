"""What policies cost above the clairvoyant bound: a proof that not even all orders known beforehand would cost less."""

import time
from collections import Counter
from dataclasses import replace

import numpy as np

from benchmarks.order_routing.instances import Instance
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, replay_orders, route_orders
from doorstep.order_routing.foresight import shadow_prices
from doorstep.order_routing.replay import POLICIES, Policy

Row = dict[str, object]
BOUND_ITERATIONS = 1_000
HOLDS_PCT = (10, 20, 30, 40, 60)
NEVER = 10**9


def policy_rows(instance: Instance, *, seed: int) -> list[Row]:
    """Return a row for every policy that is known by name."""
    bound = clairvoyant_bound(instance.problem)
    return [_row(instance, policy, bound, seed) for policy in POLICIES.values()]


def hold_rows(instance: Instance, *, seed: int) -> list[Row]:
    """Return what waiting is worth: rows for orders that wait for a share of all orders."""
    bound = clairvoyant_bound(instance.problem)
    waiting = POLICIES["reoptimised"]
    return [
        _row(instance, replace(waiting, name=f"hold {share} %", hold_pct=share), bound, seed) for share in HOLDS_PCT
    ]


def clairvoyant_bound(problem: OrderRoutingProblem) -> int:
    """Return what all orders, known beforehand, must cost at least."""
    plain = replace(problem, prices=None)
    reached = int(route_orders(problem).cost_minor.sum())
    never = np.full(problem.lines.start.size - 1, NEVER)
    return max(
        shadow_prices(plain, never, iterations=BOUND_ITERATIONS, reach_minor=int(reached * share)).bound_minor
        for share in (0.90, 0.94)
    )


def _row(instance: Instance, policy: Policy, bound: int, seed: int) -> Row:
    problem = instance.problem
    if policy.rule == "fewest_splits":  # its ranks are larger than any cost, and so must be the rank of not serving
        prices = problem.prices
        assert prices is not None
        pick = prices.pick.copy()
        pick[-1] = NEVER
        problem = replace(problem, prices=prices._replace(pick=pick))
    started = time.process_time()
    plan = replay_orders(
        problem,
        policy,
        np.random.default_rng(seed),
        metres=instance.metres,
        refuse_minor=np.full(problem.lines.start.size - 1, NEVER),
        forecast=instance.forecast,
    )
    cpu_s = time.process_time() - started
    cost, packages, unserved, violations = judge(instance.problem, plan)
    return {
        "instance": instance.name,
        "rho": instance.rho,
        "forecast": "shifted" if instance.shifted else "right",
        "seed": seed,
        "solver": policy.name,
        "cost": cost / 100,
        "bound": bound / 100,
        "regret_pct": 100 * (cost / bound - 1),
        "packages": packages / plan.status.size,
        "unserved_lines": unserved,
        "violations": violations,
        "cpu_s": cpu_s,
    }


def judge(problem: OrderRoutingProblem, plan: OrderRoutingPlan) -> tuple[int, int, int, int]:
    """Return cost, packages, unserved lines and broken rules of a plan, by plain counting."""
    nowhere = problem.capacity.shape[0] - 1
    taken: Counter[tuple[int, int]] = Counter()
    given: Counter[int] = Counter()
    cost = unserved = 0
    packages: set[tuple[int, int]] = set()
    for order, line, site, quantity in zip(
        *(c.tolist() for c in (plan.order, plan.line, plan.site, plan.quantity)), strict=True
    ):
        taken[int(problem.lines.product[line]), site] += quantity
        given[line] += quantity
        cost += int(problem.line_minor[site])
        unserved += site == nowhere
        packages.add((order, site))
    cost += sum(int(problem.price[order, site, 0]) for order, site in packages)
    stock = problem.stock
    there = {
        (product, int(stock.site[row])): int(stock.units[row])
        for product in range(stock.start.size - 1)
        for row in range(stock.start[product], stock.start[product + 1])
    }
    broken = sum(units > there.get(place, 0) for place, units in taken.items())
    broken += sum(given[line] != wanted for line, wanted in enumerate(problem.lines.quantity.tolist()))
    return cost, sum(site != nowhere for _, site in packages), unserved, broken
