"""What happened: the audit chain and the outbox, numbered without gaps in the order of commits."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from doorstep.storage.schema.base import document, key, maybe_moment, maybe_text, metadata, moment, tenant, text, whole

journal_head = Table(
    "journal_head",
    metadata,
    Column("head_id", BigInteger, primary_key=True, autoincrement=False),
    whole("audit_no"),
    text("hash"),
    whole("event_no"),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_no", BigInteger, primary_key=True, autoincrement=False),
    tenant(),
    moment("at"),
    text("actor"),
    text("kind"),
    text("object_id"),
    text("event"),
    text("from_state"),
    text("to_state"),
    text("reason"),
    text("hash"),  # of the row before and this one
    Index(None, "object_id", "audit_no"),
)

events = Table(
    "events",
    metadata,
    Column("event_no", BigInteger, primary_key=True, autoincrement=False),
    text("event_id"),
    tenant(),
    text("type"),
    text("kind"),
    text("object_id"),
    whole("sequence"),  # version of the object after the change
    moment("at"),
    document("data"),
)

relays = Table(
    "relays",
    metadata,
    key("name"),
    whole("event_no"),  # the last event handed on
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    key("endpoint_id"),
    tenant(),
    text("url"),
    text("types"),  # words separated by spaces; empty: all
    text("secrets"),  # the present one first, then the one being rotated out
    text("state"),  # enabled, disabled
    whole("version", 1),
    whole("failures"),  # in a row
    text("disabled_reason"),
    moment("created_at"),
    Index(None, "tenant_id", "endpoint_id"),
)

webhook_messages = Table(
    "webhook_messages",
    metadata,
    key("message_id"),
    tenant(),
    text("endpoint_id"),
    whole("event_no"),
    text("state"),  # pending, retrying, delivered, dead
    whole("version", 1),
    whole("attempts"),
    maybe_moment("next_at"),
    whole("last_status"),
    text("last_error"),
    moment("created_at"),
    Index(None, "state", "next_at"),
    Index(None, "endpoint_id", "message_id"),
)

jobs = Table(
    "jobs",
    metadata,
    key("job_id"),
    tenant(),
    text("kind"),
    maybe_text("dedup_key"),  # null once it has begun
    text("state"),  # queued, running, done, failed, cancelled
    moment("run_at"),
    maybe_moment("lease_until"),
    text("owner"),
    whole("token"),  # fencing: counts the claims
    whole("attempts"),
    whole("max_attempts", 5),
    document("payload"),
    document("checkpoint"),
    document("result"),
    text("error"),
    maybe_text("parent_id"),
    moment("created_at"),
    maybe_moment("ended_at"),
    UniqueConstraint("dedup_key"),
    Index(None, "state", "run_at"),
    Index(None, "parent_id"),
)
