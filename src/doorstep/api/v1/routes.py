"""Routes of own vehicles."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import JSONResponse, Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.geojson import FeatureCollection
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import MomentIn, ObjectId, ReferenceId
from doorstep.api.models.jobs import Job
from doorstep.api.models.roads import RouteCourse
from doorstep.api.models.routes import PlanRequest, Route, RouteAssignment
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.courses import show_course
from doorstep.api.views.jobs import find_job
from doorstep.api.views.routes import find_route, list_routes, route_on_map
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.bring import assign_route, dispatch_route
from doorstep.operations.bring.replan import replan
from doorstep.storage import Connection, jobs
from doorstep.storage.journal import canonical

router = guarded_router("routes")
PLAN_ROUTES = "plan_routes"
RouteId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["route"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


class GeoJson(JSONResponse):
    """A response that says it is GeoJSON."""

    media_type = "application/geo+json"


@router.get("/routes", response_model=Page[Route], responses=documented("bad_cursor"))
async def read_routes(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
    starts_from: Annotated[MomentIn | None, Query()] = None,
    starts_until: Annotated[MomentIn | None, Query()] = None,
) -> Response:
    """List routes with their stops, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_routes(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, before=wish.after, state=state,
            site_id=site_id, starts_from=starts_from, starts_until=starts_until,
        ),
        lambda route: (route.starts_at, route.id),
    )  # fmt: skip


@router.get("/routes/{route_id}", response_model=Route, responses=documented("not_found", "bad_version"))
async def read_route(route_id: RouteId, desk: Reading) -> Response:
    """Show a route with its stops and its line."""
    return await desk.show(lambda connection: _find(connection, desk, route_id))


@router.get(
    "/routes/{route_id}/geojson",
    response_class=GeoJson,
    response_model=FeatureCollection,
    responses=documented("not_found"),
)
async def read_route_line(route_id: RouteId, desk: Reading) -> Response:
    """Show a route as GeoJSON (RFC 7946): its line and its stops."""
    route = await desk.read(lambda connection: _find(connection, desk, route_id))
    return Response(route_on_map(route).model_dump_json(), media_type=GeoJson.media_type)


@router.get("/routes/{route_id}/course", response_model=RouteCourse, responses=documented("not_found", "conflict"))
async def read_route_course(route_id: RouteId, desk: Reading) -> Response:
    """Show the streets that a van drove on its route, and how near it came to each stop; the platform needs streets."""
    return await desk.show(lambda connection: show_course(connection, desk.tenant_id, route_id, now=desk.now))


@router.post("/routes:plan", status_code=202, response_model=Job, responses=documented("idempotency_key_reused"))
async def plan_routes(wanted: PlanRequest, desk: Acting) -> Response:
    """Plan routes and deliveries for all that is packed or soon will be; the job says when they are there.

    While a plan of the same sites waits, asking again gives the same job.
    """
    sites = sorted(set(wanted.site_ids)) if wanted.site_ids is not None else None
    job = jobs.NewJob(
        tenant_id=desk.tenant_id,
        kind=PLAN_ROUTES,
        run_at=desk.now,
        payload={} if sites is None else {"site_ids": sites},
        dedup_key=f"{PLAN_ROUTES}/{desk.tenant_id}/{canonical(sites)}",
    )

    def act(connection: Connection) -> Job:
        return find_job(connection, desk.tenant_id, jobs.enqueue(connection, job, now=desk.now))

    return await desk.act(act, status=202)


@router.post("/routes/{route_id}/assign", response_model=Route, responses=STEPS)
async def assign_to_driver(route_id: RouteId, who: RouteAssignment, desk: Acting, version: MaybeVersion) -> Response:
    """Give a planned route and its deliveries to a driver."""
    return await desk.step(
        "route",
        route_id,
        version,
        lambda connection: assign_route(connection, desk.caller, route_id, driver=who.driver, now=desk.now),
        lambda connection: _find(connection, desk, route_id),
    )


@router.post("/routes/{route_id}/dispatch", response_model=Route, responses=STEPS)
async def dispatch(route_id: RouteId, desk: Acting, version: MaybeVersion) -> Response:
    """Send a route out with what lies packed for it."""
    return await desk.step(
        "route",
        route_id,
        version,
        lambda connection: dispatch_route(connection, desk.caller, route_id, now=desk.now),
        lambda connection: _find(connection, desk, route_id),
    )


@router.post("/routes/{route_id}/replan", response_model=Route, responses=STEPS, name="replan")
async def replan_route(route_id: RouteId, desk: Acting, version: MaybeVersion) -> Response:
    """Plan a route again whose deliveries have changed, in a new version; what is done stays as it was."""
    return await desk.step(
        "route",
        route_id,
        version,
        lambda connection: replan(connection, desk.caller, route_id, now=desk.now),
        lambda connection: _find(connection, desk, route_id),
    )


def _find(connection: Connection, desk: Desk, route_id: str) -> Route:
    return find_route(connection, desk.tenant_id, route_id, currency=desk.currency)
