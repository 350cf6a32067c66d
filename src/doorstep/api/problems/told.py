"""Problems as parts of a reply, where many things are asked at once and some are refused."""

import json
from collections.abc import Sequence

from starlette.types import Scope

from doorstep.api.problems.answers import FieldFault, ProblemError, problem_response, request_id_of
from doorstep.api.problems.documented import Problem
from doorstep.api.problems.handlers import KEPT_TO_OURSELVES, code_of
from doorstep.api.problems.operation_faults import faults_in
from doorstep.foundation import DoorstepError


def as_problem(fault: DoorstepError | ProblemError | Sequence[FieldFault], scope: Scope) -> Problem:
    """Return what the fault would have been answered if it had been asked alone."""
    if isinstance(fault, ProblemError):
        code, detail, hint, faults = fault.code, fault.detail, fault.hint, fault.faults
    elif isinstance(fault, DoorstepError):
        code, hint, faults = code_of(fault), fault.hint, tuple(faults_in(fault))
        detail = KEPT_TO_OURSELVES.get(code, fault.message)
    else:
        code, detail, hint, faults = "invalid", "The row cannot be read.", "", tuple(fault)
    answer = problem_response(code, detail, request_id=request_id_of(scope), hint=hint, faults=faults)
    return Problem.model_validate(json.loads(bytes(answer.body)))
