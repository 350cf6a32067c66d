"""Network studies of the live system: asked for, worked out apart from its orders, kept with their tables."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import polars as pl
from sqlalchemy import func, select

from doorstep.domain import Retailer
from doorstep.domain.tables import PLANNING_TABLES
from doorstep.foundation import InputError, NotFoundError
from doorstep.geography import TravelTimes
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.planning.adopt import changes_between
from doorstep.operations.planning.handover import retailer_after
from doorstep.operations.planning.kept_tables import keep_tables, kept_tables, said
from doorstep.operations.planning.network import NetworkStudy, Wishes
from doorstep.operations.planning.problem import Assumptions
from doorstep.operations.planning.tables import figures, study_tables
from doorstep.operations.roads import usual_travel
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection, jobs
from doorstep.storage.jobs import NewJob
from doorstep.storage.journal import canonical
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.planning import network_studies

STUDY_NETWORK = "study_network"
"""The job that works a study out."""
KIND, ASKED = "network_study", "asked"
OPTIONS, AREAS = "options", "areas"
PLANNED = {OPTIONS: "site_options", AREAS: "demand_areas"}
"""What may be given with a study, and the planning table that it is."""
MOST_ORDERS = 200_000
NEVER_ASKED = ("draft", "cancelled")
ATTEMPTS = 3
Rows = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStudy:
    """A study of the orders placed from ``start_at`` until before ``end_at`` [epoch s].

    ``options`` are rows of the table site_options, None for what the sites themselves say; ``areas`` rows of the table
    demand_areas, None where the demand is that of the orders. The design has ``seconds`` of patience [CPU s].
    """

    name: str
    wishes: Wishes
    options: Rows | None
    areas: Rows | None
    start_at: int
    end_at: int
    seconds: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyCase:
    """What a study works on, and what everything in it drives by."""

    retailer: Retailer
    travel: TravelTimes
    options: pl.DataFrame | None
    areas: pl.DataFrame | None
    wishes: Wishes
    seconds: int
    seed: int


def ask_study(connection: Connection, caller: Caller, new: NewStudy, *, now: int) -> str:
    """Store a study and the job that works it out, and return its id.

    Raises
    ------
    InputError
        If wishes or options name what there is not; it lists every one.
    """
    _check_names(connection, caller.tenant_id, new)
    study_id = connection.new_id("nst", now)
    job = NewJob(
        tenant_id=caller.tenant_id,
        kind=STUDY_NETWORK,
        run_at=now,
        payload={"study_id": study_id},
        max_attempts=ATTEMPTS,
    )
    wishes = canonical(asdict(replace(new, options=None, areas=None)))
    row = {"study_id": study_id, "tenant_id": caller.tenant_id, "name": new.name, "state": ASKED, "version": 1,
           "asked": wishes, "figures": "{}", "changes": "{}", "error": "",
           "job_id": jobs.enqueue(connection, job, now=now), "created_at": now, "ended_at": None}  # fmt: skip
    connection.run(inserting(network_studies), [row])
    given = {name: rows for name, rows in ((OPTIONS, new.options), (AREAS, new.areas)) if rows is not None}
    frames = {name: _frame(PLANNED[name], rows) for name, rows in given.items()}
    keep_tables(connection, caller.tenant_id, study_id, said(frames))
    tell_created(connection, caller, KIND, study_id, ASKED, now=now, data={"name": new.name})
    return study_id


def load_study(connection: Connection, tenant_id: str, study_id: str) -> StudyCase | None:
    """Return what a study works on, None if it is no longer asked for.

    Raises
    ------
    InputError
        If there are more orders than can be looked at together.
    """
    mine = (network_studies.c.study_id == study_id) & (network_studies.c.tenant_id == tenant_id)
    row = connection.execute(select(network_studies.c.state, network_studies.c.asked).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"network study {study_id} does not exist.")
    if row.state != ASKED:
        return None
    new = asked_of(row.asked)
    ids = _orders(connection, tenant_id, new)
    retailer, _ = without_unknown(live_retailer(connection, tenant_id, ids))
    return StudyCase(
        retailer=retailer,
        travel=usual_travel(connection, tenant_id, retailer.tables()),
        options=_given(connection, tenant_id, study_id, OPTIONS),
        areas=_given(connection, tenant_id, study_id, AREAS),
        wishes=new.wishes,
        seconds=new.seconds,
        seed=new.seed,
    )


def store_study(
    connection: Connection, caller: Caller, study_id: str, case: StudyCase, study: NetworkStudy, *, now: int
) -> dict[str, object]:
    """Keep what came of a study: figures, tables, and what adopting it would change; return how many rows of each."""
    changes, tables = changes_between(case.retailer, retailer_after(case.retailer, study)), study_tables(study)
    keep_tables(connection, caller.tenant_id, study_id, said(tables))
    told = {"figures": canonical(figures(study)), "changes": canonical(changes), "ended_at": now}
    advance(connection, caller, KIND, study_id, "finish", now=now, changes=told)
    return {name: table.height for name, table in tables.items()}


def asked_of(text: str) -> NewStudy:
    """Return what was asked, from how it is kept."""
    kept = json.loads(text)
    wishes = kept.pop("wishes")
    wishes["assumptions"] = Assumptions(**wishes["assumptions"])
    return NewStudy(**kept, wishes=Wishes(**wishes))


def _check_names(connection: Connection, tenant_id: str, new: NewStudy) -> None:
    """Raise if a wish or an option names a site that there is not."""
    sites = set(load_reference(connection, tenant_id)["sites"]["site_id"])
    options = list(new.options or ())
    known = sites if new.options is None else {str(row[name]) for row in options for name in ("option_id", "site_id")}
    faults = [f"{name} is to be kept or closed: there is no such option or site." for name in
              (*new.wishes.keep, *new.wishes.close) if name not in known]  # fmt: skip
    faults += [f"option {row['option_id']}: there is no site {row['site_id']}." for row in options
               if row["site_id"] and row["site_id"] not in sites]  # fmt: skip
    for what, column, rows in (("option", "option_id", options), ("area", "area_id", new.areas or ())):
        ids = Counter(str(row[column]) for row in rows)
        faults += [f"{what} {name} is there {count} times." for name, count in ids.items() if count > 1]
    if faults:
        raise InputError(" ".join(faults))


def _orders(connection: Connection, tenant_id: str, new: NewStudy) -> list[str]:
    mine = (orders.c.tenant_id == tenant_id) & orders.c.state.not_in(NEVER_ASKED)
    mine &= (orders.c.placed_at >= new.start_at) & (orders.c.placed_at < new.end_at)
    found = connection.execute(select(func.count()).select_from(orders).where(mine)).scalar_one()
    if found > MOST_ORDERS:
        raise InputError(
            f"{found:,} orders are more than can be looked at together, {MOST_ORDERS:,}.",
            hint="Maybe a shorter period.",
        )
    return list(connection.execute(select(orders.c.order_id).where(mine).order_by(orders.c.order_id)).scalars())


def _given(connection: Connection, tenant_id: str, study_id: str, name: str) -> pl.DataFrame | None:
    """Return a table that was given with a study, None if it was not."""
    found = kept_tables(connection, tenant_id, study_id, (name,))
    return pl.DataFrame(found[name], schema=_kinds(PLANNED[name])) if found else None


def _frame(table: str, rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=_kinds(table))


def _kinds(table: str) -> dict[str, pl.DataType]:
    return {column: kind.dtype for column, kind in PLANNING_TABLES[table].schema.columns().items()}
