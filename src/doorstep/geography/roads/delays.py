"""What is waited at lights, signs and gates, and what turns take.

A light or a sign holds for one direction where it says so. A stop or give-way sign that does not say holds towards the
nearest junction (https://wiki.openstreetmap.org/wiki/Key:direction); one on a junction itself holds for all if it is
``stop=all``, and is passed over otherwise, for the main road has it not.

References
----------
What they cost, and the curves of turns, are those of the profile for cars of the Open Source Routing Machine, fitted by
its authors to real drives (github.com/Project-OSRM/osrm-backend, profiles/car.lua).
"""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography.roads.profiles import Profile
from doorstep.geography.roads.streets import Streets

SIGN_MS = {"traffic_signals": 2_000, "stop": 2_000, "give_way": 1_000}
GATES, GATE_MS = frozenset({"gate", "lift_gate"}), 60_000
"""Gates of which nothing is said: they are opened, or one waits until they are."""
TURN_MS, CROSSING_MS = 7_500, 2_000
"""A sharp turn, and crossing those who come towards one."""
ROUND = ("roundabout", "circular")
SIDES = {"forward": (1, 0), "backward": (0, 1)}


@dataclass(frozen=True, slots=True)
class Signs:
    """What one waits at each of N nodes.

    Attributes
    ----------
    along, against
        Passing it along its way and against it (N,) [ms].
    nearest
        Whether only those wait who come to the nearest junction next (N,).
    """

    along: Ints
    against: Ints
    nearest: Bools


def signs_of(streets: Streets, profile: Profile) -> Signs:
    """Return what lights, signs and gates cost a vehicle, nothing if turns cost it nothing."""
    nodes = streets.lat.size
    found = Signs(np.zeros(nodes, dtype=np.int64), np.zeros(nodes, dtype=np.int64), np.zeros(nodes, dtype=np.bool_))
    if not profile.turns:
        return found
    for node, tags in streets.node_tags.items():
        sign = tags.get("highway", "")
        if sign in SIGN_MS:
            said = tags.get("traffic_signals:direction") or tags.get("direction", "")
            along, against = SIDES.get(said, (1, 1))
            found.along[node], found.against[node] = along * SIGN_MS[sign], against * SIGN_MS[sign]
            found.nearest[node] = sign != "traffic_signals" and said not in SIDES and tags.get("stop") != "all"
        if tags.get("barrier") in GATES and not any(key in tags for key in profile.heeds):
            found.along[node] = found.against[node] = GATE_MS
    return found


def waits_of(signs: Signs, nodes: Ints, first: Ints, steps: Floats) -> tuple[Ints, Ints, Ints, Ints]:
    """Return what one waits on pieces of street, along and against, and at their last and their first point (E,) [ms].

    Parameters
    ----------
    nodes, first, steps
        Nodes of piece e are ``nodes[first[e] : first[e + 1]]``, with the way from each to the next of its piece [m].
    """
    begin, end = first[:-1], first[1:] - 1
    inner = np.ones(nodes.size, dtype=np.bool_)
    inner[begin] = inner[end] = False
    walked = np.cumsum(steps) - steps
    length = np.repeat(walked[end] - walked[begin], np.diff(first))
    late = walked - np.repeat(walked[begin], np.diff(first)) >= length / 2
    nearest = signs.nearest[nodes]
    along = np.where(inner & ~(nearest & ~late), signs.along[nodes], 0)
    against = np.where(inner & ~(nearest & late), signs.against[nodes], 0)
    at_last = np.where(nearest[end], 0, signs.along[nodes[end]])
    at_first = np.where(nearest[begin], 0, signs.against[nodes[begin]])
    return np.add.reduceat(along, begin), np.add.reduceat(against, begin), at_last, at_first


def drives_left(streets: Streets) -> bool:
    """Return whether one drives on the left, for most roundabouts are driven clockwise; without any it is the right."""
    rounds = np.array([tags.get("junction") in ROUND for tags in streets.tags], dtype=np.bool_)[streets.tag]
    around = 0
    for way in np.flatnonzero(rounds).tolist():
        nodes = streets.node[streets.first[way] : streets.first[way + 1]]
        east = np.diff(streets.lon[nodes]) * np.cos(np.radians(streets.lat[nodes[0]]))
        north = np.diff(streets.lat[nodes])
        around += int(np.sign((east[:-1] * north[1:] - east[1:] * north[:-1]).sum()))
    return around < 0


def turn_table(profile: Profile, *, left: bool) -> tuple[Ints, Ints]:
    """Return what a turn by so many degrees takes [ms] (361,), from -180 (left) to 180; straight on takes nothing.

    Logistic curves: of the turn itself, a little less to the side that one drives on; and of crossing those who come
    towards one, which is not done where one of both roads is a roundabout.

    Parameters
    ----------
    left
        Whether one drives on the left.
    """
    if not profile.turns:
        return np.zeros(361, dtype=np.int64), np.zeros(361, dtype=np.int64)
    angle, bias = np.arange(-180, 181) / 180.0, 1.075
    angle = -angle if left else angle
    near = TURN_MS / (1 + np.exp(-((13 / bias) * angle - 6.5 * bias)))
    far = TURN_MS / (1 + np.exp(-((13 * bias) * -angle - 6.5 / bias)))
    crossing = np.where(angle < 0, CROSSING_MS / (1 + np.exp(-(13 * -angle - 3.25))), 0.0)
    turn = np.rint(np.where(angle >= 0, near, far)).astype(np.int64)
    return turn, np.rint(crossing).astype(np.int64)
