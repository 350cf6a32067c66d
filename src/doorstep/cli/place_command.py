"""``doorstep place DIR``: how much of each product should lie where, beside what lies there today."""

import json
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
from cyclopts import Parameter

from doorstep.cli.cores import Cores, cpu_seconds, processes
from doorstep.cli.folder_with_sales import read_with_sales
from doorstep.cli.interrupting import asked_by_ctrl_c
from doorstep.cli.on_streets import streets_or_estimate
from doorstep.cli.progress_bars import StageClock
from doorstep.cli.seeds import Seed
from doorstep.connectors.retailer_folder import write_folder
from doorstep.connectors.study_folder import refuse_other_folders, write_study
from doorstep.console.report import render_stock
from doorstep.console.report.stock_page import proposal_lines, stock_headline
from doorstep.domain import Retailer
from doorstep.foundation import AnyOf, InputError, Seconds
from doorstep.operations.planning.forecasting import demand_at_sites
from doorstep.operations.planning.placing import StockStudy, StockWishes, retailer_with, study_stock
from doorstep.operations.planning.replenishing import proposals_of
from doorstep.operations.planning.stock_tables import figures, study_tables

KIND = "placement"


def place(
    folder: Path,
    /,
    *,
    out: Path | None = None,
    roads: str = "",
    days: int = 3,
    space: float = 1.0,
    only_move: bool = False,
    replay_days: int = 1,
    assortment: tuple[str, ...] = (),
    cores: Cores = 1,
    seconds: float = 120.0,
    seed: Seed = 1,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """Plan the stock of a retailer folder; exit code 2 on broken input.

    Demand is forecast from the folder's table sales, whose zones are sites; without it, guessed from the orders. Ctrl-C
    ends the search with the best plan so far; a second one stops at once.

    Parameters
    ----------
    folder
        The retailer folder; ``doorstep tables`` describes it.
    out
        Folder for the plan: tables, report.html, and the retailer with that stock; without it nothing is written.
    roads
        Bring orders on these streets (``doorstep roads list``); by default times are estimated from straight lines.
    days
        For how many days stock has to last: lead time and review.
    space
        Room of each site, as a multiple of what its stock takes today.
    only_move
        Buy nothing: at most as many units of each product as today, elsewhere.
    replay_days
        Days of orders, drawn from the folder's, that are replayed against both stocks; 0: none. Between days, shelves
        are filled up again, today's and the plan's alike.
    assortment
        SITE=PRODUCTS, for sites or kinds of sites that keep no more than so many products: those from which most orders
        near the site are complete. For example --assortment store=300 --assortment S0004=500.
    cores
        On how many cores to work: products are dealt to as many shards for the forecast, and priced as many at a time.
    seconds
        Patience in CPU seconds of this process.
    seed
        Seed of the search.
    as_json
        Print one JSON object instead of the result in words.
    """
    if out is not None:
        refuse_other_folders(out, kind=KIND)
    read = read_with_sales(folder, nothing="Nothing was planned or written.")
    if read is None:
        return 2
    retailer, tables = read
    travel = streets_or_estimate(roads, retailer)
    clock, begun = StageClock(quiet=as_json), cpu_seconds()
    if days < 1:
        raise InputError(f"--days {days} must be at least 1.")
    wishes = StockWishes(space=space, only_move=only_move, replay_days=replay_days, assortment=_assortment(assortment))
    with asked_by_ctrl_c() as interrupt, clock.bars, processes(cores) as executor:
        stop, rng = AnyOf((Seconds(limit=seconds), interrupt)), np.random.default_rng(seed)
        shards = cores if cores > 1 else None
        demand, _ = demand_at_sites(
            retailer, tables, days, rng=rng, stop=stop, progress=clock, shards=shards, executor=executor, travel=travel
        )
        study = study_stock(
            retailer,
            demand,
            wishes,
            rng=rng,
            stop=stop,
            progress=clock,
            interrupt=interrupt,
            threads=cores,
            travel=travel,
        )
        clock.close()
    todo = proposals_of(retailer, study, wishes, to_plan=True)
    return _tell(retailer, study, todo, out, folder.name, cpu_seconds() - begun, as_json=as_json)


def _assortment(asked: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return SITE=PRODUCTS as pairs."""
    pairs, faults = [], []
    for text in asked:
        site, _, count = text.rpartition("=")
        if site and count.isdecimal():
            pairs.append((site, int(count)))
        else:
            faults.append(text)
    if faults:
        raise InputError(f"--assortment {', '.join(faults)} must be SITE=PRODUCTS.", hint="Maybe store=300.")
    return tuple(pairs)


def _tell(
    retailer: Retailer,
    study: StockStudy,
    todo: pl.DataFrame,
    out: Path | None,
    name: str,
    cpu_s: float,
    *,
    as_json: bool,
) -> int:
    """Write and print a study; a plan that breaks a rule is neither."""
    if study.faults:
        print("\n".join(study.faults[:20]), file=sys.stderr)
        print(f"The plan breaks {len(study.faults)} rules. This is a defect of doorstep.", file=sys.stderr)
        return 1
    if out is not None:
        html = render_stock(retailer, study, todo, title=f"Stock of {name}")
        tables = {**study_tables(retailer, study), "proposals": todo}
        write_study(out, kind=KIND, figures=figures(retailer, study), tables=tables, report_html=html)
        write_folder(retailer_with(retailer, study.plan.units), out / "retailer")
    if as_json:
        print(json.dumps({**figures(retailer, study), "cpu_s": round(cpu_s, 2)}))
    else:
        print("\n".join((*stock_headline(retailer, study), *proposal_lines(todo, retailer.currency), *study.notes)))
        if out is not None:
            print(f"\nTables: {out}\nReport: {out / 'report.html'}")
    return 0
