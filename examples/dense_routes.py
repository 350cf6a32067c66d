"""How dense a plan is, why a stop was left out, and where one more would cost little."""

import numpy as np

from doorstep.foundation import Iterations
from doorstep.geography import GreatCircleTimes, Places
from doorstep.vehicle_routing import RoutingProblem, SisrSolver, Stops, VehicleTypes
from doorstep.vehicle_routing.measures import density_of
from doorstep.vehicle_routing.one_more import NewStop, cost_of_one_more, grid_over
from doorstep.vehicle_routing.problem import Depots
from doorstep.vehicle_routing.reasons import unserved
from doorstep.vehicle_routing.roads import AskedRoads

OPENS, CLOSES = 8 * 3600, 16 * 3600
VAN = {"count": 3, "skills": 0, "shift_start_at": OPENS, "shift_end_at": CLOSES, "max_distance_m": 200_000,
       "max_reloads": 0, "fixed_minor": 2_000, "per_km_minor": 65, "per_hour_minor": 2_800}  # fmt: skip
DOOR = {"start_at": OPENS, "end_at": CLOSES, "release_at": 0, "service_s": 180, "prize_minor": 790,
        "requirements": 0}  # fmt: skip

doors = 80
off = np.vstack([[0, 0], np.random.default_rng(1).normal(0.0, 0.03, (doors, 2))])  # the shop, then the doors
columns = {name: np.full(doors, value) for name, value in DOOR.items()}
columns["end_at"][7] = OPENS + 60  # nobody can be there within a minute
problem = RoutingProblem(
    stops=Stops(load=np.ones((doors, 1), int), **columns),
    vehicles=VehicleTypes(capacity=np.array([[30]]), **{name: np.array([value]) for name, value in VAN.items()}),
    depots=Depots(open_at=np.array([OPENS]), close_at=np.array([CLOSES]), loading_s=np.array([600])),
    roads=AskedRoads(places=Places(lat=41.88 + off[:, 0], lon=-87.70 + off[:, 1]), travel=(GreatCircleTimes(),)),
)
plan = SisrSolver(threads=1).solve(problem, Iterations(limit=20_000), seed=1)

density = density_of(problem, plan)
print(
    f"{density.stops_per_hour:.1f} stops an hour, {density.km_per_stop:.2f} km a stop, stems {density.stem_share:.0%}"
)
print(
    f"{density.stray_share:.0%} of the stops are nearest to another route's, {density.overlap:.0%} lie inside another"
)
marginal = density.marginal_minor[density.marginal_minor >= 0]
print(f"a stop bears {density.cost_per_stop_minor:.0f} on average; at the margin {marginal.min()} to {marginal.max()}")
for left in unserved(problem, plan):
    print(left.sentence, left.hint)

between_nine_and_eleven = NewStop(load=(1,), windows=((OPENS + 3600, OPENS + 3 * 3600),), service_s=180)
found = cost_of_one_more(problem, plan, grid_over(problem, columns=10, rows=5), between_nine_and_eleven)
for row in found.cost_minor.reshape(5, 10)[::-1]:  # north above
    print(" ".join(f"{cost:5d}" for cost in row))
