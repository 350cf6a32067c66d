"""The policies side by side: all on our own engine, with equal iterations and the same vehicles and carriers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.delivery_mode.instances import (
    LOST,
    OWN_RISK,
    PARCEL_LIMIT,
    Fleet,
    Orders,
    carrier_costs,
    routing_problem,
)
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation import Iterations
from doorstep.foundation.arrays import Bools, Ints
from doorstep.operations.corridor.choose_fleet import Outside, choose_fleet, fill_first, left_by
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver, check_plan
from doorstep.vehicle_routing.check_plan import objective_of
from doorstep.vehicle_routing.plan import EMPTY

RANKED = 10_000
"""Prize of the last stop of a ranking; the first one's is half as much again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A store's shift: orders, vehicles and prices, and what vans cost whose shifts are paid anyhow."""

    orders: Orders
    problem: RoutingProblem
    hired: Bools
    outside: Outside
    sunk_minor: int
    iterations: int
    seed: int

    @classmethod
    def of(cls, orders: Orders, fleet: Fleet, *, uneven: bool, iterations: int, seed: int) -> "Shift":
        """Return the shift of some orders with a fleet."""
        problem, hired = routing_problem(orders, fleet)
        outside = Outside(
            cost_minor=carrier_costs(orders, uneven=uneven),
            limit=np.array([len(orders), len(orders), PARCEL_LIMIT * len(problem.depots)], dtype=np.int64),
            lost_minor=np.full(len(orders), LOST, dtype=np.int64),
            own_risk_minor=OWN_RISK,
        )
        return cls(
            orders=orders,
            problem=problem,
            hired=hired,
            outside=outside,
            sunk_minor=fleet.sunk_minor,
            iterations=iterations,
            seed=seed,
        )

    def filled(self, prize_minor: Ints, *, hired_last: bool = True) -> RoutePlan:
        """Return vehicles filled by some prizes, own ones first unless all are alike."""
        hired = self.hired if hired_last else np.zeros_like(self.hired)
        return fill_first(
            self.problem, self.outside, hired, prize_minor,
            solver=SisrSolver(), iterations=self.iterations, seed=self.seed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a plan costs in all [minor], by a second account, its own drops and the rules it breaks."""

    cost_minor: int
    own: int
    hired_routes: int
    to_parcels: int
    faults: list[str]


def third_party_only(_: Shift) -> RoutePlan:
    """Return the plan in which no vehicle leaves."""
    return EMPTY


def first_come(shift: Shift) -> RoutePlan:
    """Return own vans filled by those who ordered first."""
    return shift.filled(_ranked(shift.orders.placed_at))


def nearest_first(shift: Shift) -> RoutePlan:
    """Return own vans filled with what is nearest."""
    return shift.filled(_ranked(_away_m(shift)))


def cheapest_quote(shift: Shift) -> RoutePlan:
    """Return own vans filled with what they bring for less than carriers ask, by the average cost at its distance.

    A van's day for sixty drops, its service and three kilometres between doors, and the way out and home for twelve.
    """
    kinds = shift.problem.vehicles
    per_km, per_hour = int(kinds.per_km_minor[0]), int(kinds.per_hour_minor[0])
    km = _away_m(shift) / 1000
    hours = shift.problem.stops.service_s / 3600 + (3.0 + km / 6) / 35
    quote = kinds.fixed_minor[0] / 60 + hours * per_hour + (1.5 + km / 6) * per_km + OWN_RISK
    wanted = quote < shift.outside.cost_minor.min(axis=1)
    return shift.filled(np.where(wanted, shift.outside.fill_minor, 0).astype(np.int64))


def strong(shift: Shift) -> RoutePlan:
    """Return own vans filled for most drops; hired ones take of the rest what is worth it."""
    return shift.filled(np.full(len(shift.orders), shift.outside.fill_minor, dtype=np.int64))


def all_filled(shift: Shift) -> RoutePlan:
    """Return own and hired vehicles filled together for most drops."""
    return shift.filled(np.full(len(shift.orders), shift.outside.fill_minor, dtype=np.int64), hired_last=False)


def cold(shift: Shift) -> RoutePlan:
    """Return the joint plan of one search from nothing, never compared with another plan."""
    cheapest = np.maximum(shift.outside.cost_minor.min(axis=1) - OWN_RISK, 0)
    problem = shift.problem.with_prizes(cheapest)
    return SisrSolver().solve(problem, Iterations(limit=shift.iterations), seed=shift.seed)


def joint(shift: Shift) -> RoutePlan:
    """Return the plan of ``choose_fleet``."""
    chosen = choose_fleet(
        shift.problem, shift.outside, shift.hired,
        solver=SisrSolver(), iterations=shift.iterations, seed=shift.seed,
    )  # fmt: skip
    return chosen.plan


Policy = Callable[[Shift], RoutePlan]
RULES: dict[str, Policy] = {
    "third party only": third_party_only,
    "own first come": first_come,
    "cheapest quote": cheapest_quote,
    "nearest first": nearest_first,
}
POLICIES: dict[str, Policy] = {
    **RULES,
    "strong": strong,
    "all filled": all_filled,
    "joint, one cold search": cold,
    "joint": joint,
}


def judge(shift: Shift, plan: RoutePlan) -> Judged:
    """Return what a plan costs by an account of its own: routes by their checker, carriers one after the other."""
    unpaid = shift.problem.with_prizes(np.zeros(len(shift.orders), dtype=np.int64))
    left = left_by(shift.problem, plan)
    brought = shift.outside.settle(left)
    paid = [_asked(shift, int(stop), int(carrier)) for stop, carrier in zip(left, brought, strict=True)]
    to_parcels = int((brought == 2).sum())
    faults = [*check_plan(unpaid, plan), *_carrier_faults(shift, left, brought, to_parcels)]
    own = len(shift.orders) - left.size
    cost = objective_of(unpaid, plan) + own * OWN_RISK + sum(paid) + shift.sunk_minor
    hired = sum(bool(shift.hired[route.vehicle]) for route in plan.routes)
    return Judged(cost_minor=cost, own=own, hired_routes=hired, to_parcels=to_parcels, faults=faults)


def _asked(shift: Shift, stop: int, carrier: int) -> int:
    return LOST if carrier == 3 else int(shift.outside.cost_minor[stop, carrier])


def _carrier_faults(shift: Shift, left: Ints, brought: Ints, to_parcels: int) -> Iterator[str]:
    if to_parcels > shift.outside.limit[2]:
        yield f"{to_parcels} parcels for a carrier that takes {shift.outside.limit[2]}."
    for stop, carrier in zip(left.tolist(), brought.tolist(), strict=True):
        if carrier < 3 and shift.outside.cost_minor[stop, carrier] >= IMPOSSIBLE:
            yield f"carrier {carrier} does not bring stop {stop}."


def _away_m(shift: Shift) -> Ints:
    """Return the metres from the nearest store (N,)."""
    roads, stores, count = shift.problem.roads, len(shift.problem.depots), len(shift.orders)
    doors = stores + np.arange(count)
    metres: Ints = np.min([roads.along(0, np.full(count, store), doors)[0] for store in range(stores)], axis=0)
    return metres


def _ranked(key: Ints) -> Ints:
    """Return prizes that fall with the rank of a key, smallest first."""
    rank = np.argsort(np.argsort(key, kind="stable"), kind="stable")
    prizes: Ints = RANKED + RANKED * (rank.size - 1 - rank) // (2 * max(1, rank.size))
    return prizes
