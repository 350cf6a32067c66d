"""Stops to routes: dense routes of the own fleet, each stop optional at the price of its cheapest alternative.

A ``RoutingProblem`` is ``Stops``, ``VehicleTypes``, ``Depots`` and roads: ``TableRoads``, ``PlaneRoads`` or
``AskedRoads``. A ``Solver``, ``SisrSolver`` or ``PyVrpSolver``, makes a ``RoutePlan`` of ``VehicleRoute``s of it,
``check_plan`` judges the plan, ``schedule_route`` times a route of one's own. What only some problems have stands in
``problem``: further windows, pairs, breaks, traffic.

These are more than ten names, because this room is also used alone, as a library: each of them stands in the first
program that anybody writes with it (docs/how-to/routes.md).
"""

from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import REQUIRED, Depots, RoutingProblem, Stops, VehicleTypes
from doorstep.vehicle_routing.pyvrp_solver import PyVrpSolver
from doorstep.vehicle_routing.roads import AskedRoads, PlaneRoads, TableRoads
from doorstep.vehicle_routing.schedule import schedule_route
from doorstep.vehicle_routing.sisr import SisrSolver
from doorstep.vehicle_routing.solver import Solver

__all__ = [
    "REQUIRED",
    "AskedRoads",
    "Depots",
    "PlaneRoads",
    "PyVrpSolver",
    "RoutePlan",
    "RoutingProblem",
    "SisrSolver",
    "Solver",
    "Stops",
    "TableRoads",
    "VehicleRoute",
    "VehicleTypes",
    "check_plan",
    "schedule_route",
]
