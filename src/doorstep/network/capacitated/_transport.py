"""Customers to open sites at least cost: exactly where they may be split, by local search where each has one site."""

import numpy as np

from doorstep.foundation.kernels import kernel


@kernel
def cheapest_shift(flow, rate, unit, site, chosen, a, b, eps):  # type: ignore[no-untyped-def]
    """Return the least extra cost of moving a unit from place a to place b, and whose unit it is (-1 for none)."""
    best, who = np.inf, -1
    row_a, row_b = rate[site[chosen[a]]], rate[site[chosen[b]]]
    for i in range(row_a.size):
        if flow[a, i] > eps and row_b[i] - row_a[i] < best:
            best, who = row_b[i] - row_a[i], i
    return best + unit[chosen[b]] - unit[chosen[a]], who


@kernel
def shortest_shifts(shift, start, distance, before):  # type: ignore[no-untyped-def]
    """Fill the least cost of moving a unit from place ``start`` to each other one, over others, and the way there.

    ``shift`` (S, S) may be negative but has no negative circle; labels are corrected first in, first out.
    """
    places = distance.size
    queue, queued = np.empty(places, np.int64), np.zeros(places, np.bool_)
    for s in range(places):
        distance[s], before[s] = np.inf, -1
    distance[start] = 0.0
    queue[0], queued[start] = start, True
    head, waiting = 0, 1
    while waiting > 0:
        a = queue[head]
        head = (head + 1) % places
        waiting -= 1
        queued[a] = False
        for b in range(places):
            through = distance[a] + shift[a, b]
            if b != start and through < distance[b] - 1e-12 * (1.0 + abs(through)):
                distance[b], before[b] = through, a
                if not queued[b]:
                    queue[(head + waiting) % places] = b
                    queued[b] = True
                    waiting += 1


@kernel
def move_unit(flow, rate, unit, site, chosen, shift, who, a, b, amount, eps):  # type: ignore[no-untyped-def]
    """Move an amount of the customer who moves most cheaply from place a to b and mend the table of shifts."""
    i = who[a, b]
    flow[a, i] -= amount
    if flow[a, i] <= eps:
        flow[b, i] += flow[a, i]
        flow[a, i] = 0.0
        for c in range(chosen.size):
            if c != a and who[a, c] == i:
                shift[a, c], who[a, c] = cheapest_shift(flow, rate, unit, site, chosen, a, c, eps)
    flow[b, i] += amount
    here = rate[site[chosen[b]], i] + unit[chosen[b]]
    for c in range(chosen.size):
        extra = rate[site[chosen[c]], i] + unit[chosen[c]] - here
        if c != b and extra < shift[b, c]:
            shift[b, c], who[b, c] = extra, i


@kernel
def start_at_cheapest(rate, unit, site, demand, chosen, flow, load, shift, who):  # type: ignore[no-untyped-def]
    """Put every customer at its cheapest place whatever the capacity; return how many have none."""
    places, alone = chosen.size, 0
    for i in range(demand.size):
        best, at = np.inf, -1
        for s in range(places):
            here = rate[site[chosen[s]], i] + unit[chosen[s]]
            if here < best:
                best, at = here, s
        if at < 0:
            alone += 1
            continue
        if demand[i] <= 0.0:
            continue
        flow[at, i] = demand[i]
        load[at] += demand[i]
        for s in range(places):
            extra = rate[site[chosen[s]], i] + unit[chosen[s]] - best
            if s != at and extra < shift[at, s]:
                shift[at, s], who[at, s] = extra, i
    return alone


@kernel
def transport(rate, unit, site, demand, capacity, chosen, flow, shift):  # type: ignore[no-untyped-def]
    """Serve all demand from open options at least cost; return the cost, what finds no room, and where it is stuck.

    Everybody starts at the cheapest place; then units leave each overfull place by the cheapest chain of moves
    (successive shortest paths over the S places alone, as customers are only ever passed on).

    ``rate`` (M, N) cost of one unit, or of the customer where demand is 0; ``unit``, ``site``, ``capacity`` (K,);
    ``chosen`` (S,) options; ``flow`` (S, N) receives the units, ``shift`` (S, S) the cheapest move between places.

    References
    ----------
    Ahuja, Magnanti, Orlin (1993), Network Flows, section 9.7: successive shortest paths.
    """
    places, eps = chosen.size, 1e-10 * (1.0 + demand.max())
    load, stuck, lost = np.zeros(places), np.zeros(places, np.bool_), 0.0
    who = np.full((places, places), -1)
    distance, before = np.empty(places), np.empty(places, np.int64)
    flow[:] = 0.0
    shift[:] = np.inf
    if start_at_cheapest(rate, unit, site, demand, chosen, flow, load, shift, who) > 0:
        return np.inf, np.inf, stuck
    for k in range(places):
        while load[k] > capacity[chosen[k]] + 10 * eps:
            shortest_shifts(shift, k, distance, before)
            end, least = -1, np.inf
            for s in range(places):
                if s != k and load[s] < capacity[chosen[s]] - eps and distance[s] < least:
                    end, least = s, distance[s]
            if end < 0:
                lost += load[k] - capacity[chosen[k]]
                for s in range(places):
                    stuck[s] = stuck[s] or distance[s] < np.inf
                break
            amount = min(load[k] - capacity[chosen[k]], capacity[chosen[end]] - load[end])
            s = end
            while s != k:
                amount = min(amount, flow[before[s], who[before[s], s]])
                s = before[s]
            s = end
            while s != k:
                move_unit(flow, rate, unit, site, chosen, shift, who, before[s], s, amount, eps)
                s = before[s]
            load[k] -= amount
            load[end] += amount
    value = 0.0
    for i in range(demand.size):
        cheapest = np.inf
        for s in range(places):
            here = rate[site[chosen[s]], i] + unit[chosen[s]]
            if flow[s, i] > 0.0:
                value += flow[s, i] * here
            cheapest = min(cheapest, rate[site[chosen[s]], i])
        if demand[i] <= 0.0:
            value += cheapest
    return value, lost, stuck


@kernel
def capacity_prices(shift, used):  # type: ignore[no-untyped-def]
    """Return what one more unit of capacity at each place saves (S,), by the best chain of moves that ends there.

    ``used`` (S,) says where anything is served; elsewhere and where there is room the price is 0.
    """
    places = used.size
    price = np.zeros(places)
    distance, before = np.empty(places), np.empty(places, np.int64)
    for a in range(places):
        if used[a]:
            shortest_shifts(shift, a, distance, before)
            for b in range(places):
                price[b] = max(price[b], -distance[b])
    return price


@kernel
def improve_whole(price, demand, capacity, at, load, weight):  # type: ignore[no-untyped-def]
    """Move or exchange customers while cost plus ``weight`` times overload falls; return the cost and the overload.

    ``price`` (S, N) cost of serving a customer from a place, ``at`` (N,) the places, ``load`` (S,): both are changed.
    """
    places, customers = price.shape
    changed = True
    while changed:
        changed = False
        for i in range(customers):
            a, d = at[i], demand[i]
            relief = max(0.0, load[a] - capacity[a]) - max(0.0, load[a] - d - capacity[a])
            for b in range(places):
                if b == a or price[b, i] == np.inf:
                    continue
                saved = price[a, i] - price[b, i]
                if saved + weight * relief <= 0.0:
                    continue
                before = max(0.0, load[b] - capacity[b])
                gain = saved + weight * (relief + before - max(0.0, load[b] + d - capacity[b]))
                other = -1
                for h in range(customers):
                    if at[h] != b or price[a, h] == np.inf:
                        continue
                    less = d - demand[h]
                    over = max(0.0, load[a] - less - capacity[a]) + max(0.0, load[b] + less - capacity[b])
                    over -= max(0.0, load[a] - capacity[a]) + before
                    here = saved + price[b, h] - price[a, h] - weight * over
                    if here > gain:
                        gain, other = here, h
                if gain <= 1e-9 * (1.0 + abs(price[a, i])):
                    continue
                at[i] = b
                load[a] -= d
                load[b] += d
                if other >= 0:
                    at[other] = a
                    load[b] -= demand[other]
                    load[a] += demand[other]
                changed = True
                break
    cost, overload = 0.0, 0.0
    for i in range(customers):
        cost += price[at[i], i]
    for s in range(places):
        overload += max(0.0, load[s] - capacity[s])
    return cost, overload


@kernel
def settle_whole(price, demand, capacity, flow, at, rounds):  # type: ignore[no-untyped-def]
    """Give every customer one place, beginning from split ``flow`` (S, N); return the cost, infinite if none was found.

    The weight of overload falls while the assignment fits and rises while it does not (strategic oscillation).

    References
    ----------
    Yagiura, Ibaraki, Glover (2004), An ejection chain approach for the generalized assignment problem.
    """
    places, customers = price.shape
    now, load = np.empty(customers, np.int64), np.zeros(places)
    mean, count = 0.0, 0
    for i in range(customers):
        best = -1
        for s in range(places):
            if price[s, i] == np.inf:
                continue
            if best < 0 or flow[s, i] > flow[best, i] or (flow[s, i] == flow[best, i] and price[s, i] < price[best, i]):
                best = s
        if best < 0:
            return np.inf
        now[i] = best
        load[best] += demand[i]
        if demand[i] > 0.0:
            mean += price[best, i] / demand[i]
            count += 1
    weight = max(mean / max(1, count), 1e-6)
    found = np.inf
    for _ in range(rounds):
        cost, overload = improve_whole(price, demand, capacity, now, load, weight)
        fits = overload <= 1e-9 * (1.0 + demand.max())
        if fits and cost < found:
            found = cost
            at[:] = now
        weight *= 0.6 if fits else 2.0
    return found
