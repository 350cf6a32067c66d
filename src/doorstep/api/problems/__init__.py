"""What the API says when it cannot do what was asked: RFC 9457 problem details, each with a code of the registry."""

from doorstep.api.problems.answers import ProblemError, problem_response
from doorstep.api.problems.codes import CODES, FIELD_CODES, ProblemKind
from doorstep.api.problems.documented import documented
from doorstep.api.problems.handlers import install_handlers
from doorstep.api.problems.reference import problems_page

__all__ = [
    "CODES",
    "FIELD_CODES",
    "ProblemError",
    "ProblemKind",
    "documented",
    "install_handlers",
    "problem_response",
    "problems_page",
]
