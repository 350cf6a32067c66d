"""Streets as they are mapped: what a reader of an extract gives, before anybody drives on them."""

from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints

Tags = Mapping[str, str]
CREDIT = "\u00a9 OpenStreetMap contributors, ODbL 1.0"
"""Whoever shows what was made of the data of streets says this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets:
    """Ways through N nodes, W of them, with their tags, and which turns are forbidden.

    Attributes
    ----------
    lat, lon
        Of the nodes (N,) [degrees].
    node_tags
        Tags of those nodes that have any that matter (barriers, traffic lights), by node.
    first, node
        The nodes of way w in their order are ``node[first[w] : first[w + 1]]``; shapes (W + 1,) and (M,).
    tags, tag
        All different sets of tags, and which of them each way has (W,).
    name, names
        All different names, and which of them each way has (W,).
    turns
        Restrictions (R, 4): from way, via node, to way, and 1 if only this turn is allowed, 0 if this one is not.
    turn_tags
        Tags of the restrictions, which say for whom they hold.
    over, over_tags
        Restrictions over ways, each 1 if only this turn is allowed or 0, the from way, those it leads over in order,
        and the to way; and their tags.
    skipped
        What could not be used, by reason.
    """

    lat: Floats
    lon: Floats
    node_tags: Mapping[int, Tags]
    first: Ints
    node: Ints
    tags: tuple[Tags, ...]
    tag: Ints
    names: tuple[str, ...]
    name: Ints
    turns: Ints
    turn_tags: tuple[Tags, ...]
    skipped: Mapping[str, int]
    over: tuple[tuple[int, ...], ...] = ()
    over_tags: tuple[Tags, ...] = ()

    def __post_init__(self) -> None:
        if (
            self.lat.shape != self.lon.shape
            or self.first.size != self.tag.size + 1
            or self.name.shape != self.tag.shape
        ):
            raise InputError("nodes and ways of streets must have arrays of the same lengths.")
        if self.node.size and not 0 <= int(self.node.min()) <= int(self.node.max()) < self.lat.size:
            raise InputError("ways of streets must go through nodes that there are.")

    def __len__(self) -> int:
        return int(self.tag.size)
