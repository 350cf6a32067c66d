"""Network studies as they stand."""

import json
from collections.abc import Iterable

import polars as pl
import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.conventions.csv_cells import Cell
from doorstep.api.models.parts import WindowWish
from doorstep.api.models.rows import Row
from doorstep.api.models.studies import NetworkStudy, NetworkStudyCreate, NetworkWishes, StudyAssumptions, StudyFigures
from doorstep.api.views.matching import matching
from doorstep.connectors.network_folder import collection
from doorstep.foundation import NotFoundError
from doorstep.operations.planning.kept_tables import kept_tables, names_of_tables
from doorstep.operations.planning.network import Wishes
from doorstep.operations.planning.problem import Assumptions
from doorstep.operations.planning.studies import NewStudy, asked_of
from doorstep.storage import Connection
from doorstep.storage.schema.journal import jobs
from doorstep.storage.schema.planning import network_studies

USUAL_S = 28 * 86_400
"""The orders of how long are studied where nothing else is asked."""
WISHES = ("regions", "tolerance", "most_moved", "hubs", "keep", "close", "reach", "reach_m", "verify")


def new_study(wanted: NetworkStudyCreate, *, now: int) -> NewStudy:
    """Return what a caller asks for as operations want it."""
    start_at, end_at = (wanted.period.start, wanted.period.end) if wanted.period else (now - USUAL_S, now)
    options: list[Row] | None = wanted.options
    areas: list[Row] | None = wanted.areas
    return NewStudy(
        name=wanted.name,
        wishes=Wishes(
            **{name: getattr(wanted, name) for name in WISHES},
            demand="orders" if areas is None else "population",
            assumptions=Assumptions(**wanted.assumptions.model_dump()),
        ),
        options=None if options is None else [row.to_row() for row in options],
        areas=None if areas is None else [row.to_row() for row in areas],
        start_at=start_at,
        end_at=end_at,
        seconds=wanted.patience_s,
        seed=wanted.seed,
    )


def find_study(connection: Connection, tenant_id: str, study_id: str) -> NetworkStudy:
    """Return a network study.

    Raises
    ------
    NotFoundError
        If the tenant has no such study.
    """
    found = _shown(connection, _mine(tenant_id).where(network_studies.c.study_id == study_id))
    if not found:
        raise NotFoundError(f"network study {study_id} does not exist.")
    return found[0]


def list_studies(
    connection: Connection, tenant_id: str, *, limit: int, before: str = "", state: str | None = None
) -> list[NetworkStudy]:
    """Return network studies, the newest first; ``before`` is the id of the last one seen."""
    query = matching(_mine(tenant_id), {network_studies.c.state: state})
    if before:
        query = query.where(network_studies.c.study_id < before)
    return _shown(connection, query.order_by(network_studies.c.study_id.desc()).limit(limit))


def study_table(
    connection: Connection, tenant_id: str, study_id: str, name: str
) -> tuple[list[str], Iterable[tuple[Cell, ...]]]:
    """Return the columns and the rows of a table of a study.

    Raises
    ------
    NotFoundError
        If the tenant has no such study, or that no such table.
    """
    columns = kept_tables(connection, tenant_id, study_id, (name,)).get(name)
    if columns is None:
        raise NotFoundError(f"network study {study_id} has no table {name}.", hint="Maybe it is not done yet.")
    return list(columns), zip(*columns.values(), strict=True)


def study_on_map(connection: Connection, tenant_id: str, study_id: str) -> str:
    """Return zones and sites of a study as the text of a GeoJSON feature collection.

    Raises
    ------
    NotFoundError
        If the tenant has no such study, or it is not done.
    """
    tables = kept_tables(connection, tenant_id, study_id, ("sites", "zones"))
    if len(tables) < 2:
        raise NotFoundError(f"network study {study_id} has no map.", hint="Maybe it is not done yet.")
    return collection({name: pl.DataFrame(cells, strict=False) for name, cells in tables.items()})


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    query = select(*network_studies.c, jobs.c.checkpoint, jobs.c.error.label("job_error"))
    query = query.outerjoin(jobs, jobs.c.job_id == network_studies.c.job_id)
    return query.where(network_studies.c.tenant_id == tenant_id)


def _shown(connection: Connection, query: "sa.Select[tuple[object, ...]]") -> list[NetworkStudy]:
    rows = connection.execute(query).all()
    tables = names_of_tables(connection, [row.study_id for row in rows])
    return [
        NetworkStudy(
            id=row.study_id,
            state=row.state,
            version=row.version,
            asked=_asked(row.asked),
            job_id=row.job_id,
            stage=json.loads(row.checkpoint or "{}").get("stage", "") if row.state == "asked" else "",
            created_at=row.created_at,
            ended_at=row.ended_at,
            figures=StudyFigures.model_validate_json(row.figures) if row.figures != "{}" else None,
            tables=tables[row.study_id],
            error=row.error or (row.job_error or "" if row.state == "asked" else ""),
        )
        for row in rows
    ]


def _asked(text: str) -> NetworkWishes:
    new = asked_of(text)
    assumed = {name: getattr(new.wishes.assumptions, name) for name in StudyAssumptions.model_fields}
    told: dict[str, object] = {
        **{name: getattr(new.wishes, name) for name in WISHES},
        "name": new.name,
        "period": WindowWish.model_construct(start=new.start_at, end=new.end_at),
        "assumptions": StudyAssumptions.model_validate(assumed),
        "patience_s": new.seconds,
        "seed": new.seed,
    }
    return NetworkWishes.model_validate(told)
