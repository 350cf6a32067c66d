"""Where phones tell where they are: one raw endpoint for each app, answered as that app needs it, after the commit.

The framework's own way to an endpoint, and its reading of bodies, would cost more than all the rest; so these take the
bare request, straight. The token of the device comes in whatever way its app can send one.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.desk import JSON
from doorstep.api.listening import Listening
from doorstep.api.middleware.straight import Endpoint
from doorstep.api.problems import ProblemError, documented
from doorstep.connectors.phones import osmand, overland, own, owntracks, traccar
from doorstep.connectors.phones.reading import Read
from doorstep.foundation import NotFoundError

FORM = "application/x-www-form-urlencoded"


router = APIRouter(prefix="/ingest", tags=["devices"])


def _takes(media_type: str, example: object) -> dict[str, Any]:
    """Return the part of the document that says what an app sends."""
    shape = {"schema": {"type": "object"}, "example": example}
    return {"requestBody": {"required": True, "content": {media_type: shape}}}


def _tells(media_type: str, example: object) -> dict[int | str, dict[str, Any]]:
    content = {"content": {media_type: {"example": example}}} if media_type else {}
    return {200: {"description": "Kept; the app need not send it again"} | content}


_OWN = {"positions": [{"at": "2026-03-03T14:00:00Z", "lat": 41.0, "lon": -87.0, "speed_mps": 8.5, "course_deg": 90,
                       "accuracy_m": 4, "battery": 0.5, "moving": True}]}  # fmt: skip
_OWNTRACKS = {"_type": "location", "lat": 48.85833, "lon": 2.29513, "tst": 1497349316, "tid": "JJ", "vel": 61}
_TRACCAR = {
    "location": {"timestamp": "2025-06-15T13:45:12.862Z", "coords": {"latitude": 37.42, "longitude": -122.08}},
    "device_id": "ds_device_...",
}
_OVERLAND = {
    "locations": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [-122.03, 37.33]},
                   "properties": {"timestamp": "2015-10-01T08:00:00-0700", "speed": 4}}]
}  # fmt: skip
_REFUSED = documented("unauthenticated", "invalid")


@router.post("/positions", response_class=Response, openapi_extra=_takes(JSON, _OWN),
             responses=_tells(JSON, {"accepted": 1, "refused": 0}) | _REFUSED)  # fmt: skip
async def take_own_positions(request: Request) -> Response:
    """Take a batch of the driver's page, with the token as a bearer; it says how many are positions and how many not.

    Whatever is unknown is left out. The same positions may be sent again: each is kept once.
    """
    found = await _heard(request, "unauthenticated", lambda body, device: own.read(body, device=device))
    return Response(own.reply(found), media_type=JSON)


@router.post("/owntracks", response_class=Response, openapi_extra=_takes(JSON, _OWNTRACKS),
             responses=_tells(JSON, []) | _REFUSED)  # fmt: skip
async def take_owntracks(request: Request) -> Response:
    """Take a message of OwnTracks in HTTP mode, with the token as the password; other types than `location` pass."""
    await _heard(request, "unauthenticated", lambda body, device: owntracks.read(body, device=device))
    return Response(owntracks.REPLY, media_type=JSON)


@router.post("/traccar", response_class=Response, openapi_extra=_takes(JSON, _TRACCAR),
             responses=_tells("", None) | documented("not_found", "invalid"))  # fmt: skip
async def take_traccar(request: Request) -> Response:
    """Take a message of Traccar Client 9, with the token as the device identifier, or as `token` in the query."""
    await _heard(
        request, "not_found", lambda body, device: traccar.read(body, device=device), token_in=traccar.device_in
    )
    return Response(traccar.REPLY)


@router.get("/osmand", name="take_osmand", response_class=Response,
            responses=_tells("", None) | documented("bad_request", "invalid"))  # fmt: skip
async def take_osmand(request: Request) -> Response:
    """Take a report of OsmAnd, Traccar Client before 9 or a tracker as a query, with the token as `id`."""
    return await _osmand(request)


@router.post("/osmand", response_class=Response, responses=_tells("", None) | documented("bad_request", "invalid"),
             openapi_extra=_takes(FORM, {"id": "ds_device_...", "lat": "60.0", "lon": "30.0"}))  # fmt: skip
async def take_osmand_form(request: Request) -> Response:
    """Take a report of OsmAnd, Traccar Client before 9 or a tracker as a form, as a query, or as both."""
    return await _osmand(request)


@router.post("/overland", response_class=Response, openapi_extra=_takes(JSON, _OVERLAND),
             responses=_tells(JSON, {"result": "ok"}) | _REFUSED)  # fmt: skip
async def take_overland(request: Request) -> Response:
    """Take a batch of Overland, with the token as a bearer; what is no position among them passes."""
    await _heard(request, "unauthenticated", lambda body, device: overland.read(body, device=device))
    return Response(overland.REPLY, media_type=JSON)


async def _osmand(request: Request) -> Response:
    fields = osmand.fields_of(request.scope["query_string"], await request.body())
    now = request.app.state.platform.clock.now()
    await _heard(
        request,
        "bad_request",
        lambda _, device: osmand.read(fields, device=device, now=now),
        token_in=lambda _: osmand.device_in(fields),
    )
    return Response(osmand.REPLY)


async def _heard(
    request: Request,
    unknown: str,
    read: Callable[[bytes, str], Read],
    *,
    token_in: Callable[[bytes], str] = lambda _: "",
) -> Read:
    """Return what a device told, which is kept by then.

    Parameters
    ----------
    unknown
        The problem that the app is told if its token is not good.
    token_in
        Returns the token in a body.
    """
    body, listening = await request.body(), _listening(request)
    state = request.scope["state"]
    try:
        device = await listening.identify(_shown(request) or token_in(body), state["spend"])
        state["key_id"] = device.device_id
        found = read(body, device.device_id)
        if found.positions:
            await listening.take(device, found.positions)
    except NotFoundError as fault:
        raise ProblemError(unknown, fault.message, hint=fault.hint) from fault
    return found


def _listening(request: Request) -> Listening:
    here: Listening = request.app.state.listening
    return here


def _shown(request: Request) -> str:
    """Return the token in the header: a bearer's, or the password of HTTP Basic; or in the query."""
    kind, _, word = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return word.strip()
    if kind.lower() == "basic":
        try:
            return base64.b64decode(word, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return request.query_params.get("token", "") if request.scope["query_string"] else ""


STRAIGHTS: dict[tuple[str, str], Endpoint] = {
    (method, route.path): route.endpoint
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
}
"""Every endpoint of this router by its method and path."""
