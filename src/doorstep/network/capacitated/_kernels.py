"""The Lagrangian bound: every customer's row is priced, and each site then fills a knapsack of its own."""

import numpy as np

from doorstep.foundation.kernels import kernel


@kernel
def fill_whole(worth, weight, capacity, take, nodes):  # type: ignore[no-untyped-def]
    """Return the most worth of whole items within a capacity, and mark them; -1.0 if ``nodes`` do not suffice.

    Items come sorted by worth per weight, best first; depth first with the bound of the divided next item. The worth is
    a hair above what is marked, since a part that gains less than the hair is not entered.

    References
    ----------
    Horowitz, Sahni (1974), Computing partitions with applications to the knapsack problem.
    """
    count = worth.size
    now = np.zeros(count, np.bool_)
    best, value, room, j, steps, hair = -1.0, 0.0, capacity, 0, 0, 1e-8 * worth.sum()
    while True:
        steps += 1
        if steps > nodes:
            return -1.0
        bound, left, h = value, room, j
        while h < count and weight[h] <= left:
            bound += worth[h]
            left -= weight[h]
            h += 1
        if h < count:
            bound += worth[h] * left / weight[h]
        if bound > best + hair:
            while j < count:
                if weight[j] <= room:
                    now[j] = True
                    room -= weight[j]
                    value += worth[j]
                elif value + worth[j] * room / weight[j] <= best + hair:
                    break
                j += 1
            if j == count and value > best:
                best = value
                take[:] = now
        j = min(j, count - 1)
        while j >= 0 and not now[j]:
            j -= 1
        if j < 0:
            return best + hair
        now[j] = False
        room += weight[j]
        value -= worth[j]
        j += 1


@kernel
def fill_option(cost, unit, capacity, demand, reward, whole, nodes, item):  # type: ignore[no-untyped-def]
    """Fill one option with the customers that gain most; return worth, how many, the last's share, price of a unit.

    ``cost`` (N,) at the option's site, ``reward`` (N,) of serving a customer; ``item`` (N,) receives who is served. If
    ``whole``, customers larger than the capacity stay out, and with ``nodes`` > 0 none is divided.
    """
    count, load, worth = 0, 0.0, 0.0
    for i in range(demand.size):
        gain = reward[i] - cost[i] - unit * demand[i]
        if gain > 0.0 and (demand[i] <= capacity or not whole):
            item[count] = i
            count += 1
            load += demand[i]
            worth += gain
    if load <= capacity:
        return worth, count, 1.0, 0.0
    ratio = np.empty(count)
    for h in range(count):
        i = item[h]
        ratio[h] = (cost[i] + unit * demand[i] - reward[i]) / max(demand[i], 1e-300)
    by = item[:count][np.argsort(ratio)]
    gains, weights = np.empty(count), np.empty(count)
    for h in range(count):
        gains[h], weights[h] = reward[by[h]] - cost[by[h]] - unit * demand[by[h]], demand[by[h]]
    last, room, worth = 0, capacity, 0.0
    while last < count and weights[last] <= room:
        room -= weights[last]
        worth += gains[last]
        last += 1
    if last == count:  # full to the last digit
        return worth, count, 1.0, 0.0
    price, share = gains[last] / weights[last], room / weights[last]
    if whole and nodes > 0:
        take = np.zeros(count, np.bool_)
        best = fill_whole(gains, weights, capacity, take, nodes)
        if best >= 0.0:
            taken = 0
            for h in range(count):
                if take[h]:
                    item[taken] = by[h]
                    taken += 1
            return best, taken, 1.0, price
    item[:count] = by
    return worth + share * gains[last], last + 1, share, price


@kernel
def open_priced(value, capacity, start, may, must, low, high, mu, open_):  # type: ignore[no-untyped-def]
    """Open the sites that are worth it when a unit of capacity earns ``mu``; return their value and capacity.

    ``value``, ``capacity``, ``may`` (K,) of options, those of site j being ``start[j] : start[j + 1]``; ``must`` (M,);
    between ``low`` and ``high`` sites open. ``open_`` (K,) receives what is open.
    """
    sites = must.size
    best, option = np.full(sites, np.inf), np.full(sites, -1)
    for j in range(sites):
        for k in range(start[j], start[j + 1]):
            open_[k] = 0.0
            if may[k] and value[k] - mu * capacity[k] < best[j]:
                best[j], option[j] = value[k] - mu * capacity[k], k
    total, room, count = 0.0, 0.0, 0
    for j in range(sites):
        if must[j] or (best[j] < 0.0 and high >= sites):
            total += best[j]
            if option[j] >= 0:
                room += capacity[option[j]]
                open_[option[j]] = 1.0
            count += 1
    if count > high:
        return np.inf, room
    if count >= low and high >= sites:
        return total, room
    for j in np.argsort(best):
        if option[j] < 0 or open_[option[j]] > 0.0:
            continue
        if count < low or (best[j] < 0.0 and count < high):
            total += best[j]
            room += capacity[option[j]]
            open_[option[j]] = 1.0
            count += 1
    if count < low:
        return np.inf, room
    return total, room


@kernel
def open_best(value, capacity, start, may, must, low, high, demand, mu, open_):  # type: ignore[no-untyped-def]
    """Open sites with room for the whole demand, the last perhaps in part; return the value and the price of room.

    The price is found by halving; both its ends give a valid bound, and the better counts. ``mu`` is where to begin.
    """
    low_value, low_room = open_priced(value, capacity, start, may, must, low, high, 0.0, open_)
    if low_room >= demand or low_value == np.inf:
        return low_value, 0.0
    below, above = 0.0, max(mu, 1e-6) * 1.1
    other = np.empty(open_.size)
    for _ in range(80):
        high_value, high_room = open_priced(value, capacity, start, may, must, low, high, above, other)
        if high_room >= demand:
            break
        below, above = above, above * 2.0
    if high_room < demand:
        return np.inf, above
    for _ in range(40):
        if above - below < 1e-9 * above:
            break
        middle = 0.5 * (below + above)
        mid_value, mid_room = open_priced(value, capacity, start, may, must, low, high, middle, open_)
        if mid_room >= demand:
            above, high_value, high_room = middle, mid_value, mid_room
        else:
            below, low_value, low_room = middle, mid_value, mid_room
    low_value, low_room = open_priced(value, capacity, start, may, must, low, high, below, open_)
    high_value, high_room = open_priced(value, capacity, start, may, must, low, high, above, other)
    part = (demand - low_room) / max(high_room - low_room, 1e-300)
    for k in range(open_.size):
        open_[k] = part * other[k] + (1.0 - part) * open_[k]
    if low_value + below * demand > high_value + above * demand:
        return low_value + below * demand, below
    return high_value + above * demand, above


@kernel
def relax(  # type: ignore[no-untyped-def]
    cost, demand, site, start, capacity, fixed, unit, may, must, low, high, reward, whole, nodes, mu, value, price,
    open_, missing,
):  # fmt: skip
    """Return the Lagrangian bound at ``reward`` (N,) and the price of room; fill the rest.

    ``value``, ``price``, ``open_`` (K,); ``missing`` (N,) is 1 less how often a customer is served.
    """
    options, customers = capacity.size, demand.size
    item = np.empty((options, customers), np.int64)
    count, share = np.zeros(options, np.int64), np.ones(options)
    for k in range(options):
        if may[k]:
            worth, count[k], share[k], price[k] = fill_option(
                cost[site[k]], unit[k], capacity[k], demand, reward, whole, nodes, item[k]
            )
            value[k] = fixed[k] - worth
    total, mu = open_best(value, capacity, start, may, must, low, high, demand.sum(), mu, open_)
    missing[:] = 1.0
    for k in range(options):
        if may[k] and open_[k] > 0.0:
            for h in range(count[k]):
                missing[item[k, h]] -= open_[k] * (share[k] if h == count[k] - 1 else 1.0)
    return total + reward.sum(), mu


@kernel
def ascend(  # type: ignore[no-untyped-def]
    cost, demand, site, start, capacity, fixed, unit, may, must, low, high, whole, nodes, scale, target, rounds,
    reward, best_reward, direction, mean_open, state,
):  # fmt: skip
    """Raise the bound by subgradient steps, each customer's scaled by its cost; return the best bound so far.

    ``reward``, ``best_reward``, ``direction``, ``scale`` (N,); ``mean_open`` (K,) the options' running mean;
    ``state`` = best bound, step, rounds without gain, price of room, gain asked for. All but ``scale`` are changed.
    """
    options, customers = capacity.size, demand.size
    value, price, open_ = np.zeros(options), np.zeros(options), np.zeros(options)
    missing = np.empty(customers)
    for _ in range(rounds):
        bound, state[3] = relax(
            cost, demand, site, start, capacity, fixed, unit, may, must, low, high, reward, whole, nodes, state[3],
            value, price, open_, missing,
        )  # fmt: skip
        if bound == np.inf:
            state[0] = np.inf
            break
        gain = bound - state[0]
        if gain > 0.0:
            state[0] = bound
            best_reward[:] = reward
        state[2] = 0.0 if gain > 1e-6 * abs(bound) else state[2] + 1.0
        if bound >= target:
            break
        if state[2] >= 12.0:
            state[1] *= 0.6
            state[2] = 0.0
            reward[:] = best_reward
        length = 0.0
        for i in range(customers):
            direction[i] = 0.7 * direction[i] + 0.3 * missing[i]
            length += scale[i] * direction[i] ** 2
        for k in range(options):
            mean_open[k] = 0.9 * mean_open[k] + 0.1 * open_[k]
        if length <= 1e-18 or state[1] < 1e-4:
            break
        step = state[1] * (target - bound) / length
        for i in range(customers):
            reward[i] = max(0.0, reward[i] + step * scale[i] * direction[i])
    return state[0]
