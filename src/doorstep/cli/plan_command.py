"""``doorstep plan DIR --out OUT``: from a retailer folder to a checked day of deliveries."""

import contextlib
import json
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from doorstep.cli.check_command import print_reading
from doorstep.cli.interrupting import asked_by_ctrl_c
from doorstep.cli.progress_bars import StageClock
from doorstep.cli.roads_command import roads_home
from doorstep.cli.scoreboard_text import scoreboard_lines
from doorstep.cli.seeds import Seed
from doorstep.connectors.osm.roads_folder import load_roads
from doorstep.connectors.plan_folder import RoadsUsed, refuse_what_is_not_ours, write_plan
from doorstep.connectors.retailer_folder import read_folder
from doorstep.console.report import Driven, render_report
from doorstep.domain import Retailer
from doorstep.domain.tables import COST_PARTS
from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.courses import courses_of_routes
from doorstep.geography.roads.digest import digest_of
from doorstep.operations import DayResult, plan_day

JSON_MEASURES = ("cost_per_order_minor", "on_time_share", "parcels_per_route", "split_rate", "same_or_next_day_share")
OWN = "doorstep"


def plan(
    folder: Path,
    /,
    *,
    out: Path,
    roads: str = "",
    iterations: int | None = None,
    seed: Seed = 1,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """Plan all orders of a retailer folder and write tables, map, decisions and report; exit code 2 on broken input.

    Ctrl-C ends the search and keeps the best plan so far; a second one stops at once.

    Parameters
    ----------
    folder
        The retailer folder; ``doorstep tables`` describes it.
    out
        Folder to write the plan to; a former plan there is replaced.
    roads
        Drive on these streets (``doorstep roads list``); by default times are estimated from straight lines.
    iterations
        Patience of the routing engine for each site and day (default 10,000, fewer above 15,000 orders); the same
        number and seed give the same plan.
    seed
        Seed of the routing engine.
    as_json
        Print one JSON object instead of the scoreboard.
    """
    reading = read_folder(folder)
    if reading.retailer is None:
        with contextlib.redirect_stdout(sys.stderr if as_json else sys.stdout):
            print_reading(reading, folder)
        print("Nothing was planned or written.", file=sys.stderr)
        return 2
    notes = [f"{name}: {note} (the folder has no such table)" for name, note in reading.defaults.items()]
    return plan_and_write(
        reading.retailer,
        out,
        title=f"Plan of {folder.name}",
        notes=notes,
        iterations=iterations,
        seed=seed,
        as_json=as_json,
        roads=roads,
    )


def plan_and_write(
    retailer: Retailer,
    out: Path,
    *,
    title: str,
    notes: list[str],
    iterations: int | None,
    seed: int,
    as_json: bool,
    roads: str = "",
) -> int:
    """Plan, refuse a plan that breaks a rule, write the rest, and print the scoreboard; return the exit code."""
    refuse_what_is_not_ours(out)
    travel = load_roads(roads_home(), roads) if roads else None
    started = time.process_time()
    clock = StageClock(quiet=as_json)
    with asked_by_ctrl_c() as interrupt, clock.bars:
        result = plan_day(retailer, iterations=iterations, seed=seed, travel=travel, progress=clock,
                          interrupt=interrupt)  # fmt: skip
        clock.close()
    broken = [f"{plan}: {fault}" for plan, faults in result.violations.items() for fault in faults]
    if broken:
        print("\n".join(broken[:20]), file=sys.stderr)
        print(
            f"The plan breaks {len(broken)} rules and was not written. This is a defect of doorstep.", file=sys.stderr
        )
    else:
        if result.interrupted:
            notes = [*notes, "The search was interrupted: this is the best plan found until then."]
        notes = [*notes, *_drop_cost_notes(result)]
        _write(out, retailer, result, title=title, notes=notes, roads=roads, streets=travel)
    if as_json:
        print(json.dumps(summary(result, dict(clock.cpu_s), time.process_time() - started)))
    elif not broken:
        print("\n".join(scoreboard_lines(result, retailer.currency)))
        if result.interrupted:
            print("Interrupted: this is the best plan found until then.")
        print(f"\nPlan and tables: {out}\nReport: {out / 'report.html'}")
    return 1 if broken else 0


def _write(
    out: Path, retailer: Retailer, result: DayResult, *, title: str, notes: list[str], roads: str,
    streets: RoadTimes | None,
) -> None:  # fmt: skip
    """Write a plan with its report, both with the streets that it was made on."""
    plan, scoreboard = result.plan, result.scoreboard()
    courses = {} if streets is None else courses_of_routes(streets, plan.stops)
    driven = None if streets is None else Driven(streets=streets, courses=courses, credit=streets.credit)
    html = render_report(retailer, plan, scoreboard, title=title, notes=notes, driven=driven)
    used = None if streets is None else RoadsUsed(name=roads, profile=streets.graph.profile, sha256=digest_of(streets))
    write_plan(out, retailer=retailer, plan=plan, scoreboard=scoreboard, report_html=html, roads=used, courses=courses)


def _drop_cost_notes(result: DayResult) -> list[str]:
    """Return in words what the plan's routes teach about the cost of a drop, nothing if they are too few."""
    fitted = result.drop_cost
    if fitted is None:
        return []
    errors = fitted.errors
    said = f"Cost of an own drop, fitted to {fitted.drops:,} drops of this plan: k_hop {fitted.k_hop:.2f}, "
    said += f"k_stem {fitted.k_stem:.2f}, wait {fitted.wait_s:.0f} s, window power {fitted.window_power:.2f}; on drops "
    said += f"that a fit has not seen off by {errors.mape:.1%} a drop, {errors.cell_mape:.1%} a cell, "
    return [said + f"{errors.bias:+.1%} in total, R² {errors.r2:.2f}."]


def summary(result: DayResult, cpu_s: dict[str, float], total_cpu_s: float) -> dict[str, object]:
    """Return the one JSON object of ``--json``: doorstep's measures, and under ``baselines`` the same of each baseline.

    ``drop_cost`` is what the plan's routes teach about the cost of a drop, null where they are too few.

    ``cpu_s`` of a baseline is its own; doorstep's is that of the whole command, baselines and report included.
    ``peak_mb`` is the process's, the same everywhere.
    """
    peak_mb = round(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2), 1
    )

    def of(name: str, seconds: float) -> dict[str, object]:
        measures = result.measures[name]
        parts = {part: round(measures[f"{part}_per_order_minor"], 3) for part in COST_PARTS}
        return {
            "orders": int(measures["orders"]),
            "served": int(measures["served"]),
            "unserved": result.unserved[name],
            "violations": len(result.violations[name]),
            **{key: round(measures[key], 6) for key in JSON_MEASURES},
            "cost_parts_minor": parts,
            "cpu_s": round(seconds, 2),
            "peak_mb": peak_mb,
        }

    baselines = {name: of(name, cpu_s.get(name, 0.0)) for name in result.measures if name != OWN}
    drop_cost = None if result.drop_cost is None else asdict(result.drop_cost)
    own = {**of(OWN, total_cpu_s), "drop_cost": drop_cost, "interrupted": result.interrupted}
    return {**own, "sites_above_bound_share": result.sites_above_bound_share, "baselines": baselines}
