"""Ways cut at junctions, and the turns at each."""

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import kernel


@kernel
def pieces_of(first: Ints, node: Ints, used: Ints, closed: Bools, nodes: int) -> tuple[Ints, Ints, Ints]:
    """Return the pieces of ways between junctions: way, and where its nodes begin and end in ``node``.

    A junction is an end of a way, what two ways share or one passes twice, and a node that is closed.
    """
    uses = np.zeros(nodes, dtype=np.int64)
    total = 0
    for way in used:
        total += first[way + 1] - first[way]
        for at in range(first[way], first[way + 1]):
            uses[node[at]] += 1
        uses[node[first[way]]] += 1
        uses[node[first[way + 1] - 1]] += 1
    of = np.empty(total, dtype=np.int64)
    start = np.empty(total, dtype=np.int64)
    end = np.empty(total, dtype=np.int64)
    count = 0
    for way in used:
        begin = first[way]
        for at in range(first[way] + 1, first[way + 1]):
            if uses[node[at]] > 1 or closed[node[at]]:
                if at > begin and not (at == begin + 1 and node[at] == node[begin]):
                    of[count], start[count], end[count] = way, begin, at
                    count += 1
                begin = at
    return of[:count], start[:count], end[:count]


@kernel
def turns_of(
    tail: Ints, head: Ints, edge: Ints, leaves: Floats, comes: Floats, closed: Bools, roads: Ints, banned: Ints,
    by_angle: Ints, crossing: Ints, rounds: Bools, wait: Ints, round_ms: int,
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """Return the turns from each arc (A + 1,), where they lead (T,) and what they take (T,) [ms].

    Nobody turns round but where the road ends or is closed, and nobody passes what is closed. Where two roads meet,
    following them takes nothing.

    Parameters
    ----------
    closed, roads
        Of each junction (J,): whether nobody passes it, and how many roads meet there.
    by_angle, crossing
        What a turn takes (361,), and what crossing those who come towards one adds to it [ms].
    rounds, wait
        Of each arc (A,): whether it is part of a roundabout, and what one waits at its end [ms].
    """
    arcs, junctions = tail.size, roads.size
    out_first = np.zeros(junctions + 1, dtype=np.int64)
    for arc in range(arcs):
        out_first[tail[arc] + 1] += 1
    for at in range(junctions):
        out_first[at + 1] += out_first[at]
    filled = out_first[:-1].copy()
    out = np.empty(arcs, dtype=np.int64)
    for arc in range(arcs):
        out[filled[tail[arc]]] = arc
        filled[tail[arc]] += 1
    turn_first = np.zeros(arcs + 1, dtype=np.int64)
    most = 0
    for arc in range(arcs):
        most += out_first[head[arc] + 1] - out_first[head[arc]]
    turn_to = np.empty(most, dtype=np.int64)
    turn_ms = np.empty(most, dtype=np.int64)
    count = ban = 0
    for a in range(arcs):
        at = head[a]
        onward = 0
        for k in range(out_first[at], out_first[at + 1]):
            onward += edge[out[k]] != edge[a]
        for k in range(out_first[at], out_first[at + 1]):
            b = out[k]
            around = edge[b] == edge[a] and not (tail[a] == head[a] and b == a)
            if (closed[at] or onward == 0) != around:
                continue
            while ban < banned.shape[0] and (banned[ban, 0] < a or (banned[ban, 0] == a and banned[ban, 1] < b)):
                ban += 1
            if ban < banned.shape[0] and banned[ban, 0] == a and banned[ban, 1] == b:
                continue
            takes = round_ms
            if not around:
                degrees = round((leaves[b] - comes[a] + 180.0) % 360.0 - 180.0) + 180
                takes = wait[a]
                if roads[at] > 2:
                    takes += by_angle[degrees] + (0 if rounds[a] or rounds[b] else crossing[degrees])
            turn_to[count], turn_ms[count] = b, takes
            count += 1
        turn_first[a + 1] = count
    return turn_first, turn_to[:count].copy(), turn_ms[:count].copy()
