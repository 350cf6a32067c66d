"""A plan, its scoreboard and its input into files, and back."""

import json
from collections.abc import Mapping
from pathlib import Path

import dataframely as dy
import polars as pl

from doorstep import __version__
from doorstep.connectors.plan_folder import layout
from doorstep.connectors.plan_folder.geojson import write_geojson
from doorstep.connectors.plan_folder.transport import replace_folder
from doorstep.domain import DayPlan, Retailer
from doorstep.domain.tables import PLAN_TABLES, RETAILER_TABLES
from doorstep.foundation import InputError, NotFoundError
from doorstep.geography.roads.courses import Course

HINT = "Maybe an older doorstep wrote it: plan again."


def write_plan(
    out: Path,
    *,
    retailer: Retailer,
    plan: DayPlan,
    scoreboard: pl.DataFrame,
    report_html: str = "",
    roads: layout.RoadsUsed | None = None,
    courses: Mapping[str, Course] | None = None,
) -> None:
    """Write everything about a plan into ``out``, all of it or nothing.

    The folder gets the tables as Parquet and CSV, the decisions, ``routes.geojson``, ``scoreboard.json``, the report
    (left out when empty) and the validated input, so that ``read_plan`` needs nothing else; where drives are no
    estimates, also on which ``roads`` it was made. Routes are drawn by their ``courses`` (by ``route_id``), else
    straight.

    Raises
    ------
    InputError
        If a table does not fit its schema.
    ConflictError
        If ``out`` holds something that is not a plan of ours; it stays untouched.
    """
    tables = plan.tables() | {"scoreboard": scoreboard}
    framed = {name: fitted(name, schema, tables[name]) for name, schema in PLAN_TABLES.items()}

    def fill(folder: Path) -> None:
        (folder / layout.TABLES).mkdir()
        (folder / layout.RETAILER).mkdir()
        for name, table in framed.items():
            table.write_parquet(layout.parquet_path(folder, name))
            table.write_csv(layout.csv_path(folder, name))
        for name, table in retailer.tables().items():
            table.write_parquet(layout.retailer_path(folder, name))
        write_geojson(folder / layout.ROUTES, retailer, plan, courses or {})
        (folder / layout.SCOREBOARD).write_text(scoreboard_json(scoreboard), encoding="utf-8")
        if report_html:
            (folder / layout.REPORT).write_text(report_html, encoding="utf-8")
        (folder / layout.MARKER).write_text(layout.marker_text(__version__, roads), encoding="utf-8")

    replace_folder(out, fill)


def read_plan(out: Path) -> tuple[Retailer, DayPlan, pl.DataFrame]:
    """Return the input, the plan and the scoreboard that ``write_plan`` put into ``out``.

    Raises
    ------
    NotFoundError
        If ``out`` is not a plan folder.
    InputError
        If a table is missing or does not fit its schema.
    """
    if not layout.is_plan(out):
        raise NotFoundError(
            f"{out} is not a folder that `doorstep plan` wrote.", hint="Maybe give the folder named by its --out."
        )
    retailer = Retailer.complete({name: read_table(layout.retailer_path(out, name)) for name in RETAILER_TABLES})
    tables = {
        name: fitted(name, schema, read_table(layout.parquet_path(out, name))) for name, schema in PLAN_TABLES.items()
    }
    scoreboard = tables.pop("scoreboard")
    return retailer, DayPlan(**tables), scoreboard


def read_table(path: Path) -> pl.DataFrame:
    """Return one Parquet file.

    Raises
    ------
    InputError
        If it is missing or broken.
    """
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise InputError(f"{path.parent.name}/{path.name} cannot be read: {fault}.", hint=HINT) from fault


def fitted(name: str, schema: type[dy.Schema], table: pl.DataFrame) -> pl.DataFrame:
    """Return a table of the plan with the columns and types of its schema.

    Raises
    ------
    InputError
        If a column is missing or a rule is broken.
    """
    try:
        return schema.validate(table, cast=True)
    except Exception as fault:  # dataframely and polars raise several kinds here
        raise InputError(f"table {name} of the plan: {fault}", hint=HINT) from fault


def scoreboard_json(scoreboard: pl.DataFrame) -> str:
    """Return the scoreboard as one object a plan, measure by measure."""
    plans: dict[str, dict[str, float]] = {}
    for plan, measure, value in scoreboard.select("plan", "measure", "value").iter_rows():
        plans.setdefault(plan, {})[measure] = value
    return json.dumps(plans, indent=2) + "\n"
