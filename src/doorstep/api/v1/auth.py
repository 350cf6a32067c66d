"""Signing in and out: by password, or by an identity provider."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.cookies import LOGIN, SESSION, cookie_in, give_cookie
from doorstep.api.access.guarded import guarded_router
from doorstep.api.access.logins import Logins, refused
from doorstep.api.access.openid import LASTS_S, LOCAL_PATH, LONGEST_PATH, OpenId
from doorstep.api.dependencies import Platform
from doorstep.api.desk import Reading, answer
from doorstep.api.middleware.rate_limit import network_of
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.people import LogIn, PasswordChange, Session
from doorstep.api.problems import documented
from doorstep.api.problems.documented import Documented
from doorstep.api.reading import reading
from doorstep.api.views.people import session_of
from doorstep.operations.access import Shown, close_session, find_session
from doorstep.operations.passwords import hash_password
from doorstep.operations.people import login_of, set_password
from doorstep.storage import Connection

router = guarded_router("sessions", "/auth")
ELSEWHERE: Documented = {
    303: {"description": "Go on there", "headers": {"Location": {"description": "where", "schema": {"type": "string"}}}}
}
LONGEST_CODE = 4_000


@router.post("/login", response_model=Session, responses=documented("login_refused"))
async def log_in(wanted: LogIn, request: Request) -> Response:
    """Begin a session by e-mail address and password; the cookie `doorstep_session` holds it."""
    logins: Logins = request.app.state.logins
    shown = await logins.by_password(
        wanted.email, wanted.password.get_secret_value(), tenant_id=wanted.tenant_id,
        address=network_of(request.scope), instead_of=cookie_in(request.scope, SESSION),
    )  # fmt: skip
    platform: Platform = request.app.state.platform

    def session(connection: Connection) -> Session:
        holder = find_session(connection, shown.secret, now=platform.clock.now())
        if holder is None:  # disabled in this very moment
            raise refused()
        return session_of(connection, holder.tenant_id, holder.name, shown.secret)

    begun = await run_sync(reading, platform, session)
    return _signed_in(request, answer(200, begun.model_dump_json()), shown)


@router.get("/session", response_model=Session)
async def read_session(desk: Reading) -> Response:
    """Tell who is signed in, and once more the word that requests which change something must carry."""
    secret = cookie_in(desk.request.scope, SESSION)
    return await desk.show(lambda connection: session_of(connection, desk.tenant_id, desk.caller.actor, secret))


@router.post("/logout", status_code=204, response_class=Response)
async def log_out(desk: Reading) -> Response:
    """End the session: here at once, in other processes within seconds."""
    secret = cookie_in(desk.request.scope, SESSION)
    await desk.write(lambda connection: close_session(connection, secret, now=desk.now))
    desk.request.app.state.visitors.forget()
    response = Response(status_code=204)
    give_cookie(response, desk.request, SESSION, "", seconds=0)
    return response


@router.post("/password", status_code=204, response_class=Response, responses=documented("login_refused"))
async def change_password(wanted: PasswordChange, desk: Reading) -> Response:
    """Change the own password; every other session of this person ends."""
    logins: Logins = desk.request.app.state.logins
    login = await desk.read(lambda connection: login_of(connection, desk.caller, desk.caller.actor))
    await logins.confirm(login, wanted.current.get_secret_value(), address=network_of(desk.request.scope))
    new, salt = wanted.new.get_secret_value(), desk.platform.database.ids.secret()
    kept = await logins.stretch(lambda: hash_password(new, salt=salt))
    secret = cookie_in(desk.request.scope, SESSION)
    await desk.write(
        lambda connection: set_password(connection, desk.caller, login.person_id, kept, now=desk.now, keep=secret)
    )
    desk.request.app.state.visitors.forget()
    return Response(status_code=204)


@router.get(
    "/oidc/start",
    status_code=303,
    response_class=Response,
    responses=ELSEWHERE | documented("not_configured", "upstream"),
)
async def start_oidc(
    request: Request,
    to: Annotated[
        str, Query(pattern=LOCAL_PATH, max_length=LONGEST_PATH, description="path on this host to show afterwards")
    ] = "/",
    tenant_id: Annotated[ObjectId | None, Query()] = None,
) -> Response:
    """Send the browser to the identity provider of the settings."""
    openid: OpenId = request.app.state.openid
    address, kept = await openid.begin(to, tenant_id)
    response = Response(status_code=303, headers={"Location": address})
    give_cookie(response, request, LOGIN, kept, seconds=LASTS_S)
    return response


@router.get(
    "/oidc/callback",
    status_code=303,
    response_class=Response,
    responses=ELSEWHERE | documented("login_refused", "not_configured", "upstream"),
)
async def finish_oidc(
    request: Request,
    state: Annotated[str, Query(max_length=LONGEST_CODE)] = "",
    code: Annotated[str, Query(max_length=LONGEST_CODE, description="absent if the provider refused")] = "",
) -> Response:
    """Begin a session for whom the provider has sent back, in the browser that began it."""
    openid: OpenId = request.app.state.openid
    logins: Logins = request.app.state.logins
    identity, tenant_id, to = await openid.end(cookie_in(request.scope, LOGIN), state, code)
    shown = await logins.by_identity(identity, tenant_id=tenant_id, instead_of=cookie_in(request.scope, SESSION))
    public_url = request.app.state.platform.settings.public_url
    response = Response(status_code=303, headers={"Location": public_url + to})
    give_cookie(response, request, LOGIN, "", seconds=0)
    return _signed_in(request, response, shown)


def _signed_in(request: Request, response: Response, shown: Shown) -> Response:
    hours = request.app.state.platform.settings.session_hours
    give_cookie(response, request, SESSION, shown.secret, seconds=hours * 3600)
    request.app.state.visitors.forget()
    return response
