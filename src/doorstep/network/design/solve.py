"""Design a network: FCs are tried open and closed, and each time the sites that send vans are chosen with proof."""

import heapq
import math
from dataclasses import dataclass
from itertools import count

import numpy as np

from doorstep.foundation import InputError, Progress, Silent, Stop
from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography import TravelTimes
from doorstep.network.design.capacity import keeps_capacity, within_capacity
from doorstep.network.design.evaluate import UNSERVED, NetworkCost, evaluate
from doorstep.network.design.fees import fees_milli
from doorstep.network.design.problem import NEVER, DesignProblem
from doorstep.network.design.ways import MILLI, Ways
from doorstep.network.siting import choose_sites, fixed_charge


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignPlan:
    """The options to run, what the network costs, and what none can cost less than [thousandths of the minor unit].

    ``open`` (M,) marks the options; ``today`` is what the network of existing options costs with the same parcels.
    """

    open: Bools
    cost: NetworkCost
    bound_milli: int
    today: NetworkCost
    ways: Ways

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share of its cost."""
        total = self.cost.total_milli
        return max(0.0, (total - self.bound_milli) / total) if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """FCs that are decided (F,): open or closed."""

    opened: Bools
    closed: Bools


def design_network(
    problem: DesignProblem,
    times: TravelTimes,
    *,
    rng: np.random.Generator,
    stop: Stop,
    gap: float = 1e-4,
    progress: Progress | None = None,
) -> DesignPlan:
    """Return the options to run so that a parcel costs least from FC to door, and a proved bound on that cost.

    Where sites would have more parcels than they can handle, or two levels, the sites that send vans are chosen once
    more within their capacities, at the FCs found; parcels of a zone and tier then go by one site. The bound without
    capacities holds for that too.

    A choice of FCs that leaves some undecided counts them as open and free of charge, so its bound holds for all
    choices among them; FCs are decided one after the other where that bound does not settle it.

    Parameters
    ----------
    problem, times
        The network, and how long its ways take.
    stop
        Patience of all choices together.
    gap
        Share of the cost that the plan may stay above the bound.

    Raises
    ------
    InputError
        If parcels exist that no option within reach and no third party can take; it says how many.
    """
    ways = Ways.of(problem, times)
    everything = evaluate(problem, ways, ~problem.options.must_not)
    if everything.unserved:
        zone = int(np.argmax(((everything.option == UNSERVED) & (problem.parcels > 0)).any(axis=0)))
        raise InputError(
            f"{everything.unserved} of {int(problem.parcels.sum())} parcels can be served by no option and no third "
            f"party, the first in zone {zone}.",
            hint="Maybe a reach is too small, or carrier rates are missing.",
        )
    today = evaluate(problem, ways, problem.options.exists)
    search = _Search(problem=problem, ways=ways, rng=rng, stop=stop, gap=gap, progress=progress or Silent())
    is_open, bound = search.run()
    cost = evaluate(problem, ways, is_open)
    if problem.parcels.any() and not keeps_capacity(problem, is_open, cost):
        within = within_capacity(problem, ways, is_open, rng=rng, stop=stop, progress=progress or Silent())
        is_open, cost = within.open, within.cost
        undecided = problem.options.is_fc & ~problem.options.must
        if undecided.sum() == 0 or problem.options.is_fc.sum() == 1:
            bound = max(bound, math.floor(within.bound_milli))
    return DesignPlan(open=is_open, cost=cost, bound_milli=bound, today=today, ways=ways)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    problem: DesignProblem
    ways: Ways
    rng: np.random.Generator
    stop: Stop
    gap: float
    progress: Progress

    def run(self) -> tuple[Bools, int]:
        """Return the best choice of options and the bound, best bound first through the choices of FCs."""
        options = self.problem.options
        fcs = np.flatnonzero(options.is_fc)
        root = _Node(opened=options.must[fcs].copy(), closed=options.must_not[fcs].copy())
        number = count()
        heap: list[tuple[float, int, _Node]] = [(-math.inf, next(number), root)]
        best, best_cost, pruned = options.exists, math.inf, math.inf
        while heap:
            bound, _, node = heapq.heappop(heap)
            if bound >= best_cost * (1 - self.gap) or (math.isfinite(best_cost) and self.stop.spent() >= 1.0):
                pruned = min(pruned, bound, *(other for other, _, _ in heap))
                break
            try:
                is_open, least = self._choose(node)
            except InputError:  # none found that reaches everybody, which proves nothing
                if node is root:
                    raise
                pruned = min(pruned, bound)
                continue
            cost = evaluate(self.problem, self.ways, is_open)
            if not cost.unserved and self._few_enough(is_open) and cost.total_milli < best_cost:
                best, best_cost = is_open, float(cost.total_milli)
            free = ~node.opened & ~node.closed & is_open[fcs]
            if math.isinf(least):
                continue
            if not free.any() or least >= best_cost * (1 - self.gap):
                pruned = min(pruned, max(bound, least))
                continue
            pick = int(np.argmax(np.where(free, fees_milli(self.problem, self.ways)[0][fcs], -1)))
            for opens in (True, False):
                opened, closed = node.opened.copy(), node.closed.copy()
                (opened if opens else closed)[pick] = True
                if not closed.all():
                    heapq.heappush(heap, (max(bound, least), next(number), _Node(opened=opened, closed=closed)))
        if not math.isfinite(best_cost):
            raise InputError(
                f"no network with at most {self.problem.most_open} sites that send vans was found.",
                hint="Maybe allow more of them: FCs with vans count too.",
            )
        return best, math.ceil(min(pruned, best_cost))

    def _few_enough(self, is_open: Bools) -> bool:
        return int((is_open & (self.problem.options.van >= 0)).sum()) <= self.problem.most_open

    def _choose(self, node: _Node) -> tuple[Bools, float]:
        """Return the best options if undecided FCs are free of charge, less the FCs that are not used, and a bound."""
        problem, options = self.problem, self.problem.options
        fcs, is_fc = np.flatnonzero(options.is_fc), options.is_fc
        opening, closing = fees_milli(problem, self.ways)
        keep = (options.van >= 0) & ~options.must_not
        keep[fcs[node.closed]] = False
        must = options.must & ~is_fc
        must[fcs[node.opened]] = True
        is_open, serves = np.zeros((2, len(options)), np.bool_)
        parcels = problem.parcels.reshape(-1)
        bound = MILLI * int(problem.outside_minor.reshape(-1)[parcels > 0] @ parcels[parcels > 0])
        if keep.any():
            rows = self.ways.rows(problem, ~node.closed, keep)
            if ((np.diff(rows.start) == 0) & rows.out_of_reach() & (parcels > 0)).any():
                return is_open, math.inf  # the FCs that are closed reach somebody whom nobody else does
            chosen = choose_sites(
                fixed_charge(
                    rows,
                    parcels,
                    np.where(is_fc, 0, opening)[keep],
                    closing=np.where(is_fc, 0, closing)[keep],
                    must=must[keep],
                    most=min(problem.most_open, int(keep.sum())),
                ),
                rng=self.rng,
                stop=self.stop,
                gap=self.gap,
                progress=self.progress,
            )
            is_open[np.flatnonzero(keep)[chosen.open]] = True
            serves[np.flatnonzero(keep)[chosen.site[(parcels > 0) & (chosen.site >= 0)]]] = True
            bound = chosen.bound
        bound += int(closing[options.must_not & ~is_fc].sum())
        if not fcs.size:
            return is_open, float(bound)
        is_open[fcs] = self._used(serves, node)
        opens, closes = opening[fcs], closing[fcs]
        least: Ints = np.where(node.opened, opens, np.where(node.closed, closes, np.minimum(opens, closes)))
        one_open = 0 if node.opened.any() else int((opens - least)[~node.closed].min())
        return is_open, float(bound + int(least.sum()) + one_open)

    def _used(self, serves: Bools, node: _Node) -> Bools:
        """Return the FCs to open: those from which parcels start, those dearer to close, and one at least (F,)."""
        fcs = np.flatnonzero(self.problem.options.is_fc)
        opening, closing = fees_milli(self.problem, self.ways)
        used = serves[fcs] | node.opened | (~node.closed & (opening <= closing)[fcs])
        if serves.any():
            cost = np.where(node.closed, NEVER, self.problem.inbound_minor)
            used[np.unique(cost[serves].argmin(axis=1))] = True
        if not used.any():
            used[np.argmin(np.where(node.closed, NEVER, (opening - closing)[fcs]))] = True
        return used
