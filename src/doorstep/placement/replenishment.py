"""What replenishment needs and returns: stock, demand, lanes, supply; proposals with reason, value and deadline."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints


class Kind(StrEnum):
    """What is proposed."""

    BUY = "buy"
    TRANSFER = "transfer"
    SHIP_FROM = "ship-from"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplenishmentProblem:
    """Stock of I products at S sites on a day, and how it can be mended. Money in minor units, demand not met is lost.

    Parameters
    ----------
    today
        Number of the day.
    on_hand, incoming : (I, S)
        Units there, and units on their way that arrive in time.
    mean, k : (I, S)
        Negative binomial demand over the days that this review must cover.
    cover_days, lead_days : (I,)
        Those days (lead time and review), and the lead time of a purchase.
    margin_minor, holding_minor : (I,)
        Lost with a unit that is wanted and not there; cost of a unit that is left when the days are over.
    service : (I,)
        Least probability that a site's stock suffices, 0 to leave it to margin and holding.
    buyable, pack : (I,)
        Units that can be bought, and the units of a pack.
    inbound : (S,)
        Bought units that a site can receive.
    cube : (I,)
        Room of a unit.
    lane_room, lane_cost_minor, lane_days : (S, S)
        Room of the truck from one site to another (0: none), cost of a unit in it, days that it takes.
    ship_cost_minor : (S, S)
        Further cost of serving an order in a site's zone from another site.
    life_days, markdown_minor : (I,)
        Days that the product still sells, and what a unit brings if marked down now.
    target : (I, S)
        Units that a plan of the stock wants there, if there is one: sites are filled up to them whatever a unit gains
        at its own site alone, no further, and only what is beyond them leaves.

    Raises
    ------
    InputError
        If shapes or numbers are broken; the message lists every fault.
    """

    today: int
    on_hand: Ints
    incoming: Ints
    mean: Floats
    k: Floats
    cover_days: Ints
    lead_days: Ints
    margin_minor: Floats
    holding_minor: Floats
    service: Floats
    buyable: Ints
    pack: Ints
    inbound: Ints
    cube: Floats
    lane_room: Floats
    lane_cost_minor: Floats
    lane_days: Ints
    ship_cost_minor: Floats
    life_days: Ints
    markdown_minor: Floats
    target: Ints | None = None

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise InputError(" ".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing to do. ``source`` is the site that gives, -1 for a purchase; a markdown's source and site are the same.

    ``value_minor`` is the expected gain; ``deadline`` the last day on which doing it still helps in full.
    """

    kind: Kind
    product: int
    source: int
    site: int
    quantity: int
    value_minor: int
    deadline: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplenishmentPlan:
    """Proposals, the most valuable first; the level (I, S) each site should be filled to; stock if all are done."""

    proposals: tuple[Proposal, ...]
    level: Ints
    stock_after: Ints


def _faults(problem: ReplenishmentProblem) -> list[str]:
    if problem.mean.ndim != 2:
        return [f"mean {problem.mean.shape} must be (I, S)."]
    products, sites = problem.mean.shape
    shapes: dict[tuple[int, ...], tuple[str, ...]] = {
        (products, sites): ("on_hand", "incoming", "k"),
        (sites, sites): ("lane_room", "lane_cost_minor", "lane_days", "ship_cost_minor"),
        (sites,): ("inbound",),
    }
    one_each = ("cover_days", "lead_days", "margin_minor", "holding_minor", "service", "buyable", "pack", "cube")
    names = [(name, shape) for shape, group in shapes.items() for name in group]
    names += [(name, (products,)) for name in (*one_each, "life_days", "markdown_minor")]
    names += [("target", (products, sites))] if problem.target is not None else []
    faults = [
        f"{name} {getattr(problem, name).shape} must be {shape}."
        for name, shape in names
        if getattr(problem, name).shape != shape
    ]
    if faults:
        return faults
    for name, _ in [("mean", ()), *names]:
        values = getattr(problem, name)
        wrong = ~(values > 0) if name in ("k", "pack", "cube", "cover_days") else ~(values >= 0)
        if wrong.any():
            row = tuple(int(r) for r in np.argwhere(wrong)[0])
            rule = "be above 0" if name in ("k", "pack", "cube", "cover_days") else "not be negative"
            faults.append(f"{name} must {rule}: {int(wrong.sum())} entries are not, first {row}: {values[row]}.")
    if (problem.service >= 1.0).any():
        faults.append("service must be below 1: no stock is always enough.")
    return faults
