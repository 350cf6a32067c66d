"""``doorstep routes FILE``: routes alone, for a standard instance or a table of stops."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from doorstep.cli.interrupting import asked_by_ctrl_c
from doorstep.cli.progress_bars import StageClock
from doorstep.cli.routes_judgement import measures_of, one_more_of, unserved_of
from doorstep.cli.routes_preferences import Wishes, price_of
from doorstep.cli.routes_search import Engine, How, Patience, choose_engine, search, search_with_wishes
from doorstep.connectors.routes_folder import (
    Comparison,
    Measure,
    SolvedRoutes,
    make_folder,
    plan_document,
    read_routes,
    write_routes,
)
from doorstep.connectors.routes_folder.document import timed
from doorstep.connectors.routing_instance import Convention, Fleet, best_known, read_solution
from doorstep.connectors.routing_instance.fleet_table import read_fleet_table
from doorstep.connectors.routing_instance.routing_file import RoutingFile, read_routing_file
from doorstep.connectors.routing_instance.solution import text_of
from doorstep.console.report import render_routes
from doorstep.console.report.routes_page import headline
from doorstep.foundation import InputError
from doorstep.vehicle_routing.check_plan import check_plan, objective_of
from doorstep.vehicle_routing.plan import RoutePlan

UNSERVED_CODE = 3
"""Exit code of a plan that is sound and leaves out stops that must be served."""
MOST_LINES = 20


def routes(
    file: Path,
    /,
    *,
    out: Path | None = None,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 1,
    threads: int = 2,
    solver: Engine = "auto",
    start: Path | None = None,
    compare: Path | None = None,
    convention: Convention = "auto",
    fleet: Path | None = None,
    vehicles: int = 10,
    capacity: int = 1_000,
    shift: str = "08:00-18:00",
    depot: str = "",
    loading_s: int = 0,
    territories: int = 0,
    even_hours: bool = False,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """Plan the routes of one file; exit code 2 on broken input, 3 if a stop is left out that must be served.

    FILE is an instance of a public benchmark (VRPLIB and PyVRP's fields, Solomon, Li and Lim, Sartori and Buriol) or a
    CSV table of stops (id, lat, lon and, as needed, window_start, window_end, load, service_s, prize_minor,
    requirements; the first row is the depot). Ctrl-C ends the search and keeps the best plan so far; a second one stops
    at once.

    Parameters
    ----------
    file
        The problem.
    out
        Folder for plan.json, routes.geojson and report.html; without it nothing is written.
    seconds
        Patience in CPU seconds of all threads together (10 if nothing is said).
    iterations
        Patience in iterations instead: the same number and seed give the same plan.
    seed
        Seed of the search.
    threads
        Parts of the problem that are searched at the same time; the plan does not depend on it.
    solver
        Engine; auto takes sisr where it plans all that is asked for, else pyvrp, and says why.
    start
        Plan to begin with: a plan.json, or a solution file of the instance.
    compare
        Plan to compare with, in the same forms; without it the best known cost that lies beside the instance.
    convention
        How distances of an instance are rounded; auto does as the published costs of its family do.
    fleet
        Table of stops only: CSV table of vehicles (count, capacity and, as needed, shift, fixed_minor, per_km_minor,
        per_hour_minor, max_reloads, skills).
    vehicles
        Table of stops only, without --fleet: so many equal vans, at 0.50 a kilometre and 30.00 an hour.
    capacity
        Units of load that each of these vans carries.
    shift
        When these vans work, HH:MM-HH:MM.
    depot
        Table of stops only: id of the row that is the depot.
    loading_s
        Table of stops only: how long loading takes.
    territories
        Wish for so many compact areas, each kept to its routes where that costs little; the price is told. Seconds or
        iterations are shared by the plan without wishes and the one with them.
    even_hours
        Wish for routes of like hours: the longest become shorter where that costs little; the price is told.
    as_json
        Print the plan as one JSON object instead of its totals.
    """
    patience = Patience(iterations=iterations, seconds=seconds)
    if seed < 0 or threads < 1:
        wrong = f"--seed {seed} must not be negative." if seed < 0 else f"--threads {threads} must be 1 or more."
        raise InputError(wrong)
    wishes = Wishes(territories=territories, even_hours=even_hours)
    if wishes and start:
        raise InputError("--start is for searches without --territories and --even-hours: they begin on their own.")
    vans = read_fleet_table(fleet) if fleet else (usual_van(vehicles, capacity, shift),)
    problem_file = read_routing_file(file, vehicles=vans, depot=depot, loading_s=loading_s, convention=convention)
    for warning in problem_file.warnings:
        print(warning, file=sys.stderr)
    engine, why = choose_engine(problem_file.problem, solver)
    first = _sound_plan(start, problem_file) if start else None
    comparison = _comparison(file, compare, problem_file)
    if out is not None:
        make_folder(out)
    clock = StageClock(quiet=as_json)
    price: tuple[Measure, ...] = ()
    with asked_by_ctrl_c() as interrupt, clock.bars:
        how = How(engine=engine, why=why, seed=seed, threads=threads, listener=clock, interrupt=interrupt)
        if wishes:
            (free, wished), told = search_with_wishes(problem_file.problem, patience, wishes, how)
            plan, price = wished.plan, price_of(problem_file, free, wished)
        else:
            plan, told = search(problem_file.problem, patience, how, start=first)
        clock.close()
    solved = SolvedRoutes(
        file=problem_file,
        plan=plan,
        search=replace(told, start=start.name if start else ""),
        measures=(*measures_of(problem_file, plan), *price),
        unserved=unserved_of(problem_file, plan),
        comparison=comparison,
        one_more=one_more_of(problem_file, plan),
    )
    return deliver(solved, out, as_json=as_json)


def usual_van(count: int, capacity: int, shift: str) -> Fleet:
    """Return equal vans at usual costs."""
    return Fleet(count=count, capacity=capacity, shift=shift, per_km_minor=50, per_hour_minor=3_000)


def deliver(solved: SolvedRoutes, out: Path | None, *, as_json: bool) -> int:
    """Refuse a plan that breaks a rule, write and print the rest; return the exit code."""
    faults = check_plan(solved.file.problem, solved.plan)
    if faults:
        print("\n".join(faults[:MOST_LINES]), file=sys.stderr)
        print(f"The plan breaks {len(faults)} rules and was not written. This is a defect of doorstep.",
              file=sys.stderr)  # fmt: skip
        return 1
    if out is not None:
        write_routes(out, solved, report_html=render_routes(solved))
    if as_json:
        print(json.dumps(plan_document(solved), ensure_ascii=False))
    else:
        print("\n".join(summary_lines(solved)))
        if out is not None:
            print(f"\nPlan: {out / 'plan.json'}\nMap: {out / 'routes.geojson'}\nReport: {out / 'report.html'}")
    return UNSERVED_CODE if solved.missing else 0


def summary_lines(solved: SolvedRoutes) -> list[str]:
    """Return the totals, the measures and what is left out, a line each."""
    search = solved.search
    lines = [*headline(solved)]
    lines.append(
        f"Engine {search.engine}, because {search.why}; seed {search.seed}, {search.iterations:,} iterations in"
        f" {search.cpu_s:.1f} CPU seconds{', repeats exactly' if search.repeats else ''}."
    )
    lines += [f"  {measure.label:<24}{measure.text:>12}" for measure in solved.measures]
    ids, left = solved.file.stop_ids, solved.unserved
    lines += [f"  unserved {ids[one.stop]}: {one.text}" for one in left[:MOST_LINES]]
    if len(left) > MOST_LINES:
        lines.append(f"  ... and {len(left) - MOST_LINES} more unserved stops.")
    return lines


def _plan_in(path: Path, file: RoutingFile) -> RoutePlan:
    """Return the plan in a plan.json or in a solution file of an instance."""
    if text_of(path).lstrip().startswith("{"):
        return read_routes(path, file)
    if file.instance is None:
        raise InputError(f"{path.name} must be a plan.json: solution files are for instances.",
                         hint="Maybe give the plan.json of an earlier --out.")  # fmt: skip
    listed = [(kind, [list(trip) for trip in trips]) for kind, trips in read_solution(path, file.instance)]
    return timed(file.problem, listed, path.name)


def _sound_plan(path: Path, file: RoutingFile) -> RoutePlan:
    """Return a plan to begin with."""
    plan = _plan_in(path, file)
    faults = check_plan(file.problem, plan)
    if faults:
        raise InputError("\n".join(f"{path.name}: {fault}" for fault in faults[:MOST_LINES]),
                         hint="Maybe the plan is of another problem.")  # fmt: skip
    return plan


def _comparison(path: Path, given: Path | None, file: RoutingFile) -> Comparison | None:
    """Return a given plan's cost, else the best known one that lies beside the file at ``path``, None without."""
    if given is not None:
        return Comparison(source=given.name, cost=objective_of(file.problem, _sound_plan(given, file)))
    known = None if file.instance is None else file.instance.best_known
    published = None if known is None else best_known(path)
    if known is None or published is None:
        return None
    return Comparison(source="the best known", cost=known, vehicles=published.vehicles)
