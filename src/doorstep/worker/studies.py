"""The work on a network study: minutes of thinking between two transactions, called off at any moment."""

import logging

import numpy as np

from doorstep.foundation import AnyOf, InputError, Seconds
from doorstep.operations.planning.network import study_network
from doorstep.operations.planning.studies import fail_study, load_study, store_study
from doorstep.worker.task import StoppedError, Task

_log = logging.getLogger(__name__)
STAGE = "stage"
"""Where a job says what it is at."""


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


def study(task: Task) -> None:
    """Work a network study out; what cannot be is the study's answer, not a failure of the job."""
    study_id, caller = str(task.job.payload["study_id"]), task.caller
    try:
        case = task.read(lambda connection: load_study(connection, task.job.tenant_id, study_id))
        if case is None:
            task.complete(lambda _connection: {})
            return
        found = study_network(
            case.retailer,
            case.options,
            case.wishes,
            rng=np.random.default_rng(case.seed),
            stop=AnyOf((Seconds(limit=case.seconds), task.interrupt)),
            progress=Told(task),
            areas=case.areas,
        )
    except InputError as fault:
        _fail(task, study_id, str(fault))
        return
    except StoppedError:
        raise
    except Exception as fault:  # whatever it is, whoever asked must hear of it in the end
        if task.job.attempts < task.job.max_attempts:
            raise
        _log.exception("network study %s failed at its last attempt", study_id)
        _fail(task, study_id, f"It could not be worked out: {type(fault).__name__}: {fault}")
        return
    task.check()
    if found.faults:
        told = f"The network breaks {len(found.faults)} rules, which is a defect of doorstep: {found.faults[0]}"
        _fail(task, study_id, told)
        return
    task.complete(lambda connection: store_study(connection, caller, study_id, case, found, now=task.now()))


def _fail(task: Task, study_id: str, error: str) -> None:
    task.complete(lambda connection: fail_study(connection, task.caller, study_id, error, now=task.now()))
