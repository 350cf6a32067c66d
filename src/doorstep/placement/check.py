"""Checks a placement against its problem, sharing nothing with the solver: rules, expected value, bound, scenarios.

Values are computed another way: probabilities of sums by multiplying generating functions on the unit circle, served
units by expectation of a minimum, and assignments unit by unit.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement.plan import PlacementPlan
from doorstep.placement.problem import PlacementProblem
from doorstep.placement.replenishment import Kind, ReplenishmentPlan, ReplenishmentProblem

CLOSE = 1e-5
"""Share by which values may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to demand: units served from the own site, from the region, from beyond and not at all; money."""

    own: int
    region: int
    beyond: int
    unserved: int
    value: float


def check_placement(problem: PlacementProblem, plan: PlacementPlan, *, everything: bool = True) -> list[str]:
    """Return one sentence for each broken rule; without ``everything`` the value, which is slow, is left out."""
    faults = rule_faults(problem, plan.units)
    if plan.value > plan.bound + 1e-9 * max(1.0, abs(plan.bound)):
        faults.append(f"bound {plan.bound!r} is below the value {plan.value!r}.")
    if everything and not faults:
        value = sum(expected_value(problem, plan.units, i) for i in range(plan.units.shape[0]))
        size = float(problem.value[:, 0] @ problem.mean.sum(axis=1)) + abs(value)
        if not abs(value - plan.value) <= CLOSE * max(size, 1e-9):
            faults.append(f"value {plan.value!r} is not {value!r}.")
    return faults


def rule_faults(problem: PlacementProblem, units: Ints) -> list[str]:
    """Return what breaks capacity, inbound, supply, least and most."""
    faults = []
    for site in range(units.shape[1]):
        here = units[:, site].tolist()
        room = sum(count * cube for count, cube in zip(here, problem.cube.tolist(), strict=True))
        if room > problem.capacity[site] + 1e-6 * max(1.0, room):
            faults.append(f"site {site}: units take {room:g}, capacity {problem.capacity[site]:g}.")
        got = sum(max(0, now - then) for now, then in zip(here, problem.present[:, site].tolist(), strict=True))
        if got > problem.inbound[site]:
            faults.append(f"site {site}: receives {got}, inbound {problem.inbound[site]}.")
    faults += [
        f"product {product}: {units[product].sum()} units, supply {problem.supply[product]}."
        for product in range(units.shape[0])
        if sum(units[product].tolist()) > problem.supply[product]
    ]
    for product, site in np.argwhere((units < problem.least) | (units > problem.most)).tolist():
        faults.append(
            f"product {product} at site {site}: {units[product, site]} units, at least "
            f"{problem.least[product, site]}, at most {problem.most[product, site]}."
        )
    return faults


def expected_value(problem: PlacementProblem, units: Ints, product: int) -> float:
    """Return the expected worth of one product's units, costs taken off."""
    mean, k = problem.mean[product], problem.k[product]
    own, region, beyond = (float(v) for v in problem.value[product])
    here = units[product]
    wanted, total = float(mean.sum()), int(here.sum())
    at_home = sum(_served(mean[s : s + 1], k[s : s + 1], int(here[s])) for s in range(here.size))
    near = 0.0
    for number in sorted(set(problem.region.tolist())):
        inside = problem.region == number
        near += _served(mean[inside], k[inside], int(here[inside].sum()))
    anywhere = _served(mean, k, total)
    money = own * at_home + region * (near - at_home) + beyond * (anywhere - near)
    money -= float(problem.stockout_cost[product]) * (wanted - anywhere) + float(problem.holding[product]) * total
    for site, count in enumerate(here.tolist()):
        moved = count - int(problem.present[product, site])
        money -= float(problem.receive_cost[site]) * max(0, moved) + float(problem.send_cost[site]) * max(0, -moved)
    return money


def _served(mean: Floats, k: Floats, units: int) -> float:
    """Return E min(units, sum of demands), by the discrete Fourier transform of the sum's distribution."""
    spread = float(np.sqrt((mean + mean**2 / k).sum()))
    length = 1 << int(np.ceil(np.log2(max(64.0, 4.0 * units, float(mean.sum()) + 60.0 * spread + 64.0))))
    circle = np.exp(-2j * np.pi * np.arange(length) / length)
    transform = np.ones(length, np.complex128)
    for m, dispersion in zip(mean.tolist(), k.tolist(), strict=True):
        if m > 0.0 and np.isinf(dispersion):
            transform *= np.exp(m * (circle - 1.0))
        elif m > 0.0:
            transform *= np.exp(-dispersion * np.log1p(m / dispersion * (1.0 - circle)))
    chance = np.fft.ifft(transform).real
    return float(np.minimum(np.arange(length), units) @ chance)


def draw_demand(problem: PlacementProblem, rng: np.random.Generator) -> Ints:
    """Return one scenario of demand (I, S)."""
    poisson = np.isinf(problem.k)
    k = np.where(poisson, 1.0, problem.k)
    rate = np.where(poisson, problem.mean, rng.gamma(k, problem.mean / k))
    return rng.poisson(rate).astype(np.int64)


def replay(problem: PlacementProblem, units: Ints, demand: Ints) -> Outcome:
    """Return what happens if this demand (I, S) meets these units and each zone is served from as near as can be."""
    own = np.minimum(units, demand)
    left, unmet = units - own, demand - own
    regions = int(problem.region.max()) + 1
    near = np.zeros(units.shape[0], np.int64)
    left_over, still = np.zeros_like(near), np.zeros_like(near)
    for number in range(regions):
        inside = problem.region == number
        spare, short = left[:, inside].sum(axis=1), unmet[:, inside].sum(axis=1)
        met = np.minimum(spare, short)
        near += met
        left_over += spare - met
        still += short - met
    far = np.minimum(left_over, still)
    lost = still - far
    moved = units - problem.present
    money = problem.value[:, 0] @ own.sum(axis=1) + problem.value[:, 1] @ near + problem.value[:, 2] @ far
    money -= problem.stockout_cost @ lost + problem.holding @ units.sum(axis=1)
    money -= np.maximum(moved, 0).sum(axis=0) @ problem.receive_cost
    money -= np.maximum(-moved, 0).sum(axis=0) @ problem.send_cost
    return Outcome(
        own=int(own.sum()), region=int(near.sum()), beyond=int(far.sum()), unserved=int(lost.sum()), value=float(money)
    )


def check_replenishment(problem: ReplenishmentProblem, plan: ReplenishmentPlan) -> list[str]:
    """Return one sentence for each broken rule: what is there, trucks, supply, inbound, packs, deadlines, sum."""
    faults = []
    stock = problem.on_hand + problem.incoming
    given: dict[tuple[int, int], int] = defaultdict(int)
    carried: dict[tuple[int, int], float] = defaultdict(float)
    bought: dict[int, int] = defaultdict(int)
    received: dict[int, int] = defaultdict(int)
    for p in plan.proposals:
        if p.quantity <= 0:
            faults.append(f"{p.kind} of product {p.product} at site {p.site}: quantity {p.quantity}.")
        if p.deadline < problem.today:
            faults.append(f"{p.kind} of product {p.product}: deadline {p.deadline} is before today, {problem.today}.")
        if p.kind is Kind.BUY:
            bought[p.product] += p.quantity
            received[p.site] += p.quantity
            stock[p.product, p.site] += p.quantity
            if p.quantity % problem.pack[p.product]:
                faults.append(f"product {p.product}: {p.quantity} bought, not packs of {problem.pack[p.product]}.")
            continue
        if p.kind is Kind.TRANSFER:
            carried[(p.source, p.site)] += p.quantity * float(problem.cube[p.product])
            stock[p.product, p.site] += p.quantity
        if p.kind is not Kind.SHIP_FROM:
            given[(p.product, p.source)] += p.quantity
            stock[p.product, p.source] -= p.quantity
    for (product, site), count in given.items():
        there = int(problem.on_hand[product, site])
        if count > there + received[site]:
            faults.append(f"site {site}: gives {count} of product {product}, {there} are there.")
    for product, count in bought.items():
        if count > problem.buyable[product]:
            faults.append(f"product {product}: {count} are bought, {problem.buyable[product]} can be.")
    for site, count in received.items():
        if count > problem.inbound[site]:
            faults.append(f"site {site}: receives {count}, inbound {problem.inbound[site]}.")
    for (source, site), room in carried.items():
        if room > problem.lane_room[source, site] + 1e-6:
            faults.append(f"lane {source} to {site}: {room:g} of {problem.lane_room[source, site]:g}.")
    if problem.target is not None:
        before = problem.on_hand + problem.incoming
        low = np.minimum(before, problem.target)
        high = np.maximum(before, problem.target + problem.pack[:, None] - 1)
        faults += [f"site {s}: {before[i, s]} of product {i} become {stock[i, s]}, {problem.target[i, s]} are aimed at."
                   for i, s in np.argwhere((stock < low) | (stock > high)).tolist()]  # fmt: skip
    if not faults and (stock != plan.stock_after).any():
        faults.append("stock_after is not what the proposals make of the stock.")
    return faults
