"""``doorstep forecast DIR``: what will be sold where, how sure that is, and what stock would cover it."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from doorstep.cli.cores import Cores, cpu_seconds, processes
from doorstep.cli.folder_with_sales import read_with_sales
from doorstep.cli.interrupting import asked_by_ctrl_c
from doorstep.cli.progress_bars import StageClock
from doorstep.cli.seeds import Seed
from doorstep.connectors.study_folder import refuse_other_folders, write_study
from doorstep.console.report import render_forecast
from doorstep.console.report.forecast_page import forecast_headline
from doorstep.foundation import AnyOf, InputError, Seconds
from doorstep.operations.planning.forecasting import ForecastWishes, figures, forecast_tables, study_demand

KIND = "forecast"


def forecast(
    folder: Path,
    /,
    *,
    out: Path | None = None,
    days: int = 28,
    cover_days: int = 7,
    last_day: str = "",
    cores: Cores = 1,
    seconds: float = 300.0,
    seed: Seed = 1,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """Forecast the sales of a retailer folder from its table sales; exit code 2 on broken input.

    Ctrl-C ends the learning with what has been learnt so far; a second one stops at once.

    Parameters
    ----------
    folder
        The retailer folder with its table sales; ``doorstep tables`` describes it.
    out
        Folder for the forecast: tables and report.html; without it nothing is written.
    days
        How many days ahead.
    cover_days
        Over how many days stock has to last: lead time and review.
    last_day
        Forget what was sold after that day (YYYY-MM-DD), and tell how good the forecast of it is.
    cores
        On how many cores to work: products are dealt to as many shards, each of which learns by itself.
    seconds
        Patience in CPU seconds of the learning; on several cores it is learnt to the end.
    seed
        Seed of the learning.
    as_json
        Print one JSON object instead of the result in words.
    """
    if out is not None:
        refuse_other_folders(out, kind=KIND)
    read = read_with_sales(folder, nothing="Nothing was forecast or written.")
    if read is None:
        return 2
    _, tables = read
    clock, begun = StageClock(quiet=as_json), cpu_seconds()
    with asked_by_ctrl_c() as interrupt, clock.bars, processes(cores) as executor:
        study = study_demand(
            tables,
            ForecastWishes(days=days, cover_days=cover_days, last_day=_day(last_day)),
            rng=np.random.default_rng(seed),
            stop=AnyOf((Seconds(limit=seconds), interrupt)),
            progress=clock,
            shards=cores if cores > 1 else None,
            executor=executor,
        )
        clock.close()
    if out is not None:
        html = render_forecast(study, title=f"Forecast of {folder.name}")
        write_study(out, kind=KIND, figures=figures(study), tables=forecast_tables(study), report_html=html)
    if as_json:
        print(json.dumps({**figures(study), "cpu_s": round(cpu_seconds() - begun, 2)}))
    else:
        print("\n".join((*forecast_headline(study), *study.notes)))
        if out is not None:
            print(f"\nTables: {out}\nReport: {out / 'report.html'}")
    return 0


def _day(text: str) -> int | None:
    try:
        return (date.fromisoformat(text) - date(1970, 1, 1)).days if text else None
    except ValueError as fault:
        raise InputError(f"--last-day {text}: {fault}.", hint="Maybe write it like 2026-02-01.") from fault
