"""Checks regions against the problem, sharing nothing with the search."""

import math
from collections import defaultdict

from doorstep.network.regions.lanes import LaneTerms
from doorstep.network.regions.plan import RegionPlan
from doorstep.network.regions.problem import RegionsProblem

EARTH_M = 6_371_008.8
SLACK = 1e-6


def check_regions(problem: RegionsProblem, plan: RegionPlan, lanes: LaneTerms | None = None) -> list[str]:
    """Return one sentence for each broken rule or wrong figure.

    Regions are counted, weighed against their limits and walked along the links; distances, cost, moved share and lanes
    are computed anew, one by one. ``lanes`` are the terms that the plan was made with.
    """
    if len(plan.region) != len(problem.areas) or len(plan.centre) != problem.regions:
        return [
            f"{len(plan.region)} areas in {len(plan.centre)} regions, not {len(problem.areas)} in {problem.regions}."
        ]
    numbers = set(plan.region.tolist())
    if numbers != set(range(problem.regions)):
        return [f"regions {sorted(numbers)} are used, not 0 to {problem.regions - 1}."]
    return [
        *_centres(problem, plan),
        *_balance(problem, plan),
        *_contiguity(problem, plan),
        *_figures(problem, plan),
        *_lanes(problem, plan, lanes or LaneTerms()),
    ]


def _metres(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the great-circle distance by the arc tangent, accurate at every distance."""
    a, b, turn = math.radians(lat_a), math.radians(lat_b), math.radians(lon_b - lon_a)
    across = math.hypot(
        math.cos(b) * math.sin(turn), math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(turn)
    )
    along = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return EARTH_M * math.atan2(across, along)


def _centres(problem: RegionsProblem, plan: RegionPlan) -> list[str]:
    centres = plan.centre.tolist()
    told = [] if len(set(centres)) == len(centres) else [f"centres {centres} are not all different."]
    told += [
        f"region {r} has centre {centres[r]}, not the fixed {fixed}."
        for r, fixed in enumerate(problem.fixed.tolist())
        if centres[r] != fixed
    ]
    if problem.sites is None:
        told += [
            f"centre {area} of region {r} lies in region {plan.region[area]}."
            for r, area in enumerate(centres)
            if plan.region[area] != r
        ]
    return told


def _balance(problem: RegionsProblem, plan: RegionPlan) -> list[str]:
    told = []
    for w, (row, tolerance) in enumerate(zip(problem.weights.tolist(), problem.tolerance.tolist(), strict=True)):
        load = [0.0] * problem.regions
        for r, weight in zip(plan.region.tolist(), row, strict=True):
            load[r] += weight
        average = sum(row) / problem.regions
        told += [
            f"region {r} has {load[r]:,.10g} of weight {w}, {100 * (load[r] / average - 1):+.3f} % from the average; "
            f"{100 * tolerance:g} % are allowed."
            for r in range(problem.regions)
            if abs(load[r] - average) > tolerance * average + SLACK * average
        ]
        told += [
            f"region {r}: {plan.weights[w, r]:,.10g} of weight {w} told, {load[r]:,.10g} found."
            for r in range(problem.regions)
            if abs(plan.weights[w, r] - load[r]) > SLACK * max(average, 1.0)
        ]
    return told


def _walked(start: int, near: dict[int, list[int]], inside: set[int]) -> set[int]:
    """Return what links reach from an area inside a set of areas."""
    seen, front = {start}, [start]
    while front:
        for other in near[front.pop()]:
            if other in inside and other not in seen:
                seen.add(other)
                front.append(other)
    return seen


def _parts(areas: set[int], near: dict[int, list[int]]) -> list[set[int]]:
    parts, left = list[set[int]](), set(areas)
    while left:
        parts.append(_walked(min(left), near, left))
        left -= parts[-1]
    return parts


def _contiguity(problem: RegionsProblem, plan: RegionPlan) -> list[str]:
    near = defaultdict[int, list[int]](list)
    for a, b in problem.edges.tolist():
        near[a].append(b)
        near[b].append(a)
    rows = problem.weights.tolist()
    least = [
        max(1.0 - tolerance, 0.5) * sum(row) / problem.regions
        for row, tolerance in zip(rows, problem.tolerance.tolist(), strict=True)
    ]
    apart = set[int]()
    map_parts = _parts(set(range(len(plan.region))), near)
    for part in map_parts:
        if any(sum(row[i] for i in part) < limit * (1 + 1e-12) for row, limit in zip(rows, least, strict=True)):
            apart |= part
    told = []
    found = set[int]()
    for r in range(problem.regions):
        mine = {i for i, region in enumerate(plan.region.tolist()) if region == r}
        parts = sorted(_parts(mine, near), key=lambda part: (sum(rows[0][i] for i in part), len(part)))
        for part in parts[:-1]:
            found |= part
            if not part <= apart:
                told.append(f"region {r} is not contiguous: area {min(part)} and {len(part) - 1} more are cut off.")
    if found != set(plan.detached.nonzero()[0].tolist()):
        told.append(f"detached areas told: {int(plan.detached.sum())}, found: {len(found)}, or others.")
    if plan.pieces != len(map_parts):
        told.append(f"{plan.pieces} pieces of the map told, {len(map_parts)} found.")
    return told


def _figures(problem: RegionsProblem, plan: RegionPlan) -> list[str]:
    places = problem.candidates
    weight = problem.weights[0].tolist()
    total = sum(weight)
    far, moved = 0.0, 0.0
    for i, r in enumerate(plan.region.tolist()):
        c = int(plan.centre[r])
        far += weight[i] * _metres(
            float(problem.areas.lat[i]), float(problem.areas.lon[i]), float(places.lat[c]), float(places.lon[c])
        )
        if problem.present is not None and problem.present[i] >= 0 and problem.present[i] != r:
            moved += weight[i]
    mean, share = far / total, moved / total
    cost = mean + problem.move_price_m * share
    told = [
        f"{name} is told as {given:,.10g}, found {there:,.10g}."
        for name, given, there in (
            ("mean_m", plan.mean_m, mean),
            ("moved_share", plan.moved_share, share),
            ("cost_m", plan.cost_m, cost),
        )
        if abs(given - there) > SLACK * max(1.0, there)
    ]
    if share > problem.most_moved + SLACK:
        told.append(f"{share:.4%} of the weight are moved; {problem.most_moved:.4%} are allowed.")
    if plan.bound_m > cost * (1 + SLACK) + SLACK:
        told.append(f"bound_m {plan.bound_m:,.10g} is above the cost {cost:,.10g}.")
    return told


def _lanes(problem: RegionsProblem, plan: RegionPlan, terms: LaneTerms) -> list[str]:
    region = plan.region.tolist()
    wanted = {(a, b) for a in range(problem.regions) for b in range(a + 1, problem.regions)}
    if terms.pairs == "touching":
        touching = {(region[a], region[b]) for a, b in problem.edges.tolist()}
        wanted &= touching | {(b, a) for a, b in touching}
    told = []
    given = list(zip(plan.lanes.a.tolist(), plan.lanes.b.tolist(), strict=True))
    if set(given) != wanted or len(given) != len(wanted):
        told.append(f"lanes between {sorted(given)} are told, {sorted(wanted)} found.")
    lat, lon = problem.candidates.lat, problem.candidates.lon
    for number, (a, b) in enumerate(given):
        one, other = int(plan.centre[a]), int(plan.centre[b])
        straight = _metres(float(lat[one]), float(lon[one]), float(lat[other]), float(lon[other]))
        km = straight * terms.circuity_pct / 100 / 1000
        figures = (
            ("metres", float(plan.lanes.distance_m[number]), 1000 * km, 1.0),
            ("seconds", float(plan.lanes.duration_s[number]), 3600 * km / terms.speed_kmh, 1.5),
            (
                "minor units",
                float(plan.lanes.cost_minor[number]),
                terms.fixed_minor + km * terms.cost_per_km_minor,
                1.0 + terms.cost_per_km_minor / 1000,
            ),
        )
        told += [
            f"lane {a}-{b}: {told_value:,.10g} {unit} told, {there:,.10g} found."
            for unit, told_value, there, slack in figures
            if abs(told_value - there) > slack
        ]
    return told
