"""Extracts of OpenStreetMap (``.osm.pbf``): streets and addresses as arrays.

The data is (c) OpenStreetMap contributors, ODbL 1.0: whoever shows it says so, see ``CREDIT``.
"""

from doorstep.connectors.osm.streets import read_streets
from doorstep.geography.roads.streets import CREDIT

__all__ = ["CREDIT", "read_streets"]
