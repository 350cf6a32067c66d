"""Which sites to open at which level, and who is served from where: a good plan first, then its proof."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from doorstep.foundation import InputError, Progress, Silent, Stop
from doorstep.foundation.arrays import Ints
from doorstep.network.capacitated.anneal import anneal_whole
from doorstep.network.capacitated.bound import Reduced, Relaxed, again, climb, fix, reduced_costs, start_relaxation
from doorstep.network.capacitated.branch import Tree, branch, enough, enter
from doorstep.network.capacitated.neighbourhood import improve_neighbourhoods
from doorstep.network.capacitated.options import Incumbent, Options, options_of
from doorstep.network.capacitated.plan import CapacitatedPlan, plan_of
from doorstep.network.capacitated.problem import CapacitatedProblem
from doorstep.network.capacitated.programme import choose_together
from doorstep.network.capacitated.sites_search import first_sets, improve_sites

STAGES = 12
"""Times that the bound is raised at the root, a set of open options being tried after each."""
ROUNDS = 50
"""Subgradient rounds of each."""
WORTH_IT, FEW = 0.05, 30.0
"""Share of the gap that exact knapsacks must close, and most customers at a site, to use them in branch and bound.

Filling a knapsack of many customers takes long and gains little: what is divided is one customer of many.
"""
PACKED_TURNS = (
    (0.05, "branch"),
    (0.4, "anneal"),
    (0.75, "neighbours"),
    (0.9, "branch"),
    (1.0, "neighbours"),
    (1.0, "branch"),
)
SPLIT_TURNS = ((1.0, "branch"),)
LOOSE_TURNS = ((0.05, "anneal"), (0.15, "neighbours"), (1.0, "branch"))
"""How whole customers' patience is shared: what is done up to which share of it.

Where a site holds few customers, packing them is the hard part; otherwise choosing the sites is.
"""
SHORT_CHAINS, LONG_CHAINS = 4, 12
"""Annealing chains of loose and of packed problems, each twice as long as the one before."""
FIRST_NODES = 10_000
"""Nodes of the programme that looks for any plan where the search found none."""


def site_capacitated(
    problem: CapacitatedProblem, *, rng: np.random.Generator, stop: Stop, progress: Progress | None = None
) -> CapacitatedPlan:
    """Return the cheapest plan found, with a proved lower bound on every plan's cost.

    A Lagrangian relaxation gives the bound and suggests sites; sets of sites are improved by their cheapest transport;
    whole customers are then exchanged between sites near each other; branch and bound over sites closes the gap. A plan
    comes back however short the patience, unless none was found: then it is marked so.

    Parameters
    ----------
    problem
        What to serve, from where.
    rng
        Draws the neighbourhoods of whole customers.
    stop
        Patience; asked at every node and neighbourhood.
    progress
        Hears of the stages.

    Raises
    ------
    InputError
        If it is proved that no choice of sites serves everybody.

    References
    ----------
    Beasley (1988), An algorithm for solving large capacitated warehouse location problems. Holmberg, Ronnqvist, Yuan
    (1999), An exact algorithm for the capacitated facility location problems with single sourcing.
    """
    told = progress if progress is not None else Silent()
    options = options_of(problem)
    incumbent = Incumbent(options)
    relaxed, chosen, reduced = _root(options, incumbent, stop, told)
    if incumbent.best is None and options.whole:
        anneal_whole(options, incumbent, reduced, rng, _until(stop, 0.3), chains=LONG_CHAINS, chosen=chosen)
    if incumbent.best is None:
        _any_plan(options, incumbent, stop)
    if incumbent.best is None:
        return plan_of(options, problem, None, relaxed.bound)
    told.stage("Sites", 1)
    improve_sites(options, incumbent, chosen, reduced.opened, _until(stop, 0.05 if options.whole else 0.15))
    told.advance()
    bound = _close(options, incumbent, relaxed, rng, stop, told)
    return plan_of(options, problem, incumbent.best, bound)


def _until(stop: Stop, share: float) -> Callable[[], bool]:
    """Return a question whether to go on, up to a share of the patience."""
    return lambda: not stop() and stop.spent() < share


def _patient(stop: Stop, share: float) -> Callable[[], bool]:
    """Return the same question for programmes, which ask too often to be counted."""
    return lambda: stop.spent() < share


def _root(options: Options, incumbent: Incumbent, stop: Stop, told: Progress) -> tuple[Relaxed, Ints, Reduced]:
    """Raise the bound of the whole problem and try the sets of options that it suggests; return the last one.

    Knapsacks of whole customers are filled exactly in the second half, and later on if that brought something.
    """
    relaxed, before = start_relaxation(options), -np.inf
    told.stage("Bound", 2 * STAGES if options.whole else STAGES)
    for stage in range(2 * STAGES if options.whole else STAGES):
        if stage == STAGES:
            before = relaxed.bound
            relaxed.exact = True
            again(relaxed)
        climb(options, relaxed, target=incumbent.value, rounds=ROUNDS)
        reduced = reduced_costs(options, relaxed)
        chosen = first_sets(options, incumbent, relaxed.chosen(), reduced.opened)
        told.advance()
        if stop() or relaxed.bound >= enough(incumbent):
            break
    held = float(np.median(options.capacity)) * options.demand.size / max(float(options.demand.sum()), 1e-300)
    relaxed.exact &= held <= FEW and relaxed.bound - before > WORTH_IT * (incumbent.value - before)
    return relaxed, chosen, reduced


def _any_plan(options: Options, incumbent: Incumbent, stop: Stop) -> None:
    """Look for a plan by a programme over all pairs."""
    pairs = np.ones((options.site.size, options.demand.size), np.bool_)
    answer = choose_together(options, pairs, None, nodes=FIRST_NODES, keep_going=_patient(stop, 1.0))
    if answer.served is not None:
        incumbent.offer(answer.served)
    elif answer.bound == np.inf:
        rule = "with one site each" if options.whole else "in parts"
        raise InputError(
            f"no choice of sites serves all {options.demand.size} customers {rule}: demand {options.demand.sum():g}, "
            f"from {options.low} to {options.high} open sites.",
            hint="Maybe allow more sites, or larger ones.",
        )


def _close(
    options: Options,
    incumbent: Incumbent,
    relaxed: Relaxed,
    rng: np.random.Generator,
    stop: Stop,
    told: Progress,
) -> float:
    """Improve and prove in turns; return the bound."""
    if relaxed.bound >= enough(incumbent):
        return incumbent.value
    tree = Tree()
    enter(options, tree, incumbent, relaxed, _patient(stop, 0.5))
    if tree.bound(incumbent.value) >= enough(incumbent):
        return tree.bound(incumbent.value)
    reduced = fix(options, relaxed, incumbent.value)
    some = replace(options, may=relaxed.may, must=relaxed.must)
    turns = (PACKED_TURNS if relaxed.exact else LOOSE_TURNS) if options.whole else SPLIT_TURNS
    told.stage("Proof", len(turns))
    for share, turn in turns:
        going, patient = _until(stop, share), _patient(stop, share)
        if turn == "branch":
            branch(options, tree, incumbent, going, patient)
        elif turn == "anneal":
            anneal_whole(some, incumbent, reduced, rng, going, chains=LONG_CHAINS if relaxed.exact else SHORT_CHAINS)
        else:
            improve_neighbourhoods(some, incumbent, relaxed, rng, going, patient)
        told.advance()
        if tree.bound(incumbent.value) >= enough(incumbent):
            break
    return tree.bound(incumbent.value)
