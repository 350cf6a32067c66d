"""Everything of a tenant, to take along."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from fastapi import Path
from starlette.responses import Response, StreamingResponse

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.csv_cells import Cell, csv_lines
from doorstep.api.desk import Reading
from doorstep.api.problems import documented
from doorstep.api.views.exports import export_lines, exported_tables

router = guarded_router("transfer", "/exports")
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
FILES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The rows",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/jsonl": {"schema": {"type": "string"}},
        },
    }
}
Table = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$", json_schema_extra={"enum": [*exported_tables()]})]


@router.get("/{table}.{ending}", response_class=StreamingResponse, responses=FILES | documented("not_found"))
async def export_table(table: Table, ending: Annotated[Literal["csv", "jsonl"], Path()], desk: Reading) -> Response:
    """Send all rows of a table as of one moment; secrets are left out, and no cell of the CSV runs as a formula."""
    lines = export_lines(desk.platform, desk.tenant_id, table, as_csv=ending == "csv")
    fields = {"Content-Disposition": f'attachment; filename="{table}.{ending}"'}
    return StreamingResponse(lines, media_type=TYPES[ending], headers=fields)


def table_file(
    name: str, ending: Literal["csv", "jsonl"], columns: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingResponse:
    """Return rows as a file to take along."""
    lines: Iterator[str] = (
        csv_lines(columns, rows)
        if ending == "csv"
        else (json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)
    )
    fields = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return StreamingResponse(lines, media_type=TYPES[ending], headers=fields)
