"""Network studies: designed by a worker, read here, adopted here."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response, StreamingResponse

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.geojson import FeatureCollection
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.studies import NetworkStudy, NetworkStudyCreate
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.v1.exports import FILES, table_file
from doorstep.api.v1.routes import GeoJson
from doorstep.api.views.studies import STUDIES, new_study, study_on_map
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.planning.adopt import adopt_study
from doorstep.operations.planning.asked import cancel_asked
from doorstep.operations.planning.studies import KIND, ask_study
from doorstep.storage import Connection

router = guarded_router("network", "/network-studies")
StudyId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["network_study"].states]})]
TABLES = (
    "areas",
    "catchments",
    "costs",
    "coverage",
    "further",
    "lanes",
    "options",
    "regions",
    "sites",
    "steps",
    "verified",
    "zones",
)
Table = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$", json_schema_extra={"enum": [*TABLES]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@router.post("", status_code=202, response_model=NetworkStudy, responses=documented("idempotency_key_reused"))
async def study_network(wanted: NetworkStudyCreate, desk: Acting) -> Response:
    """Ask which sites should send vans, in which regions, and what that saves; a worker works it out.

    The orders of the period say where parcels go, or the people of `areas`. The study says when it is done, by its
    state and as the event `network_study.done`; wishes that cannot be met make it `failed` with the reason.
    """

    def act(connection: Connection) -> NetworkStudy:
        study_id = ask_study(connection, desk.caller, new_study(wanted, now=desk.now), now=desk.now)
        return STUDIES.find(connection, desk.tenant_id, study_id)

    return await desk.act(act, status=202)


@router.get("", response_model=Page[NetworkStudy], responses=documented("bad_cursor"))
async def read_studies(
    desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)], state: State | None = None
) -> Response:
    """List network studies, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: STUDIES.page(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state
        ),
        lambda study: (study.created_at, study.id),
    )


@router.get("/{study_id}", response_model=NetworkStudy, responses=documented("not_found", "bad_version"))
async def read_study(study_id: StudyId, desk: Reading) -> Response:
    """Show a network study with its figures, today's network beside the plan."""
    return await desk.show(lambda connection: STUDIES.find(connection, desk.tenant_id, study_id))


@router.get(
    "/{study_id}/tables/{table}.{ending}",
    response_class=StreamingResponse,
    responses=FILES | documented("not_found"),
)
async def read_study_table(
    study_id: StudyId, table: Table, ending: Annotated[Literal["csv", "jsonl"], Path()], desk: Reading
) -> Response:
    """Send a table of a network study: sites, zones, steps by payback, costs by part, regions and their lanes."""
    columns, rows = await desk.read(lambda connection: STUDIES.table_of(connection, desk.tenant_id, study_id, table))
    return table_file(table, ending, columns, rows)


@router.get(
    "/{study_id}/geojson",
    response_class=GeoJson,
    response_model=FeatureCollection,
    responses=documented("not_found"),
)
async def read_study_map(study_id: StudyId, desk: Reading) -> Response:
    """Show the network as GeoJSON (RFC 7946): zones as hexagons with who serves them, and sites as points."""
    text = await desk.read(lambda connection: study_on_map(connection, desk.tenant_id, study_id))
    return Response(text, media_type=GeoJson.media_type)


@router.post("/{study_id}/cancel", response_model=NetworkStudy, responses=STEPS)
async def cancel_network_study(study_id: StudyId, desk: Acting, version: MaybeVersion) -> Response:
    """Call off a study that is not worked out yet."""
    return await desk.step(
        "network_study",
        study_id,
        version,
        lambda connection: cancel_asked(connection, desk.caller, KIND, study_id, now=desk.now),
        lambda connection: STUDIES.find(connection, desk.tenant_id, study_id),
    )


@router.post("/{study_id}/adopt", response_model=NetworkStudy, responses=STEPS)
async def adopt_network_study(study_id: StudyId, desk: Acting, version: MaybeVersion) -> Response:
    """Make the plan the retailer's network: new sites, vans, lanes and regions; vans of sites that close go.

    Cells that were changed since the study and that it says nothing of stay as they are.
    """
    return await desk.step(
        "network_study",
        study_id,
        version,
        lambda connection: adopt_study(connection, desk.caller, study_id, now=desk.now),
        lambda connection: STUDIES.find(connection, desk.tenant_id, study_id),
    )
