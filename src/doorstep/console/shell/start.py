"""The start page: a way to each face that a person may use."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from doorstep.api.access.cookies import SESSION, cookie_in
from doorstep.api.models.people import Session
from doorstep.api.views.people import session_of
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.said import go

router = console_router("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A face: where it is, who may see it, what it is called, and what can be done there."""

    path: str
    needs: str
    name: str
    does: str


FACES: list[Face] = []
"""All faces, in the order in which they are shown; each adds itself when it is imported."""


@router.get("/")
async def show_start(at: Annotated[Look, Depends(look)]) -> Response:
    """Show the faces; whoever has only one is there at once."""
    faces = [face for face in FACES if at.may(face.needs)]
    if len(faces) == 1:
        return go(at.request, faces[0].path)
    return page(at.request, "start.html", {"title": "Start", "faces": faces} | await frame(at))


async def frame(at: Look, face: str = "") -> dict[str, object]:
    """Return what the frame of every page of a signed-in person shows."""
    secret = cookie_in(at.request.scope, SESSION)
    person: Session = await at.read(lambda c: session_of(c, at.tenant_id, at.caller.actor, secret))
    mine = [one for one in FACES if at.may(one.needs)]
    return {"person": person, "csrf": at.csrf, "face": face, "mine": mine, "currency": at.currency}
