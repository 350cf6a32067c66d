"""The application: endpoints inside, and around them the layers that every request passes."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import urlsplit

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware

from doorstep import __version__
from doorstep.api.dependencies import Shell
from doorstep.api.middleware.access_log import log_exchange
from doorstep.api.middleware.body_limit import BodyLimit
from doorstep.api.middleware.buckets import Allowance, Buckets
from doorstep.api.middleware.failsafe import Failsafe
from doorstep.api.middleware.metrics import RequestMetrics
from doorstep.api.middleware.observing import Observing
from doorstep.api.middleware.rate_limit import Identify, RateLimit, nobody
from doorstep.api.middleware.request_ids import RequestIds, new_request_id
from doorstep.api.middleware.security_headers import SecurityHeaders
from doorstep.api.middleware.straight import Straight, Straights
from doorstep.api.middleware.templates import RouteTemplates
from doorstep.api.middleware.trusted_hosts import TrustedHosts
from doorstep.api.openapi import openapi_of
from doorstep.api.problems import install_handlers
from doorstep.api.service import Readiness, service_router
from doorstep.settings import Settings


def create_app(
    platform: Shell,
    *,
    readiness: Readiness,
    routers: Sequence[APIRouter] = (),
    registry: CollectorRegistry | None = None,
    identify: Identify = nobody,
    upload_paths: Sequence[str] = (),
    straights: Straights | None = None,
    seconds: Callable[[], float] = time.perf_counter,
    new_id: Callable[[], str] = new_request_id,
    at_end: Callable[[], None] = lambda: None,
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    readiness
        Says which parts can do their work now.
    registry
        Takes the figures; by default one of its own.
    identify
        Returns the id of the valid API key or session of a request; its share of requests hangs on it.
    upload_paths
        Paths below which bodies may be as long as an upload.
    straights
        Endpoints among those of the routers that are called without looking for their route.
    seconds, new_id
        Clock of limits and latencies, and maker of request ids; tests give their own.
    at_end
        Closes what the endpoints have opened, when the server ends.
    """
    figures = registry or CollectorRegistry()
    app = FastAPI(
        title="doorstep",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan(platform.settings.worker_threads, at_end),
    )
    app.state.platform = platform
    layers = _layers(app, platform.settings, figures, identify, upload_paths, seconds, new_id)
    app.user_middleware = [*layers, Middleware(Straight, endpoints=straights or {})]
    install_handlers(app)
    app.openapi = openapi_of(app, server=platform.settings.public_url)  # type: ignore[method-assign]
    app.include_router(service_router(readiness=readiness, registry=figures, document=app.openapi))
    for router in routers:
        app.include_router(router)
    return app


def _layers(
    app: FastAPI,
    settings: Settings,
    registry: CollectorRegistry,
    identify: Identify,
    upload_paths: Sequence[str],
    seconds: Callable[[], float],
    new_id: Callable[[], str],
) -> list[Middleware]:
    """Return the layers from the outside in."""
    public_host = urlsplit(settings.public_url).hostname or ""
    listeners = (log_exchange, RequestMetrics(registry))
    return [
        Middleware(RequestIds, new_id=new_id),
        Middleware(Observing, listeners=listeners, template=RouteTemplates(app), seconds=seconds),
        Middleware(SecurityHeaders, tiles=settings.map_tiles),
        Middleware(Failsafe),
        Middleware(TrustedHosts, hosts=(*settings.trusted_hosts, public_host)),
        Middleware(
            RateLimit,
            buckets=Buckets(seconds),
            by_key=Allowance(per_s=settings.rate_limit_per_s, burst=settings.rate_limit_burst),
            by_address=Allowance(per_s=settings.address_rate_limit_per_s, burst=settings.address_rate_limit_burst),
            identify=identify,
        ),
        Middleware(Failsafe),  # once more, so that its answers have the fields of the rate limit
        Middleware(
            BodyLimit,
            limit_bytes=settings.body_limit_bytes,
            upload_limit_bytes=settings.upload_limit_bytes,
            upload_paths=upload_paths,
        ),
    ]


def _lifespan(
    worker_threads: int, at_end: Callable[[], None]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        current_default_thread_limiter().total_tokens = worker_threads
        try:
            yield
        finally:
            at_end()

    return lifespan
