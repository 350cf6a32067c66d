"""Proposes what to buy, transfer, ship from elsewhere or mark down."""

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement._replenish_kernels import buy_units, move_units, own_tails, units_that_suffice
from doorstep.placement.problem import UNLIMITED
from doorstep.placement.replenishment import Kind, Proposal, ReplenishmentPlan, ReplenishmentProblem

SURE = 0.95
"""Probability that demand over a product's life stays below what is not called excess."""


def base_stock(mean: Floats, k: Floats, service: Floats) -> Ints:
    """Return the least units (I, S) that meet the demand of the days covered with probability ``service`` (I,).

    Lost sales: what is short does not wait, so the position is only what lies there and what arrives in time.
    """
    start = np.empty(mean.size + 1, np.int64)
    tails = own_tails(mean, k, start)
    return _levels(tails, start, mean.shape, service)


def safety_stock(mean: Floats, k: Floats, service: Floats) -> Floats:
    """Return the units (I, S) beyond the mean demand in the base stock; below 0 where little service is wanted."""
    return base_stock(mean, k, service) - mean


def critical_ratio(margin: Floats, holding: Floats) -> Floats:
    """Return the newsvendor's best probability to have enough, ``margin / (margin + holding)``; 0 if both are 0."""
    both = margin + holding
    return np.divide(margin, both, out=np.zeros(both.shape), where=both > 0)


def propose(problem: ReplenishmentProblem) -> ReplenishmentPlan:
    """Return what to do today, with the reason, the value and the deadline of each proposal.

    A unit is worth its margin if it is wanted within the days covered, and costs its holding if not. First units are
    moved between sites where that gains more than the lane costs, within the trucks' room; then packs are bought for
    what is still worth it or promised by the service; what remains short is shipped from sites with more than their
    level; what will hardly sell in the product's life is marked down. One after another, what gains most first.

    References
    ----------
    Arrow, Harris, Marschak (1951), Optimal inventory policy. Paterson, Kiesmuller, Teunter, Glazebrook (2011),
    Inventory models with lateral transshipments: a review.
    """
    start = np.empty(problem.mean.size + 1, np.int64)
    tails = own_tails(problem.mean, problem.k, start)
    service = np.maximum(problem.service, critical_ratio(problem.margin_minor, problem.holding_minor))
    level = _levels(tails, start, problem.mean.shape, np.minimum(service, 1 - 1e-5))
    promised = _levels(tails, start, problem.mean.shape, problem.service)
    stock = problem.on_hand + problem.incoming
    free, most = np.array(problem.on_hand), np.full(stock.shape, UNLIMITED)
    if problem.target is not None:
        level = promised = most = problem.target
        free = np.clip(stock - problem.target, 0, problem.on_hand)
    proposals = _transfers(problem, tails, start, stock, free, most)
    proposals += _purchases(problem, tails, start, stock, promised, most)
    after = stock.copy()
    proposals += _shipments(problem, tails, start, stock, level)
    proposals += _markdowns(problem, stock, level, after)
    proposals.sort(key=lambda p: (-p.value_minor, p.deadline, p.product, p.site))
    return ReplenishmentPlan(proposals=tuple(proposals), level=level, stock_after=after)


def _levels(tails: Floats, start: Ints, shape: tuple[int, ...], service: Floats) -> Ints:
    level = np.zeros(shape, np.int64)
    units_that_suffice(tails, start, np.asarray(service, np.float64), level)
    return level


def _lasts(problem: ReplenishmentProblem, product: int, site: int) -> int:
    """Return the days that the stock of a product lasts at its mean demand."""
    a_day = float(problem.mean[product, site]) / int(problem.cover_days[product])
    there = int(problem.on_hand[product, site] + problem.incoming[product, site])
    return int(min(there / a_day, 1e6)) if a_day > 0 else 1_000_000


def _transfers(
    problem: ReplenishmentProblem, tails: Floats, start: Ints, stock: Ints, free: Ints, most: Ints
) -> list[Proposal]:
    room = np.where(problem.lane_days <= problem.cover_days.max(), problem.lane_room, 0.0)
    moved = move_units(
        tails,
        start,
        stock,
        free,
        most,
        np.asarray(problem.margin_minor, np.float64),
        np.asarray(problem.holding_minor, np.float64),
        np.asarray(problem.cube, np.float64),
        room,
        np.asarray(problem.lane_cost_minor, np.float64),
    )
    together: dict[tuple[int, int, int], tuple[int, float]] = {}
    for i, s, t, gain in moved[1:]:
        count, total = together.get((i, s, t), (0, 0.0))
        together[(i, s, t)] = (count + 1, total + gain)
    proposals = []
    for (i, s, t), (count, gain) in together.items():
        lasts = _lasts(problem, i, t)
        days = int(problem.lane_days[s, t])
        reason = (
            f"Site {t} has {problem.on_hand[i, t]} and expects {problem.mean[i, t]:.3g} to be wanted in "
            f"{problem.cover_days[i]} days; site {s} has {problem.on_hand[i, s]} for {problem.mean[i, s]:.3g}. "
            f"The truck takes {days} days."
        )
        proposals.append(_proposal(Kind.TRANSFER, i, s, t, count, gain, problem.today + max(0, lasts - days), reason))
    return proposals


def _purchases(
    problem: ReplenishmentProblem, tails: Floats, start: Ints, stock: Ints, promised: Ints, most: Ints
) -> list[Proposal]:
    buyable, inbound = np.array(problem.buyable), np.array(problem.inbound)
    bought = buy_units(
        tails,
        start,
        stock,
        promised,
        most,
        buyable,
        np.array(problem.pack),
        np.asarray(problem.margin_minor, np.float64),
        np.asarray(problem.holding_minor, np.float64),
        inbound,
    )
    together: dict[tuple[int, int], tuple[int, float]] = {}
    for i, s, gain in bought[1:]:
        count, total = together.get((i, s), (0, 0.0))
        together[(i, s)] = (count + int(problem.pack[i]), total + gain)
    proposals = []
    for (i, s), (count, gain) in together.items():
        lasts, lead = _lasts(problem, i, s), int(problem.lead_days[i])
        there = int(problem.on_hand[i, s] + problem.incoming[i, s])
        sure = _sure(tails, start, i * problem.mean.shape[1] + s, int(stock[i, s]))
        reason = (
            f"Site {s} has {there}, on the way included, and expects {problem.mean[i, s]:.3g} to be wanted in "
            f"{problem.cover_days[i]} days; {stock[i, s]} suffice with {sure:.0%}. "
            f"A purchase takes {lead} days."
        )
        proposals.append(_proposal(Kind.BUY, i, -1, s, count, gain, problem.today + max(0, lasts - lead), reason))
    return proposals


def _sure(tails: Floats, start: Ints, row: int, units: int) -> float:
    """Return the probability that so many units suffice."""
    at = int(start[row]) + units
    return 1.0 - float(tails[at]) if at < start[row + 1] else 1.0


def _shipments(problem: ReplenishmentProblem, tails: Floats, start: Ints, stock: Ints, level: Ints) -> list[Proposal]:
    """Return which zones' orders are to be served from sites that have more than their level; ``stock`` is changed."""
    proposals = []
    products, sites = problem.mean.shape
    for i in range(products):
        spare = np.maximum(stock[i] - np.maximum(level[i], problem.incoming[i]), 0)
        if not spare.any():
            continue
        for t in range(sites):
            row = i * sites + t
            short = round(float(tails[start[row] + stock[i, t] : start[row + 1]].sum()))
            if short <= 0:
                continue
            for s in np.argsort(problem.ship_cost_minor[:, t], kind="stable").tolist():
                count = min(short, int(spare[s]))
                each = float(problem.margin_minor[i] - problem.ship_cost_minor[s, t])
                if s == t or count <= 0 or each <= 0:
                    continue
                spare[s] -= count
                stock[i, s] -= count
                short -= count
                reason = (
                    f"About {count} more will be wanted near site {t} than the {stock[i, t]} there; site {s} has "
                    f"{stock[i, s] + count}, more than its {level[i, s]}. Serving an order from there costs "
                    f"{problem.ship_cost_minor[s, t]:.0f} more."
                )
                deadline = problem.today + min(_lasts(problem, i, t), int(problem.cover_days[i]))
                proposals.append(_proposal(Kind.SHIP_FROM, i, s, t, count, each * count, deadline, reason))
    return proposals


def _markdowns(problem: ReplenishmentProblem, stock: Ints, level: Ints, after: Ints) -> list[Proposal]:
    """Return what will hardly sell in the product's life; ``after`` (I, S) is changed."""
    times = (problem.life_days / problem.cover_days)[:, None]
    ending = (problem.markdown_minor > 0) & (problem.life_days < 10_000)
    life = np.where(ending[:, None], problem.mean * times, 0.0)
    enough = base_stock(life, problem.k * np.maximum(times, 1e-9), np.full(life.shape[0], SURE))
    there = np.clip(stock - problem.incoming, 0, problem.on_hand)
    excess = np.where(ending[:, None], np.minimum(stock - np.maximum(enough, level), there), 0)
    proposals = []
    for i, s in np.argwhere(excess > 0).tolist():
        count = int(excess[i, s])
        after[i, s] -= count
        reason = (
            f"Site {s} has {problem.on_hand[i, s]}, and in the {problem.life_days[i]} days that it still sells no more "
            f"than {enough[i, s]} will be wanted with {SURE:.0%}."
        )
        gain = count * float(problem.markdown_minor[i] + problem.holding_minor[i])
        deadline = problem.today + int(problem.life_days[i])
        proposals.append(_proposal(Kind.MARKDOWN, i, s, s, count, gain, deadline, reason))
    return proposals


def _proposal(
    kind: Kind, product: int, source: int, site: int, quantity: int, gain: float, deadline: int, reason: str
) -> Proposal:
    return Proposal(
        kind=kind,
        product=product,
        source=source,
        site=site,
        quantity=quantity,
        value_minor=round(gain),
        deadline=deadline,
        reason=reason,
    )
