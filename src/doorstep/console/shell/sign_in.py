"""The way in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.cookies import SESSION, cookie_in, give_cookie
from doorstep.api.access.logins import Logins
from doorstep.api.access.openid import LOCAL_PATH, LONGEST_PATH
from doorstep.api.middleware.rate_limit import network_of
from doorstep.api.problems import ProblemError
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.said import go
from doorstep.operations.access import close_session

router = APIRouter(include_in_schema=False)
inside = console_router("", "")
HOME = "/"
MOST_CHARACTERS = 200
WRONG = "This address and password do not belong together."
To = Annotated[str, Query(pattern=LOCAL_PATH, max_length=LONGEST_PATH)]


@router.get("/sign-in")
async def show_sign_in(request: Request, to: To = HOME, email: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show the form, with an address filled in if it is known."""
    return _form(request, to, email=email)


@router.post("/sign-in")
async def sign_in(request: Request, to: To = HOME) -> Response:
    """Begin a session and go where the person wanted to."""
    form = await form_of(request)
    email, password = (form.get(name, "")[:MOST_CHARACTERS] for name in ("email", "password"))
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return _form(request, to, fault="This form was sent from another site.", status=403)
    logins: Logins = request.app.state.logins
    try:
        shown = await logins.by_password(
            email, password, tenant_id=None, address=network_of(request.scope),
            instead_of=cookie_in(request.scope, SESSION),
        )  # fmt: skip
    except ProblemError as problem:
        late = problem.code == "rate_limited"
        fault = "Too many tries. Wait a quarter of an hour." if late else WRONG
        return _form(request, to, email=email, fault=fault, status=429 if late else 401)
    response = go(request, to)
    hours = request.app.state.platform.settings.session_hours
    give_cookie(response, request, SESSION, shown.secret, seconds=hours * 3600)
    request.app.state.visitors.forget()
    return response


@inside.post("/sign-out")
async def sign_out(at: Annotated[Look, Depends(look)]) -> Response:
    """End the session."""
    secret = cookie_in(at.request.scope, SESSION)
    await at.write(lambda connection: close_session(connection, secret, now=at.now))
    at.request.app.state.visitors.forget()
    response = go(at.request, "/sign-in", done="You are signed out.")
    give_cookie(response, at.request, SESSION, "", seconds=0)
    return response


def _form(request: Request, to: str, *, email: str = "", fault: str = "", status: int = 200) -> Response:
    openid = bool(request.app.state.platform.settings.oidc_issuer)
    return page(
        request,
        "sign_in.html",
        {"title": "Sign in", "to": to, "email": email, "fault": fault, "openid": openid},
        status=status,
    )
