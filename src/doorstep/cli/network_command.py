"""``doorstep network DIR``: which sites should send vans, in which regions, what that saves, and in which order."""

import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import polars as pl
from cyclopts import Parameter

from doorstep.cli.check_command import print_reading
from doorstep.cli.interrupting import asked_by_ctrl_c
from doorstep.cli.on_streets import streets_or_estimate
from doorstep.cli.progress_bars import StageClock
from doorstep.cli.seeds import Seed
from doorstep.connectors.network_folder import KIND, write_network
from doorstep.connectors.retailer_folder import FolderReading, read_demand_areas, read_folder, read_site_options
from doorstep.connectors.study_folder import refuse_other_folders
from doorstep.console.report import render_network
from doorstep.console.report.network_page import headline
from doorstep.domain import Retailer
from doorstep.foundation import AnyOf, InputError, Seconds
from doorstep.operations.planning.handover import retailer_after
from doorstep.operations.planning.network import NetworkStudy, Wishes, study_network
from doorstep.operations.planning.problem import Assumptions
from doorstep.operations.planning.tables import figures, study_tables


def network(
    folder: Path,
    /,
    *,
    out: Path | None = None,
    roads: str = "",
    regions: int = 0,
    tolerance: float = 0.1,
    most_moved: float = 1.0,
    hubs: int = 0,
    keep: str = "",
    close: str = "",
    reach: float = 0.0,
    reach_km: float = 16.093,
    same_day_minutes: int = 45,
    demand: Literal["orders", "population"] | None = None,
    orders_per_thousand: float = 8.0,
    verify: bool = True,
    seconds: float = 60.0,
    seed: Seed = 1,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """Design the network of a retailer folder; exit code 2 on broken input.

    The folder's orders say where parcels go, or its table demand_areas where people live; its table site_options what
    sites could be: without that table every store could become a hub. Ctrl-C ends the search with the best network so
    far; a second one stops at once.

    Parameters
    ----------
    folder
        The retailer folder; ``doorstep tables`` describes it.
    out
        Folder for the plan: tables, network.geojson, report.html, and the retailer as it would be; without it nothing
        is written.
    roads
        Drive on these streets (``doorstep roads list``), and beyond them by straight lines fitted to them; by default
        all times are estimated from straight lines.
    regions
        How many regions of even volume; 0 for none.
    tolerance
        How far a region may be from the average volume, as a share.
    most_moved
        Share of the parcels that may change their region, where the sites are in so many regions today.
    hubs
        How many sites may send vans at most; 0 for as many as pay.
    keep
        Sites or options that have to stay, separated by commas.
    close
        Sites or options that have to go, separated by commas.
    reach
        Share of the parcels that should lie near a site with vans: which further sites that needs, and how few can do.
    reach_km
        How near, as the crow flies; by default ten miles.
    same_day_minutes
        How long a van may drive to the first door of a same-day tour.
    demand
        Whose parcels: those of the folder's orders, or of the people in its table demand_areas; by default of the
        orders, if any come to the door.
    orders_per_thousand
        Parcels a day of a thousand people, where demand is by population and the table does not give them.
    verify
        Route the orders by the plan and compare what a drop costs with what was predicted.
    seconds
        Patience in CPU seconds of the design.
    seed
        Seed of the search.
    as_json
        Print one JSON object instead of the result in words.
    """
    if out is not None:
        refuse_other_folders(out, kind=KIND)
    if not 0 < reach_km < math.inf:
        raise InputError(f"--reach-km {reach_km} must be a number above 0.")
    reading, options, areas = _read(folder)
    if reading.retailer is None:
        print_reading(reading, folder)
        print("Nothing was planned or written.", file=sys.stderr)
        return 2
    wishes = Wishes(
        regions=regions,
        tolerance=tolerance,
        most_moved=most_moved,
        hubs=hubs,
        keep=_names(keep),
        close=_names(close),
        reach=reach,
        reach_m=round(1_000 * reach_km),
        verify=verify,
        demand=demand or "",
        assumptions=Assumptions(same_day_s=60 * same_day_minutes, orders_per_thousand=orders_per_thousand),
    )
    clock = StageClock(quiet=as_json)
    begun = time.process_time()
    with asked_by_ctrl_c() as interrupt, clock.bars:
        study = study_network(
            reading.retailer,
            options,
            wishes,
            rng=np.random.default_rng(seed),
            stop=AnyOf((Seconds(limit=seconds), interrupt)),
            progress=clock,
            areas=areas,
            travel=streets_or_estimate(roads, reading.retailer),
        )
        clock.close()
    return _tell(reading.retailer, study, out, folder.name, time.process_time() - begun, as_json=as_json)


def _read(folder: Path) -> tuple[FolderReading, pl.DataFrame | None, pl.DataFrame | None]:
    """Return the folder, its site options and its areas, with the faults of all of them and no retailer if any has."""
    reading = read_folder(folder)
    options, of_options = (None, ()) if reading.retailer is None else read_site_options(folder, reading.retailer)
    areas, of_areas = read_demand_areas(folder)
    faults = (*reading.faults, *of_options, *of_areas)
    return replace(reading, retailer=None if faults else reading.retailer, faults=faults), options, areas


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _tell(retailer: Retailer, study: NetworkStudy, out: Path | None, name: str, cpu_s: float, *, as_json: bool) -> int:
    """Write and print a study; a network that breaks a rule is neither."""
    if study.faults:
        print("\n".join(study.faults[:20]), file=sys.stderr)
        print(f"The network breaks {len(study.faults)} rules. This is a defect of doorstep.", file=sys.stderr)
        return 1
    if out is not None:
        html = render_network(study, retailer.currency, title=f"Network of {name}")
        write_network(
            out,
            figures=figures(study),
            tables=study_tables(study),
            retailer=retailer_after(retailer, study),
            report_html=html,
        )
    if as_json:
        print(json.dumps({**figures(study), "cpu_s": round(cpu_s, 2)}))
    else:
        print("\n".join(headline(study, retailer.currency)))
        if out is not None:
            print(f"\nTables and map: {out}\nReport: {out / 'report.html'}")
    return 0
