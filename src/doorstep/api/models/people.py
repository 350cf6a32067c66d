"""People, and their sessions."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import Email, Moment, Name, ObjectId, ReferenceId
from doorstep.operations.passwords import LONGEST, SHORTEST

Role = Literal["admin", "planner", "dispatcher", "store_associate", "driver", "support", "analyst"]
"""The roles of ``operations.access.ROLES``."""
Sites = Annotated[list[ReferenceId], Field(max_length=10_000)]
GivenName = Annotated[Name, Field(min_length=1)]
GivenEmail = Annotated[Email, Field(min_length=3)]
Password = Annotated[SecretStr, Field(max_length=LONGEST)]
NewPassword = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]

_PERSON: dict[str, Example] = {
    "id": "per_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
    "email": "desk@shop.example",
    "name": "Dispatch desk",
    "role": "dispatcher",
    "sites": [],
    "state": "active",
    "has_password": True,
    "issuer": "",
    "created_at": "2026-03-02T10:00:00Z",
}


class PersonCreate(Request):
    """Somebody to invite."""

    model_config = shown(email="desk@shop.example", name="Dispatch desk", role="dispatcher", sign_in="password")

    email: GivenEmail
    name: GivenName
    role: Role
    sites: Sites = Field(default=[], description="where they work: their pages show nothing else; none: all")
    sign_in: Literal["password", "openid"] = Field(
        default="password", description="how they come in: by a password that the reply shows, or by OpenID Connect"
    )


class PersonChange(Request):
    """What changes about a person; what is absent stays."""

    model_config = shown(state="disabled")

    name: GivenName | None = None
    role: Role | None = None
    sites: Sites | None = Field(default=None, description="where they work; none: all")
    state: Literal["active", "disabled"] | None = Field(
        default=None, description="disabled: signed out at once, and not let in again"
    )


class Person(Reply):
    """Somebody who may sign in."""

    model_config = shown(**_PERSON)

    id: str
    email: str
    name: str
    role: str
    sites: list[str] = Field(description="where they work; none: all")
    state: Literal["active", "disabled"]
    has_password: bool
    issuer: str = Field(description="OpenID Connect issuer of their identity; empty: they have not come by one yet")
    created_at: Moment


class PersonWithPassword(Person):
    """Somebody with a new password, shown this once only."""

    model_config = shown(**_PERSON, password="7ZK2M4Q8R1V5X9B3C6D0F2G4H7J8K1M3")

    password: str = Field(description="to hand over; they change it after signing in. Empty: they have none")


class LogIn(Request):
    """Who wants to come in."""

    model_config = shown(email="desk@shop.example", password="correct horse battery staple")

    email: GivenEmail
    password: Password
    tenant_id: ObjectId | None = Field(default=None, description="needed only if several tenants know the address")


class PasswordChange(Request):
    """A password to take the place of the present one."""

    model_config = shown(current="7ZK2M4Q8R1V5X9B3C6D0F2G4H7J8K1M3", new="correct horse battery staple")

    current: Password
    new: NewPassword


class Session(Reply):
    """Who is signed in, and what pages need to act for them."""

    model_config = shown(
        person_id="per_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        tenant_id="ten_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        email="desk@shop.example",
        name="Dispatch desk",
        role="support",
        scopes=["decisions:read", "deliveries:read", "orders:read"],
        csrf="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )

    person_id: str
    tenant_id: str
    email: str
    name: str
    role: str
    scopes: list[str]
    csrf: str = Field(description="goes into the header X-CSRF-Token of every request that changes something")
