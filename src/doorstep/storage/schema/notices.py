"""Notices to shoppers: what was sent by which channel, what they do not want, and what a retailer says."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import document, key, maybe_moment, metadata, moment, tenant, text, whole

notices = Table(
    "notices",
    metadata,
    key("notice_id"),
    tenant(),
    text("event_id"),  # what it tells of: no event is told twice
    text("topic"),
    text("order_id"),
    text("delivery_id"),
    text("contact_id"),
    text("channel"),
    text("state"),  # waiting, sent, dropped, failed
    text("reason"),  # why it was dropped or failed
    document("facts"),  # moments and reasons that its text is made of; nothing about the person
    text("time_zone"),  # of the recipient
    moment("until_at"),  # later it is of no use
    maybe_moment("next_at"),
    whole("attempts"),
    text("reference"),  # its name at the channel
    moment("created_at"),
    maybe_moment("sent_at"),
    UniqueConstraint("tenant_id", "event_id"),
    Index(None, "state", "next_at"),
    Index(None, "order_id"),
    Index(None, "created_at"),
)

notice_rules = Table("notice_rules", metadata, key("tenant_id"), document("rules"), whole("version", 1))

notice_links = Table(
    "notice_links",
    metadata,
    key("contact_id"),
    tenant(),
    text("token"),  # told in every notice, so not hashed; it opens nothing but what its holder wants to hear
    UniqueConstraint("token"),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    tenant(),
    text("channel"),
    text("address_hash"),  # of the address: it stays unwanted in the next order too
    moment("at"),
    PrimaryKeyConstraint("tenant_id", "channel", "address_hash"),
)
