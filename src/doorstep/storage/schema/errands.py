"""Errands of concierge orders: what an agent sees to besides the goods."""

from sqlalchemy import Index, Table, UniqueConstraint

from doorstep.storage.schema.base import key, maybe_whole, metadata, moment, tenant, text, whole

errands = Table(
    "errands",
    metadata,
    key("errand_id"),
    tenant(),
    text("order_id"),
    whole("sequence"),  # from 1, in each order
    text("kind"),
    text("text"),  # what is wanted, in the shopper's words
    text("site_id"),  # of the retailer's; empty: at the door, or at the place
    text("place"),  # somebody else's, in words
    maybe_whole("limit_minor"),  # most that a purchase may cost
    maybe_whole("spent_minor"),
    text("agent_id"),  # the person who sees to it
    text("state"),
    whole("version", 1),
    text("reason"),  # why it was refused
    moment("created_at"),
    UniqueConstraint("order_id", "sequence"),
    Index(None, "tenant_id", "agent_id", "state"),
)
