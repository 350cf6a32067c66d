"""Streets under every decision: a graph of them for each kind of vehicle, and travel times on it.

``build_graph`` makes a ``RoadGraph`` of ``Streets`` (read by ``connectors.osm``) for a ``Profile``, with one-ways,
restrictions and costs of turns, and what vehicles may not pass. ``RoadTimes`` are its travel times, by a customisable
contraction hierarchy: tables and single pairs in whole metres and seconds, exactly those of Dijkstra's algorithm;
``RoadTimes.at`` renews them for other speeds in a moment. ``find_way`` gives one way with its streets and line,
``courses.courses`` the lines of routes.
``check`` judges all of it with an algorithm of its own. ``matching`` finds what a vehicle drove from its positions,
``learned`` what streets take at each time of the day from that, and ``reach`` how far one gets in a given time.
"""

from doorstep.geography.roads.building import build_graph
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.profiles import PROFILES, Profile
from doorstep.geography.roads.snap import Snapped
from doorstep.geography.roads.streets import Streets
from doorstep.geography.roads.times import RoadTimes
from doorstep.geography.roads.way import Way, find_way

__all__ = ["PROFILES", "Profile", "RoadGraph", "RoadTimes", "Snapped", "Streets", "Way", "build_graph", "find_way"]
