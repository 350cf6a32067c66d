"""Options of days on which a site is closed say the next open day, and live plans bring nothing before."""

from typing import Any

from sqlalchemy import select

from doorstep.operations.bring import plan_routes
from doorstep.operations.promise.offers import Offered, offers_for
from doorstep.storage import Connection, Database
from doorstep.storage.reference_rows import delete_row, upsert_row
from doorstep.storage.schema.fulfilment import deliveries
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, ready
from tests.operations.shops import ordering
from tests.small import at, table

WEDNESDAY, THURSDAY = "2026-03-04", "2026-03-05"
LEVELS = table(
    "service_level_id method promise_days within_minutes",
    ("same_day", "same_day", 0, None), ("express", "same_day", 0, 120), ("next_day", "next_day", 1, None),
    ("collect", "click_and_collect", 0, None),
)  # fmt: skip


def close(connection: Connection, *days: str, site_id: str = "") -> None:
    for day in days:
        row = {"closed_day_id": f"{site_id}{day}", "site_id": site_id, "day": day}
        upsert_row(connection, CALLER.tenant_id, "closed_days", row)


def options(connection: Connection, **changes: Any) -> dict[str, Offered]:
    order = ordering(("A", 1), **changes)
    return {one.service_level_id: one for one in offers_for(connection, CALLER, order, at=NOW, now=NOW)}


def test_promises_of_closed_days_are_of_the_next_open_one_until_the_day_is_opened_again(database: Database):
    open_stage(database, service_levels=LEVELS)
    with database.writing() as connection:
        close(connection, "2026-03-03", WEDNESDAY, site_id="S1")
        found = options(connection)
        assert {name: (one.start_at, one.end_at) for name, one in found.items() if name != "collect"} == {
            "same_day": (at("08:00", THURSDAY), at("20:00", THURSDAY)),
            "express": (at("08:00", THURSDAY), at("10:00", THURSDAY)),
            "next_day": (at("08:00", THURSDAY), at("20:00", THURSDAY)),
        }
        assert {one.refusal for one in found.values()} == {None}
        assert options(connection, lat=41.31)["same_day"].start_at == at("08:00")  # S2 is open
        for day in ("2026-03-03", WEDNESDAY):
            delete_row(connection, CALLER.tenant_id, "closed_days", [f"S1{day}"])
        assert options(connection)["same_day"].start_at == at("08:00")


def test_a_van_stays_in_on_a_day_that_is_closed_after_the_promise_was_made(database: Database):
    open_stage(database, service_levels=LEVELS)
    with database.writing() as connection:
        ready(connection, ("A", 1), service_level_id="next_day")
        close(connection, "2026-03-03")
        assert plan_routes(connection, CALLER, now=NOW, iterations=1).deliveries == ()
        plan_routes(connection, CALLER, now=at("22:00"), iterations=1)
        (row,) = connection.execute(select(deliveries.c.mode, deliveries.c.arrive_at)).all()
        assert (row.mode, row.arrive_at >= at("08:00", WEDNESDAY)) == ("own_fleet", True)
