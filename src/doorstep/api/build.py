"""The whole API on a platform: every router in its shell, behind its guards."""

import time
from collections.abc import Callable, Sequence

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from doorstep.api.access.logins import Logins
from doorstep.api.access.openid import OpenId
from doorstep.api.access.visitors import Visitors
from doorstep.api.app import create_app
from doorstep.api.dependencies import Platform
from doorstep.api.ingest import STRAIGHTS
from doorstep.api.ingest import router as ingest_router
from doorstep.api.listening import Listening
from doorstep.api.middleware.straight import Straights
from doorstep.api.reading import reading
from doorstep.api.v1 import (
    admin,
    auth,
    carrier_invoices,
    collections,
    contractors,
    decisions,
    deliveries,
    devices,
    dispatching,
    errands,
    events,
    exports,
    hooks,
    imports,
    jobs,
    memberships,
    money,
    notices,
    options,
    orders,
    people,
    proofs,
    proposals,
    receipts,
    reference,
    returns,
    roads,
    routes,
    shipments,
    shoppers,
    slots,
    stations,
    stock,
    stock_plans,
    studies,
    subscriptions,
    tariffs,
    webhooks,
)
from doorstep.api.v1.events import Patience
from doorstep.connectors.webhooks.guard import Resolver, system_addresses
from doorstep.foundation import UpstreamError

UPLOADS = ("/v1/imports", "/v1/carrier-invoices")
QUOTES_AT_ONCE = {"sqlite": 1, "postgresql": 3}
"""Quotes of options compute and hardly wait: more threads at them take turns at one interpreter, and all end late."""
ROUTERS: tuple[APIRouter, ...] = (
    orders.router,
    orders.bulk_router,
    options.router,
    slots.router,
    returns.router,
    subscriptions.router,
    memberships.router,
    decisions.router,
    shipments.router,
    stations.router,
    deliveries.router,
    proofs.router,
    shoppers.router,
    errands.of_order,
    errands.router,
    collections.of_delivery,
    collections.router,
    hooks.router,
    contractors.router,
    contractors.offers_router,
    contractors.desk_router,
    notices.of_order,
    notices.router,
    notices.by_link,
    money.router,
    carrier_invoices.router,
    routes.router,
    dispatching.router,
    dispatching.limits_router,
    dispatching.by_hand,
    roads.router,
    roads.speeds_router,
    devices.router,
    devices.positions_router,  # before the vehicles, one of which could have that name
    ingest_router,
    *reference.ROUTERS,
    tariffs.router,
    studies.router,
    stock.router,
    receipts.router,
    proposals.router,
    stock_plans.router,
    stock_plans.sales_router,
    stock.bulk_router,
    webhooks.router,
    events.router,
    jobs.router,
    imports.router,
    exports.router,
    admin.router,
    people.router,
    auth.router,
)


def build_api(
    platform: Platform,
    *,
    routers: Sequence[APIRouter] = (),
    straights: Straights | None = None,
    registry: CollectorRegistry | None = None,
    seconds: Callable[[], float] = time.perf_counter,
    patience: Patience | None = None,
    resolver: Resolver = system_addresses,
) -> FastAPI:
    """Return the application with every endpoint.

    Parameters
    ----------
    routers
        Further ones, such as the console's.
    straights
        Endpoints of theirs that are asked so often that they are called without looking for their route.
    patience
        How streams of events behave.
    resolver
        Tells the addresses of the hosts of webhooks; tests give their own.
    """
    visitors, openid = Visitors(platform, seconds=seconds), OpenId(platform, seconds=seconds)
    app = create_app(
        platform,
        readiness=lambda: {"database": _answers(platform)},
        routers=[*ROUTERS, *routers],
        registry=registry,
        identify=visitors.identify,
        upload_paths=UPLOADS,
        straights={**STRAIGHTS, **(straights or {})},
        seconds=seconds,
        at_end=openid.close,
    )
    app.state.quoting = CapacityLimiter(QUOTES_AT_ONCE[platform.database.dialect])
    app.state.logins, app.state.openid = Logins(platform, seconds=seconds), openid
    app.state.listening = Listening(platform)
    app.state.visitors, app.state.patience, app.state.resolver = visitors, patience or Patience(), resolver
    return app


def _answers(platform: Platform) -> bool:
    try:
        return bool(reading(platform, lambda connection: connection.execute(text("SELECT 1")).scalar()))
    except UpstreamError:
        return False
