"""Endpoints about the service itself: is it alive, is it ready, its figures, and its endpoints for people."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Literal

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response

from doorstep.api.endpoint_page import endpoint_page
from doorstep.api.openapi import Node
from doorstep.api.problems import ProblemError, documented

Readiness = Callable[[], Mapping[str, bool]]
"""Returns whether each part that requests need, such as the database, can do its work now."""


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """All parts can do their work."""

    status: Literal["ready"] = "ready"
    parts: dict[str, Literal[True]]


def service_router(*, readiness: Readiness, registry: CollectorRegistry, document: Callable[[], Node]) -> APIRouter:
    """Return the endpoints about the service.

    Parameters
    ----------
    document
        Gives the OpenAPI document that the page for people shows.
    """
    router = APIRouter(tags=["service"])

    @router.get("/healthz")
    async def is_alive() -> Health:
        """Say that the process is alive; ask this to decide whether to restart it."""
        return Health()

    @router.get("/readyz", responses=documented("unavailable"))
    def is_ready() -> Ready:
        """Say whether requests can be served; ask this to decide whether to send any."""
        parts = dict(readiness())
        missing = sorted(name for name, works in parts.items() if not works)
        if missing:
            raise ProblemError("unavailable", f"Not ready: {', '.join(missing)}.")
        return Ready(parts=dict.fromkeys(parts, True))

    @router.get("/metrics", response_class=Response, responses=_METRICS)
    def figures() -> Response:
        """Return the figures of the service for Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @router.get("/docs", include_in_schema=False)
    def endpoints_for_people() -> HTMLResponse:
        """Return the list of endpoints as a page that needs no script."""
        return HTMLResponse(endpoint_page(document()))

    @router.get("/docs/endpoints.css", include_in_schema=False)
    def style_of_endpoints() -> Response:
        """Return the style of that page."""
        return Response(_style(), media_type="text/css")

    return router


@cache
def _style() -> str:
    return resources.files("doorstep.api").joinpath("templates", "endpoints.css").read_text(encoding="utf-8")


_METRICS: dict[int | str, dict[str, object]] = {
    200: {"description": "Figures", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
