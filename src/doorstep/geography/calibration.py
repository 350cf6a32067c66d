"""Straight lines calibrated on streets: the estimate that a road graph's own times suggest, and how far it is off."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.distance import great_circle_m
from doorstep.geography.places import Places
from doorstep.geography.travel_times import GreatCircleTimes, TravelTimes

PAIRS = 2_000
FEWEST_PAIRS = 40
DRAWN = 10
"""Of so many pairs drawn one is looked at."""
SHORTEST_M = 200.0
"""Nearer pairs tell of the pieces of street they lie on, not of the town."""
BANDS = 20
"""Of distance, by its logarithm: as many pairs are looked at in each, where there are so many."""
STEP_M = 100
SPEEDS_KMH = range(5, 131, 5)
STARTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """An estimate fitted to times on streets: it stays an estimate, and says how good a one.

    Attributes
    ----------
    times
        The estimate.
    pairs
        Pairs that it was judged on, to none of which it was fitted.
    metres_off_pct, seconds_off_pct
        By how much it is off on them: the mean of the absolute shares [%].
    """

    times: GreatCircleTimes
    pairs: int
    metres_off_pct: float
    seconds_off_pct: float

    def told(self) -> str:
        """Return the estimate and its error as one sentence."""
        fit = self.times
        return (
            f"An estimate from straight lines times {fit.circuity_pct / 100:.2f}, at {fit.near_speed_kmh} km/h for the "
            f"first {fit.near_distance_m:,} m and {fit.far_speed_kmh} km/h beyond: on {self.pairs:,} pairs its metres "
            f"are off by {self.metres_off_pct:.1f} % and its seconds by {self.seconds_off_pct:.1f} % on average."
        )


def calibrated(times: TravelTimes, places: Places, *, rng: np.random.Generator, pairs: int = PAIRS) -> Calibration:
    """Return straight lines fitted to times on streets, judged on pairs that were kept out of the fit.

    Pairs are drawn among the places so that there are as many short ones as long ones. The circuity is the median of
    road metres by straight ones, where each straight metre counts alike; the speeds and the distance between them are
    those whose seconds have the least mean absolute logarithm of the ratio to the streets' seconds, so that no few odd
    pairs decide.

    Parameters
    ----------
    times
        Of streets.
    places
        Two or more, where things are delivered from and to, or points drawn over the area.
    pairs
        At most so many are asked for, half of them to judge by.

    Raises
    ------
    InputError
        If the places have too few pairs that are farther apart than ``SHORTEST_M``, or whatever ``times`` refuses.
    """
    origin, destination, straight = _drawn(places, rng, pairs)
    metres, seconds = times.between(places.take(origin), places.take(destination))
    moved = (metres > 0) & (seconds > 0)
    straight, metres, seconds = straight[moved], metres[moved], seconds[moved]
    if straight.size < FEWEST_PAIRS:
        raise InputError(
            f"{straight.size} pairs of places farther apart than {SHORTEST_M:,.0f} m are too few to calibrate by: "
            f"{FEWEST_PAIRS} are needed.",
            hint="Maybe draw points over the whole area.",
        )
    mixed = rng.permutation(straight.size)
    fitted, judged = mixed[::2], mixed[1::2]
    found = _fitted(straight[fitted], metres[fitted], seconds[fitted])
    judged_m, judged_s = found.on_road(straight[judged])
    return Calibration(
        times=found,
        pairs=int(judged.size),
        metres_off_pct=_off_pct(judged_m, metres[judged]),
        seconds_off_pct=_off_pct(judged_s, seconds[judged]),
    )


def _drawn(places: Places, rng: np.random.Generator, pairs: int) -> tuple[Ints, Ints, Floats]:
    """Return origins, destinations and straight metres of different pairs, as many short ones as long ones."""
    count = len(places)
    if count * (count - 1) <= DRAWN * pairs:
        origin, destination = np.nonzero(~np.eye(count, dtype=np.bool_))
    else:
        origin, destination = rng.integers(0, count, (2, DRAWN * pairs))
    straight = great_circle_m(
        lat_a=places.lat[origin], lon_a=places.lon[origin], lat_b=places.lat[destination], lon_b=places.lon[destination]
    )
    rows = rng.permutation(np.flatnonzero(straight >= SHORTEST_M))
    if rows.size > pairs:
        reach = np.log(straight[rows])
        band = np.digitize(reach, np.linspace(reach.min(), reach.max(), BANDS + 1)[1:-1])
        by_band = np.argsort(band, kind="stable")
        place = np.arange(rows.size) - np.searchsorted(band[by_band], band[by_band])
        rows = rows[by_band[place < pairs // BANDS]]
    return origin[rows], destination[rows], straight[rows]


def _fitted(straight: Floats, metres: Ints, seconds: Ints) -> GreatCircleTimes:
    circuity_pct = max(100, round(100 * _median(metres / straight, straight)))
    reach = np.quantile(straight, np.arange(STARTS) / STARTS) * circuity_pct / 100
    first = GreatCircleTimes(circuity_pct=circuity_pct)
    road = first.on_road(straight)[0]
    starts = (
        replace(first, near_speed_kmh=near, far_speed_kmh=far, near_distance_m=round(distance / STEP_M) * STEP_M)
        for distance in reach.tolist()
        for near in SPEEDS_KMH
        for far in SPEEDS_KMH
        if far >= near
    )
    best = min(starts, key=lambda each: _spread(each, road, seconds))
    least = _spread(best, road, seconds)
    while True:
        better = min(_beside(best), key=lambda each: _spread(each, road, seconds))
        spread = _spread(better, road, seconds)
        if spread >= least:
            return best
        best, least = better, spread


def _median(ratio: Floats, weight: Floats) -> float:
    """Return the ratio below and above which lie equal parts of the weight."""
    order = np.argsort(ratio, kind="stable")
    reached = np.cumsum(weight[order])
    return float(ratio[order[np.searchsorted(reached, reached[-1] / 2)]])


def _beside(times: GreatCircleTimes) -> Iterator[GreatCircleTimes]:
    """Return the estimates one step away."""
    for near in (-1, 0, 1):
        for far in (-1, 0, 1):
            for steps in (-5, -1, 0, 1, 5):
                near_kmh, far_kmh = times.near_speed_kmh + near, times.far_speed_kmh + far
                distance_m = times.near_distance_m + steps * STEP_M
                if 0 < near_kmh <= far_kmh and distance_m >= 0:
                    yield replace(times, near_speed_kmh=near_kmh, far_speed_kmh=far_kmh, near_distance_m=distance_m)


def _spread(times: GreatCircleTimes, road_m: Ints, seconds: Ints) -> float:
    """Return how far estimated seconds are from those on streets, as a mean absolute logarithm."""
    return float(np.abs(np.log(times.seconds(road_m) / seconds)).mean())


def _off_pct(found: Ints, real: Ints) -> float:
    return float(100 * (np.abs(found - real) / real).mean())
