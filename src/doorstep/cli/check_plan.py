"""``doorstep check PLAN``: a plan that was written, checked from scratch and on the streets that it was made on."""

import json
from dataclasses import asdict
from pathlib import Path

from doorstep.cli.roads_command import roads_home
from doorstep.connectors.osm.roads_folder import load_roads
from doorstep.connectors.plan_folder import RoadsUsed, read_plan, roads_used
from doorstep.console.words import many
from doorstep.domain import DayPlan, Retailer
from doorstep.foundation import NotFoundError
from doorstep.geography import TravelTimes
from doorstep.geography.roads.digest import digest_of
from doorstep.operations.corridor.verify import verify, verify_without_streets
from doorstep.operations.corridor.world import great_circle_times

SHOWN = 20
"""Faults that are printed before the rest is counted."""
LEFT = "Not checked: what drives take, and what follows for the prices and arrivals of carriers."


def check_plan(folder: Path, *, every: bool, as_json: bool) -> int:
    """Print the faults of a plan; return 2 if there are some, 1 if only a part could be checked, else 0."""
    retailer, plan, _ = read_plan(folder)
    used = roads_used(folder)
    travel, missing = _travel(retailer, used)
    faults = verify_without_streets(retailer, plan) if travel is None else verify(retailer, plan, travel)
    if as_json:
        told = {"sound": not faults, "faults": faults, "roads": asdict(used) if used else None, "unchecked": missing}
        print(json.dumps(told, ensure_ascii=False))
    else:
        _tell(folder, plan, used, faults, every=every, whole=not missing)
        if missing:
            print(f"{missing} {LEFT}")
    return 2 if faults else 1 if missing else 0


def _travel(retailer: Retailer, used: RoadsUsed | None) -> tuple[TravelTimes | None, str]:
    """Return the travel times that a plan was made with; if they are not here none, and why."""
    if used is None:
        return great_circle_times(retailer), ""
    try:
        streets = load_roads(roads_home(), used.name, used.profile)
    except NotFoundError as fault:
        return None, f"The streets that it was made on are not here: {fault.message} {fault.hint}."
    if digest_of(streets) != used.sha256:
        return None, (
            f"It was made on other streets: roads {used.name!r} for a {used.profile} had digest {used.sha256[:12]},"
            f" here they have {digest_of(streets)[:12]}."
            " Maybe they were built of another extract, or by another release."
        )
    return streets, ""


def _tell(
    folder: Path, plan: DayPlan, used: RoadsUsed | None, faults: list[str], *, every: bool, whole: bool
) -> None:  # fmt: skip
    shown = faults if every else faults[:SHOWN]
    for fault in shown:
        print(fault)
    if len(shown) < len(faults):
        print(f"... and {len(faults) - len(shown):,} more (--every prints them)")
    on = f"on the streets of {used.name}, {used.profile}" if used else "with drives estimated from straight lines"
    held = f"{many(plan.deliveries.height, 'delivery', 'deliveries')}, {many(plan.routes.height, 'route')}, {on}"
    found = many(len(faults), "fault") if faults else "no fault"
    print(f"{folder}: {held}. {found[0].upper()}{found[1:]}{'' if whole else ' in what could be checked'}.")
