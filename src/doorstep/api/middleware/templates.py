"""Which route a request took, by its template: logs and figures must not hold ids."""

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import Scope


class RouteTemplates:
    """Finds the template of the endpoint that a request reached, with the prefixes of all routers around it."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: dict[object, str] = {}

    def __call__(self, scope: Scope) -> str:
        """Return the template, empty if no route matched."""
        endpoint = scope.get("endpoint")
        if endpoint is None:
            return ""
        if endpoint not in self._known:
            self._known = {
                route.endpoint: route.path_format or ""
                for route in iter_route_contexts(self._app.routes)
                if route.endpoint is not None
            }
        return self._known.get(endpoint, "")
