"""A small application in its shell, for tests: two endpoints, a clock that stands still, a caller by header."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, Field
from starlette.testclient import TestClient
from starlette.types import Scope

from doorstep.api import Platform, create_app, documented, platform
from doorstep.api.middleware.headers import header
from doorstep.settings import Settings

NOW = 1_772_464_500


class Still:
    """A clock of epoch seconds that stands still."""

    def now(self) -> int:
        return NOW


class Here:
    """A platform without a database."""

    def __init__(self, **changes: object) -> None:
        self.settings = Settings.model_validate({"trusted_hosts": "testserver"} | changes)
        self.clock = Still()


class Hand:
    """A clock of seconds that a test moves by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class Item(BaseModel, extra="forbid", strict=True):
    quantity: int = Field(ge=1)


class Basket(BaseModel, extra="forbid", strict=True):
    lines: list[Item]


def orders_router(failure: Exception | None = None) -> APIRouter:
    """Return endpoints that echo, tell the time, or fail as told."""
    router = APIRouter(prefix="/v1/orders", tags=["orders"])

    @router.post("/{order_id}", responses=documented("not_found", "bad_cursor"))
    def put_basket(order_id: str, basket: Basket) -> Basket:
        if failure:
            raise failure
        return basket

    @router.get("/{order_id}")
    def tell_time(
        order_id: str, at: Annotated[Platform, Depends(platform)], limit: Annotated[int, Field(ge=1)] = 5
    ) -> int:
        return at.clock.now()

    outer = APIRouter()
    outer.include_router(router)
    return outer


async def by_header(scope: Scope, admit: Callable[[], None]) -> str:
    """Return who calls, as the request itself says; a caller whose name has a question mark must be looked up."""
    name = header(scope, b"x-key")
    if "?" in name:
        admit()
    return "" if name.startswith("?") else name


def application(
    *,
    failure: Exception | None = None,
    routers: Sequence[APIRouter] = (),
    parts: Mapping[str, bool] | None = None,
    registry: CollectorRegistry | None = None,
    hand: Hand | None = None,
    **settings: object,
) -> FastAPI:
    """Return the application."""
    return create_app(
        Here(**settings),
        readiness=lambda: parts or {"database": True},
        routers=[orders_router(failure), *routers],
        registry=registry,
        identify=by_header,
        upload_paths=("/v1/orders/upload",),
        seconds=hand or Hand(),
        new_id=lambda: "req_1",
    )


def client(**asked: object) -> TestClient:
    """Return a client of the application."""
    return TestClient(application(**asked))  # type: ignore[arg-type]
