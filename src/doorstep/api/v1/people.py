"""People: who may sign in, and as what."""

from typing import Annotated

from fastapi import Depends, Path
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.access.logins import Logins
from doorstep.api.desk import Acting, Desk, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.people import Person, PersonChange, PersonCreate, PersonWithPassword
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.people import find_person, list_people
from doorstep.operations import people
from doorstep.operations.passwords import hash_password
from doorstep.storage import Connection

router = guarded_router("people", "/people")
PersonId = Annotated[ObjectId, Path()]
STEPS = documented("not_found", "conflict", "idempotency_key_reused")
HIDDEN = {"password": ""}


@router.post(
    "", status_code=201, response_model=PersonWithPassword, responses=documented("conflict", "idempotency_key_reused")
)
async def add_person(wanted: PersonCreate, desk: Acting) -> Response:
    """Invite a person and show their first password, this once only: a repetition of the request hides it."""
    password, kept = ("", None) if wanted.sign_in == "openid" else await _made_up(desk)

    def create(connection: Connection) -> PersonWithPassword:
        person_id = people.create_person(
            connection, desk.caller, email=wanted.email, name=wanted.name, role=wanted.role, password_hash=kept,
            now=desk.now, sites=wanted.sites,
        )  # fmt: skip
        return _with_password(connection, desk, person_id, password)

    return await desk.act(create, status=201, secrets=HIDDEN)


@router.get("", response_model=Page[Person], responses=documented("bad_cursor"))
async def read_people(desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)]) -> Response:
    """List people, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_people(connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after),
        lambda person: (person.created_at, person.id),
    )


@router.get("/{person_id}", response_model=Person, responses=documented("not_found"))
async def read_person(person_id: PersonId, desk: Reading) -> Response:
    """Show a person."""
    return await desk.show(lambda connection: find_person(connection, desk.tenant_id, person_id))


@router.patch("/{person_id}", response_model=Person, responses=STEPS)
async def change_person(person_id: PersonId, change: PersonChange, desk: Acting) -> Response:
    """Change a person's name, role or state; who is disabled is signed out: here at once, elsewhere within seconds."""

    def act(connection: Connection) -> Person:
        people.change_person(
            connection,
            desk.caller,
            person_id,
            now=desk.now,
            name=change.name,
            role=change.role,
            state=change.state,
            sites=change.sites,
        )
        return find_person(connection, desk.tenant_id, person_id)

    return await _forgetting(desk, await desk.act(act))


@router.post("/{person_id}/reset-password", response_model=PersonWithPassword, responses=STEPS)
async def reset_password(person_id: PersonId, desk: Acting) -> Response:
    """Give a person a new password, shown this once only, and sign them out everywhere."""
    password, kept = await _made_up(desk)

    def act(connection: Connection) -> PersonWithPassword:
        people.set_password(connection, desk.caller, person_id, kept, now=desk.now)
        return _with_password(connection, desk, person_id, password)

    return await _forgetting(desk, await desk.act(act, secrets=HIDDEN))


async def _made_up(desk: Desk) -> tuple[str, str]:
    """Return a new password and what is kept of it."""
    logins: Logins = desk.request.app.state.logins
    password, salt = (desk.platform.database.ids.secret() for _ in range(2))
    return password, await logins.stretch(lambda: hash_password(password, salt=salt))


def _with_password(connection: Connection, desk: Desk, person_id: str, password: str) -> PersonWithPassword:
    return PersonWithPassword(**dict(find_person(connection, desk.tenant_id, person_id)), password=password)


async def _forgetting(desk: Desk, done: Response) -> Response:
    desk.request.app.state.visitors.forget()
    return done
