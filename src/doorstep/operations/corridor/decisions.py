"""Why this site, why this mode: every alternative that was weighed, as a table."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doorstep.delivery_mode.drones import BUSY, CODES, WORDS
from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.tariff import IMPOSSIBLE, NO_MODE, WINDOW
from doorstep.domain.tables import PLAN_TABLES
from doorstep.foundation.arrays import Bools, Ints
from doorstep.operations.corridor.allocate import SiteChoice
from doorstep.operations.corridor.deliver import Draft
from doorstep.operations.corridor.refusals import lateness_minor, refusal_minor
from doorstep.operations.corridor.regions import out_of_region_minor
from doorstep.operations.corridor.world import World
from doorstep.order_routing.plan import CAPACITY_FULL, LACKS_STOCK
from doorstep.vehicle_routing.density import cheapest_insertion_minor, removal_saving_minor

if TYPE_CHECKING:
    from doorstep.operations.corridor.assemble import DropOutcome

_IMPOSSIBLE = {WINDOW: "Cannot keep the window.", NO_MODE: "Does not take it from here."}
MOST_SITES = 6
"""Site alternatives kept for each order, the chosen ones included."""
REFUSES = "Would cost less if it did not refuse about {} of 100 orders at this hour."
OUTSIDE = "Would cost less if it were in the region of the order."
LATE = "Would cost less if about {} of 100 packages asked of it at this hour did not come late."


def site_decisions(world: World, choice: SiteChoice) -> pl.DataFrame:
    """Return the sites that were weighed for every order, as they stood when it was decided."""
    columns = _columns()
    _add_sites(world, choice, columns)
    return _framed(columns)


def mode_decisions(world: World, draft: Draft, drops: "DropOutcome") -> pl.DataFrame:
    """Return the modes that were weighed for every drop."""
    columns = _columns()
    _add_modes(world, draft, drops, columns)
    return _framed(columns)


def _columns() -> dict[str, list[object]]:
    return {name: [] for name in PLAN_TABLES["decisions"].columns()}


def _framed(columns: dict[str, list[object]]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=PLAN_TABLES["decisions"].create_empty().schema, strict=False)


def _add(columns: dict[str, list[object]], **row: object) -> None:
    for name, values in columns.items():
        values.append(row.get(name, None if name.endswith("_minor") else ""))


def _add_sites(world: World, choice: SiteChoice, columns: dict[str, list[object]]) -> None:
    site_ids = world.tables["sites"]["site_id"].to_list()
    order_ids = world.tables["orders"]["order_id"].to_list()
    chosen: list[list[int]] = [[] for _ in range(world.orders)]
    for order, site in np.unique(np.column_stack([choice.order, choice.site]), axis=0).tolist():
        chosen[order].append(site)
    lines = np.diff(world.lines.start)
    cheapest = np.where(choice.single_minor >= 0, choice.single_minor, IMPOSSIBLE).min(axis=1)
    refusal, late, outside = (
        risk(world, np.arange(world.orders), choice.candidates)
        for risk in (refusal_minor, lateness_minor, out_of_region_minor)
    )
    for order in range(world.orders):
        ours = chosen[order]
        risk = refusal[order] + late[order] + outside[order]
        shy = _too_risky(choice.candidates[order], choice.single_minor[order], risk, ours)
        for candidate in _shown(choice.candidates[order], choice.single_minor[order], ours):
            site = int(choice.candidates[order, candidate])
            cost = int(choice.single_minor[order, candidate])
            here = int(choice.lines_here[order, candidate])
            _add(
                columns,
                order_id=order_ids[order],
                question="site",
                option=site_ids[site] if site not in ours or len(ours) == 1 else f"{site_ids[site]} (part of a split)",
                site_id=site_ids[site],
                cost_minor=cost if cost >= 0 else None,
                price_minor=int(choice.foregone_minor[order, candidate]) if cost >= 0 else None,
                chosen=site in ours,
                why=(
                    "Costs more for this order alone; what the cheaper sites hold is worth more to other orders."
                    if [site] == ours and cost > cheapest[order] >= 0
                    else _risk_sentence(world, *(int(of[order, candidate]) for of in (refusal, late, outside)))
                    if shy[candidate]
                    else _site_sentence(cost, here, int(lines[order]), site in ours, len(ours))
                ),
            )


def _too_risky(candidates: Ints, single: Ints, risk: Ints, ours: list[int]) -> Bools:
    """Return which candidates lost to the one chosen site only by what counts against them beside their cost (C,)."""
    mine = np.isin(candidates, ours) & (single >= 0)
    if len(ours) != 1 or not mine.any():
        return np.zeros(candidates.shape, dtype=np.bool_)
    cost, plain = single[mine][0], (single - risk)[mine][0]
    shy: Bools = ~mine & (single > cost) & (single - risk < plain)
    return shy


def _risk_sentence(world: World, refusal_minor: int, late_minor: int, outside_minor: int) -> str:
    """Return what counts most against a site in words: of 100 orders, how many are refused or late, or its region."""
    if outside_minor > max(refusal_minor, late_minor):
        return OUTSIDE
    risk, cost, words = max(
        (refusal_minor, "refusal_cost_minor", REFUSES), (late_minor, "late_cost_minor", LATE), key=lambda each: each[0]
    )
    return words.format(max(1, round(100 * risk / world.retailer.policy_value(cost))))


def _shown(candidates: Ints, single: Ints, ours: list[int]) -> list[int]:
    """Return the candidates worth showing: ours, then the cheapest, then the nearest that could not."""
    rows = [c for c in range(candidates.size) if candidates[c] >= 0]
    rows.sort(key=lambda c: (candidates[c] not in ours, single[c] < 0, single[c] if single[c] >= 0 else 0, c))
    return rows[: max(MOST_SITES, len(ours))]


def _site_sentence(cost: int, here: int, lines: int, chosen: bool, sites: int) -> str:  # noqa: FBT001
    if chosen and sites > 1:
        return f"Picks a part; {sites} sites together cost least."
    if chosen:
        return "Costs least for the whole order." if cost >= 0 else "Gives what no other site could."
    if cost >= 0:
        return "Could serve the whole order, at this estimated cost."
    if cost == LACKS_STOCK:
        return f"Holds {here} of {lines} lines in full."
    return "Its pick capacity of the day is full." if cost == CAPACITY_FULL else "No way from there keeps the promise."


def _add_modes(world: World, draft: Draft, drops: "DropOutcome", columns: dict[str, list[object]]) -> None:
    ship = draft.shipment
    order_ids = world.tables["orders"]["order_id"].to_list()
    site_ids = world.tables["sites"]["site_id"].to_list()
    own, met = _own_costs(world, draft), _meeting_sentences(draft)
    for drop in np.flatnonzero(drops.kept).tolist():
        base = {
            "order_id": order_ids[int(ship.drops.order[drop])],
            "question": "mode",
            "delivery_id": f"D{drop + 1:06d}",
            "site_id": site_ids[int(ship.drops.site[drop])],
        }
        first = len(columns["why"])
        if ship.collected[drop]:
            staging = int(world.modes.fleet.staging_minor[ship.drops.site[drop]])
            _add(columns, **base, option="pickup", mode="pickup", cost_minor=staging, chosen=True,
                 why="The shopper collects it.")  # fmt: skip
            continue
        _add_own(
            base, own.get(drop), columns, taken=drops.mode[drop] == "own_fleet", reachable=bool(ship.own_day[drop] >= 0)
        )
        _add_carriers(world, draft, drop, base, site_ids, columns)
        for row in range(first, len(columns["why"])):
            columns["why"][row] = f"{columns['why'][row]}{met[drop] if columns['chosen'][row] else ''}"


def _meeting_sentences(draft: Draft) -> list[str]:
    """Return for every drop to the door how its packages meet, empty for a single one (N,)."""
    ship = draft.shipment
    packages = np.bincount(ship.drop_of_package, minlength=ship.collected.size)
    saved, first_at = np.zeros_like(packages), ship.drops.ready_at.copy()
    np.maximum.at(saved, ship.drop_of_package, ship.ways.saved_minor)
    np.minimum.at(first_at, ship.drop_of_package, ship.ways.ready_at)
    waits_min = (ship.drops.ready_at - first_at) // 60
    return [
        _meeting_sentence(*each) if each[0] > 1 else ""
        for each in zip(packages.tolist(), saved.tolist(), waits_min.tolist(), strict=True)
    ]


def _meeting_sentence(packages: int, saved: int, waits_min: int) -> str:
    gain = "no other way has them all" if saved >= IMPOSSIBLE else f"by estimate that saves {saved} over a way for each"
    return f" {packages} packages are merged here: {gain}; the first waits {waits_min} minutes for the last."


def _own_costs(world: World, draft: Draft) -> dict[int, int | None]:
    """Return the marginal cost of each drop on own routes: what leaving it out saves, or what taking it would add."""
    costs: dict[int, int | None] = {}
    risk = world.modes.own_failure_minor
    for here in draft.site_days:
        for route in here.plan.routes:
            for stop in route.stops:
                costs[int(here.drops[stop])] = removal_saving_minor(here.problem, route, stop) + risk
        left = np.delete(np.arange(len(here.problem.stops)), sorted(here.plan.served()))
        detours = cheapest_insertion_minor(here.problem, here.plan, left)
        costs |= {
            int(here.drops[stop]): None if detour < 0 else int(detour) + risk
            for stop, detour in zip(left, detours, strict=True)
        }
    return costs


def _add_own(
    base: dict[str, str],
    cost: int | None,
    columns: dict[str, list[object]],
    *,
    taken: bool,
    reachable: bool,
) -> None:
    if taken:
        why = "Leaving it out of its route would save this much, failure risk included."
    elif not reachable:
        why = "The site has no own vehicle that can keep its window and requirements."
    elif cost is None:
        why = "No own vehicle leaves this site on that day."
    else:
        why = "The detour alone would cost this much; with windows and loads no route had a better place for it."
    _add(columns, **base, option="own fleet", mode="own_fleet", cost_minor=cost, chosen=taken, why=why)


def _add_carriers(
    world: World, draft: Draft, drop: int, base: dict[str, str], site_ids: list[str], columns: dict[str, list[object]]
) -> None:
    ship, carriers = draft.shipment, world.tables["carriers"]
    half = carriers.height
    for column in range(2 * half):
        carrier = column % half
        direct = column >= half
        if direct and ship.origin[drop] < 0:
            continue
        cost = int(ship.option_minor[drop, column])
        if direct and cost >= IMPOSSIBLE:
            continue
        chosen = int(draft.carrier[drop]) == column
        name, kind = carriers["name"][carrier] or carriers["carrier_id"][carrier], str(carriers["kind"][carrier])
        reason = int(ship.options.why[drop, column])
        why = (
            "The cheapest outside, and better than a place on an own route."
            if chosen
            else "Quoted; another way costs less."
        )
        if cost >= IMPOSSIBLE:
            why = _IMPOSSIBLE[min(reason, NO_MODE)] if reason <= NO_MODE else _sentence(WORDS[CODES[reason]])
        elif not chosen and draft.flown_at.get(drop) == NEVER and world.modes.drones.are_of(carrier):
            reason, why = BUSY, _sentence(WORDS["drone_busy"])
        site = site_ids[int(ship.origin[drop])] if direct else base["site_id"]
        _add(
            columns,
            **{**base, "site_id": site},
            option=f"{name} direct from {site}, no line-haul" if direct else name,
            mode="on_demand" if kind == "on_demand" else "parcel_carrier",
            carrier_id=carriers["carrier_id"][carrier],
            cost_minor=cost if cost < IMPOSSIBLE else None,
            chosen=chosen,
            code=CODES[reason],
            why=why,
        )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
