"""Routes as a library: vans and bikes bring eighty parcels; the same seed and iterations give the same plan."""

import numpy as np

from doorstep.foundation import Iterations
from doorstep.vehicle_routing import (
    REQUIRED,
    Depots,
    PlaneRoads,
    RoutingProblem,
    SisrSolver,
    Stops,
    VehicleTypes,
    check_plan,
)

COUNT, DAY = 80, {"from_at": 8 * 3600, "to_at": 16 * 3600}
rng = np.random.default_rng(1)
x, y = np.vstack([[0, 0], rng.normal(0, 2_000, (COUNT, 2))]).T  # metres; a metre takes a second here


def each(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


problem = RoutingProblem(
    stops=Stops(
        start_at=np.full(COUNT, DAY["from_at"]),
        end_at=np.where(np.arange(COUNT) < 20, 12 * 3600, DAY["to_at"]),  # twenty of them before noon
        release_at=np.zeros(COUNT, dtype=np.int64),
        service_s=np.full(COUNT, 120),
        load=rng.integers(1, 4, (COUNT, 1)),
        prize_minor=np.full(COUNT, REQUIRED),
        requirements=np.zeros(COUNT, dtype=np.int64),
    ),
    vehicles=VehicleTypes(  # a van, then a bike
        count=each(6, 6),
        capacity=each(60, 15)[:, None],
        skills=each(0, 0),
        shift_start_at=each(DAY["from_at"], DAY["from_at"]),
        shift_end_at=each(DAY["to_at"], DAY["to_at"]),
        max_distance_m=each(200_000, 25_000),
        max_reloads=each(0, 0),
        fixed_minor=each(6_000, 1_000),
        per_km_minor=each(60, 10),
        per_hour_minor=each(2_800, 2_200),
    ),
    depots=Depots(open_at=each(DAY["from_at"]), close_at=each(DAY["to_at"]), loading_s=each(600)),
    roads=PlaneRoads(x=x, y=y),
)
plan = SisrSolver().solve(problem, Iterations(limit=50_000), seed=1)
again = SisrSolver().solve(problem, Iterations(limit=50_000), seed=1)
kinds = [("van", "bike")[route.vehicle] for route in plan.routes]
print(f"{len(plan.served())} of {COUNT} stops by {kinds.count('van')} vans and {kinds.count('bike')} bikes")
print(f"cost {plan.cost_minor(problem) / 100:.2f}, broken rules {len(check_plan(problem, plan))}, same {plan == again}")
