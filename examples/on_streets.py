"""Real streets as a library: a table of travel times, one way with its streets, and what is reached in ten minutes.

``python examples/on_streets.py FILE.osm.pbf`` takes any extract of OpenStreetMap, for a van. A city takes some seconds.
"""

import sys
from pathlib import Path

import numpy as np

from doorstep.connectors.osm import CREDIT, read_streets
from doorstep.geography import Places, great_circle_m
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph, find_way
from doorstep.geography.roads.reach import reach

WITHOUT = """Give me an extract of OpenStreetMap: python examples/on_streets.py FILE.osm.pbf
Cities and regions as .osm.pbf: https://download.geofabrik.de, https://extract.bbbike.org
Or of a made-up town: doorstep roads sample FILE.osm.pbf"""
if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
    sys.exit(WITHOUT)

streets = read_streets(Path(sys.argv[1]))
graph = build_graph(streets, PROFILES["van"])
times = RoadTimes(graph)
print(f"{len(streets):,} ways, of them {graph.arcs:,} arcs between {graph.junctions:,} junctions; left out:")
print("\n".join(f"  {count:,} {reason}" for reason, count in graph.dropped.items()))

# A depot at the junction nearest to the middle, and five doors anywhere.
lat, lon = graph.junction_lat, graph.junction_lon
middle = int(np.argmin(np.hypot(lat - np.median(lat), lon - np.median(lon))))
doors = np.random.default_rng(1).choice(graph.junctions, 5, replace=False)
rows = np.concatenate([[middle], doors])
places = Places(lat=lat[rows], lon=lon[rows])

metres, seconds = times.matrix(places)
straight = great_circle_m(lat_a=lat[middle], lon_a=lon[middle], lat_b=lat[doors], lon_b=lon[doors])
print("From the middle to five doors, and back:")
for door, line in enumerate(straight.tolist(), start=1):
    out, home = seconds[0, door] / 60, seconds[door, 0] / 60
    print(
        f"  {metres[0, door]:,} m ({metres[0, door] / max(line, 1):.2f} x straight), {out:.1f} min, back {home:.1f} min"
    )

way = find_way(times, (lat[rows[0]], lon[rows[0]]), (lat[rows[1]], lon[rows[1]]))
longest = sorted(way.streets(times), key=lambda each: -each[1])[:3]
named = ", ".join(f"{name or 'a street without a name'} ({length:,} m)" for name, length in longest)
print(f"The first way: {way.metres:,} m over {len(way.legs)} pieces of street, {way.lat.size} points. Mostly {named}.")

within = reach(times, places.take(np.array([0])), 600)
length = np.zeros(graph.edges)
length[graph.edge] = graph.dm / 10_000
print(f"Within ten minutes: {within.share(graph) @ length:,.0f} of {length.sum():,.0f} km of street.")
print(f"Streets {CREDIT}.")
