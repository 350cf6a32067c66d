"""What expires, what is forgotten and what is removed, on both databases."""

import pytest
from sqlalchemy import func, insert, select, update

from doorstep.operations.housekeeping import Kept, expire_overdue, has_overdue, purge
from doorstep.operations.intake.holds import hold_slot
from doorstep.operations.intake.take import take_order
from doorstep.operations.orders import place_order
from doorstep.operations.webhooks.endpoints import disable_endpoint, register_endpoint
from doorstep.storage import Connection, Database, jobs
from doorstep.storage.check import check_books
from doorstep.storage.jobs import NewJob
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.access import replies, sessions
from doorstep.storage.schema.fulfilment import tracking_events
from doorstep.storage.schema.journal import audit, webhook_messages
from doorstep.storage.schema.journal import jobs as job_rows
from doorstep.storage.schema.orders import orders, slot_holds, slots
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering, shelf

DAY_S = 86_400


@pytest.fixture
def shop(database: Database):
    """Give a database with a shop, and check its books at the end."""
    open_shop(database, {("S1", "A"): 9})
    slot = {"slot_id": "slt_1", "tenant_id": CALLER.tenant_id, "zone": "z", "site_id": "S1",
            "service_level_id": "next_day", "state": "open", "starts_at": NOW + DAY_S, "ends_at": NOW + DAY_S + 7_200,
            "cutoff_at": NOW + 36_000, "unit": "orders", "capacity": 3, "fee_minor": 0}  # fmt: skip
    with database.writing() as connection:
        connection.run(inserting(slots), [slot])
    yield database
    with database.reading() as connection:
        assert check_books(connection) == []


def draft(connection: Connection, units: int = 2) -> str:
    return take_order(connection, CALLER, ordering(("A", units), payment="pending"), now=NOW).order_id


def state_of(connection: Connection, order_id: str) -> str:
    return str(connection.execute(select(orders.c.state).where(orders.c.order_id == order_id)).scalar_one())


def count(connection: Connection, table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_drafts_that_nobody_paid_and_slots_that_nobody_took_expire(shop):
    with shop.writing() as connection:
        order_id = draft(connection)
        hold_slot(connection, CALLER, "slt_1", now=NOW)
        assert shelf(connection, "S1", "A").reserved == 2
        assert not has_overdue(connection, now=NOW + 60)
        assert has_overdue(connection, now=NOW + DAY_S)
        swept = expire_overdue(connection, now=NOW + DAY_S)
        assert (swept.holds, swept.drafts, swept.faults) == (1, 1, ())
        assert state_of(connection, order_id) == "cancelled"
        assert shelf(connection, "S1", "A").reserved == 0
        assert connection.execute(select(slot_holds.c.state)).scalar_one() == "expired"
        assert not has_overdue(connection, now=NOW + DAY_S)
    with shop.reading() as connection:
        rows = connection.execute(select(audit).where(audit.c.object_id == order_id, audit.c.event == "expire")).all()
        assert [(row.actor, row.reason) for row in rows] == [("worker", "payment_expired")]


def test_a_draft_that_was_paid_in_time_stays(shop):
    with shop.writing() as connection:
        order_id = draft(connection)
        place_order(connection, CALLER, order_id, now=NOW + 1)
        swept = expire_overdue(connection, now=NOW + DAY_S)
        assert (swept.holds, swept.drafts, swept.faults) == (0, 0, ())
        assert (state_of(connection, order_id), shelf(connection, "S1", "A").reserved) == ("placed", 2)


def test_one_that_cannot_be_swept_stops_no_other_even_if_it_comes_first(shop):
    with shop.writing() as connection:
        bad, good, other = (draft(connection, 1) for _ in range(3))
        connection.execute(update(orders).where(orders.c.order_id == bad).values(state="completed"))
        swept = expire_overdue(connection, now=NOW + DAY_S, limit=1)
        assert (swept.drafts, len(swept.faults)) == (1, 1)
        assert swept.faults[0].startswith(f"{bad}: IllegalTransitionError")
        assert expire_overdue(connection, now=NOW + DAY_S).drafts == 1
        assert [state_of(connection, order) for order in (good, other)] == ["cancelled", "cancelled"]
        connection.execute(update(orders).where(orders.c.order_id == bad).values(state="draft"))  # for the books


def test_old_rows_are_removed_some_at_a_time_and_young_ones_stay(shop):
    with shop.writing() as connection:
        for number, age_s in enumerate((0, 47 * 3_600, 49 * 3_600, 50 * 3_600)):
            row = {"tenant_id": CALLER.tenant_id, "request_key": f"k{number}", "created_at": NOW - age_s}
            connection.execute(insert(replies).values(row))
        for number, expires_at in enumerate((NOW - 1, NOW, NOW + 1)):
            row = {"session_hash": f"s{number}", "tenant_id": CALLER.tenant_id, "created_at": NOW}
            connection.execute(insert(sessions).values(row | {"expires_at": expires_at}))
        assert purge(connection, now=NOW, kept=Kept(), limit=1) == {
            "contacts": 0, "places": 0, "replies": 1, "sessions": 1, "jobs": 0, "webhook_messages": 0, "notices": 0,
            "proofs": 0, "dispatch_proposals": 0, "tracking_details": 0, "positions": 0, "road_events": 0,
            "driven_streets": 0, "bookings": 0, "remarks": 0, "delivery_links": 0,
        }  # fmt: skip
        purge(connection, now=NOW, kept=Kept())
        assert (count(connection, replies), count(connection, sessions)) == (2, 1)


def test_jobs_that_ended_long_ago_are_removed_and_those_that_stand_are_not(shop):
    with shop.writing() as connection:
        for _ in range(2):
            jobs.enqueue(connection, NewJob(tenant_id="t", kind="k", run_at=NOW, payload={}), now=NOW)
        (job,) = jobs.claim(connection, "me", ["k"], now=NOW)
        jobs.complete(connection, job, {}, now=NOW)
        assert purge(connection, now=NOW + 30 * DAY_S, kept=Kept())["jobs"] == 0
        assert purge(connection, now=NOW + 30 * DAY_S + 1, kept=Kept())["jobs"] == 1
        assert connection.execute(select(job_rows.c.state)).scalars().all() == ["queued"]


def test_messages_that_ended_or_whose_endpoint_is_off_are_removed_after_their_time(shop):
    with shop.writing() as connection:
        on, off = (register_endpoint(connection, CALLER, "https://x.example", (), "whsec_x", now=NOW) for _ in "ab")
        disable_endpoint(connection, CALLER, off.endpoint_id, now=NOW, reason="asked")
        for number, (endpoint, state) in enumerate(
            [(on, "delivered"), (on, "dead"), (on, "retrying"), (on, "pending"), (off, "pending")]
        ):
            row = {"message_id": f"whm_{number}", "tenant_id": CALLER.tenant_id, "endpoint_id": endpoint.endpoint_id,
                   "state": state, "created_at": NOW}  # fmt: skip
            connection.execute(insert(webhook_messages).values(row))
        assert purge(connection, now=NOW + 30 * DAY_S, kept=Kept())["webhook_messages"] == 0
        assert purge(connection, now=NOW + 31 * DAY_S, kept=Kept())["webhook_messages"] == 3
        assert sorted(connection.execute(select(webhook_messages.c.state)).scalars()) == ["pending", "retrying"]


def test_details_of_tracking_are_blanked_and_the_fact_stays(shop):
    with shop.writing() as connection:
        fact = {"tenant_id": CALLER.tenant_id, "source": "driver", "kind": "delivery", "object_id": "dlv_1",
                "event": "delivered", "occurred_at": NOW, "outcome": "applied", "details": '{"lat":1.0}'}  # fmt: skip
        for number, recorded_at in enumerate((NOW - 91 * DAY_S, NOW)):
            row = fact | {"source_event_id": str(number), "recorded_at": recorded_at}
            connection.execute(insert(tracking_events).values(row))
        assert purge(connection, now=NOW, kept=Kept())["tracking_details"] == 1
        assert purge(connection, now=NOW, kept=Kept())["tracking_details"] == 0
        query = select(tracking_events.c.details).order_by(tracking_events.c.source_event_id)
        assert connection.execute(query).scalars().all() == ["{}", '{"lat":1.0}']
