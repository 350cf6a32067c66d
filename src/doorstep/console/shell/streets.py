"""The streets that the platform has, as tiles under the maps of its pages."""

import gzip
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.dependencies import Platform
from doorstep.geography.roads.tiles import MOST_ZOOM, StreetTiles

STREETS = "/streets/{z}/{x}/{y}.mvt"
KIND = "application/vnd.mapbox-vector-tile"
A_DAY_S = 86_400
MOST_KEPT = 2_000
router = APIRouter(include_in_schema=False)
Number = Annotated[int, InPath(ge=0, lt=1 << MOST_ZOOM)]


@router.get(STREETS)
def send_tile(request: Request, z: Number, x: Number, y: Number) -> Response:
    """Send a tile of streets; where there are none, there is nothing in it. Streets are no secret."""
    platform: Platform = request.app.state.platform
    if platform.database.streets is None:
        return Response(status_code=204)
    kept: dict[tuple[int, int, int], bytes] = request.app.state.__dict__.setdefault("street_tiles_kept", {})
    body = kept.get((z, x, y))
    if body is None:
        made: StreetTiles | None = getattr(request.app.state, "street_tiles", None)
        if made is None:
            made = request.app.state.street_tiles = StreetTiles(platform.database.streets.graph)
        if len(kept) >= MOST_KEPT:
            kept.clear()
        body = kept[z, x, y] = gzip.compress(made.tile(z, x, y), 5)
    fields = {"Cache-Control": f"public, max-age={A_DAY_S}", "Content-Encoding": "gzip"}
    return Response(body, media_type=KIND, headers=fields)
