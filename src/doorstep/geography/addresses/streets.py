"""Streets out of pieces and houses: what has the same name and lies together is one street."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.addresses.problem import NAMES_APART, AddressTables, Codes
from doorstep.geography.addresses.wording import folded, wording

CELL_DEG = 0.004
"""Pieces of a name in neighbouring cells of about 450 m belong together; farther apart they are two streets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets:
    """S streets of an index.

    Parameters
    ----------
    of_house, of_way : (A,), (W,)
        Street of each house and piece; -1 where it has no name.
    names
        Every name that a street has; ``named`` are pairs of street and row of a name, sorted by street, the name used
        most first.
    """

    count: int
    of_house: Ints
    of_way: Ints
    names: tuple[str, ...]
    named_street: Ints
    named_name: Ints


def join_streets(tables: AddressTables) -> Streets:
    """Return the streets of the tables."""
    names, key_of, text_names = _named(tables.texts, tables.street, tables.way_names)
    house_key = np.array([key_of[text_names[row][0]] if text_names.get(row) else -1 for row in tables.street.tolist()])
    house_key = house_key.astype(np.int64)
    way = np.repeat(np.arange(len(tables.way_names)), np.diff(tables.way_starts))
    cosine = float(np.cos(np.radians(np.mean(tables.house.lat)))) if len(tables.house) else 0.7
    house_cell = _cells(tables.house.lat, tables.house.lon, cosine)
    way_item = np.unique(np.column_stack([way, _cells(tables.way_points.lat, tables.way_points.lon, cosine)]), axis=0)
    keys_of_way = [[key_of[name] for name in text_names.get(row, ())] for row in tables.way_names.tolist()]
    widths = np.array([len(keys) for keys in keys_of_way], dtype=np.int64)
    flat_keys = np.array([key for keys in keys_of_way for key in keys], dtype=np.int64)
    begins = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    repeat = widths[way_item[:, 0]] if way_item.size else np.zeros(0, np.int64)
    item = np.repeat(np.arange(len(way_item)), repeat)
    turn = np.arange(item.size) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    item_way = way_item[item, 0]
    spot_way = np.column_stack([flat_keys[begins[item_way] + turn], way_item[item, 1:]])
    spot_house = np.column_stack([house_key, house_cell])
    has_name = house_key >= 0
    spots, place = np.unique(np.concatenate([spot_way, spot_house[has_name]]), axis=0, return_inverse=True)
    label = _together(spots, item_way, place[: item.size])[place]
    count = int(label.max(initial=-1)) + 1
    of_house = np.full(len(house_key), -1, np.int64)
    of_house[has_name] = label[item.size :]
    of_way = np.full(len(tables.way_names), -1, np.int64)
    of_way[item_way] = label[: item.size]
    street, name = _names_of(tables, of_house, of_way, text_names)
    return Streets(count=count, of_house=of_house, of_way=of_way, names=names, named_street=street, named_name=name)


def _named(texts: Sequence[str], *columns: Codes) -> tuple[tuple[str, ...], list[int], dict[int, list[int]]]:
    """Return all names, the key of each (names that are the same share it) and the names of each row of the texts."""
    names: dict[str, int] = {}
    keys: dict[str, int] = {}
    key_of: list[int] = []
    text_names: dict[int, list[int]] = {}
    for row in np.unique(np.concatenate(columns)).tolist():
        for name in texts[row].split(NAMES_APART):
            bare = folded(name)
            if not bare:
                continue
            if name not in names:
                names[name] = len(names)
                key_of.append(keys.setdefault(wording(bare).key, len(keys)))
            text_names.setdefault(row, []).append(names[name])
    return tuple(names), key_of, text_names


def _cells(lat: Floats, lon: Floats, cosine: float) -> Ints:
    """Return row and column of the cell of each point (N, 2)."""
    return np.column_stack([np.floor(lat / CELL_DEG), np.floor(lon * cosine / CELL_DEG)]).astype(np.int64)


def _together(spots: Ints, way: Ints, place: Ints) -> Ints:
    """Return the street of each spot: spots of a name in neighbouring cells, and all spots of a way, are one."""
    if not len(spots):
        return np.zeros(0, np.int64)
    low = spots.min(axis=0) - 1
    wide = spots.max(axis=0) - low + 2
    number = _numbered(spots, low, wide)
    pairs = [(place[:-1][way[1:] == way[:-1]], place[1:][way[1:] == way[:-1]])]
    for step in ((0, 1), (1, -1), (1, 0), (1, 1)):
        beside = _numbered(spots + np.array([0, *step]), low, wide)
        found = np.minimum(np.searchsorted(number, beside), len(number) - 1)
        here = np.flatnonzero(number[found] == beside)
        pairs.append((here, found[here]))
    one = np.concatenate([a for a, _ in pairs])
    other = np.concatenate([b for _, b in pairs])
    graph = coo_array((np.ones(one.size, dtype=np.int8), (one, other)), shape=(len(spots), len(spots)))
    label: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return label


def _numbered(spots: Ints, low: Ints, wide: Ints) -> Ints:
    shifted = spots - low
    numbers: Ints = (shifted[:, 0] * wide[1] + shifted[:, 1]) * wide[2] + shifted[:, 2]
    return numbers


def _names_of(
    tables: AddressTables, of_house: Ints, of_way: Ints, text_names: dict[int, list[int]]
) -> tuple[Ints, Ints]:
    """Return pairs of street and name, by street, the name that most pieces and houses have first."""
    uses: dict[tuple[int, int], int] = {}
    for street_of, rows, first_only in ((of_way, tables.way_names, 0), (of_house, tables.street, 1)):
        held = street_of >= 0
        pairs, count = np.unique(np.column_stack([street_of[held], rows[held]]), axis=0, return_counts=True)
        for (street, row), times in zip(pairs.tolist(), count.tolist(), strict=True):
            for rank, name in enumerate(text_names.get(row, ())):
                worth = times * 2 if rank == 0 else first_only
                uses[street, name] = uses.get((street, name), 0) + worth
    ordered = sorted(uses, key=lambda pair: (pair[0], -uses[pair], pair[1]))
    street = np.array([pair[0] for pair in ordered], dtype=np.int64)
    return street, np.array([pair[1] for pair in ordered], dtype=np.int64)
