"""Which streets a vehicle drove, from positions that it recorded.

A hidden Markov model: every place on a street near a position may be where the vehicle was, the likelier the nearer;
and it is the likelier to have driven from one place to the next the less the way between them, the fastest, differs in
length from the straight line between the positions, and the less one had to hurry. The likeliest row of places is found
for each stretch without a gap. Turns are respected, as are one-ways; turning round within a street counts as a longer
way. One position at a time may be passed over as an outlier, and of positions where the vehicle stands only the first
is looked at.

References
----------
Newson and Krumm (2009), Hidden Markov map matching through noise and sparseness, ACM SIGSPATIAL GIS 2009.
That speeds tell ways apart: Lou et al. (2009), Map-matching for low-sampling-rate GPS trajectories, same proceedings.
"""

from dataclasses import dataclass, field

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography.distance import great_circle_m
from doorstep.geography.places import Places
from doorstep.geography.roads._hierarchy_kernels import METRE
from doorstep.geography.roads._matching_kernels import apart, likeliest, ways_between, ways_driven
from doorstep.geography.roads.doubled import single
from doorstep.geography.roads.graph import UTURN_MS, RoadGraph
from doorstep.geography.roads.snap import WHOLE, Snapped
from doorstep.geography.roads.times import RoadTimes

NOISE_M, LEAST_NOISE_M = 10.0, 4.0
"""Standard deviation of positions where nothing is known, and at least."""
APART_SIGMAS, AROUND_SIGMAS, BACK_SIGMAS = 2.0, 4.5, 3.0
"""Positions closer to the last one are not looked at; streets so far around are; so far back is still standing."""
LEAST_AROUND_M = 40.0
MOST_PIECES = 16
DETOUR_M, DETOUR_MPS = 4.0, 0.6
"""Mean difference of way and straight line, at once and for each second between positions."""
PASSED = 10.0
"""What passing over a position costs: as much as one that is four and a half standard deviations off."""
AROUND_DM = 500
AROUND = UTURN_MS * METRE + AROUND_DM
"""Turning round counts as so much longer a way."""
TOO_FAST = 0.5
"""Standard deviation of the logarithm of how much faster than usual one drives; slower costs nothing."""
GAP_S = 120
LONGER, LONGER_M = 2.0, 400.0
"""No way is looked for that is longer than so many times the straight line, and so much more."""
STOP_S = 60
"""Whoever stands longer has stopped, and is not in traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """N positions in order of time.

    Attributes
    ----------
    lat, lon
        Where (N,) [degrees].
    at
        When (N,) [epoch s], never falling.
    noise_m
        Standard deviation of each (N,) [m], as phones give it; ``NOISE_M`` for all if it is empty.
    """

    lat: Floats
    lon: Floats
    at: Ints
    noise_m: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        if not (self.lat.shape == self.lon.shape == self.at.shape) or self.noise_m.size not in (0, self.at.size):
            raise InputError(f"lat {self.lat.shape}, lon {self.lon.shape} and at {self.at.shape} must be (N,) alike.")
        if (np.diff(self.at) < 0).any():
            raise InputError("positions of a track must be in order of time.", hint="Maybe sort them by time.")
        if not (np.isfinite(self.lat).all() and np.isfinite(self.lon).all()):
            raise InputError("every position of a track must have a lat and a lon.")

    def __len__(self) -> int:
        return int(self.at.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """K stretches of arcs in the order in which they were driven.

    Attributes
    ----------
    arc, begin, finish
        Arc (K,), and from which of its ``WHOLE`` steps to which it was driven.
    took_ms, usual_ms
        How long that took with the turn after it (K,), without stops, and where traffic is light [ms].
    at
        When it was begun (K,) [epoch s].
    row
        Stretch without a gap that it is part of (K,).
    """

    arc: Ints
    begin: Ints
    finish: Ints
    took_ms: Ints
    usual_ms: Ints
    at: Ints
    row: Ints

    def __len__(self) -> int:
        return int(self.arc.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Where a vehicle was on streets at each of N positions, and what it drove in S stretches without a gap.

    Attributes
    ----------
    arc, step
        Arc (N,), -1 where a position was not used, and how far along it, as it is driven.
    metres
        From the position to there (N,) [m].
    sure
        How likely that arc is (N,), given all positions and the model.
    stretch
        Stretch without a gap (N,), -1 where a position was not used.
    confidence
        Mean of how likely the arcs of each stretch are (S,), from 0 to 1.
    driven
        What was driven; a stretch of one place has nothing in it.
    stood_s
        How long the vehicle stopped at each position (N,) before it drove on, 0 where it stood only in traffic [s].
    """

    arc: Ints
    step: Ints
    metres: Ints
    sure: Floats
    stretch: Ints
    confidence: Floats
    driven: Driven
    stood_s: Ints

    @property
    def used(self) -> float:
        """Which share of the positions was used, 1 if there are none."""
        return float((self.arc >= 0).mean()) if self.arc.size else 1.0


@dataclass(frozen=True, slots=True)
class Matcher:
    """Matches tracks with the streets of some travel times, of which the usual times of ways are taken."""

    times: RoadTimes
    _graph: RoadGraph = field(init=False, repr=False)
    _turn: Ints = field(init=False, repr=False)
    _turn_key: Ints = field(init=False, repr=False)
    _opposite: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        graph, metric = single(self.times.graph), self.times.metric_of
        start = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
        along, against = self.times.arcs
        opposite = np.where(graph.against, along[graph.edge], against[graph.edge])
        around = graph.turn_to == opposite[start]
        for name, value in (("_graph", graph), ("_turn", metric.turn[: start.size] + around * AROUND_DM),
                            ("_opposite", opposite), ("_turn_key", start * graph.arcs + graph.turn_to)):  # fmt: skip
            object.__setattr__(self, name, value)

    def match(self, track: Track) -> Match:
        """Return the likeliest course of a vehicle, nothing where no street is near or positions are too far apart."""
        noise = np.maximum(track.noise_m, LEAST_NOISE_M) if track.noise_m.size else np.full(len(track), NOISE_M)
        looked_at = np.flatnonzero(apart(track.lat, track.lon, APART_SIGMAS * noise))
        seen = Places(lat=track.lat[looked_at], lon=track.lon[looked_at])
        around = np.maximum(LEAST_AROUND_M, AROUND_SIGMAS * noise[looked_at])
        near, found, metres = self.times.near(seen, around, MOST_PIECES)
        layer_rows, layer = np.unique(near, return_inverse=True)
        rows = looked_at[layer_rows]
        both = np.column_stack([each[found.edge] for each in self.times.arcs])
        which, side = np.nonzero(both >= 0)
        arc = both[which, side]
        step = np.where(side == 1, WHOLE - found.step[which], found.step[which])
        first = np.searchsorted(layer[which], np.arange(rows.size + 1)).astype(np.int64)
        cost = 0.5 * (metres[which] / noise[rows][layer[which]]) ** 2
        left = np.append(looked_at[1:], len(track))[layer_rows] - 1
        own = _Layers(track=track, rows=rows, left=left, noise=noise[rows])
        chosen, stretch, sure = self._likeliest(own, first, arc, step, cost)
        used = np.flatnonzero(chosen >= 0)
        picked = chosen[used]
        places = _Chosen(row=rows[used], arc=arc[picked], step=step[picked], stretch=stretch[used], sure=sure[used],
                         layer=used, found=found.take(which[picked]))  # fmt: skip
        return self._match(track, looked_at, own, places)

    def _likeliest(self, own: "_Layers", first: Ints, arc: Ints, step: Ints, cost: Floats) -> tuple[Ints, Ints, Floats]:
        graph, metric = self._graph, self.times.metric_of
        one_first, one, two_first, two = ways_between(
            graph.turn_first, graph.turn_to, self._turn, metric.arc, self._opposite, first, arc, step, own.slack_dm,
            own.most_dm, own.on, AROUND,
        )  # fmt: skip
        return likeliest(first, cost, one_first, own.cost(1, one_first, one), two_first, own.cost(2, two_first, two),
                         own.on, PASSED)  # fmt: skip

    def _match(self, track: Track, looked_at: Ints, own: "_Layers", places: "_Chosen") -> Match:
        joined = np.diff(places.stretch, prepend=-1) == 0
        graph, metric = self._graph, self.times.metric_of
        pieces = ways_driven(
            graph.turn_first, graph.turn_to, self._turn, metric.arc, self._opposite, places.arc, places.step, joined,
            own.slack_dm[places.layer], own.most_dm[places.layer], AROUND,
        )  # fmt: skip
        # Positions that were not looked at are where the one before them is.
        of = np.full(len(track), -1, dtype=np.int64)
        of[places.row] = np.arange(places.row.size)
        of = np.repeat(of[looked_at], np.diff(np.append(looked_at, len(track))))
        left_at = track.at[own.left[places.layer]]
        driven, stood = self._driven(pieces, places, joined, track.at[places.row], left_at)
        some = np.flatnonzero(of >= 0)
        whole = _Whole(len(track), some, of[some])
        metres = great_circle_m(lat_a=track.lat[some], lon_a=track.lon[some], lat_b=places.found.lat[of[some]],
                                lon_b=places.found.lon[of[some]])  # fmt: skip
        stood_s = np.zeros(len(track), dtype=np.int64)
        stood_s[places.row] = stood
        number = np.unique(places.stretch, return_inverse=True)[1]
        counts = np.bincount(number)
        at = np.zeros(len(track), dtype=np.int64)
        at[some] = np.rint(metres).astype(np.int64)
        sure = np.zeros(len(track))
        sure[some] = places.sure[of[some]]
        return Match(
            arc=whole.of(places.arc), step=whole.of(places.step), metres=at, sure=sure, stretch=whole.of(number),
            confidence=np.bincount(number, weights=places.sure) / np.maximum(counts, 1), driven=driven, stood_s=stood_s,
        )  # fmt: skip

    def _driven(self, pieces: Ints, places: "_Chosen", joined: Bools, at: Ints, left_at: Ints) -> tuple[Driven, Ints]:
        """Return what was driven, and how long the vehicle stopped at each place (M,) [s].

        Between two positions time is shared out as it is usually taken.
        """
        arc, begin, finish, after = pieces
        number = np.unique(places.stretch, return_inverse=True)[1]
        row = number[after] if after.size else after
        usual = self._usual(arc, begin, finish, row)
        drives, stood = _times_between(at, left_at, joined, np.bincount(after, minlength=at.size) > 0)
        total = np.bincount(after, weights=usual, minlength=at.size)
        took = np.rint(drives[after] * 1000 * usual / np.maximum(total[after], 1)).astype(np.int64)
        first = np.flatnonzero(np.diff(after, prepend=-1))
        gone = np.cumsum(took) - took
        gone -= np.repeat(gone[first], np.diff(np.append(first, after.size)))
        entered = (at[after + 1] - drives[after]) + gone // 1000 if after.size else after
        new = np.ones(arc.size, dtype=np.bool_)
        new[1:] = (np.diff(arc) != 0) | (begin[1:] != finish[:-1]) | (np.diff(row) != 0)
        starts = np.flatnonzero(new)
        last = np.append(starts[1:], arc.size)[: starts.size] - 1
        sums = [np.add.reduceat(each, starts) if starts.size else each for each in (took, usual)]
        return Driven(arc=arc[starts], begin=begin[starts], finish=finish[last], took_ms=sums[0], usual_ms=sums[1],
                      at=entered[starts], row=row[starts]), stood  # fmt: skip

    def _usual(self, arc: Ints, begin: Ints, finish: Ints, row: Ints) -> Ints:
        """Return what stretches of arcs usually take, with the turn after each [ms]."""
        graph = self._graph
        usual: Ints = graph.ms[arc] * (finish - begin) // WHOLE
        turns = np.flatnonzero((np.diff(row) == 0) & ((arc[1:] != arc[:-1]) | (begin[1:] == 0)))
        key = arc[turns] * graph.arcs + arc[turns + 1]
        turn = np.minimum(np.searchsorted(self._turn_key, key), self._turn_key.size - 1)
        usual[turns] += np.where(self._turn_key[turn] == key, graph.turn_ms[turn], UTURN_MS)
        return usual


@dataclass(frozen=True, slots=True)
class _Whole:
    """Spreads what is known of places over all positions, -1 where there is no place."""

    count: int
    some: Ints
    place: Ints

    def of(self, values: Ints) -> Ints:
        found = np.full(self.count, -1, dtype=np.int64)
        found[self.some] = values[self.place]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Places of the likeliest row: which position, where, which stretch, how likely, and which layer."""

    row: Ints
    arc: Ints
    step: Ints
    stretch: Ints
    sure: Floats
    layer: Ints
    found: Snapped


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layers:
    """M positions that have streets near them, and the last of those that are where they are."""

    track: Track
    rows: Ints
    left: Ints
    noise: Floats
    on: Ints = field(init=False)
    straight: tuple[Floats, Floats] = field(init=False)
    seconds: tuple[Ints, Ints] = field(init=False)

    def __post_init__(self) -> None:
        straight, seconds, on = [], [], np.zeros(self.rows.size, dtype=np.int64)
        for ahead in (1, 2):
            a, b = self.rows[:-ahead], self.rows[ahead:]
            rest = np.zeros(min(ahead, self.rows.size))
            apart_m = great_circle_m(lat_a=self.track.lat[a], lon_a=self.track.lon[a], lat_b=self.track.lat[b],
                                     lon_b=self.track.lon[b])  # fmt: skip
            straight.append(np.concatenate([apart_m, rest]))
            seconds.append(
                np.concatenate([self.track.at[b] - self.track.at[self.left[: a.size]], rest.astype(np.int64)])
            )
            on[: a.size] = np.where((seconds[-1][: a.size] <= GAP_S) & (on[: a.size] == ahead - 1), ahead, on[: a.size])
        for name, value in (("on", on), ("straight", tuple(straight)), ("seconds", tuple(seconds))):
            object.__setattr__(self, name, value)

    @property
    def slack_dm(self) -> Ints:
        """How far back along one arc counts as standing (M,) [dm]."""
        return np.rint(10 * BACK_SIGMAS * self.noise).astype(np.int64)

    @property
    def most_dm(self) -> Ints:
        """How long a way from each may be (M,) [dm]."""
        straight = np.maximum(self.straight[0], np.where(self.on > 1, self.straight[1], 0.0))
        return np.rint(10 * (LONGER * straight + LONGER_M)).astype(np.int64)

    def cost(self, ahead: int, first: Ints, way: Ints) -> Floats:
        """Return what ways of some weights cost, infinite where there is none."""
        straight, seconds = (np.repeat(each[ahead - 1], np.diff(first)) for each in (self.straight, self.seconds))
        differ = np.abs(way % METRE / 10 - straight) / (DETOUR_M + DETOUR_MPS * seconds)
        hurry = np.log(np.maximum(way // METRE / 1000 / np.maximum(seconds, 1), 1.0)) / TOO_FAST
        return np.where(way < 0, np.inf, differ + 0.5 * hurry**2)


def _times_between(at: Ints, left_at: Ints, joined: Bools, drove: Bools) -> tuple[Ints, Ints]:
    """Return how long it was driven from each place to the next, and how long the vehicle stopped there, both (M,) [s].

    Parameters
    ----------
    at, left_at
        The first and the last time at each place (M,).
    joined, drove
        Whether each is joined with the one before it, and whether anything was driven from it to the next.
    """
    drives, stops = np.zeros_like(at), np.zeros_like(at)
    stood = 0
    for k in range(at.size - 1):
        if not joined[k]:
            stood = 0
        if not joined[k + 1]:
            continue
        stood += int(left_at[k] - at[k])
        took = int(at[k + 1] - left_at[k])
        if not drove[k]:
            stood += took
            continue
        stops[k] = stood if stood >= STOP_S else 0
        drives[k] = took + (stood if stood < STOP_S else 0)
        stood = 0
    return drives, stops
