"""The OpenAPI 3.1 document: FastAPI's own, completed by what the shell around the endpoints does."""

from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from doorstep import __version__
from doorstep.api.access.scopes import NAMED, OPEN, SIGNED_IN, needed_by
from doorstep.api.conventions.versions import LONGEST
from doorstep.api.problems.documented import CODES_FIELD, Problem, documented, shell_codes

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Node: TypeAlias = dict[str, Json]

TITLE = "doorstep"
SUMMARY = "Last-mile delivery for retailers: from the basket to the parcel at the door."
DESCRIPTION = """\
Moments are RFC 3339 with an offset, and come back in UTC (`Z`). Money is whole minor units with a currency (ISO 4217).
Windows are half-open: the end does not belong to them. Ids are opaque texts with a prefix, such as `ord_01J...`.

Lists come in pages: follow `next_cursor`, or the `Link` header with `rel="next"`. A change of an object needs
`If-Match` with the `ETag` of the last read. A `POST` may carry an `Idempotency-Key`: repeated, it gets the first reply.

Every problem is `application/problem+json` (RFC 9457) with a `code` that never changes its meaning. Every response has
`X-Request-Id`; responses to callers have `X-RateLimit-Limit`, `X-RateLimit-Remaining`, `RateLimit-Policy` and
`RateLimit`.
"""
TAGS = {
    "options": "What can be promised for a basket, and at which price.",
    "slots": "Windows with limited room, and holds on them.",
    "orders": "From placing to completion.",
    "returns": "Goods on their way back.",
    "subscriptions": "Orders that repeat.",
    "shipments": "What a site has to pick and pack.",
    "stations": "What lanes bring to sites: scans, custody, what is missing, and labels.",
    "deliveries": "Who brings an order, and how far it is.",
    "collections": "What shoppers fetch: at the kerb, from lockers, at pick-up points.",
    "notices": "What shoppers are told, and what they want to hear.",
    "contractors": "Who brings single deliveries with a vehicle of their own, and what is offered to them.",
    "routes": "Routes of own vehicles.",
    "dispatching": "The day as it goes: promises at risk, proposals, and what dispatchers do by hand.",
    "devices": "Phones and trackers that ride along, and where they are.",
    "roads": "Roads that are closed, traffic that is slow, and how long streets take.",
    "money": "What parties are owed, what carriers billed, and what orders left.",
    "decisions": "Why it was decided so, with every alternative.",
    "network": "Sites, vehicles, carriers and their prices.",
    "stock": "What is where.",
    "receipts": "What is on its way to a site.",
    "webhooks": "Being told of events.",
    "events": "What happened, in order.",
    "transfer": "Everything at once, in and out.",
    "jobs": "Work that takes longer than a request.",
    "keys": "API keys, and who did what.",
    "people": "Who may sign in, and as what.",
    "sessions": "Signing in and out.",
    "service": "The service itself.",
}
SECURITY_SCHEMES: Node = {
    "api_key": {"type": "http", "scheme": "bearer", "description": "An API key, `ds_live_...`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "doorstep_session", "description": "A signed-in person"},
}
SCOPE_FIELD = "x-scope"
"""Where an operation names the scope that it needs: ``session`` for any person's, ``none`` for nobody's."""
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


def openapi_of(app: FastAPI, *, server: str) -> Callable[[], Node]:
    """Return what gives an application's OpenAPI document, built once.

    Parameters
    ----------
    server
        Address under which the API is reached.
    """

    def document() -> Node:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(
                get_openapi(
                    title=TITLE,
                    version=__version__,
                    openapi_version="3.1.0",
                    summary=SUMMARY,
                    description=DESCRIPTION,
                    routes=app.routes,
                    tags=[{"name": name, "description": text} for name, text in TAGS.items()],
                    servers=[{"url": server}],
                    license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
                    separate_input_output_schemas=True,
                )
            )
        return app.openapi_schema

    return document


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield path, method and operation of a document."""
    for path, item in node(document, "paths").items():
        assert isinstance(item, dict)
        for method, operation in item.items():
            if method in METHODS and isinstance(operation, dict):
                yield path, method, operation


def node(parent: Node, name: str) -> Node:
    """Return a part of a document that is an object, made if it is absent."""
    child = parent.setdefault(name, {})
    assert isinstance(child, dict)
    return child


def _completed(document: Node) -> Node:
    components = node(document, "components")
    schemas = node(components, "schemas")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    document["components"] = components | {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": SECURITY_SCHEMES,
    }
    for path, method, operation in operations(document):
        name = str(operation.get("operationId"))
        wants_caller = path.startswith("/v1/") and name not in OPEN
        if path.startswith(("/v1/", "/ingest/")):
            operation["security"] = _security(name)
            operation[SCOPE_FIELD] = needed_by(name) if name in NAMED else ""
        if method == "get" and "bad_version" in _own_codes(operation):
            _add_unchanged(operation)
        _add_problems(operation, wants_caller=wants_caller)
    return document


def _security(name: str) -> Json:
    """Return the ways in which a caller may show who they are, any of them; none if nobody must."""
    if name in OPEN:
        return []
    return [{scheme: []} for scheme in (("session",) if name in SIGNED_IN else SECURITY_SCHEMES)]


def _add_unchanged(operation: Node) -> None:
    """Say that a read of something with versions may find the caller's copy still current."""
    told = "an `ETag` that the caller has; if it is current, the answer is 304"
    header: Json = {
        "name": "If-None-Match", "in": "header", "required": False, "description": told,
        "schema": {"type": "string", "maxLength": LONGEST},
    }  # fmt: skip
    parameters = operation.setdefault("parameters", [])
    assert isinstance(parameters, list)
    parameters.append(header)
    node(operation, "responses")["304"] = {"description": "The caller has this version already"}


def _add_problems(operation: Node, *, wants_caller: bool) -> None:
    responses = node(operation, "responses")
    has_body = "requestBody" in operation
    codes = [
        *shell_codes(wants_caller=wants_caller, has_input=has_body or "parameters" in operation, has_body=has_body)
    ]
    codes += _own_codes(operation)
    good = {status: response for status, response in responses.items() if status < "4"}
    bad = {str(status): cast(Json, response) for status, response in documented(*codes).items()}
    operation["responses"] = good | bad


def _own_codes(operation: Node) -> list[str]:
    """Return the codes of problems that an endpoint names itself."""
    found = []
    for response in node(operation, "responses").values():
        own = response.get(CODES_FIELD, []) if isinstance(response, dict) else []
        found += [str(code) for code in own] if isinstance(own, list) else []
    return found
