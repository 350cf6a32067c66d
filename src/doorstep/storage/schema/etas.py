"""Routes under way: when each stop is likely to be reached, what is known and told of each, and what is learnt."""

from sqlalchemy import Index, Table

from doorstep.storage.schema.base import document, key, metadata, moment, tenant, text, whole

etas = Table(
    "etas",
    metadata,
    key("delivery_id"),
    tenant(),
    text("route_id"),
    moment("expected_at"),
    moment("from_at"),  # within from and until it is with the probability that was asked for
    moment("until_at"),
    moment("made_at"),
    Index(None, "route_id"),
)

watches = Table(
    "watches",
    metadata,
    key("route_id"),
    tenant(),
    document("state"),
    Index(None, "tenant_id"),
)

paces = Table(
    "paces",
    metadata,
    key("tenant_id"),
    document("learnt"),
    whole("trips"),  # from how many it is
    moment("learnt_at"),
)
