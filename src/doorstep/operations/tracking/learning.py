"""What driven routes teach about the time that drives and services take, learnt every night."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sqlalchemy import delete, select

from doorstep.operations.roads import usual_travel
from doorstep.operations.street_speeds import speeds_key
from doorstep.operations.tracking.runs import Call, Reader, Run
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.etas import paces
from doorstep.storage.schema.fulfilment import routes
from doorstep.tracking import Driven
from doorstep.tracking.eta import STATED_PACES, Calibration, Paces
from doorstep.tracking.eta_learning import Belief, Pace

LAST_DAYS_S = 28 * 86_400
MOST_ROUTES = 2_000
FEWEST_STOPS = 2
DIGITS = 5


def driven_lately(connection: Connection, tenant_id: str, *, now: int) -> list[Driven]:
    """Return the latest trips of routes that were completed in the last four weeks, in the order of their days.

    Stops count in the order in which they were visited. Those of which arrival or end was not told are left aside.
    """
    query = (
        select(routes.c.route_id)
        .where(routes.c.tenant_id == tenant_id, routes.c.starts_at > now - LAST_DAYS_S, routes.c.starts_at <= now)
        .where(routes.c.state == "completed")
        .order_by(routes.c.starts_at.desc(), routes.c.route_id.desc())
        .limit(MOST_ROUTES)
    )
    names = list(connection.execute(query).scalars())
    tables = load_reference(connection, tenant_id)
    runs = list(Reader(connection, tenant_id, tables).runs(names))
    hours = [speeds_key(connection, tenant_id, tables, at=run.leaves_at) for run in runs]
    found: dict[int, list[Driven]] = {}
    for row in sorted(range(len(runs)), key=hours.__getitem__):  # streets are made ready for each hour once
        travel = usual_travel(connection, tenant_id, tables, at=runs[row].leaves_at)
        found[row] = list(driven_trips(Reader(connection, tenant_id, tables, travel), runs[row]))
    return [trip for row in range(len(runs)) for trip in found[row]]


def driven_trips(reader: Reader, run: Run, *, fewest: int = FEWEST_STOPS) -> Iterator[Driven]:
    """Yield the trips of a run with so many stops or more of which everything is known."""
    for number, trip in enumerate(run.trips):
        calls = visited(trip)
        set_out = calls[0].left_for_at if calls else None
        if calls and set_out is None and number == 0:
            set_out = run.started_at
        start = (run.lat, run.lon)
        if calls and (set_out is None or set_out > int(calls[0].came_at or 0)):
            first, *calls = calls
            set_out, start = first.left_at, (first.lat, first.lon)
        if set_out is None or len(calls) < fewest:
            continue
        drives, services = reader.spans(run, calls, start)
        yield Driven(
            run=run.route_id,
            drives=drives,
            services=services,
            not_before_at=np.array([call.not_before_at for call in calls], dtype=np.int64),
            start_at=set_out,
            arrive_at=np.array([call.came_at for call in calls], dtype=np.int64),
            leave_at=np.array([call.left_at for call in calls], dtype=np.int64),
        )


def visited(trip: Sequence[Call]) -> list[Call]:
    """Return the stops of a trip of which arrival and end are known, in their order, none before the last one's end."""
    known = [(c.came_at, c.left_at, c) for c in trip if c.came_at is not None and c.left_at is not None]
    calls = [call for came, left, call in sorted(known, key=lambda row: row[:2]) if left >= came]
    apart = [True, *(int(a.left_at or 0) <= int(b.came_at or 0) for a, b in pairwise(calls))]
    return calls if all(apart) else []


def store_paces(connection: Connection, tenant_id: str, learnt: Paces, *, trips: int, now: int) -> None:
    """Keep what was learnt in place of what was before."""
    connection.execute(delete(paces).where(paces.c.tenant_id == tenant_id))
    row = {"tenant_id": tenant_id, "learnt": _written(learnt), "trips": trips, "learnt_at": now}
    connection.run(inserting(paces), [row])


def load_paces(connection: Connection, tenant_id: str) -> Paces:
    """Return what was learnt last, or what is stated before anything is."""
    text = connection.execute(select(paces.c.learnt).where(paces.c.tenant_id == tenant_id)).scalar_one_or_none()
    return STATED_PACES if text is None else _read(text)


def _written(learnt: Paces) -> str:
    return canonical(
        {
            "drives": _pace_written(learnt.drives),
            "services": _pace_written(learnt.services),
            "errors": [[round(value, DIGITS) for value in row] for row in learnt.calibration.errors.tolist()],
        }
    )


def _pace_written(pace: Pace) -> dict[str, object]:
    effects = {
        name: {key: [round(b.mean, DIGITS), round(b.variance, DIGITS)] for key, b in beliefs.items()}
        for name, beliefs in pace.effects.items()
    }
    return {"mean": pace.mean, "effects": effects, "unknown": dict(pace.unknown), "of_run": pace.of_run,
            "noise": pace.noise, "spans": pace.spans}  # fmt: skip


def _read(text: str) -> Paces:
    told = json.loads(text)
    return Paces(
        drives=_pace_read(told["drives"]),
        services=_pace_read(told["services"]),
        calibration=Calibration(errors=np.array(told["errors"], dtype=np.float64)),
    )


def _pace_read(told: Mapping[str, Any]) -> Pace:
    effects = {name: {key: Belief(*b) for key, b in beliefs.items()} for name, beliefs in told["effects"].items()}
    return Pace(mean=told["mean"], effects=effects, unknown=told["unknown"], of_run=told["of_run"],
                noise=told["noise"], spans=told["spans"])  # fmt: skip
