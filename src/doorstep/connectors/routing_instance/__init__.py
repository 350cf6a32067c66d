"""Public routing problems as ``RoutingProblem``: files of benchmark instances, and a table of one's own stops.

``read_instance`` reads a file of a public benchmark so that the cost of a plan is the published cost, ``read_solution``
a published plan for it, ``best_known`` the cost that lies beside it. ``read_stops_table`` reads a CSV file of stops.
"""

from doorstep.connectors.routing_instance.instance import BestKnown, Instance, Route, Trips
from doorstep.connectors.routing_instance.read import read_instance
from doorstep.connectors.routing_instance.scaling import Convention
from doorstep.connectors.routing_instance.solution import best_known, read_solution
from doorstep.connectors.routing_instance.stops_table import Fleet, StopsTable, read_stops_table

__all__ = [
    "BestKnown",
    "Convention",
    "Fleet",
    "Instance",
    "Route",
    "StopsTable",
    "Trips",
    "best_known",
    "read_instance",
    "read_solution",
    "read_stops_table",
]
