"""A plan of the stock: how much of each product should lie where, beside today's, replayed with orders."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation import Interrupt, Iterations, Progress, Stop
from doorstep.foundation.arrays import Ints
from doorstep.geography import TravelTimes
from doorstep.operations.planning.assortments import SiteAssortment, bought_together, site_assortments
from doorstep.operations.planning.drives import drives_of
from doorstep.operations.planning.site_demand import SiteDemand
from doorstep.operations.planning.stock_evening import accept_proposals, replenishment
from doorstep.operations.planning.stock_outcome import StockOutcome
from doorstep.operations.planning.stock_problem import TIERS, Tiers, stock_of, stock_problem, tiers_of
from doorstep.operations.planning.stock_replay import drawn_days, replay_stock
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.placement import PlacementPlan, PlacementProblem, place_stock
from doorstep.placement.check import check_placement
from doorstep.placement.problem import UNLIMITED

__all__ = ["StockStudy", "StockWishes", "retailer_with", "study_stock", "valued"]

CHECKED = 400
"""Products whose value the check works out anew, which is slow; rules are checked for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockStudy:
    """A plan of the stock beside today's, both valued by the same demand and replayed with the same orders."""

    demand: SiteDemand
    problem: PlacementProblem
    plan: PlacementPlan
    today: PlacementPlan
    tiers: Tiers
    replayed_today: StockOutcome | None
    replayed: StockOutcome | None
    faults: tuple[str, ...]
    notes: tuple[str, ...]
    assortments: tuple[SiteAssortment, ...] = ()


def study_stock(
    retailer: Retailer,
    demand: SiteDemand,
    wishes: StockWishes,
    *,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
    interrupt: Interrupt | None = None,
    threads: int = 1,
    travel: TravelTimes | None = None,
) -> StockStudy:
    """Return where the retailer's stock is worth most, beside where it lies; ``threads`` place products side by side.

    Orders are brought by ``travel``, by default the estimate of the retailer's policy.

    Raises
    ------
    InputError
        If what shelves must show has no room, or the assortment names an unknown site.
    """
    drives = drives_of(retailer, travel)
    tiers = tiers_of(retailer, drives.travel)
    everything = stock_problem(retailer, demand, tiers, wishes)
    kept = site_assortments(retailer, demand.mean, everything.least, wishes, drives.travel)
    problem = _with_assortments(everything, kept)
    plan = place_stock(problem, rng=rng, stop=stop, progress=progress, threads=threads)
    today = valued(problem, problem.present, rng)
    before, after = _replayed(retailer, demand, problem, plan, tiers, wishes, drives.travel, progress, interrupt)
    return StockStudy(
        demand=demand,
        problem=problem,
        plan=plan,
        today=today,
        tiers=tiers,
        replayed_today=before,
        replayed=after,
        faults=(
            *check_placement(problem, plan, everything=problem.mean.shape[0] <= CHECKED),
            *(fault for each in (before, after) if each is not None for fault in each.faults),
        ),
        notes=(*demand.notes, *drives.notes, *_notes(retailer, wishes, tiers, problem, plan), *_shown(problem, kept)),
        assortments=kept,
    )


def _with_assortments(problem: PlacementProblem, kept: tuple[SiteAssortment, ...]) -> PlacementProblem:
    """Return the problem in which small sites have nothing but what they keep."""
    most = problem.most.copy()
    for each in kept:
        most[~each.chosen, each.site] = 0
    return replace(problem, most=most)


def valued(problem: PlacementProblem, units: Ints, rng: np.random.Generator) -> PlacementPlan:
    """Return some stock as a plan: what it is worth by the problem's demand, whatever its rules say."""
    fixed = replace(
        problem,
        capacity=np.full(problem.capacity.shape, np.inf),
        inbound=np.full(problem.inbound.shape, UNLIMITED),
        supply=np.full(problem.supply.shape, UNLIMITED),
        present=units,
        least=units,
        most=units,
    )
    return place_stock(fixed, rng=rng, stop=Iterations(limit=1))


def retailer_with(retailer: Retailer, units: Ints) -> Retailer:
    """Return the retailer with some units (I, S) on its shelves, and what it keeps back of them."""
    kept = retailer.stock.select("site_id", "product_id", "safety_stock")
    stock = stock_of(retailer, units).join(kept, on=["site_id", "product_id"], how="left", maintain_order="left")
    return replace(retailer, stock=completed("stock", stock.with_columns(pl.col("safety_stock").fill_null(0))))


def _shown(problem: PlacementProblem, kept: tuple[SiteAssortment, ...]) -> tuple[str, ...]:
    full = sum(int((problem.least[:, each.site] > 0).sum()) == each.size for each in kept)
    return (f"{full} small sites keep nothing but what their shelves must show.",) if full else ()


def _replayed(
    retailer: Retailer,
    demand: SiteDemand,
    problem: PlacementProblem,
    plan: PlacementPlan,
    tiers: Tiers,
    wishes: StockWishes,
    travel: TravelTimes | None,
    progress: Progress,
    interrupt: Interrupt | None,
) -> tuple[StockOutcome | None, StockOutcome | None]:
    """Return what the same orders find in today's stock and in the plan's; nothing if somebody interrupts.

    Every evening all is done that is proposed to fill shelves up to what lay there at first, today's or the plan's.
    """
    if not wishes.replay_days:
        return None, None
    oldest_first = retailer.orders.sort("placed_at", maintain_order=True)
    model = bought_together(retailer, oldest_first, demand.mean) if wishes.replay_days > 1 else None
    days = drawn_days(retailer, wishes.replay_days, np.random.default_rng(0), model=model, travel=travel)
    first = replenishment(retailer, demand, problem, tiers, wishes)
    before, after = (
        replay_stock(
            days,
            units,
            evening=accept_proposals(retailer, replace(first, target=units)),
            travel=travel,
            progress=progress,
            interrupt=interrupt,
        )
        for units in (problem.present, plan.units)
    )
    return (before, after) if before is not None and after is not None else (None, None)


def _notes(
    retailer: Retailer, wishes: StockWishes, tiers: Tiers, problem: PlacementProblem, plan: PlacementPlan
) -> tuple[str, ...]:
    named = ", ".join(
        f"{name} {cost:,.0f} for {100 * reach:.0f} % of them"
        for name, cost, reach in zip(TIERS, tiers.cost_minor.tolist(), tiers.reach.tolist(), strict=True)
    )
    notes = [
        f"What a unit costs to pick and bring, by the estimates of order routing (minor units): {named}.",
        f"Every site has {wishes.space:g} times the room that the folder says, or else that its stock takes today.",
    ]
    if wishes.only_move:
        idle = int((problem.present.sum(axis=1) - plan.units.sum(axis=1)).sum())
        notes.append(
            f"Nothing is bought. {idle:,} of today's units gain nothing in these days and are not in the plan."
        )
    if not (retailer.sites["region"] != "").any():
        notes.append("No site has a region: all are in one.")
    return tuple(notes)
