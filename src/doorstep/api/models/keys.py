"""API keys."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import Moment, MomentIn, Name

Scope = Literal[
    "orders:read",
    "orders:write",
    "deliveries:read",
    "deliveries:write",
    "routes:read",
    "routes:write",
    "routes:drive",
    "network:read",
    "network:write",
    "stock:read",
    "stock:write",
    "quotes:write",
    "tracking:ingest",
    "webhooks:manage",
    "decisions:read",
    "money:read",
    "money:write",
    "jobs:read",
    "jobs:write",
    "admin",
]
SCOPES: tuple[str, ...] = get_args(Scope)


class ApiKeyCreate(Request):
    """A key to make."""

    model_config = shown(name="web shop", scopes=["orders:read", "orders:write"], expires_at=None)

    name: Annotated[Name, Field(min_length=1)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    expires_at: MomentIn | None = None


class ApiKey(Reply):
    """A key, without its secret."""

    model_config = shown(
        id="key_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        name="web shop",
        prefix="ds_live_8fK2",
        scopes=["orders:read", "orders:write"],
        created_at="2026-03-02T10:00:00Z",
        expires_at=None,
        last_used_at=None,
        revoked_at=None,
    )

    id: str
    name: str
    prefix: str = Field(description="its first characters, to recognise it by")
    scopes: list[str]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None


class ApiKeyCreated(ApiKey):
    """A new key, shown this once only."""

    model_config = shown(
        id="key_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        name="web shop",
        prefix="ds_live_8fK2",
        scopes=["orders:read", "orders:write"],
        created_at="2026-03-02T10:00:00Z",
        expires_at=None,
        last_used_at=None,
        revoked_at=None,
        key="ds_live_...",
    )

    key: str = Field(description="goes into the header Authorization as a bearer token; it cannot be shown again")
