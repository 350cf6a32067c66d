"""A plan that is being driven: the slots that a new door can be offered, their cost, and a van that is late."""

import numpy as np

from doorstep.foundation import Iterations
from doorstep.geography import GreatCircleTimes, Places
from doorstep.vehicle_routing import RoutingProblem, SisrSolver, Stops, VehicleTypes
from doorstep.vehicle_routing.changes import Budget
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.quotes import LivePlan, Offer
from doorstep.vehicle_routing.remaining import remaining
from doorstep.vehicle_routing.repair import repair
from doorstep.vehicle_routing.running import RunningPlan

HOUR, DOORS = 3600, 60
VAN = {"count": 3, "skills": 0, "shift_start_at": 8 * HOUR, "shift_end_at": 19 * HOUR, "max_distance_m": 200_000,
       "max_reloads": 0, "fixed_minor": 2_000, "per_km_minor": 65, "per_hour_minor": 2_800}  # fmt: skip
DOOR = {"start_at": 8 * HOUR, "end_at": 18 * HOUR, "release_at": 0, "service_s": 180, "requirements": 0}
off = np.vstack([[0, 0], np.random.default_rng(1).normal(0.0, 0.03, (DOORS + 1, 2))])  # the shop, then the doors
metres, seconds = GreatCircleTimes().matrix(Places(lat=41.88 + off[:, 0], lon=-87.70 + off[:, 1]))
parcels = (np.arange(DOORS + 1) < DOORS).astype(int)  # the last door has none, a return is fetched there: any van can
doors = Stops(load=parcels[:, None], prize_minor=np.where(parcels, REQUIRED, 0),
              **{name: np.full(DOORS + 1, value) for name, value in DOOR.items()})  # fmt: skip
vans = VehicleTypes(capacity=np.array([[30]]), **{name: np.array([value]) for name, value in VAN.items()})
problem = RoutingProblem.around_one_site(stops=doors, vehicles=vans, metres=metres, seconds=seconds, loading_s=900)
plan = SisrSolver().solve(problem, Iterations(limit=20_000), seed=1)

now = min(route.start_at for route in plan.routes) + HOUR
running = RunningPlan.at(problem, plan, now)
left = remaining(running)  # what may still change, as a problem of its own
start = left.start()
print(f"{len(running.settled_stops)} of {len(plan.served())} doors are done or next, {len(left.routes)} vans are out")

live = LivePlan.of(left.problem, start)
slots = [(now + hours * HOUR, now + (hours + 1) * HOUR) for hours in range(-1, 3)]
offers = live.quote(left.number(DOORS), slots)
for (opens, _), found in zip(slots, offers, strict=True):
    said = f"${found.cost_minor / 100:.2f}" if isinstance(found, Offer) else f"not offered, {found.reason}"
    print(f"{(opens - now) // HOUR:+d} h: {said}")

best = min((found for found in offers if isinstance(found, Offer)), key=lambda offer: offer.cost_minor)
taken = left.join(live.with_offer(best).plan)
late = RunningPlan.at(problem, taken, now).promised(DOORS, best.window).delayed(0, 1_200)
found = repair(late, Budget(moved=3, shift_s=1_800), Iterations(limit=100_000), seed=1)
print(f"20 min late: {len(found.moved)} doors move, {len(found.left_out)} are left out, "
      f"no time shifts by more than {max(map(abs, found.shift_s.values())) // 60} min")  # fmt: skip
