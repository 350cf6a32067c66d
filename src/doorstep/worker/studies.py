"""The work on plans of network and stock: minutes of thinking between two transactions, called off at any moment."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from doorstep.foundation import AnyOf, InputError, Seconds
from doorstep.operations.planning.asked import fail_asked
from doorstep.operations.planning.network import NetworkStudy, study_network
from doorstep.operations.planning.sales import add_up, put_on_record
from doorstep.operations.planning.stock_plans import KIND as STOCK
from doorstep.operations.planning.stock_plans import (
    FoundStockPlan,
    StockCase,
    load_stock_plan,
    store_stock_plan,
    work_out,
)
from doorstep.operations.planning.studies import KIND as NETWORK
from doorstep.operations.planning.studies import StudyCase, load_study, store_study
from doorstep.storage import Connection
from doorstep.worker.task import StoppedError, Task

_log = logging.getLogger(__name__)
STAGE = "stage"
"""Where a job says what it is at."""
Case = TypeVar("Case")
Found = TypeVar("Found")


class Told:
    """A listener to long work that notes its stages with the job, and ends the work when the job is no longer ours."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def stage(self, name: str, total: int) -> None:  # noqa: ARG002 - it has no bar to draw
        """Note that a stage begins."""
        self._task.check()
        if self._task.checkpoint.get(STAGE) != name:
            self._task.write_checkpoint(lambda _connection: None, lambda _: {STAGE: name})

    def advance(self, steps: int = 1) -> None:  # noqa: ARG002
        """End the work if it is no longer ours."""
        self._task.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study(Generic[Case, Found]):
    """One that was asked for: how it is loaded (None: no longer asked for), thought about, kept, or given up."""

    what: str
    load: Callable[[], Case | None]
    think: Callable[[Case], Found]
    faults: Callable[[Found], tuple[str, ...]]
    store: Callable[[Connection, Case, Found], dict[str, object]]
    fail: Callable[[Connection, str], dict[str, object]]


def study(task: Task) -> None:
    """Work a network study out."""
    study_id, caller = str(task.job.payload["study_id"]), task.caller

    def think(case: StudyCase) -> NetworkStudy:
        return study_network(
            case.retailer,
            case.options,
            case.wishes,
            rng=np.random.default_rng(case.seed),
            stop=AnyOf((Seconds(limit=case.seconds), task.interrupt)),
            progress=Told(task),
            areas=case.areas,
            travel=case.travel,
        )

    _work(
        task,
        Study(
            what=f"network study {study_id}",
            load=lambda: task.read(lambda connection: load_study(connection, caller.tenant_id, study_id)),
            think=think,
            faults=lambda found: tuple(found.faults),
            store=lambda connection, case, found: store_study(
                connection, caller, study_id, case, found, now=task.now()
            ),
            fail=lambda connection, error: fail_asked(connection, caller, NETWORK, study_id, error, now=task.now()),
        ),
    )


def plan_stock(task: Task) -> None:
    """Work a plan of the stock out, from what was sold until today."""
    plan_id, caller = str(task.job.payload["plan_id"]), task.caller

    def think(case: StockCase) -> FoundStockPlan:
        stop = AnyOf((Seconds(limit=case.new.seconds), task.interrupt))
        return work_out(case, stop=stop, progress=Told(task))

    def load() -> StockCase | None:
        now = task.now()
        lately = task.read(lambda connection: add_up(connection, caller.tenant_id, now=now))
        if lately is not None:
            task.write(lambda connection: put_on_record(connection, caller.tenant_id, lately, now=now))
        return task.read(lambda connection: load_stock_plan(connection, caller.tenant_id, plan_id, now=now))

    _work(
        task,
        Study(
            what=f"stock plan {plan_id}",
            load=load,
            think=think,
            faults=lambda found: found.faults,
            store=lambda connection, case, found: store_stock_plan(
                connection, caller, plan_id, case, found, now=task.now()
            ),
            fail=lambda connection, error: fail_asked(connection, caller, STOCK, plan_id, error, now=task.now()),
        ),
    )


def _work(task: Task, asked: Study[Case, Found]) -> None:
    """Work out what was asked for; what cannot be is its answer, not a failure of the job."""

    def give_up(error: str) -> None:
        task.complete(lambda connection: asked.fail(connection, error))

    try:
        case = asked.load()
        if case is None:
            task.complete(lambda _connection: {})
            return
        found = asked.think(case)
    except InputError as fault:
        give_up(str(fault))
        return
    except StoppedError:
        raise
    except Exception as fault:  # whatever it is, whoever asked must hear of it in the end
        if task.job.attempts < task.job.max_attempts:
            raise
        _log.exception("%s failed at its last attempt", asked.what)
        give_up(f"It could not be worked out: {type(fault).__name__}: {fault}")
        return
    task.check()
    if faults := asked.faults(found):
        give_up(f"The plan breaks {len(faults)} rules, which is a defect of doorstep: {faults[0]}")
        return
    task.complete(lambda connection: asked.store(connection, case, found))
