"""The main job: a checked plan of a day beside its two baselines."""

from dataclasses import dataclass

import polars as pl

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.delivery_mode.drop_cost import FittedDropCost
from doorstep.domain import DayPlan, Retailer
from doorstep.foundation import InputError, Interrupt, Progress, Silent
from doorstep.geography import TravelTimes
from doorstep.measurement import measure
from doorstep.operations.corridor.assemble import assemble
from doorstep.operations.corridor.deliver import Draft, Search, deliver
from doorstep.operations.corridor.drafts import draft_plan
from doorstep.operations.corridor.learn_drops import drafted_drops
from doorstep.operations.corridor.learning import learnt_draft
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.strategy import DOORSTEP, FEWEST_SPLITS, NEAREST_FC
from doorstep.operations.corridor.verify import verify
from doorstep.operations.corridor.world import World, build_world
from doorstep.vehicle_routing import SisrSolver, Solver
from doorstep.vehicle_routing.several_starts import SeveralStarts

MOST_ITERATIONS, FEWEST_ITERATIONS = 10_000, 2_500
LARGE_DAY = 15_000
"""Orders above which the default patience shrinks in proportion, so that a large day ends in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """A plan, the measures of it and of the baselines, and whether somebody interrupted the search.

    ``measures`` maps doorstep and each baseline to its measures; ``unserved`` likewise to counts by reason, and
    ``violations`` to what the checkers found: a plan with any must not be used. ``drop_cost`` is what the plan's own
    routes teach about the cost of a drop, None where they are too few to tell. ``sites_above_bound_share`` is how far
    the sites chosen lie, by the estimates that they were chosen by, above what any choice among the sites near the
    doors must cost; None where nothing was proved.
    """

    plan: DayPlan
    measures: dict[str, dict[str, float]]
    unserved: dict[str, dict[str, int]]
    violations: dict[str, tuple[str, ...]]
    interrupted: bool
    drop_cost: FittedDropCost | None = None
    sites_above_bound_share: float | None = None

    def scoreboard(self) -> pl.DataFrame:
        """Return the measures in long form."""
        rows = [(plan, name, value) for plan, values in self.measures.items() for name, value in values.items()]
        return pl.DataFrame(rows, schema=["plan", "measure", "value"], orient="row")


def plan_day(
    retailer: Retailer,
    *,
    iterations: int | None = None,
    seed: int = 1,
    solver: Solver | None = None,
    travel: TravelTimes | None = None,
    progress: Progress | None = None,
    interrupt: Interrupt | None = None,
) -> DayResult:
    """Return the plan of all orders of a retailer: sites, parcels, modes and routes, checked, beside two baselines.

    The second baseline's plan is a candidate too, improved from its own routes, so that the plan returned is never
    worse than it.

    Parameters
    ----------
    iterations
        Patience of the routing engine for each site and day; by default 10,000, fewer on days of more than 15,000
        orders. The same number and seed give the same plan.
    travel
        Travel times; by default the great-circle estimate of the retailer's policy.
    interrupt
        Asked between and during searches; what is finished by then is kept, the rest goes to carriers.
    """
    listen, stop = progress or Silent(), interrupt or Interrupt()
    world = build_world(retailer, travel)
    patience = default_iterations(world.orders) if iterations is None else iterations
    if patience < 1:
        raise InputError(f"iterations {patience} must be at least 1.")
    search = Search(solver=solver or SeveralStarts(solver=SisrSolver()), iterations=patience, seed=seed)
    density = drop_density(world)
    own = own_drop_price(world, density)
    baselines = {s: draft_plan(world, s, own, search, listen, stop) for s in (NEAREST_FC, FEWEST_SPLITS)}
    best = _best_draft(world, density, search, listen, stop, baselines[FEWEST_SPLITS])
    plans = {DOORSTEP.name: assemble(world, best)}
    plans |= {strategy.name: assemble(world, draft, explain=()) for strategy, draft in baselines.items()}
    listen.stage("checking the plans", len(plans))
    violations = {}
    for name, plan in plans.items():
        violations[name] = tuple(verify(retailer, plan, world.travel, explained=name == DOORSTEP.name))
        listen.advance()
    return DayResult(
        plan=plans[DOORSTEP.name],
        measures={name: measure(plan) for name, plan in plans.items()},
        unserved={name: _unserved(plan) for name, plan in plans.items()},
        violations=violations,
        interrupted=stop(),
        drop_cost=learnt.fitted if (learnt := drafted_drops(world, best).learn()) else None,
        sites_above_bound_share=best.shipment.choice.above_bound_share(),
    )


def default_iterations(orders: int) -> int:
    """Return the routing engine's patience for a day of so many orders."""
    return max(FEWEST_ITERATIONS, MOST_ITERATIONS * LARGE_DAY // max(orders, LARGE_DAY))


def _best_draft(
    world: World,
    density: DropDensity,
    search: Search,
    progress: Progress,
    interrupt: Interrupt,
    rule: Draft,
) -> Draft:
    """Return the least-cost draft if it is no worse than the rule's in service and in cost by order.

    Else the rule's draft is improved from its own routes, and the best of all that are no worse than it is returned.
    """
    if interrupt():
        return rule
    ours = learnt_draft(world, density, rule, search, progress, interrupt)
    if ours.is_no_worse_than(rule, world):
        return ours
    drafts = [ours, rule]
    if not interrupt():
        drafts.append(deliver(world, DOORSTEP, rule.shipment, search, progress, interrupt, start=rule))
    sound = [draft for draft in drafts if draft.is_no_worse_than(rule, world)]
    return min(sound, key=lambda draft: draft.objective_minor(world))


def _unserved(plan: DayPlan) -> dict[str, int]:
    gone = plan.order_outcomes.filter(pl.col("status").cast(pl.String) == "unserved")
    return {str(reason): count for reason, count in gone.group_by("reason").len().sort("reason").iter_rows()}
