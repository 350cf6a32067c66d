"""Stops to routes: dense routes of the own fleet, each stop optional at the price of its cheapest alternative.

Engines stand behind the ``Solver`` protocol: PyVRP, and our own for whole cities.
"""

from doorstep.vehicle_routing.check import check_routes
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem, Stops, VehicleTypes
from doorstep.vehicle_routing.pyvrp_solver import PyVrpSolver
from doorstep.vehicle_routing.schedule import schedule_route
from doorstep.vehicle_routing.sisr import SisrSolver
from doorstep.vehicle_routing.solver import Solver

__all__ = [
    "PyVrpSolver",
    "RoutePlan",
    "RoutingProblem",
    "SisrSolver",
    "Solver",
    "Stops",
    "VehicleRoute",
    "VehicleTypes",
    "check_routes",
    "schedule_route",
]
