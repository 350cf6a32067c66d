"""The folder in which routes of one problem are kept: ``plan.json``, ``routes.geojson`` and ``report.html``.

``write_routes`` puts them there, ``plan_document`` is the first of them, and ``read_routes`` brings a plan back.
"""

from doorstep.connectors.routes_folder.document import plan_document, read_routes
from doorstep.connectors.routes_folder.solved import Comparison, CostField, Measure, Search, SolvedRoutes, UnservedStop
from doorstep.connectors.routes_folder.transport import make_folder, write_routes

__all__ = [
    "Comparison",
    "CostField",
    "Measure",
    "Search",
    "SolvedRoutes",
    "UnservedStop",
    "make_folder",
    "plan_document",
    "read_routes",
    "write_routes",
]
