"""Routes under way followed every minute, foreseen between transactions; how long things take learnt at night."""

from functools import partial

import numpy as np

from doorstep.operations.tracking import (
    driven_lately,
    foresee,
    forget_ended,
    look_at_route,
    routes_to_follow,
    store_paces,
    tell_foreseen,
)
from doorstep.storage import Connection
from doorstep.tracking import learn
from doorstep.worker.task import Task

FOLLOW, LEARN = "follow_routes", "learn_paces"


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
