"""Routes under way followed every minute, foreseen between transactions; how long things take learnt at night."""

from functools import partial

import numpy as np

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.geography.roads.digest import digest_of
from doorstep.geography.roads.learned import all_of, learn_week, observed
from doorstep.geography.roads.matching import Matcher
from doorstep.operations.street_speeds import (
    DAY_S,
    hours_of,
    observed_lately,
    store_observed,
    store_speeds,
    zone_of,
)
from doorstep.operations.tracking import (
    driven_lately,
    foresee,
    forget_ended,
    look_at_route,
    routes_to_follow,
    store_paces,
    tell_foreseen,
)
from doorstep.operations.tracking.courses import course_of, driven_routes
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.tracking import learn
from doorstep.worker.task import Task

FOLLOW, LEARN, LEARN_STREETS = "follow_routes", "learn_paces", "learn_streets"


def follow(task: Task) -> None:
    """Predict when each route is where, and tell what is new; one that changes meanwhile is for the next minute."""
    tenant_id = task.job.tenant_id
    names = task.read(lambda connection: routes_to_follow(connection, tenant_id))
    for route_id in names:
        task.check()
        look = task.read(partial(look_at_route, tenant_id=tenant_id, route_id=route_id, now=task.now()))
        if look is None:
            task.write(partial(forget_ended, caller=task.caller, route_id=route_id))
        else:
            task.write(partial(tell_foreseen, caller=task.caller, foreseen=foresee(look)))
    task.repeat(lambda _connection: {"routes": len(names)})


def learn_paces(task: Task) -> None:
    """Learn from the routes of the last weeks, between two transactions."""
    tenant_id = task.job.tenant_id
    driven = task.read(lambda connection: driven_lately(connection, tenant_id, now=task.now()))
    learnt = learn(driven, rng=np.random.default_rng(1))
    task.check()

    def store(connection: Connection) -> dict[str, object]:
        store_paces(connection, tenant_id, learnt, trips=len(driven), now=task.now())
        return {"trips": len(driven)}

    task.repeat(store)


def learn_streets(task: Task) -> None:
    """Find the streets of routes that ended the day before (UTC), and learn from all of the last weeks what they take.

    Routes of which nothing was told, such as those that were halted before their first door, teach nothing.
    """
    tenant_id, day_at = task.job.tenant_id, (task.now() // DAY_S - 1) * DAY_S
    streets, tables = task.read(lambda c: (c.streets, load_reference(c, tenant_id)))
    if streets is None:
        task.repeat(lambda _connection: {"drives": 0})
        return
    matcher, name, seen = Matcher(streets), digest_of(streets), []
    day = partial(driven_routes, vehicles=tables["vehicles"], from_at=day_at, to_at=day_at + DAY_S)
    for route_id in task.read(lambda connection: day(connection, tenant_id)):
        task.check()
        try:
            course = task.read(partial(course_of, tenant_id=tenant_id, route_id=route_id, now=task.now()))
        except (ConflictError, NotFoundError):
            continue
        driven = matcher.match(course.track).driven
        if len(driven):
            seen.append(observed(driven, hours_of(zone_of(tables), driven.at)))
    task.check()
    own = all_of(seen)
    task.write(lambda c: store_observed(c, tenant_id, day_at, streets=name, drives=len(seen), seen=own))
    lately, drives = task.read(lambda connection: observed_lately(connection, tenant_id, streets=name))
    learnt = learn_week(streets.graph, lately) if drives else None
    task.check()

    def store(connection: Connection) -> dict[str, object]:
        if learnt is not None:
            store_speeds(connection, tenant_id, learnt, streets=name, drives=drives, now=task.now())
        return {"drives": len(seen), "observations": len(own)}

    task.repeat(store)
