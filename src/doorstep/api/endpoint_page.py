"""The endpoints as a page for people: written by the OpenAPI document, without any script."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from doorstep import __version__
from doorstep.api.openapi import SUMMARY, TAGS, TITLE, Json, Node, node, operations


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """An endpoint as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    takes: str
    gives: str
    parameters: tuple[tuple[str, str, str], ...]
    problems: tuple[str, ...]


def endpoint_page(document: Node) -> str:
    """Return the page of all endpoints, by their tags."""
    groups = [(tag, text, [view for each, view in _views(document) if each == tag]) for tag, text in TAGS.items()]
    template = _environment().get_template("endpoints.html.j2")
    return template.render(
        title=TITLE, summary=SUMMARY, version=__version__, groups=[group for group in groups if group[2]]
    )


def _views(document: Node) -> Iterator[tuple[str, EndpointView]]:
    for path, method, operation in operations(document):
        tags = operation.get("tags")
        responses = node(operation, "responses")
        yield (
            str(tags[0]) if isinstance(tags, list) and tags else "service",
            EndpointView(
                method=method.upper(),
                path=path,
                summary=str(operation.get("summary", "")),
                description=str(operation.get("description", "")),
                takes=_schema_name(operation.get("requestBody")),
                gives=", ".join(
                    f"{status} {_schema_name(responses[status])}".strip() for status in responses if status < "4"
                ),
                parameters=tuple(_parameters(operation)),
                problems=tuple(_problems(responses)),
            ),
        )


def _parameters(operation: Node) -> Iterator[tuple[str, str, str]]:
    parameters = operation.get("parameters")
    for parameter in parameters if isinstance(parameters, list) else []:
        if isinstance(parameter, dict):
            yield str(parameter["name"]), str(parameter["in"]), str(parameter.get("description", ""))


def _problems(responses: Node) -> Iterator[str]:
    for status, response in responses.items():
        codes = response.get("x-problem-codes") if isinstance(response, dict) else None
        yield from (f"{status} {code}" for code in codes) if isinstance(codes, list) else ()


def _schema_name(part: Json) -> str:
    """Return the name of the schema in a body or response, empty if it has none of its own."""
    content = part.get("content") if isinstance(part, dict) else None
    for media in content.values() if isinstance(content, dict) else ():
        schema = media.get("schema") if isinstance(media, dict) else None
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if isinstance(reference, str):
            return reference.rpartition("/")[2]
    return ""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("doorstep.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
