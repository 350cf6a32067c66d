"""A choice of options and of who is served from where, as one mixed-integer programme."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.programme import Programme, solve_programme
from doorstep.network.capacitated.bound import CLOSE
from doorstep.network.capacitated.options import Options, Served, divide, served_divided, served_whole


class Answer(NamedTuple):
    """The best service found, if it is better than the start, and a bound on every service over the given pairs."""

    served: Served | None
    bound: float


class Columns(NamedTuple):
    """Pairs ``option``, ``customer`` (P,) followed by options ``opened`` (Y,), and the rows over them."""

    option: Ints
    customer: Ints
    opened: Ints
    matrix: sp.csc_matrix
    low: Floats
    high: Floats


def choose_together(
    options: Options, pairs: Bools, start: Served | None, *, nodes: int | None, keep_going: Callable[[], bool]
) -> Answer:
    """Return the best choice over some pairs (K, N) that HiGHS finds within some nodes, beginning from a start.

    Strong formulation: a customer is served only from what is open, pair by pair and by capacity, and what is open has
    room for the whole demand.
    """
    columns = _columns(options, pairs)
    cost = np.concatenate(
        [
            options.cost[options.site[columns.option], columns.customer]
            + options.unit[columns.option] * options.demand[columns.customer],
            options.fixed[columns.opened],
        ]
    )
    whole = np.append(np.full(columns.option.size, options.whole), np.ones(columns.opened.size, np.bool_))
    programme = Programme(
        cost=cost,
        lower=np.zeros(cost.size),
        upper=np.ones(cost.size),
        whole=whole,
        matrix=columns.matrix,
        low=columns.low,
        high=columns.high,
    )
    solved = solve_programme(
        programme,
        keep_going=keep_going,
        start=None if start is None else _values(columns, start),
        gap=0.0 if start is None else 0.1 * CLOSE * abs(start.value),
        nodes=nodes,
    )
    bound = solved.bound + options.base
    return Answer(_served(options, columns, solved.values) if solved.values.size else None, bound)


def _columns(options: Options, pairs: Bools) -> Columns:
    opened = np.flatnonzero(options.may).astype(np.int64)
    fits = pairs & options.may[:, None] & np.isfinite(options.cost[options.site])
    if options.whole:
        fits &= options.demand <= options.capacity[:, None]
    option, customer = np.nonzero(fits)
    count, width = option.size, option.size + opened.size
    number = np.full(options.site.size, -1)
    number[opened] = np.arange(opened.size)
    free = np.flatnonzero(~options.must[options.site[option]] | (np.bincount(options.site[opened],
        minlength=options.must.size)[options.site[option]] > 1))  # fmt: skip
    customers, there = options.demand.size, np.arange(opened.size)

    def rows(shape: int, row: Ints, column: Ints, value: Floats) -> sp.csr_matrix:
        return sp.csr_matrix((value, (row, column)), shape=(shape, width))

    served = rows(customers, customer, np.arange(count), np.ones(count))
    room = rows(
        opened.size,
        np.concatenate([number[option], there]),
        np.concatenate([np.arange(count), count + there]),
        np.concatenate([options.demand[customer], -options.capacity[opened]]),
    )
    strong = rows(
        free.size,
        np.tile(np.arange(free.size), 2),
        np.concatenate([free, count + number[option[free]]]),
        np.repeat([1.0, -1.0], free.size),
    )
    level = rows(options.must.size, options.site[opened], count + there, np.ones(opened.size))
    total = rows(1, np.zeros(opened.size, np.int64), count + there, options.capacity[opened])
    many = rows(1, np.zeros(opened.size, np.int64), count + there, np.ones(opened.size))
    sizes = (opened.size, free.size)
    low = [np.ones(customers), np.full(sum(sizes), -np.inf), options.must.astype(float), [options.demand.sum()]]
    high = [np.ones(customers), np.zeros(sum(sizes)), np.ones(options.must.size), [np.inf]]
    return Columns(
        option.astype(np.int64),
        customer.astype(np.int64),
        opened,
        sp.vstack([served, room, strong, level, total, many]).tocsc(),
        np.concatenate([*low, [float(options.low)]]),
        np.concatenate([*high, [float(options.high)]]),
    )


def _values(columns: Columns, start: Served) -> Floats:
    """Return a service as the values of the columns; what the columns lack is left out."""
    values = np.zeros(columns.option.size + columns.opened.size)
    customers = int(max(columns.customer.max(initial=0), start.customer.max(initial=0))) + 1
    key = columns.option * customers + columns.customer
    mine = start.option * customers + start.customer
    place = np.minimum(np.searchsorted(key, mine), max(0, key.size - 1))
    there = key[place] == mine
    values[place[there]] = start.share[there]
    values[columns.option.size :] = np.isin(columns.opened, start.chosen)
    return values


def _served(options: Options, columns: Columns, found: Floats) -> Served | None:
    """Return a solution as a service, or None if rounding broke it."""
    count = columns.option.size
    chosen = columns.opened[found[count:] > 0.5]
    if not options.whole:
        divided = divide(options, chosen)
        fits = divided.value < np.inf and options.counted(chosen)
        return served_divided(options, chosen, divided) if fits else None
    at = np.full(options.demand.size, -1)
    taken = found[:count] > 0.5
    at[columns.customer[taken]] = columns.option[taken]
    if (at < 0).any() or not np.isin(at, chosen).all() or not options.counted(chosen):
        return None
    load = np.bincount(at, weights=options.demand, minlength=options.site.size)
    if (load > options.capacity * (1 + 1e-9)).any():
        return None
    return served_whole(options, chosen, at)
