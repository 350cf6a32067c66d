"""Whatever callers send, the API answers as its document says: never 5xx, never a status or a shape unheard of."""

import os
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from doorstep.api.access.scopes import NAMED, SIGNED_IN
from doorstep.operations.access import open_session
from tests.api.desks import Shop, things
from tests.databases import NOW

NUMBERS = count()
EXAMPLES = int(os.environ.get("DOORSTEP_CONTRACT_EXAMPLES", "6"))
TIMEOUT_S = 120.0
"""The first decision compiles the kernels, which takes a slow machine a minute."""
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def schema(lasting_shop: Shop) -> OpenApiSchema:
    """Return the document of the application."""
    return schemathesis.openapi.from_asgi("/openapi.json", lasting_shop.app, headers={"Host": "testserver"})


def use_real_names(case: "Case[Any]", real: Mapping[str, str]) -> None:
    """Let every other request be about things that exist."""
    if next(NUMBERS) % 2:
        case.path_parameters = {name: real.get(name, value) for name, value in (case.path_parameters or {}).items()}


def in_session(lasting_shop: Shop, person_id: str) -> dict[str, str]:
    """Return the headers of somebody who is signed in."""
    with lasting_shop.database.writing() as connection:
        session = open_session(connection, person_id, now=NOW, hours=1)
    return {"Cookie": f"doorstep_session={session.secret}", "X-CSRF-Token": session.csrf}


def test_no_endpoint_is_left_out(schema: OpenApiSchema):
    named = {found.ok().definition.raw["operationId"] for found in schema.get_all_operations()}  # type: ignore[union-attr]
    assert named == {*NAMED, "is_alive", "is_ready", "figures"}


@schemathesis.serializer("application/zip", "text/csv", "application/jsonl")
def as_it_is(_: object, value: Any) -> Any:
    return value


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_endpoint_keeps_its_contract(name: str, schema: OpenApiSchema, lasting_shop: Shop):
    strategy = schema.find_operation_by_id(name).as_strategy()
    real = things(lasting_shop, zone=name)
    who = (
        in_session(lasting_shop, real["person_id"])
        if name in SIGNED_IN
        else {"Authorization": f"Bearer {lasting_shop.key}"}
    )

    @settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate], suppress_health_check=[*HealthCheck])
    @given(case=strategy)
    def ask(case: "Case[Any]") -> None:
        use_real_names(case, real)
        case.call_and_validate(
            checks=[*CHECKS],
            timeout=TIMEOUT_S,
            headers={"Host": "testserver"} | who,
        )

    ask()
