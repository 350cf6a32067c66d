"""A problem as an answer, and the exception that endpoints raise for problems of the border itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Scope

from doorstep.api.problems.codes import CODES, type_of
from doorstep.foundation import InputError

MEDIA_TYPE = "application/problem+json"

_ALWAYS: dict[int, dict[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="doorstep"'},
    429: {"Retry-After": "1"},
    503: {"Retry-After": "5"},
}
"""Header fields without which a status says too little; an answer may give better ones."""

Member = str | int | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One fault of the request: ``pointer`` leads to it within ``part`` (body, query, path, header, cookie).

    ``file``, ``row`` and ``column`` name a cell of an uploaded table; row 0 stands for the whole table.
    """

    part: str
    pointer: str
    code: str
    detail: str
    file: str = ""
    row: int = 0
    column: str = ""

    def members(self) -> dict[str, Member]:
        """Return the fault as it is told."""
        told: dict[str, Member] = {
            "in": self.part, "pointer": self.pointer, "code": self.code, "detail": self.detail
        }  # fmt: skip
        return told | ({"file": self.file, "row": self.row, "column": self.column} if self.file else {})


class FaultsError(InputError):
    """Faults of a request that only show once the database is asked; it may be raised inside a transaction."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        first = faults[0]
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        super().__init__(f"{first.part}{first.pointer}: {first.detail}{more}.")
        self.faults = tuple(faults)


class ProblemError(Exception):
    """A problem that belongs to the border, such as a missing API key; rooms and operations raise their own errors.

    Parameters
    ----------
    code
        Stands in the registry.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        faults: Sequence[FieldFault] = (),
    ) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)
        self.code = code
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})


def problem_response(
    code: str,
    detail: str,
    *,
    request_id: str,
    hint: str = "",
    faults: Sequence[FieldFault] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Member] | None = None,
) -> Response:
    """Return a problem as a response; ``members`` are further fields, such as the allowed events."""
    kind = CODES[code]
    body: dict[str, object] = {
        "type": type_of(code),
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    if hint:
        body["hint"] = hint
    if faults:
        body["errors"] = [fault.members() for fault in faults]
    text = json.dumps(body | dict(members or {}), ensure_ascii=False, separators=(",", ":"))
    # A caller's half surrogate pair must not break the answer that complains about it.
    whole = text.encode("utf-8", "replace")
    return Response(whole, kind.status, _ALWAYS.get(kind.status, {}) | dict(headers or {}), media_type=MEDIA_TYPE)


def request_id_of(scope: Scope) -> str:
    """Return the id of the request, empty where no middleware has given one."""
    return str(scope.get("state", {}).get("request_id", ""))
