"""Whole customers moved, exchanged and carried from site to site at falling temperature, overload at a cost."""

import numpy as np

from doorstep.foundation.kernels import inlined, kernel


@inlined
def price_of(cost, unit, site, demand, k, i):  # type: ignore[no-untyped-def]
    """Return the cost of serving a customer from an option."""
    return cost[site[k], i] + unit[k] * demand[i]


@inlined
def overload(load, room):  # type: ignore[no-untyped-def]
    """Return how much of a load finds no room."""
    return max(0.0, load - room)


@inlined
def put(members, count, place, at, load, demand, i, k):  # type: ignore[no-untyped-def]
    """Move a customer to an option."""
    a = at[i]
    last = members[a, count[a] - 1]
    members[a, place[i]] = last
    place[last] = place[i]
    count[a] -= 1
    load[a] -= demand[i]
    members[k, count[k]] = i
    place[i] = count[k]
    count[k] += 1
    load[k] += demand[i]
    at[i] = k


@kernel
def group(at, demand, members, count, place, load):  # type: ignore[no-untyped-def]
    """Fill who is at every option from where everybody is (N,)."""
    count[:] = 0
    load[:] = 0.0
    for i in range(at.size):
        k = at[i]
        members[k, count[k]] = i
        place[i] = count[k]
        count[k] += 1
        load[k] += demand[i]


@kernel
def carry_cost(  # type: ignore[no-untyped-def]
    cost, demand, site, capacity, fixed, unit, members, count, a, b
):
    """Return the change of cost if option b takes over all customers of option a, which closes; maybe infinite."""
    change = fixed[b] - fixed[a]
    for h in range(count[a]):
        i = members[a, h]
        if demand[i] > capacity[b]:
            return np.inf
        change += price_of(cost, unit, site, demand, b, i) - price_of(cost, unit, site, demand, a, i)
    return change


@kernel
def anneal(  # type: ignore[no-untyped-def]
    cost, demand, site, capacity, fixed, unit, must, low, high, near, draws, hot, cold, weight,
    at, open_, members, count, place, load, best, best_open, found,
):  # fmt: skip
    """Try one move for every row of ``draws`` (D, 4) in [0, 1) while the temperature falls; return the least cost.

    ``near`` (N, H) options of each customer, best first; ``at`` (N,) now, ``open_`` (M,) the open option of each site
    or -1, ``members`` (K, N), ``count``, ``load`` (K,), ``place`` (N,): all changed. ``best`` (N,) and ``best_open``
    (M,) receive the cheapest assignment without overload, if cheaper than ``found``. Costs leave out what is fixed.

    References
    ----------
    Kirkpatrick, Gelatt, Vecchi (1983), Optimization by simulated annealing.
    """
    now, over, opened = 0.0, 0.0, 0
    for k in range(capacity.size):
        over += overload(load[k], capacity[k])
        if open_[site[k]] == k:
            now += fixed[k]
            opened += 1
    for i in range(at.size):
        now += price_of(cost, unit, site, demand, at[i], i)
    eps = 1e-9 * (1.0 + demand.max())
    cooling = (cold / hot) ** (1.0 / max(1, draws.shape[0]))
    heat = hot
    for t in range(draws.shape[0]):
        heat *= cooling
        i = int(draws[t, 0] * at.size)
        a = at[i]
        b = near[i, int(draws[t, 1] ** 2 * near.shape[1])]
        if b < 0 or b == a:
            continue
        limit = -heat * np.log(draws[t, 3] + 1e-300)
        is_open = open_[site[b]] == b
        price_a, price_b = price_of(cost, unit, site, demand, a, i), price_of(cost, unit, site, demand, b, i)
        over_a, over_b = overload(load[a], capacity[a]), overload(load[b], capacity[b])
        if is_open and draws[t, 2] < 0.6 and count[b] > 0:  # exchange with somebody there
            h = members[b, int(draws[t, 2] / 0.6 * count[b])]
            if demand[h] > capacity[a]:
                continue
            more = demand[h] - demand[i]
            spill = overload(load[a] + more, capacity[a]) + overload(load[b] - more, capacity[b]) - over_a - over_b
            change = price_b - price_a
            change += price_of(cost, unit, site, demand, a, h) - price_of(cost, unit, site, demand, b, h)
            if change + weight * spill > limit:
                continue
            put(members, count, place, at, load, demand, i, b)
            put(members, count, place, at, load, demand, h, a)
        elif is_open:  # move there
            spill = overload(load[a] - demand[i], capacity[a]) + overload(load[b] + demand[i], capacity[b])
            spill -= over_a + over_b
            change = price_b - price_a
            empties = count[a] == 1 and not must[site[a]] and opened > low and fixed[a] > 0.0
            if empties:
                change -= fixed[a]
            if change + weight * spill > limit:
                continue
            put(members, count, place, at, load, demand, i, b)
            if empties:
                open_[site[a]] = -1
                opened -= 1
        elif open_[site[b]] < 0 or site[b] == site[a]:
            if draws[t, 2] < 0.8 or opened == high or site[b] == site[a]:  # all go there
                if must[site[a]] and site[b] != site[a]:
                    continue
                spill = overload(load[a], capacity[b]) - over_a
                change = carry_cost(cost, demand, site, capacity, fixed, unit, members, count, a, b)
                if change + weight * spill > limit:
                    continue
                while count[a] > 0:
                    put(members, count, place, at, load, demand, members[a, count[a] - 1], b)
                open_[site[a]] = -1
                open_[site[b]] = b
            else:  # one goes there
                spill = overload(load[a] - demand[i], capacity[a]) - over_a
                change = price_b - price_a + fixed[b]
                if change + weight * spill > limit:
                    continue
                put(members, count, place, at, load, demand, i, b)
                open_[site[b]] = b
                opened += 1
        else:
            continue
        now += change
        over += spill
        if now < found - 1e-9 * abs(now) and over <= eps:
            found = now
            best[:] = at
            best_open[:] = open_
    return found
