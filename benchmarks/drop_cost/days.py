"""Sample days planned with several prices of own drops; sites, engine, patience and rules are the same."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from doorstep.delivery_mode.density_price import DropDensity
from doorstep.foundation import Interrupt, Silent
from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.assemble import assemble
from doorstep.operations.corridor.deliver import Draft, Search
from doorstep.operations.corridor.drafts import draft_plan
from doorstep.operations.corridor.learn_drops import DrivenDrops, drafted_drops
from doorstep.operations.corridor.learning import learnt_draft
from doorstep.operations.corridor.own_price import drop_density, own_drop_price, scarce_drop_price
from doorstep.operations.corridor.strategy import DOORSTEP, FEWEST_SPLITS
from doorstep.operations.corridor.verify import verify
from doorstep.operations.corridor.world import World, build_world
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.vehicle_routing import SisrSolver
from doorstep.vehicle_routing.density import marginal_costs

SIZES = (("Chicago, US", 40, 2, 5_000), ("Dallas, US", 24, 1, 2_000), ("Lyon, FR", 12, 1, 1_000))
"""City, stores, FCs and orders of each sample: those of the corridor's benchmark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDay:
    """A day: the drops of the plan priced by the formula, what the formula asked for each, and what all plans cost.

    ``formula_minor`` (N,) is the price of each drop of ``driven`` by ``estimate_own_drops``, ``ahead_minor`` (N,) the
    price by what the routes of rule (b) teach.
    """

    name: str
    seed: int
    driven: DrivenDrops
    formula_minor: Ints
    ahead_minor: Ints
    cost_rows: list[dict[str, object]]


def plan_days(*, seed: int, iterations: int, say: Callable[[str], None]) -> list[PlannedDay]:
    """Return the sample days of a seed."""
    days = []
    for near, stores, fcs, orders in SIZES:
        name = f"{near.split(',')[0]} {stores} stores, {orders:,} orders"
        say(f"planning {name}, seed {seed} ...")
        retailer = sample_retailer(find_city(near), stores, fcs, orders, np.random.default_rng(seed))
        days.append(_planned(build_world(retailer), name, seed, iterations))
    return days


def _planned(world: World, name: str, seed: int, iterations: int) -> PlannedDay:
    search = Search(solver=SisrSolver(), iterations=iterations, seed=seed)
    quiet, never = Silent(), Interrupt()
    density = drop_density(world)
    rule = draft_plan(world, FEWEST_SPLITS, own_drop_price(world, density), search, quiet, never)

    def plan(priced: DropDensity) -> Draft:
        return draft_plan(world, DOORSTEP, scarce_drop_price(world, priced, quiet, never), search, quiet, never)

    def learnt(sample: DrivenDrops) -> Draft:
        return plan(density._replace(learnt=sample.learn()))

    taught = drafted_drops(world, rule)
    ways: dict[str, Callable[[], Draft]] = {
        "formula": lambda: plan(density),
        "formula, scaled to what drops cost": lambda: plan(_scaled(world, density, drafts["formula"])),
        "learnt, marginal costs": lambda: learnt(_marginal(rule, taught)),
        "learnt (default)": lambda: learnt_draft(world, density, rule, search, quiet, never),
        "learnt again from its own routes": lambda: learnt(drafted_drops(world, drafts["learnt (default)"])),
    }
    rows: list[dict[str, object]] = []
    drafts: dict[str, Draft] = {}
    for way, made in ways.items():
        started = time.process_time()
        drafts[way] = made()
        rows.append(_cost_row(world, name, seed, way, drafts[way], time.process_time() - started))
    before = float(str(rows[0]["cost"]))
    for row in rows:
        row["vs_formula_pct"] = round(100 * (float(str(row["cost"])) / before - 1), 2)
    driven = drafted_drops(world, drafts["formula"])
    return PlannedDay(
        name=name,
        seed=seed,
        driven=driven,
        formula_minor=_formula_minor(density, driven),
        ahead_minor=ahead_minor(world, density, taught, drafts["formula"]),
        cost_rows=rows,
    )


def ahead_minor(world: World, density: DropDensity, taught: DrivenDrops, draft: Draft) -> Ints:
    """Return what the drops of a draft were expected to cost by what other routes taught before."""
    driven = drafted_drops(world, draft)
    drop = np.array([int(delivery[1:]) - 1 for delivery in driven.delivery_id.to_list()], dtype=np.int64)
    site, distance_m = driven.sample.site, driven.sample.expected.distance_m
    prices = own_drop_price(world, density._replace(learnt=taught.learn()))
    return prices.of(site, distance_m, np.zeros_like(site), draft.shipment.drops.order[drop])


def _formula_minor(density: DropDensity, driven: DrivenDrops) -> Ints:
    site, distance_m = driven.sample.site, driven.sample.expected.distance_m
    return density.base_minor[site] + distance_m * density.per_km_minor[site] // 1000


def _scaled(world: World, density: DropDensity, draft: Draft) -> DropDensity:
    """Return the formula's prices times what the drops of its own plan cost by what it had asked for them."""
    driven = drafted_drops(world, draft)
    ratio = float(driven.sample.cost_minor.sum()) / float(_formula_minor(density, driven).sum())
    return density._replace(
        base_minor=np.rint(ratio * density.base_minor).astype(np.int64),
        per_km_minor=np.rint(ratio * density.per_km_minor).astype(np.int64),
    )


def _marginal(draft: Draft, driven: DrivenDrops) -> DrivenDrops:
    """Return the drops as if each had cost what its route would save without it."""
    saved: dict[str, int] = {}
    for here in draft.site_days:
        costs = marginal_costs(here.problem, here.plan)
        saved |= {f"D{int(here.drops[stop]) + 1:06d}": int(costs[stop]) for stop in here.plan.served()}
    cost = np.array([max(saved[delivery], 0) for delivery in driven.delivery_id.to_list()], dtype=np.int64)
    return DrivenDrops(
        delivery_id=driven.delivery_id,
        window_s=driven.window_s,
        sample=driven.sample._replace(cost_minor=cost),
        density=driven.density,
        stops_per_route=driven.stops_per_route,
    )


def _cost_row(world: World, name: str, seed: int, way: str, draft: Draft, cpu_s: float) -> dict[str, object]:
    served = world.orders - draft.unserved().size
    return {
        "instance": name,
        "seed": seed,
        "solver": way,
        "served": served,
        "cost": round(draft.cost_minor(world) / max(served, 1), 1),
        "with_unserved": round(draft.objective_minor(world) / world.orders, 1),
        "routes": sum(len(here.plan.routes) for here in draft.site_days),
        "own_drops": sum(len(here.plan.served()) for here in draft.site_days),
        "violations": len(verify(world.retailer, assemble(world, draft), world.travel)),
        "cpu_s": round(cpu_s, 1),
    }
