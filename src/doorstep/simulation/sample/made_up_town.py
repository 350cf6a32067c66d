"""A made-up town of streets and doors: a grid that bends, a river with few bridges, one-ways in the middle.

Rows and columns of streets are warped, so that no block is like another; every so many are main roads. Some pieces of
side streets are missing. The river runs from north to south, and only main rows cross it. Everything is drawn from a
seed, and nothing of it is real.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats
from doorstep.geography.distance import EARTH_RADIUS_M

LAT, LON = 41.66, -89.36
"""Its middle lies in open country."""
BLOCK_M, MAIN_EVERY = 130.0, 7
BEND_M, JITTER_M = 160.0, 12.0
MISSING = 0.14
MIDDLE_M, LIGHTS_M = 900.0, 2_000.0
DOOR_EVERY_M, DOOR_OFF_M = 32.0, 14.0
POSTAL_CODE, CITY = "00000", "Made-up Town"
TREES = ("Alder", "Ash", "Aspen", "Beech", "Birch", "Cedar", "Cherry", "Chestnut", "Cypress", "Elder", "Elm", "Fir",
         "Hawthorn", "Hazel", "Hickory", "Holly", "Juniper", "Larch", "Laurel", "Linden", "Locust", "Magnolia", "Maple",
         "Mulberry", "Myrtle", "Oak", "Olive", "Pear", "Pecan", "Pine", "Plane", "Plum", "Poplar", "Quince", "Rowan",
         "Sequoia", "Spruce", "Sycamore", "Tamarack", "Tulip", "Walnut", "Willow", "Yew")  # fmt: skip
BIRDS = ("Avocet", "Bittern", "Bluebird", "Bunting", "Cardinal", "Crane", "Crow", "Curlew", "Dove", "Eagle", "Egret",
         "Falcon", "Finch", "Grebe", "Grouse", "Gull", "Hawk", "Heron", "Ibis", "Jay", "Kestrel", "Kingfisher", "Kite",
         "Lark", "Loon", "Magpie", "Martin", "Merlin", "Nighthawk", "Oriole", "Osprey", "Owl", "Pelican", "Plover",
         "Quail", "Raven", "Robin", "Sparrow", "Starling", "Swallow", "Swan", "Teal", "Thrush", "Wren")  # fmt: skip
Tags = Mapping[str, str]
Ways = tuple[tuple[tuple[int, ...], Tags], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpTown:
    """N nodes, and what lies on them.

    Attributes
    ----------
    lat, lon
        Of the nodes (N,) [degrees].
    node_tags
        Tags of those nodes that have any.
    ways
        Nodes and tags of each way.
    turns
        Restrictions: from way, via node, to way, and the kind.
    doors
        Latitude, longitude and tags of each address.
    """

    lat: Floats
    lon: Floats
    node_tags: Mapping[int, Tags]
    ways: Ways
    turns: tuple[tuple[int, int, int, str], ...]
    doors: tuple[tuple[float, float, Tags], ...]


def made_up_town(rng: np.random.Generator, *, radius_m: float = 4_000.0) -> MadeUpTown:
    """Return a town of about so many metres around its middle; equal generators give equal towns."""
    side = 2 * round(radius_m / BLOCK_M) + 1
    east, north = _places(rng, side)
    inside = np.hypot(east, north) <= radius_m
    ways = tuple(_ways(rng, east, north, inside))
    used = np.unique([node for nodes, _ in ways for node in nodes])
    row = np.full(east.size, -1, dtype=np.int64)
    row[used] = np.arange(used.size)
    ways = tuple((tuple(row[list(nodes)].tolist()), tags) for nodes, tags in ways)
    east, north = east[used], north[used]
    lights = _lights(ways, east, north)
    lat, lon = degrees_of(east, north)
    return MadeUpTown(
        lat=lat, lon=lon, node_tags={node: {"highway": "traffic_signals"} for node in lights}, ways=ways,
        turns=tuple(_turns(rng, ways, lights)), doors=tuple(_doors(ways, east, north)),
    )  # fmt: skip


def degrees_of(east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of places so many metres east and north of the middle, to seven decimals."""
    lat = LAT + np.degrees(north / EARTH_RADIUS_M)
    lon = LON + np.degrees(east / EARTH_RADIUS_M) / np.cos(np.radians(LAT))
    return np.round(lat, 7), np.round(lon, 7)


def _places(rng: np.random.Generator, side: int) -> tuple[Floats, Floats]:
    """Return metres east and north of the nodes of a grid, row by row, each (side * side,)."""
    line = (np.arange(side) - side // 2) * BLOCK_M
    north, east = (part.ravel() for part in np.meshgrid(line, line, indexing="ij"))
    waves = rng.uniform(0, 2 * np.pi, 4)
    bend_e = BEND_M * (np.sin(north / 1_300 + waves[0]) + 0.6 * np.sin((east + north) / 900 + waves[1]))
    bend_n = BEND_M * (np.sin(east / 1_100 + waves[2]) + 0.6 * np.sin((east - north) / 800 + waves[3]))
    jitter = rng.normal(0.0, JITTER_M, (2, east.size))
    return east + bend_e + jitter[0], north + bend_n + jitter[1]


def river_m(north: Floats) -> Floats:
    """Return how far east the river flows at places so far north."""
    found: Floats = 700.0 + 420.0 * np.sin(north / 1_500.0)
    return found


def _ways(
    rng: np.random.Generator, east: Floats, north: Floats, inside: Bools
) -> Iterator[tuple[tuple[int, ...], dict[str, str]]]:
    """Yield the ways: of each row and column of the grid what lies in one piece."""
    side = round(np.sqrt(east.size))
    grid = np.arange(east.size).reshape(side, side)
    middle = side // 2
    bank = east > river_m(north)
    for line in range(side):
        for is_row, nodes in ((True, grid[line]), (False, grid[:, line])):
            off = line - middle
            main = off % MAIN_EVERY == 0
            there = inside[nodes[:-1]] & inside[nodes[1:]]
            wet = bank[nodes[:-1]] != bank[nodes[1:]]
            there &= ~wet | (main and is_row)
            if not main:
                there &= rng.random(side - 1) >= MISSING
            tags = _tags(off, is_row=is_row)
            for begin, end in _runs(there):
                part = nodes[begin : end + 2]
                near = bool((np.hypot(east[part], north[part]) < MIDDLE_M).any())
                way_round = {} if main or not near else {"oneway": "yes" if off % 2 else "-1"}
                yield tuple(part.tolist()), tags | way_round


def _tags(off: int, *, is_row: bool) -> dict[str, str]:
    names = TREES if is_row else BIRDS
    side = ("North", "South") if is_row else ("East", "West")
    if off == 0:
        return {"highway": "primary", "name": "Main Street" if is_row else "Bridge Road", "maxspeed": "60"}
    end = "Avenue" if off % MAIN_EVERY == 0 else "Street" if is_row else "Lane"
    word = names[(abs(off) - 1) % len(names)]
    name = f"{side[off < 0]} {word} {end}"
    return {"highway": "secondary", "name": name, "maxspeed": "50"} if off % MAIN_EVERY == 0 else {
        "highway": "residential", "name": name}  # fmt: skip


def _runs(there: Bools) -> Iterator[tuple[int, int]]:
    """Yield where runs of pieces that are there begin and end, both counted."""
    edges = np.diff(np.concatenate([[0], there.astype(np.int64), [0]]))
    yield from zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True)


def _lights(ways: Ways, east: Floats, north: Floats) -> list[int]:
    """Return the crossings of main roads near the middle."""
    main = [set(nodes) for nodes, tags in ways if tags["highway"] != "residential"]
    often = np.bincount([node for nodes in main for node in nodes], minlength=east.size)
    return np.flatnonzero((often > 1) & (np.hypot(east, north) < LIGHTS_M)).tolist()


def _turns(rng: np.random.Generator, ways: Ways, lights: list[int]) -> Iterator[tuple[int, int, int, str]]:
    """Yield forbidden left turns at half of the lights: from the way along which one comes from the south."""
    for node in lights:
        meet = [row for row, (nodes, _) in enumerate(ways) if node in nodes[1:-1]]
        if rng.random() < 0.5 and len(meet) == 2:
            (first, second) = meet
            yield first, node, second, "no_left_turn"


def _doors(ways: Ways, east: Floats, north: Floats) -> Iterator[
    tuple[float, float, Tags]
]:  # fmt: skip
    """Yield addresses along the streets, odd numbers on the left, even ones on the right."""
    given: Counter[str] = Counter()
    for nodes, tags in ways:
        x, y = east[list(nodes)], north[list(nodes)]
        steps = np.hypot(np.diff(x), np.diff(y))
        along = np.concatenate([[0.0], np.cumsum(steps)])
        at = np.arange(DOOR_EVERY_M / 2, along[-1], DOOR_EVERY_M)
        piece = np.clip(np.searchsorted(along, at, side="right") - 1, 0, steps.size - 1)
        side = np.where(np.arange(at.size) % 2 == 0, 1.0, -1.0)
        unit_x, unit_y = np.diff(x)[piece] / steps[piece], np.diff(y)[piece] / steps[piece]
        door_x = np.interp(at, along, x) - side * DOOR_OFF_M * unit_y
        door_y = np.interp(at, along, y) + side * DOOR_OFF_M * unit_x
        begin = given[tags["name"]]
        given[tags["name"]] += at.size + at.size % 2
        for lat, lon, number in zip(*(part.tolist() for part in degrees_of(door_x, door_y)),
                                    (begin + 1 + np.arange(at.size)).tolist(), strict=True):  # fmt: skip
            yield lat, lon, {"addr:housenumber": str(number), "addr:street": tags["name"],
                             "addr:postcode": POSTAL_CODE, "addr:city": CITY}  # fmt: skip
