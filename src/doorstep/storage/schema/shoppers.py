"""What shoppers have of a delivery: the links that lead to its page, and what they say there."""

from sqlalchemy import Index, Table

from doorstep.storage.schema.base import key, metadata, moment, tenant, text, whole

delivery_links = Table(
    "delivery_links",
    metadata,
    key("link_hash"),
    tenant(),
    text("delivery_id"),
    moment("created_at"),
    moment("expires_at"),  # brought forward when it is revoked
    Index(None, "delivery_id"),
    Index(None, "expires_at"),
)

remarks = Table(
    "remarks",
    metadata,
    key("remark_id"),
    tenant(),
    text("delivery_id"),
    text("kind"),  # instruction, safe_place, rating, problem
    whole("stars"),  # of a rating; 0: it is none
    text("reason"),  # of a problem
    text("text"),  # the shopper's own words: not published, and erased with them
    moment("at"),
    Index(None, "delivery_id"),
    Index(None, "at"),
)
