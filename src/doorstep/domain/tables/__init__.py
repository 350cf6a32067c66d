"""The tables that enter and leave doorstep, one dataframely schema each.

``RETAILER_TABLES`` is the retailer folder, doorstep's one way in; ``PLAN_TABLES`` is what a plan consists of.
"""

from doorstep.domain.tables.catalogue import PLAN_TABLES, PLANNING_TABLES, RETAILER_TABLES, Reference, TableSpec
from doorstep.domain.tables.demand import COLLECTED, COLLECTED_AT
from doorstep.domain.tables.outcome import COST_PARTS, MODES, UNSERVED_REASONS, WINDOW_BANDS

__all__ = [
    "COLLECTED",
    "COLLECTED_AT",
    "COST_PARTS",
    "MODES",
    "PLANNING_TABLES",
    "PLAN_TABLES",
    "RETAILER_TABLES",
    "UNSERVED_REASONS",
    "WINDOW_BANDS",
    "Reference",
    "TableSpec",
]
