"""The HTTP face: what a request must look like, what it may do, and how it is answered.

``create_app`` puts endpoints into their shell. The shell needs no database: request ids, limits, logs, figures,
problems (RFC 9457) and the OpenAPI document are the same for every endpoint. ``build_api`` is the whole API on a
platform: version 1 in ``v1``, each endpoint behind the scope that ``access.scopes`` names.
"""

from doorstep.api.app import create_app
from doorstep.api.build import build_api
from doorstep.api.dependencies import Platform, platform
from doorstep.api.logs import configure_logs
from doorstep.api.problems import CODES, ProblemError, documented, problem_response

__all__ = [
    "CODES",
    "Platform",
    "ProblemError",
    "build_api",
    "configure_logs",
    "create_app",
    "documented",
    "platform",
    "problem_response",
]
