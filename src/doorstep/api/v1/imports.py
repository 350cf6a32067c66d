"""A whole retailer at once."""

from anyio.to_thread import run_sync
from fastapi import Request
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Reading, answer
from doorstep.api.models.imports import ImportReply
from doorstep.api.problems import ProblemError, documented
from doorstep.api.uploads import MOST_TIMES_LARGER, read_zip, received
from doorstep.operations.onboarding import get_ready, import_steps

router = guarded_router("transfer", "/imports")
ZIP = "application/zip"
BODY = {"requestBody": {"required": True, "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}}


@router.post(
    "",
    status_code=201,
    response_model=ImportReply,
    responses=documented("conflict", "unsupported_media_type", "body_too_large", "invalid"),
    openapi_extra=BODY,
)
async def import_folder(request: Request, desk: Reading) -> Response:
    """Store the tables of a zip file of CSV files, one for each table: reference tables, stock, orders, and sales.

    The reference tables are replaced whole, stock becomes what the folder says, and orders not taken before are taken.
    Days of sales that are named are replaced whole; their zones are sites.
    If anything is wrong with it nothing is stored, and `errors` names every fault with its file, row and column. An
    import that breaks off has done its first steps: sent again as it was, it does the others.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != ZIP:
        raise ProblemError("unsupported_media_type", f"The body is read as {ZIP} only.")
    with await received(request.stream()) as file:
        most_bytes = desk.platform.settings.upload_limit_bytes * MOST_TIMES_LARGER
        reading, sales = await run_sync(lambda: read_zip(file, most_bytes=most_bytes))
    retailer, warnings = reading.retailer, list(reading.warnings)
    assert retailer is not None

    first, *further = await run_sync(lambda: import_steps(desk.caller, retailer, sales, now=desk.now))
    done = await desk.write(first)
    await desk.read(lambda connection: get_ready(connection, desk.caller))
    for step in further:
        done += await desk.write(step)
    reply = ImportReply(
        rows=done.rows, orders=done.orders, refused=done.refused, uncounted=done.uncounted, warnings=warnings
    )
    return answer(201, reply.model_dump_json())
