"""Stock rows: separable and spill-over instances, fresh scenarios, peers at equal stock, and a real month of sales."""

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy import stats

from benchmarks.table import Row
from doorstep.foundation import Iterations, Silent
from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement import PlacementProblem, place_stock, placement_problem
from doorstep.placement.check import Outcome, check_placement, draw_demand, replay, rule_faults
from doorstep.placement.place import units_at
from doorstep.placement.prices import find_prices
from doorstep.placement.tails import Market, market_of

TIERS = np.array([1.0, 0.7, 0.2])
"""Worth of a unit from the own site, from the region, from beyond."""
K = 0.8
SCARCE = 0.8
"""Stock for real sales, as a share of the expected week."""
SCENARIOS = 16
"""Fresh scenarios that every plan meets."""
SPILL = (10_000, 40, 8)
MEAN_UNITS = 188_000
STOCKOUT_COST = 0.2
"""What a plan that minds stock-outs takes a unit not served to cost; its value is told without it, like all others'."""
COSTLY = f"stock-outs cost {STOCKOUT_COST}"


def separable_rows(*, seed: int) -> list[Row]:
    """Return the rows of instances where a zone has its own site only and 35 % of the demand fits, and a large one."""
    place_stock(_instance(50, 6, 2, seed))  # compiles
    rows = []
    for products, sites in ((10_000, 40), (50_000, 100)):
        problem = _separable(products, sites, seed)
        rows.append(_planned(f"separable {products:,} x {sites}", problem, seed))
    whole = _instance(50_000, 100, 10, seed, fits=0.8)
    rows.append(_planned("spill-over 50,000 x 100, 80 % fits", whole, seed))
    return rows


def spill_rows(*, seed: int, seeds: int, peers: bool) -> list[Row]:
    """Return the rows of the spill-over instance: equal stock, each policy on the same fresh scenarios, by seed."""
    rows: list[Row] = []
    for number in range(seed, seed + seeds):
        problem = _instance(*SPILL, number, units=MEAN_UNITS)
        name = f"spill-over, seed {number}"
        demands = _fresh(problem, number)
        rows.append(_planned(name, problem, number, demands=demands))
        costly = replace(problem, stockout_cost=np.full(SPILL[0], STOCKOUT_COST))
        rows.append(_judged(name, COSTLY, problem, lambda p=costly: place_stock(p).units, demands))
        near = replace(problem, value=np.broadcast_to(np.array([1.0, 1.0, 0.0]), (SPILL[0], 3)).copy())
        rows.append(_ceiling(name, near, problem, demands))
        rng = np.random.default_rng([number, 1])
        policies: dict[str, Callable[[], Ints]] = {
            "one site per product": lambda p=problem, r=rng: _one_site(p, r),
            "proportional": lambda p=problem: proportional(p.mean),
            "own-site newsvendor": lambda p=problem: _own_site(p),
        }
        if peers or number == seed:
            for count in (16, 96):
                policies[f"{count} scenarios"] = lambda p=problem, r=rng, n=count: _by_scenarios(p, n, r)
        rows += [_judged(name, solver, problem, make, demands) for solver, make in policies.items()]
    return rows


def sales_rows(data: Path) -> list[Row]:
    """Return the rows of real sales: stock for a week from the three weeks before, judged on what was sold in it."""
    sales = pl.read_parquet(data / "m5_d1914_1941.parquet")
    days = [column for column in sales.columns if column.startswith("d_")]
    stores = sales.select("store_id", "state_id").unique().sort("store_id")
    wide = sales.with_columns(item=pl.col("item_id").rank("dense") - 1, store=pl.col("store_id").rank("dense") - 1)
    products, sites = sales["item_id"].n_unique(), stores.height
    units = np.zeros((products, sites, len(days)))
    units[wide["item"].to_numpy(), wide["store"].to_numpy()] = wide.select(days).to_numpy()
    past = units[:, :, :-7].reshape(products, sites, -1, 7).sum(axis=3)
    own = past.mean(axis=2)
    shared = own.sum(axis=1, keepdims=True) * own.sum(axis=0) / own.sum()
    mean = 0.8 * own + 0.2 * shared
    excess = float(((past - own[:, :, None]) ** 2).sum() / 2 - own.sum())
    k = float((own**2).sum()) / max(excess, 1e-9)
    region = stores["state_id"].rank("dense").to_numpy().astype(np.int64) - 1
    demand = units[:, :, -7:].sum(axis=2).astype(np.int64)
    problem = placement_problem(mean, k, TIERS, SCARCE * mean.sum(axis=0), region=region)
    rows = []
    policies: dict[str, Callable[[], Ints]] = {
        "doorstep": lambda: place_stock(problem).units,
        "proportional": lambda: proportional(SCARCE * problem.mean),
        "own-site newsvendor": lambda: _own_site(problem),
    }
    for solver, make in policies.items():
        rows.append(_judged("sales of 2,439 items, 10 stores", solver, problem, make, [demand]))
    rows[0] = {**rows[0], "gap_pct": 100 * place_stock(problem).gap}
    return rows


def _instance(
    products: int, sites: int, regions: int, seed: int, *, fits: float = 1.0, units: float | None = None
) -> PlacementProblem:
    """Return products of gamma popularity at sites of gamma size; shapes give the note's peers about their shares."""
    rng = np.random.default_rng([seed, 0])
    mean = rng.gamma(0.55, 1.0, (products, 1)) * rng.gamma(2.5, 1.0, (1, sites))
    mean *= (0.47 * mean.size if units is None else units) / mean.sum()
    return placement_problem(mean, K, TIERS, fits * mean.sum(axis=0), region=np.arange(sites) % regions)


def _separable(products: int, sites: int, seed: int) -> PlacementProblem:
    rng = np.random.default_rng([seed, 0])
    plain = _instance(products, sites, 1, seed)
    cube = rng.lognormal(0.0, 0.6, products)
    mean = plain.mean
    value = np.zeros((products, 3))
    value[:, 0] = rng.lognormal(0.0, 0.5, products)
    return placement_problem(
        mean,
        K,
        value,
        0.35 * (cube @ mean),
        cube=cube,
        holding=0.02 * value[:, 0],
        supply=np.ceil(0.6 * mean.sum(axis=1)).astype(np.int64),
    )


def _planned(name: str, problem: PlacementProblem, seed: int, *, demands: Sequence[Ints] | None = None) -> Row:
    began, wall = time.process_time(), time.perf_counter()
    plan = place_stock(problem, rng=np.random.default_rng(seed))
    cpu_s, wall_s = time.process_time() - began, time.perf_counter() - wall
    wanted = float(problem.mean.sum())
    demands = _fresh(problem, seed) if demands is None else demands
    faults = check_placement(problem, plan, everything=problem.mean.size <= 500_000)
    return {
        "instance": name,
        "solver": "doorstep",
        **_shares([replay(problem, plan.units, demand) for demand in demands]),
        "value": plan.value / wanted,
        "bound": plan.bound / wanted,
        "gap_pct": 100 * plan.gap,
        "units": int(plan.units.sum()),
        "cpu_s": round(cpu_s, 2),
        "wall_s": round(wall_s, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "violations": len(faults),
    }


def _judged(
    name: str,
    solver: str,
    problem: PlacementProblem,
    make: Callable[[], Ints],
    demands: Sequence[Ints],
) -> Row:
    began = time.process_time()
    units = make()
    cpu_s = time.process_time() - began
    own_rules = solver == "one site per product"  # its site's room is ignored, as in the note
    return {
        "instance": name,
        "solver": solver,
        **_shares([replay(problem, units, demand) for demand in demands]),
        "units": int(units.sum()),
        "cpu_s": round(cpu_s, 2),
        "violations": 0 if own_rules else len(rule_faults(problem, units)),
    }


def _ceiling(name: str, near: PlacementProblem, problem: PlacementProblem, demands: Sequence[Ints]) -> Row:
    """Return what a plan reaches that looks at the region's share alone, and the share that no plan exceeds."""
    began = time.process_time()
    plan = place_stock(near)
    cpu_s = time.process_time() - began
    row = _judged(name, "region's share alone", problem, lambda: plan.units, demands)
    return {**row, "in_region_most_pct": 100 * plan.bound / float(problem.mean.sum()), "cpu_s": round(cpu_s, 2)}


def _fresh(problem: PlacementProblem, seed: int) -> list[Ints]:
    """Return scenarios that no plan has seen."""
    return [draw_demand(problem, np.random.default_rng([seed, 2, n])) for n in range(SCENARIOS)]


def _shares(outcomes: Sequence[Outcome]) -> dict[str, object]:
    own, region = sum(o.own for o in outcomes), sum(o.region for o in outcomes)
    beyond, unserved = sum(o.beyond for o in outcomes), sum(o.unserved for o in outcomes)
    wanted = own + region + beyond + unserved
    return {
        "own_pct": 100 * own / wanted,
        "in_region_pct": 100 * (own + region) / wanted,
        "unserved_pct": 100 * unserved / wanted,
        "fresh_value": round(sum(o.value for o in outcomes) / wanted, 4),
    }


def proportional(mean: Floats) -> Ints:
    """Return whole units (I, S) in proportion to mean demand, each site's sum kept: largest remainders."""
    units = np.floor(mean).astype(np.int64)
    for site in range(mean.shape[1]):
        left = int(mean[:, site].sum()) - int(units[:, site].sum())
        units[np.argsort(units[:, site] - mean[:, site], kind="stable")[:left], site] += 1
    return units


def _one_site(problem: PlacementProblem, rng: np.random.Generator) -> Ints:
    units = np.zeros(problem.mean.shape, np.int64)
    units[np.arange(units.shape[0]), rng.integers(units.shape[1], size=units.shape[0])] = np.rint(
        problem.mean.sum(axis=1)
    ).astype(np.int64)
    return units


def _own_site(problem: PlacementProblem) -> Ints:
    """Return the newsvendor's units: each site's capacity goes to the units most likely to sell there."""
    units = np.zeros(problem.mean.shape, np.int64)
    for site in range(units.shape[1]):
        mean, k = problem.mean[:, site], problem.k[:, site]
        room = int(problem.capacity[site] + 1e-9)
        low, high = 0.0, 1.0
        for _ in range(50):
            chance = (low + high) / 2
            found = _quantile(mean, k, 1.0 - chance)
            low, high = (chance, high) if found.sum() > room else (low, chance)
        units[:, site] = _quantile(mean, k, 1.0 - high)
        next_chance = stats.nbinom.sf(units[:, site], k, k / (k + mean))
        units[np.argsort(-next_chance)[: room - int(units[:, site].sum())], site] += 1
    return units


def _quantile(mean: Floats, k: Floats, probability: float) -> Ints:
    found = stats.nbinom.ppf(probability, k, k / (k + np.maximum(mean, 1e-12)))
    return np.maximum(found, 0).astype(np.int64)


def _by_scenarios(problem: PlacementProblem, count: int, rng: np.random.Generator) -> Ints:
    """Return the plan that is best for drawn scenarios (sample average), by the same search."""
    market = market_of(problem)
    region = problem.region[market.site]
    draws = np.stack([draw_demand(problem, rng)[:, market.site] for _ in range(count)], axis=-1)
    in_regions = np.stack([draws[:, region == r].sum(axis=1) for r in range(problem.regions)], axis=1)
    sampled = _sampled(market, draws, in_regions)
    priced = find_prices(sampled, rng=rng, stop=Iterations(limit=10_000), progress=Silent())
    units = units_at(sampled, priced, rng=rng, stop=Iterations(limit=10_000), progress=Silent())
    return units[:, np.argsort(market.site)]


def _sampled(market: Market, draws: Ints, in_regions: Ints) -> Market:
    own, own_start = _empirical(draws)
    pooled, region_start = _empirical(in_regions)
    nation, nation_start = _empirical(draws.sum(axis=1))
    return market._replace(
        own=own,
        own_start=own_start,
        pooled=pooled,
        region_start=region_start,
        nation=nation,
        nation_start=nation_start,
        lost=np.zeros(market.lost.shape),
    )


def _empirical(draws: Ints) -> tuple[Floats, Ints]:
    """Return the share of draws above 0, 1, ... of each row, as a ragged table; draws lie along the last axis."""
    flat = draws.reshape(-1, draws.shape[-1])
    length = flat.max(axis=1)
    start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    # A draw d is above 0, ..., d - 1: count draws by value, and sum from the far end.
    width = int(length.max()) + 1
    tails = np.empty(int(start[-1]))
    for first in range(0, flat.shape[0], 20_000):
        part = flat[first : first + 20_000]
        counts = np.zeros((part.shape[0], width + 1))
        np.add.at(counts, (np.arange(part.shape[0])[:, None], part), 1.0 / draws.shape[-1])
        above = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1][:, 1:width]
        here = length[first : first + 20_000]
        tails[start[first] : start[first + part.shape[0]]] = above[np.arange(width - 1) < here[:, None]]
    return tails, start
