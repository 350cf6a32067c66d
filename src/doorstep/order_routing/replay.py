"""Recorded orders routed again under any policy: shadow runs, and what foresight and waiting are worth."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.order_routing.foresight import mean_prices, shadow_prices
from doorstep.order_routing.plan import OrderRoutingPlan
from doorstep.order_routing.problem import IMPOSSIBLE, UNLIMITED, OrderRoutingProblem, Prices, StockBook
from doorstep.order_routing.reoptimise import reoptimise
from doorstep.order_routing.route import route_orders
from doorstep.order_routing.rules import route_by_fewest_splits, route_by_rank

REFRESHES = 20
"""Times in a replay that prices are worked out anew and waiting orders are looked at again."""
ITERATIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A way to route orders.

    ``samples`` of orders to come are priced for foresight, none for a policy that only looks at the order; ``hold_pct``
    is the share of all orders that an order waits for before its sites are final, 0 where they are final at once.
    """

    name: str
    rule: Literal["least_cost", "fewest_splits", "nearest", "sort_order"] = "least_cost"
    samples: int = 0
    hold_pct: int = 0

    def __post_init__(self) -> None:
        if self.samples < 0 or not 0 <= self.hold_pct <= 100:
            raise InputError(f"samples {self.samples} must not be negative, hold_pct {self.hold_pct} be 0 to 100.")


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(name="sort_order", rule="sort_order"),
        Policy(name="nearest", rule="nearest"),
        Policy(name="fewest_splits", rule="fewest_splits"),
        Policy(name="myopic"),
        Policy(name="foresight", samples=16),
        Policy(name="reoptimised", samples=8, hold_pct=50),
    )
}
"""The policies that a replay knows by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Orders that may come: ``expected`` of them in all, each like one of ``like``, by ``weight`` (O',)."""

    like: OrderRoutingProblem
    weight: Floats
    expected: float

    def sample(self, rng: np.random.Generator, share: float) -> Ints:
        """Return rows of ``like``: one draw of the orders of a share of the time that the forecast is for."""
        return rng.choice(self.weight.size, rng.poisson(self.expected * share), p=self.weight / self.weight.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long orders may wait: placed at ``placed_at`` (O,), candidates can be asked until ``latest_at`` (O, C)."""

    placed_at: Ints
    latest_at: Ints


def replay_orders(
    problem: OrderRoutingProblem,
    policy: Policy,
    rng: np.random.Generator,
    *,
    metres: Ints,
    refuse_minor: Ints,
    forecast: Forecast | None = None,
    waits: Waits | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> OrderRoutingPlan:
    """Return how a policy would have routed orders, each with nothing known of those after it but the forecast.

    Parameters
    ----------
    problem
        Orders in the sequence of their rows, the stock and the capacity of all of them.
    metres : (O, C)
        From each candidate to the door, for the rules of thumb.
    refuse_minor : (O,)
        Cost at which an order is rather not served, for the proofs; a servable order is always served.
    forecast
        Orders that may come; needed by policies with samples.
    waits
        How long an order may wait at each candidate: it moves to none that can no longer be asked, and its sites are
        final before one of them cannot; by default all wait as long as the policy says.

    Raises
    ------
    InputError
        If a policy with samples gets no forecast.
    """
    if policy.rule == "fewest_splits":
        return route_by_fewest_splits(problem, metres)
    if policy.rule != "least_cost":
        return route_by_rank(problem, metres if policy.rule == "nearest" else problem.candidates)
    if not policy.samples and not policy.hold_pct:
        return route_orders(problem)
    if policy.samples and forecast is None:
        raise InputError(f"policy {policy.name} needs a forecast of the orders to come.")
    return _Rolling(problem, policy, rng, refuse_minor, forecast, waits, keep_going).run()


@dataclass(slots=True)
class _Rolling:
    """Orders come in groups; before each the prices are refreshed, after each the waiting ones are decided again."""

    problem: OrderRoutingProblem
    policy: Policy
    rng: np.random.Generator
    refuse_minor: Ints
    forecast: Forecast | None
    waits: Waits | None
    keep_going: Callable[[], bool]
    stock: StockBook = field(init=False)
    capacity: Ints = field(init=False)
    state: list[Prices | None] = field(init=False)
    waiting: Ints = field(init=False)
    plan: OrderRoutingPlan | None = field(init=False, default=None)
    final: list[tuple[Ints, OrderRoutingPlan]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.stock, self.capacity = self.problem.stock.copy(), self.problem.capacity.copy()
        self.state = [None] * self.policy.samples
        self.waiting = np.empty(0, np.int64)

    def run(self) -> OrderRoutingPlan:
        """Return the plan of all orders."""
        orders = self.refuse_minor.size
        groups = np.array_split(np.arange(orders), min(REFRESHES, max(1, orders)))
        for group, following in zip(groups, [*groups[1:], groups[0][:0]], strict=True):
            here = np.concatenate([self.waiting, group])
            prices = self._prices(here, 1.0 - (group[-1] + 1) / orders if group.size else 0.0)
            fresh = replace(self.problem.take(group, stock=self.stock, capacity=self.capacity), prices=prices)
            found = route_orders(fresh)
            mine = self.problem.take(self.waiting).lines.product.size
            plans = ([] if self.plan is None else [self.plan]) + [found]
            joined = OrderRoutingPlan.joined(plans, [mine, 0][-len(plans) :])
            self._settle(here, joined, prices, following)
        return self._all()

    def _given_back(self) -> tuple[StockBook, Ints]:
        """Return stock and capacity with what waiting orders hold."""
        stock, capacity = self.stock.copy(), self.capacity.copy()
        if self.plan is not None and self.plan.order.size:
            held, plan = self.problem.take(self.waiting), self.plan
            rows = stock.rows(held.lines.product[plan.line], plan.site)
            np.add.at(stock.units, rows, plan.quantity.astype(stock.units.dtype))
            column = (held.candidates[plan.order] == plan.site[:, None]).argmax(axis=1)
            np.add.at(capacity, (plan.site, held.pick_day[plan.order, column]), 1)
        return stock, capacity

    def _prices(self, here: Ints, left: float) -> Prices:
        """Return what things are worth to orders to come, orders ``here`` competing with them."""
        base = self.problem.prices or Prices.zero(self.stock, self.capacity)
        if self.forecast is None or not self.policy.samples or left <= 0.0:
            return base
        stock, capacity = self._given_back()
        found = []
        for number in range(self.policy.samples):
            rows = self.forecast.sample(self.rng, left)
            likely = self.forecast.like.take(rows, stock=stock, capacity=capacity)
            mine = self.problem.take(here, stock=stock, capacity=capacity)
            together = replace(likely.joined(mine), sequence=np.arange(rows.size + here.size))
            refuse = np.concatenate([dearest_way(likely), dearest_way(mine)])
            start = self.state[number]
            priced = shadow_prices(
                together, refuse, iterations=ITERATIONS if start else 2 * ITERATIONS, start=start,
                keep_going=self.keep_going,
            )  # fmt: skip
            self.state[number] = priced.last
            found.append(priced.prices)
        return base.plus(mean_prices(found))

    def _settle(self, here: Ints, plan: OrderRoutingPlan, prices: Prices, following: Ints) -> None:
        """Decide waiting orders again, and make those final that have waited long enough or as long as they can."""
        lines = self.problem.take(here).lines
        if self.policy.hold_pct:
            stock, capacity = self._given_back()
            again = replace(self.problem.take(here, stock=stock, capacity=capacity), prices=prices)
            plan = reoptimise(
                self._asked_in_time(again, here, plan), _at_prices(again, plan, prices), self.refuse_minor[here],
                self.rng, iterations=ITERATIONS, keep_going=self.keep_going,
            ).plan  # fmt: skip
        self.stock, self.capacity = plan.stock, plan.capacity
        keep = self.refuse_minor.size * self.policy.hold_pct // 100 if following.size else 0
        done = np.arange(here.size) < here.size - keep
        if self.waits is not None and following.size:
            done |= self._latest(here, plan) < self.waits.placed_at[following[-1]]
        self.final.append((here[done], plan.take(done, lines.start)))
        self.waiting, self.plan = here[~done], plan.take(~done, lines.start)

    def _latest(self, here: Ints, plan: OrderRoutingPlan) -> Ints:
        """Return until when the sites that a plan gives orders can all be asked (R,)."""
        assert self.waits is not None, "orders wait as long as the policy says"
        latest = np.full(here.size, UNLIMITED)
        column = (self.problem.candidates[here[plan.order]] == plan.site[:, None]).argmax(axis=1)
        np.minimum.at(latest, plan.order, self.waits.latest_at[here[plan.order], column])
        return latest

    def _asked_in_time(self, problem: OrderRoutingProblem, here: Ints, plan: OrderRoutingPlan) -> OrderRoutingProblem:
        """Return the problem with the candidates only that can be asked now; none for orders that had to be final."""
        if self.waits is None or not here.size:
            return problem
        now = self.waits.placed_at[here[-1]]
        late = (self.waits.latest_at[here] < now) | (self._latest(here, plan) < now)[:, None]
        return replace(problem, price=np.where(late[:, :, None], IMPOSSIBLE, problem.price))

    def _all(self) -> OrderRoutingPlan:
        """Return the final plans as one, orders in the sequence of the problem."""
        rows = np.concatenate([rows for rows, _ in self.final])
        lines = [self.problem.take(rows).lines.product.size for rows, _ in self.final]
        joined = OrderRoutingPlan.joined([plan for _, plan in self.final], lines)
        return joined.renumbered(rows, self.problem.lines.take(rows)[1])


def dearest_way(problem: OrderRoutingProblem) -> Ints:
    """Return what each order would cost from its dearest candidate, all of its lines apart (O,) [minor].

    Prices that decide between sites need not know what it costs not to serve: that is the same wherever a unit lies.
    """
    orders = problem.lines.start.size - 1
    site = np.maximum(problem.candidates, 0)
    line, unit = problem.line_minor[site].max(axis=1), problem.unit_minor[site].max(axis=1)
    possible = problem.price < IMPOSSIBLE  # a way may exist for light packages only
    dearest = np.where(possible, problem.price, 0).max(axis=2)
    drop = np.where(possible.any(axis=2), dearest + problem.package_minor[site], 0)
    units = np.add.reduceat(np.append(problem.lines.quantity, 0), problem.lines.start[:-1])
    count = np.diff(problem.lines.start)
    return np.where(count > 0, count * (drop.max(axis=1) + line) + units * unit, 0)[:orders]


def _at_prices(problem: OrderRoutingProblem, plan: OrderRoutingPlan, prices: Prices) -> OrderRoutingPlan:
    """Return a plan with what its allocations are worth at other prices."""
    rows = problem.stock.rows(problem.lines.product[plan.line], plan.site)
    column = (problem.candidates[plan.order] == plan.site[:, None]).argmax(axis=1)
    worth = prices.unit[rows] * plan.quantity + prices.pick[plan.site, problem.pick_day[plan.order, column]]
    priced = np.bincount(plan.order, weights=worth, minlength=plan.status.size).astype(np.int64)
    return replace(plan, priced_minor=priced)
