"""Sets of open options, judged by the cheapest service with customers divided."""

from collections.abc import Callable

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.capacitated.options import Incumbent, Options, divide

MOST_ADDED = 40
MOST_DROPPED = 8
"""How many options are tried for opening, most promising first, and how many neighbours of each for closing."""


def complete(options: Options, chosen: Ints, dislike: Floats) -> Ints:
    """Return open options made to count and to hold the demand, by least ``dislike`` (K,) first; maybe not feasible.

    Sites that must open are added, surplus is closed, and options join, or replace a smaller one of their site, until
    the demand has room.
    """
    order = np.argsort(np.where(options.may, dislike, np.inf), kind="stable")
    order = order[options.may[order]]
    level: dict[int, int] = {}
    for k in chosen[np.argsort(dislike[chosen], kind="stable")]:
        if options.may[k]:
            level.setdefault(int(options.site[k]), int(k))
    for k in order:
        if options.must[options.site[k]]:
            level.setdefault(int(options.site[k]), int(k))
    for j in sorted(level, key=lambda j: -dislike[level[j]]):
        if len(level) > options.high and not options.must[j]:
            del level[j]
    for k in order:
        if len(level) < options.low:
            level.setdefault(int(options.site[k]), int(k))
    _make_room(options, level, order)
    return np.array(sorted(level.values()), np.int64)


def _make_room(options: Options, level: dict[int, int], order: Ints) -> None:
    wanted = float(options.demand.sum())

    def room() -> float:
        return float(sum(options.capacity[k] for k in level.values()))

    for k in order:
        if room() >= wanted:
            return
        j = int(options.site[k])
        larger = options.capacity[k] > options.capacity[level[j]] if j in level else len(level) < options.high
        if larger:
            level[j] = int(k)
    for k in sorted(order, key=lambda k: -options.capacity[k]):  # the count is reached: larger ones for smaller ones
        j = int(options.site[k])
        if room() >= wanted:
            return
        loose = [i for i in level if not options.must[i] and options.capacity[level[i]] < options.capacity[k]]
        if j not in level and loose:
            del level[min(loose, key=lambda i: options.capacity[level[i]])]
            level[j] = int(k)


def first_sets(options: Options, incumbent: Incumbent, chosen: Ints, dislike: Floats) -> Ints:
    """Return open options near ``chosen`` that can serve everybody if any are found; more are opened while they cannot.

    Whole customers need slack that divided ones do not, so options join until a whole service is found too.
    """
    now = complete(options, chosen, dislike)
    order = [int(k) for k in np.argsort(np.where(options.may, dislike, np.inf), kind="stable") if options.may[k]]
    while not _serves(options, incumbent, now) and now.size < options.high:
        there = set(options.site[now].tolist())
        k = _most_relief(options, now, [k for k in order if options.site[k] not in there])
        if k < 0:
            break
        now = np.array(sorted([*now.tolist(), k]), np.int64)
    return now


def _serves(options: Options, incumbent: Incumbent, chosen: Ints) -> bool:
    value = incumbent.worth(chosen)
    return np.isfinite(value) and (not options.whole or np.isfinite(incumbent.value))


def _most_relief(options: Options, now: Ints, waiting: list[int]) -> int:
    """Return the waiting option that leaves least demand without room, the first such; -1 if there is none."""
    if not waiting or divide(options, now).lost in (0.0, np.inf):
        return waiting[0] if waiting else -1
    lost = [divide(options, np.array(sorted([*now.tolist(), k]), np.int64)).lost for k in waiting[:MOST_ADDED]]
    return waiting[int(np.argmin(lost))]


def improve_sites(
    options: Options, incumbent: Incumbent, chosen: Ints, dislike: Floats, keep_going: Callable[[], bool]
) -> Ints:
    """Close, open and exchange options while the divided cost falls; return the last set.

    An option that opens takes the place of its site's other level, and is tried alone and with each of the open ones
    that it would take most from being closed.
    """
    now, value = chosen, incumbent.worth(chosen)
    waiting = [int(k) for k in np.argsort(np.where(options.may, dislike, np.inf), kind="stable") if options.may[k]]
    improved = True
    while improved:
        improved = False
        for trial in _trials(options, now, waiting):
            if not keep_going():
                return now
            if not options.counted(trial):
                continue
            found = incumbent.worth(trial)
            if found < value - 1e-9 * abs(value):
                now, value, improved = trial, found, True
                break
    return now


def _trials(options: Options, now: Ints, waiting: list[int]):  # type: ignore[no-untyped-def]
    """Yield the neighbours of a set of open options."""
    for k in now:
        if not options.must[options.site[k]]:
            yield now[now != k]
    divided = divide(options, now)
    there = set(now.tolist())
    served = divided.flow > 0
    current = np.where(served, options.rate[options.site[now]] + options.unit[now, None], -np.inf)
    for k in [k for k in waiting if k not in there][:MOST_ADDED]:
        rest = now[options.site[now] != options.site[k]]
        grown = np.sort(np.append(rest, k))
        yield grown
        with np.errstate(invalid="ignore"):
            saved = np.where(served, current - options.rate[options.site[k]] - options.unit[k], 0.0)
        taken = (np.maximum(saved, 0.0) * divided.flow).sum(axis=1)
        for s in np.argsort(-taken, kind="stable")[:MOST_DROPPED]:
            if now[s] in rest and not options.must[options.site[now[s]]]:
                yield grown[grown != now[s]]
