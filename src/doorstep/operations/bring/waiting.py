"""What had better wait for the next plan of a site, by what came in the last days at these hours."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from sqlalchemy import select

from doorstep.foundation import Interrupt
from doorstep.operations.bring.problem import Problem
from doorstep.operations.corridor.wait import DAY_S, Lately, who_waits
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

DAYS = 7
FEWEST, MOST = 50, 5_000
"""Doors of the last days with which the next hours can be foreseen, and how many are looked at."""
ITERATIONS_AN_ORDER, MOST_ITERATIONS = 1_000, 100_000


def load_coming(connection: Connection, tenant_id: str, site_id: str, *, now: int) -> Lately | None:
    """Return the doors that were brought from a site in the last days, or None if there are too few."""
    of, about = deliveries.c, orders.c
    query = (
        select(about.placed_at, about.lat, about.lon, about.window_start_at, about.window_end_at, about.service_s,
               about.requirements, about.service_level_id, of.ready_at, of.weight_g, of.volume_ml, of.parcels)
        .join(orders, about.order_id == of.order_id)
        .where(of.tenant_id == tenant_id, of.created_at > now - (DAYS + 1) * DAY_S, of.kind == "door",
               of.site_id == site_id)
        .order_by(of.created_at.desc())
        .limit(MOST)
    )  # fmt: skip
    rows = connection.execute(query).all()
    if len(rows) < FEWEST:
        return None
    tables = load_reference(connection, tenant_id)
    levels = dict(tables["service_levels"].select("service_level_id", "requirements").iter_rows())
    usual_s = int(tables["policy"]["door_service_s"][0])
    first = min(row.placed_at for row in rows)

    def column(name: str) -> list[int]:
        return [getattr(row, name) for row in rows]

    return Lately(
        days=max(1, min(DAYS, (now - first) // DAY_S)),
        known_at=np.array(column("placed_at"), dtype=np.int64),
        lat=np.array(column("lat"), dtype=np.float64),
        lon=np.array(column("lon"), dtype=np.float64),
        start_at=np.array(column("window_start_at"), dtype=np.int64),
        end_at=np.array(column("window_end_at"), dtype=np.int64),
        release_at=np.array([row.ready_at or row.placed_at for row in rows], dtype=np.int64),
        service_s=np.array([usual_s if row.service_s is None else row.service_s for row in rows], dtype=np.int64),
        load=np.array([column("weight_g"), column("volume_ml"), column("parcels")], dtype=np.int64).T,
        needs=[";".join(filter(None, (row.requirements, levels.get(row.service_level_id, "")))) for row in rows],
    )


def without_waiting(
    problem: Problem,
    lately: Lately | None,
    *,
    site_id: str,
    next_at: int,
    seed: int,
    interrupt: Interrupt | None = None,
) -> tuple[Problem, Mapping[str, float]]:
    """Return the problem without the orders that wait for the plan of ``next_at``, and those; it may take its time."""
    if lately is None or next_at <= problem.now or not problem.bundles:
        return problem, {}
    waits = who_waits(
        problem.retailer, problem.allocations(), lately, site_id=site_id, now=problem.now, next_at=next_at,
        iterations=min(MOST_ITERATIONS, ITERATIONS_AN_ORDER * len(problem.bundles)), seed=seed,
        ready_at=problem.ready_at, busy=problem.busy, flown=problem.flown, lane_load=problem.lane_load,
        density=problem.density, travel=problem.travel, interrupt=interrupt,
    )  # fmt: skip
    left = {order_id: bundle for order_id, bundle in problem.bundles.items() if order_id not in waits}
    return replace(problem, bundles=left), waits
