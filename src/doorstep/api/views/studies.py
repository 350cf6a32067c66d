"""Network studies as they stand."""

from typing import Any

import polars as pl
import sqlalchemy as sa

from doorstep.api.models.parts import WindowWish
from doorstep.api.models.rows import Row
from doorstep.api.models.studies import NetworkStudy, NetworkStudyCreate, NetworkWishes, StudyAssumptions, StudyFigures
from doorstep.api.views.plans import Plans
from doorstep.connectors.network_folder import collection
from doorstep.foundation import NotFoundError
from doorstep.operations.planning.kept_tables import kept_tables
from doorstep.operations.planning.network import Wishes
from doorstep.operations.planning.problem import Assumptions
from doorstep.operations.planning.studies import NewStudy, asked_of
from doorstep.storage import Connection
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


def _shown(row: "sa.Row[Any]", common: dict[str, object]) -> NetworkStudy:
    figures = StudyFigures.model_validate_json(row.figures) if row.figures != "{}" else None
    return NetworkStudy.model_validate(common | {"asked": _asked(row.asked), "figures": figures})


STUDIES = Plans(what="network study", table=network_studies, key="study_id", shown=_shown)
