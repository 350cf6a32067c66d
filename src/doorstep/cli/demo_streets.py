"""The part of ``doorstep demo`` on streets: a made-up town as an extract, addresses found, a plan, a closed bridge."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.cli.made_up_streets import TOWN
from doorstep.cli.plan_command import plan_and_write
from doorstep.cli.roads_command import roads_home, sample_town
from doorstep.connectors.osm.addresses import read_addresses
from doorstep.connectors.osm.roads_folder import build_roads, load_roads
from doorstep.connectors.retailer_folder import write_folder
from doorstep.domain import Retailer
from doorstep.foundation.arrays import Bools, Floats
from doorstep.geography import Places
from doorstep.geography.addresses import AddressIndex, AddressTables, geocode_table
from doorstep.geography.calibration import calibrated
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.obstacles import ClosedLine
from doorstep.geography.roads import RoadTimes, find_way
from doorstep.geography.roads.matching import Matcher, Track
from doorstep.geography.roads.obstructed import obstructed
from doorstep.simulation.sample.made_up_town import CITY, LAT, LON, river_m
from doorstep.simulation.sample.on_streets import sample_on_streets

STORES, FCS, ORDERS, ITERATIONS = 5, 1, 300, 2_000
ADDRESSES, DRIVES, EVERY_S, NOISE_M = 200, 20, 10, 10.0


def demo_streets(folder: Path, seed: int) -> int:
    """Print what streets do for a retailer; return the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    extract, rng = folder / f"{TOWN}.osm.pbf", np.random.default_rng(seed)
    sample_town(extract, seed=seed)
    built, _ = build_roads(extract, roads_home())
    times = load_roads(roads_home(), built.name)
    told = built.profiles["van"]
    counts = ", ".join(f"{told[what]:,} {what}" for what in ("junctions", "arcs", "turns"))
    print(f"   Its streets for vans, read as any extract of OpenStreetMap (doorstep roads build {extract}): {counts}.")
    _addresses(read_addresses(extract), rng)
    retailer = sample_on_streets(times, CITY, STORES, FCS, ORDERS, rng)
    write_folder(retailer, folder / "retailer", "csv")
    asked = f"doorstep plan {folder / 'retailer'} --roads {TOWN} --out {folder / 'plan'}"
    print(f"   A plan on them ({asked}):\n", flush=True)
    code = plan_and_write(retailer, folder / "plan", title=f"A day of deliveries in {CITY}",
                          notes=["Town, shops, goods, stock, prices and orders are made up."], iterations=ITERATIONS,
                          seed=seed, as_json=False, roads=TOWN)  # fmt: skip
    if code == 0:
        doors = Places.from_table(retailer.orders)
        print(f"   {calibrated(times, doors, rng=rng).told()}")
        _closed_bridge(times, retailer)
        _tracks(times, doors, rng)
    return code


def _addresses(tables: AddressTables, rng: np.random.Generator) -> None:
    """Print how many addresses are found as hurried shoppers write them."""
    rows = rng.choice(len(tables.house), ADDRESSES, replace=False)
    written = [_hurried(tables, int(row), rng) for row in rows]
    found = geocode_table(AddressIndex(tables), pl.DataFrame({"address": written})).table
    lat, lon = found["lat"].to_numpy(), found["lon"].to_numpy()
    north = np.radians(lat - tables.house.lat[rows]) * EARTH_RADIUS_M
    east = np.radians(lon - tables.house.lon[rows]) * EARTH_RADIUS_M * np.cos(np.radians(LAT))
    near = int((np.hypot(north, east) <= 50).sum())
    by = Counter(str(precision) for precision in found["precision"])
    counts = ", ".join(f"{count} by {name.replace('_', ' ')}" for name, count in by.most_common())
    print(f"   {ADDRESSES} addresses as hurried shoppers write them, such as '{written[0]}' (doorstep roads geocode): "
          f"{near} within 50 m of their door ({counts}).", flush=True)  # fmt: skip


def _hurried(tables: AddressTables, row: int, rng: np.random.Generator) -> str:
    """Return an address in small letters, its words shortened or a letter of the street left out."""
    street = tables.texts[tables.street[row]].lower()
    number = tables.texts[tables.house_number[row]]
    if rng.random() < 0.5:
        street = street.replace("street", "st").replace("avenue", "ave").replace("lane", "ln")
    else:
        at = int(rng.integers(1, len(street)))
        street = street[:at] + street[at + 1 :]
    return f"{number} {street}, {CITY.lower()}" if rng.random() < 0.5 else f"{street} {number}"


def _closed_bridge(times: RoadTimes, retailer: Retailer) -> None:
    """Print whom it concerns that the bridge by which most doors are reached is closed, and how one drives then."""
    site, doors = Places.from_table(retailer.sites.head(1)), Places.from_table(retailer.orders)
    before = times.table(site, doors)[1][0]
    closed = {name: obstructed(times, closed=[line]) for name, line in _bridges(times)}
    after = {name: around.table(site, doors)[1][0] for name, around in closed.items()}
    name = max(after, key=lambda each: int((after[each] > before).sum()))
    later = np.flatnonzero(after[name] > before)
    more = (after[name] - before)[later].mean() / 60 if later.size else 0.0
    told = f"{later.size} of {len(doors)} doors are farther from the first site, by {more:.1f} min"
    print(f"   The bridge of {name} is closed (POST /v1/road-events): {told}.")
    worst = int(np.argmax(after[name] - before))
    start, end = (float(site.lat[0]), float(site.lon[0])), (float(doors.lat[worst]), float(doors.lon[worst]))
    for word, streets in (("Before", times), ("Now", closed[name])):
        way = find_way(streets, start, end)
        names = [each for each, metres in way.streets(streets) if each and metres >= 100]
        print(f"     {word:6} {way.seconds / 60:4.1f} min, {way.metres / 1000:.1f} km: {', '.join(names[:6])}"
              f"{' ...' if len(names) > 6 else ''}")  # fmt: skip


def _bridges(times: RoadTimes) -> Iterator[tuple[str, ClosedLine]]:
    """Yield the streets that cross the river, each with a line across its bridge."""
    graph, off = times.graph, np.degrees(40.0 / EARTH_RADIUS_M)
    bank = _on_the_east(graph.junction_lat, graph.junction_lon)
    over = np.flatnonzero((bank[graph.tail] != bank[graph.head]) & ~graph.against)
    for arc in over.tolist():
        ends = np.array([graph.tail[arc], graph.head[arc]])
        lat, lon = float(graph.junction_lat[ends].mean()), float(graph.junction_lon[ends].mean())
        line = Places(lat=np.array([lat - off, lat + off]), lon=np.array([lon, lon]))
        yield graph.names[graph.name[graph.edge[arc]]], ClosedLine(points=line)


def _on_the_east(lat: Floats, lon: Floats) -> Bools:
    """Return which places lie east of the river."""
    north = np.radians(lat - LAT) * EARTH_RADIUS_M
    east = np.radians(lon - LON) * EARTH_RADIUS_M * np.cos(np.radians(LAT))
    found: Bools = east > river_m(north)
    return found


def _tracks(times: RoadTimes, doors: Places, rng: np.random.Generator) -> None:
    """Print how much of made-up drives is found again from positions that are off."""
    driven = right = 0
    for _ in range(DRIVES):
        a, b = rng.choice(len(doors), 2, replace=False)
        way = find_way(times, (float(doors.lat[a]), float(doors.lon[a])), (float(doors.lat[b]), float(doors.lon[b])))
        at = np.arange(0.0, way.seconds + EVERY_S, EVERY_S)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(way.lat), np.diff(way.lon) * 0.75))])
        share = np.minimum(at / max(way.seconds, 1), 1.0) * along[-1]
        off = np.degrees(rng.normal(0.0, NOISE_M, (2, at.size)) / EARTH_RADIUS_M)
        lat, lon = np.interp(share, along, way.lat) + off[0], np.interp(share, along, way.lon) + off[1] / 0.75
        found = Matcher(times).match(Track(lat=lat, lon=lon, at=at.astype(np.int64)))
        arcs = set(found.driven.arc.tolist())
        driven += sum(leg.dm for leg in way.legs)
        right += sum(leg.dm for leg in way.legs if leg.arc in arcs)
    share = f"{right / driven:.1%}"
    print(f"   {DRIVES} drives, a position every {EVERY_S} s that is {NOISE_M:.0f} m off: {share} of their length is "
          "found on the right streets. So streets learn at night how long they take.", flush=True)  # fmt: skip
