"""Endpoints and the secrets that sign for them, on both databases."""

import pytest
from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.transitions import StaleVersionError
from doorstep.operations.webhooks.endpoints import (
    delete_endpoint,
    disable_endpoint,
    enable_endpoint,
    list_endpoints,
    read_endpoint,
    register_endpoint,
    rotate_secret,
    update_endpoint,
)
from doorstep.operations.webhooks.fan_out import fan_out
from doorstep.storage.check import check_books
from doorstep.storage.schema.journal import audit, events, webhook_endpoints
from tests.databases import CALLER, NOW
from tests.operations.webhooks.telling import NEW_SECRET, SECRET, URL, happened, listening, messages_to

OTHER = Caller("ten_other", "test")


def test_an_endpoint_is_read_and_listed_without_its_secret(database):
    first = listening(database, "order.*", "route.planned")
    second = listening(database)
    assert (first.url, first.types, first.state, first.version) == (URL, ("order.*", "route.planned"), "enabled", 1)
    assert "whsec" not in repr(first)
    with database.reading() as connection:
        assert read_endpoint(connection, CALLER.tenant_id, first.endpoint_id) == first
        assert list_endpoints(connection, CALLER.tenant_id) == [first, second]
        assert list_endpoints(connection, CALLER.tenant_id, after=first.endpoint_id) == [second]
        assert list_endpoints(connection, CALLER.tenant_id, limit=1) == [first]


@pytest.mark.parametrize("wrong", ["order placed", "order.", ".*", "*", "order.*.placed", ""])
def test_a_malformed_type_is_refused(database, wrong):
    with database.writing() as connection, pytest.raises(InputError, match="event types"):
        register_endpoint(connection, CALLER, URL, [wrong], SECRET, now=NOW)


def test_an_endpoint_is_changed_if_it_has_the_version_that_was_read(database):
    endpoint = listening(database, "order.*")
    with database.writing() as connection:
        moved = update_endpoint(
            connection, CALLER, endpoint.endpoint_id, url="https://y.example", now=NOW, if_version=1
        )
        assert (moved.url, moved.types, moved.version) == ("https://y.example", ("order.*",), 2)
        with pytest.raises(StaleVersionError):
            update_endpoint(connection, CALLER, endpoint.endpoint_id, types=[], now=NOW, if_version=1)
        assert update_endpoint(connection, CALLER, endpoint.endpoint_id, types=[], now=NOW).types == ()


def test_while_a_secret_is_rotated_both_are_kept_and_an_older_one_ends(database):
    endpoint = listening(database)
    with database.writing() as connection:
        rotate_secret(connection, CALLER, endpoint.endpoint_id, NEW_SECRET, now=NOW)
        with pytest.raises(ConflictError):
            rotate_secret(connection, CALLER, endpoint.endpoint_id, NEW_SECRET, now=NOW)
        assert connection.execute(select(webhook_endpoints.c.secrets)).scalar_one() == f"{NEW_SECRET} {SECRET}"
        rotate_secret(connection, CALLER, endpoint.endpoint_id, "whsec_third", now=NOW)
        assert connection.execute(select(webhook_endpoints.c.secrets)).scalar_one() == f"whsec_third {NEW_SECRET}"


def test_an_endpoint_that_is_switched_off_is_told_of_once_and_comes_back_with_a_clean_count(database):
    endpoint = listening(database)
    with database.writing() as connection:
        off = disable_endpoint(connection, CALLER, endpoint.endpoint_id, now=NOW, reason="gone")
        assert (off.state, off.disabled_reason, off.version) == ("disabled", "gone", 2)
        disable_endpoint(connection, CALLER, endpoint.endpoint_id, now=NOW, reason="gone")
        on = enable_endpoint(connection, CALLER, endpoint.endpoint_id, now=NOW)
        assert (on.state, on.disabled_reason, on.failures, on.version) == ("enabled", "", 0, 3)
        assert enable_endpoint(connection, CALLER, endpoint.endpoint_id, now=NOW) == on
    with database.reading() as connection:
        (event,) = connection.execute(select(events)).all()
        assert (event.type, event.object_id, event.sequence) == ("webhook.disabled", endpoint.endpoint_id, 2)
        told = connection.execute(select(audit.c.event, audit.c.from_state, audit.c.to_state)).all()
        assert [tuple(row) for row in told] == [
            ("create", "", "enabled"), ("disable", "enabled", "disabled"), ("enable", "disabled", "enabled")
        ]  # fmt: skip
        assert check_books(connection) == []


def test_a_deleted_endpoint_takes_its_messages_along(database):
    endpoint = listening(database)
    happened(database, "ord_1")
    with database.writing() as connection:
        fan_out(connection, now=NOW)
        delete_endpoint(connection, CALLER, endpoint.endpoint_id, now=NOW, if_version=1)
        with pytest.raises(NotFoundError):
            read_endpoint(connection, CALLER.tenant_id, endpoint.endpoint_id)
    assert messages_to(database, endpoint) == []


def test_endpoints_of_another_tenant_do_not_exist(database):
    endpoint = listening(database)
    with database.writing() as connection:
        assert list_endpoints(connection, OTHER.tenant_id) == []
        for attempt in (
            lambda: read_endpoint(connection, OTHER.tenant_id, endpoint.endpoint_id),
            lambda: update_endpoint(connection, OTHER, endpoint.endpoint_id, url=URL, now=NOW),
            lambda: delete_endpoint(connection, OTHER, endpoint.endpoint_id, now=NOW),
            lambda: rotate_secret(connection, OTHER, endpoint.endpoint_id, NEW_SECRET, now=NOW),
        ):
            with pytest.raises(NotFoundError):
                attempt()
