"""What a person is told on the next page about what they did: done, or why not."""

import base64
import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from doorstep.api.access.cookies import cookie_in, give_cookie
from doorstep.foundation import DoorstepError

SAID = "doorstep_said"
LASTS_S, LONGEST = 60, 500


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and of which kind: about something ``done``, or something ``refused``."""

    kind: str
    text: str


def words_of(refused: DoorstepError) -> str:
    """Return what is said about something refused: what was wrong, and what to do."""
    return f"{refused.message} {refused.hint}".strip()


def go(request: Request, path: str, *, done: str = "", refused: str = "") -> Response:
    """Return the way to another page, where a sentence will stand at the top."""
    response = RedirectResponse(path, status_code=303)
    told = [["refused", refused], ["done", done]]
    kind, text = next((pair for pair in told if pair[1]), ("", ""))
    if text:
        written = base64.urlsafe_b64encode(json.dumps([kind, text[:LONGEST]]).encode()).decode()
        give_cookie(response, request, SAID, written, seconds=LASTS_S)
    return response


def said_to(request: Request) -> Said | None:
    """Return what was said."""
    written = cookie_in(request.scope, SAID)
    try:
        kind, text = json.loads(base64.urlsafe_b64decode(written)) if written else ("", "")
    except ValueError:
        return None
    return Said(kind, str(text)[:LONGEST]) if kind in ("done", "refused") else None


def with_nothing_said(response: HTMLResponse) -> HTMLResponse:
    """Return a response after which it is not said again."""
    response.delete_cookie(SAID, path="/")
    return response
