"""Routes with their clock and their cost."""

from dataclasses import dataclass
from itertools import pairwise

from doorstep.foundation.units import distance_cost_minor, time_cost_minor
from doorstep.vehicle_routing.problem import RoutingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleRoute:
    """A shift of one vehicle: trips of stops with the clock of each.

    ``trips`` holds the stops of each trip; ``load_at`` when the loading of each trip begins; ``arrive_at`` and
    ``service_at``, in the shape of ``trips``, when the vehicle arrives and service begins; ``end_at`` the return.
    """

    vehicle: int
    trips: tuple[tuple[int, ...], ...]
    load_at: tuple[int, ...]
    arrive_at: tuple[tuple[int, ...], ...]
    service_at: tuple[tuple[int, ...], ...]
    end_at: int

    @property
    def stops(self) -> tuple[int, ...]:
        """All stops in order."""
        return tuple(stop for trip in self.trips for stop in trip)

    @property
    def start_at(self) -> int:
        """When the first loading begins."""
        return self.load_at[0]

    def metres(self, problem: RoutingProblem) -> int:
        """Return the road metres driven."""
        total = 0
        for trip in self.trips:
            nodes = [0, *(stop + 1 for stop in trip), 0]
            total += sum(int(problem.metres[a, b]) for a, b in pairwise(nodes))
        return total

    def cost_minor(self, problem: RoutingProblem) -> int:
        """Return fixed, distance and time cost, each rounded once."""
        v, kinds = self.vehicle, problem.vehicles
        return (
            int(kinds.fixed_minor[v])
            + distance_cost_minor(self.metres(problem), int(kinds.per_km_minor[v]))
            + time_cost_minor(self.end_at - self.start_at, int(kinds.per_hour_minor[v]))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """The routes of one problem; stops in none of them are left to their alternatives."""

    routes: tuple[VehicleRoute, ...]

    def served(self) -> set[int]:
        """Return the stops on routes."""
        return {stop for route in self.routes for stop in route.stops}

    def cost_minor(self, problem: RoutingProblem) -> int:
        """Return what the routes cost."""
        return sum(route.cost_minor(problem) for route in self.routes)

    def objective_minor(self, problem: RoutingProblem) -> int:
        """Return what the routes cost plus the prizes of the stops left out."""
        served = self.served()
        left = sum(int(prize) for stop, prize in enumerate(problem.stops.prize_minor) if stop not in served)
        return self.cost_minor(problem) + left


EMPTY = RoutePlan(routes=())
"""No vehicle leaves."""
