"""One room as a library: when is an own van worth its day? Each door's prize is what a carrier asks for it."""

import numpy as np

from doorstep.foundation import Iterations
from doorstep.geography import GreatCircleTimes, Places
from doorstep.vehicle_routing import PyVrpSolver, RoutingProblem, Stops, VehicleTypes

VAN = {"count": 1, "skills": 0, "shift_start_at": 8 * 3600, "shift_end_at": 16 * 3600, "max_distance_m": 200_000,
       "max_reloads": 0, "fixed_minor": 2_000, "per_km_minor": 65, "per_hour_minor": 2_800}  # fmt: skip
DOOR = {"start_at": 8 * 3600, "end_at": 16 * 3600, "release_at": 0, "service_s": 180, "prize_minor": 790,
        "requirements": 0}  # fmt: skip
van = VehicleTypes(capacity=np.array([[100]]), **{name: np.array([value]) for name, value in VAN.items()})
for count in (5, 20, 80):
    off = np.vstack([[0, 0], np.random.default_rng(1).normal(0.0, 0.03, (count, 2))])  # the shop, then the doors
    metres, seconds = GreatCircleTimes().matrix(Places(lat=41.88 + off[:, 0], lon=-87.70 + off[:, 1]))
    doors = Stops(load=np.ones((count, 1), int), **{name: np.full(count, value) for name, value in DOOR.items()})
    problem = RoutingProblem.around_one_site(stops=doors, vehicles=van, metres=metres, seconds=seconds, loading_s=900)
    plan = PyVrpSolver().solve(problem, Iterations(limit=200), seed=1)
    cost = plan.objective_minor(problem) / count / 100
    print(f"{count} doors: {len(plan.served())} by van, the rest by carrier; ${cost:.2f} a door, carrier alone $7.90")
