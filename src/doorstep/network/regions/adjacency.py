"""Which areas touch: links between neighbours, the pieces that they make, and pieces that cannot stand alone."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError, cKDTree

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import Places, great_circle_m
from doorstep.network.regions._sphere import unit_vectors

ABSURD = 6.0
"""A link that is so many times longer than the second shortest at each of its ends spans a gulf."""

MANY = 64
"""Areas of a piece up to which the nearest area outside is looked for among the neighbours of each."""


def adjacency(areas: Places, *, longest_m: float = np.inf) -> Ints:
    """Return the neighbours among points: Delaunay's triangles on the sphere, without links across gulfs.

    A stereographic map turns circles into circles, so Delaunay's triangles on it are those on the sphere. A link is
    left out where it is longer than ``longest_m``, or than six times the second shortest link of each of its ends: the
    hull of a coast, the sea before an island. Points in one place, or all in one line, are linked in a row.

    Parameters
    ----------
    areas
        N points.
    longest_m
        Longest link allowed [m].

    Returns
    -------
    (E, 2)
        Pairs of rows, the lower first, each once.

    References
    ----------
    Okabe, Boots, Sugihara, Chiu (2000), Spatial Tessellations, 2nd edition, on Delaunay's triangles.
    """
    edges = _triangle_sides(_stereographic(unit_vectors(areas)))
    length = link_metres(areas, edges)
    usual = _short_link(edges, length, len(areas))
    usual_at = np.maximum(usual[edges[:, 0]], usual[edges[:, 1]])
    kept: Ints = edges[(length <= longest_m) & (length <= ABSURD * usual_at)]
    return kept


def link_metres(areas: Places, edges: Ints) -> Floats:
    """Return the length of links between areas (E,) [m]."""
    a, b = areas.take(edges[:, 0]), areas.take(edges[:, 1])
    return great_circle_m(lat_a=a.lat, lon_a=a.lon, lat_b=b.lat, lon_b=b.lon)


def pieces_of(edges: Ints, count: int) -> Ints:
    """Return the number of the connected piece that each of ``count`` areas belongs to (N,)."""
    ones = np.ones(edges.shape[0], dtype=np.int8)
    graph = csr_array((ones, (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, piece = connected_components(graph, directed=False)
    numbered: Ints = piece.astype(np.int64)
    return numbered


class Joined(NamedTuple):
    """A map whose small pieces hang on the nearest area: ``links`` (L, 2) added, ``piece`` (N,) afterwards."""

    links: Ints
    piece: Ints


def join_small_pieces(areas: Places, edges: Ints, weights: Floats, least: Floats) -> Joined:
    """Return the map with every piece that cannot be a region linked to the area nearest to it.

    Parameters
    ----------
    weights : (W, N)
        Weights of the areas.
    least : (W,)
        A piece with less of any weight cannot stand alone.
    """
    piece = pieces_of(edges, len(areas))
    points = unit_vectors(areas)
    tree = cKDTree(points)
    links = list[tuple[int, int]]()
    while True:
        mass = np.array([np.bincount(piece, weights=row) for row in weights])
        small = np.flatnonzero((mass < least[:, None]).any(axis=0))
        if not small.size or mass.shape[1] == 1:
            break
        lightest = int(small[np.argmin(mass[0, small])])
        inside, outside = _nearest_pair(points, tree, piece == lightest)
        links.append((inside, outside))
        piece = np.unique(np.where(piece == lightest, piece[outside], piece), return_inverse=True)[1]
    return Joined(np.array(links, dtype=np.int64).reshape(-1, 2), piece.astype(np.int64))


def _nearest_pair(points: Floats, tree: cKDTree, inside: Bools) -> tuple[int, int]:
    """Return the two areas, one inside a piece and one outside, that lie nearest to each other."""
    mine = np.flatnonzero(inside)
    other = np.flatnonzero(~inside)
    if mine.size > MANY:
        chord, row = cKDTree(points[mine]).query(points[other])
        nearest = int(np.argmin(chord))
        return int(mine[row[nearest]]), int(other[nearest])
    chord, row = tree.query(points[mine], k=mine.size + 1)  # one of them at least is outside
    chord = np.where(inside[row], np.inf, chord)
    best, place = np.unravel_index(int(np.argmin(chord)), chord.shape)
    return int(mine[best]), int(row[best, place])


def neighbour_lists(edges: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the neighbours of each area as ``start`` (N + 1,) and ``neighbour``, both ways and each once."""
    both = np.concatenate([edges, edges[:, ::-1]])
    both = np.unique(both[both[:, 0] != both[:, 1]], axis=0)
    start = np.searchsorted(both[:, 0], np.arange(count + 1)).astype(np.int64)
    return start, np.ascontiguousarray(both[:, 1])


def _stereographic(points: Floats) -> Floats:
    """Return the points on the plane that touches the sphere in their middle, seen from the point opposite (N, 2)."""
    middle = points.mean(axis=0)
    norm = float(np.linalg.norm(middle))
    axis = middle / norm if norm > 1e-9 else np.array([0.0, 0.0, 1.0])
    east = np.cross(axis, [0.0, 0.0, 1.0] if abs(axis[2]) < 0.9 else [1.0, 0.0, 0.0])
    east /= np.linalg.norm(east)
    flat = np.column_stack([points @ east, points @ np.cross(axis, east)])
    return np.asarray(flat / np.maximum(1.0 + points @ axis, 1e-9)[:, None], dtype=np.float64)


def _triangle_sides(flat: Floats) -> Ints:
    """Return the sides of Delaunay's triangles; points in one place hang on one of them, points in a line in a row."""
    try:
        found = Delaunay(flat)
    except (QhullError, ValueError):  # fewer than three, or all in a line
        row = np.lexsort((flat[:, 1], flat[:, 0]))
        return np.sort(np.column_stack([row[:-1], row[1:]]), axis=1)
    triangles = found.simplices.astype(np.int64)
    twins = found.coplanar[:, [0, 2]].astype(np.int64).reshape(-1, 2)
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]], twins])
    return np.unique(np.sort(sides, axis=1), axis=0)


def _short_link(edges: Ints, length: Floats, count: int) -> Floats:
    """Return the length of the second shortest link at each area (N,), or of the only one; infinite without one."""
    end = np.concatenate([edges[:, 0], edges[:, 1]])
    metres = np.tile(length, 2)
    order = np.lexsort((metres, end))
    start = np.searchsorted(end[order], np.arange(count))
    links = np.bincount(end, minlength=count)
    if not order.size:
        return np.full(count, np.inf)
    second = np.minimum(start + np.minimum(links - 1, 1), order.size - 1)
    return np.where(links > 0, metres[order][second], np.inf)
